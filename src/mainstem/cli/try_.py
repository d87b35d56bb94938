"""`mainstem try`: a first look at a branch, at the smallest rung, that decides nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import StoppedError, examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, say, table
from mainstem.cli.places import places
from mainstem.engine.tries import PAIRS
from mainstem.wiring.tries import trying

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from mainstem.wiring.clusters import Where

_MOST_PAIRS = 150
"""Up to so many looks the interval holds; a campaign gives no candidate more pairs either."""

_WITH_INTERVAL = 4
"""Pairs from which on noise has an interval."""


@click.command("try", epilog=examples("mainstem try rope", "mainstem try rope --pairs 10 -j 2"))
@click.argument("branch")
@click.option(
    "--pairs",
    type=click.IntRange(1, _MOST_PAIRS),
    default=PAIRS,
    show_default=True,
    help="Fresh pairs of trunk and branch to run now; each is two runs.",
)
@click.option("-j", "slots", type=click.IntRange(1), default=1, show_default=True, help="At once.")
@places
@click.option("--strict", is_flag=True, help="Refuse where a trial cannot be confined as asked.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    branch: str, pairs: int, slots: int, *, place: Where, strict: bool, as_json: bool
) -> None:
    """Compare a branch with the trunk at the smallest rung, on fresh seeds; decides nothing.

    The branch need not be a proposal. The same command again adds pairs to those that ran. Exit
    code 1 if the branch fails.
    """
    ended = 0

    def finished(done: int, of: int) -> None:
        nonlocal ended
        ended = done
        if not as_json:
            say(f"pair {done} of {of} finished", err=True)

    with open_here() as project:
        attempt = trying(project, branch)
        try:
            attempt.run(pairs=pairs, slots=slots, strict=strict, place=place, finished=finished)
        except KeyboardInterrupt:
            raise StoppedError(
                f"stopped after {ended} of {words.plural(pairs, 'pair')}; those are kept, and the "
                "same command goes on with others"
            ) from None
        report = attempt.report()
    if as_json:
        print_json(report)
    else:
        _render(report)
    sys.exit(1 if report["failed"] else 0)


def _render(report: Mapping[str, Any]) -> None:
    out = console()
    pairs = words.plural(report["pairs"], "pair")
    out.print(
        f"branch {report['branch']} at {report['commit'][:10]} and the trunk: {pairs} at rung "
        f"{report['rung']}, {words.duration(report['trial_s'])} a run"
    )
    for path in report["uncommitted"][:1]:
        more = len(report["uncommitted"]) - 1
        others = f" and {more} more" if more else ""
        out.print(f"not tried: changes that are not committed ({path}{others}): commit them first")
    if report["failed"]:
        _failure(out, report)
    if report["objectives"]:
        _objectives(out, report)
        _evidence(out, report)
    _record(out, report)
    out.print()
    for line in _caveats(report):
        out.print(line)


def _failure(out: Console, report: Mapping[str, Any]) -> None:
    """The last run that failed, with the end of its log."""
    last = [pair for pair in report["trials"] if pair["failure"]][-1]
    runs = words.plural(report["failed"] + report["pairs"], "run")
    trial = last["branch"]["trial"]
    out.print(
        f"\nthe branch failed in {report['failed']} of {runs}; the trunk ran with the same seed"
    )
    out.print(f"{trial}: {last['failure']['what']}")
    for line in report["log_tail"].splitlines():
        out.print(f"  | {line}")
    out.print(f"all of it: `mainstem log {trial}`; a campaign would call it broken")


def _objectives(out: Console, report: Mapping[str, Any]) -> None:
    rows = []
    for name, seen in report["objectives"].items():
        sd = seen["noise_sd"]
        noise = "-" if sd is None else words.number(sd, words.digits(sd)) if sd else "0"
        rows.append(
            [
                name,
                seen["role"],
                noise,
                words.number(seen["margin"], words.digits(seen["margin"])),
                words.estimate(seen["gain"], unit=False),
                words.estimate(seen["gain_in_margins"], unit=False),
                seen["gain"]["unit"],
            ]
        )
    columns = ("objective", "role", "sd", "margin", "gain (above 0 is better)", "in margins")
    out.print()
    out.print(table(*columns, "unit", rows=rows, right=(2, 3)))
    if report["pairs"] < _WITH_INTERVAL:
        out.print(f"intervals (90%, at every look) begin at {_WITH_INTERVAL} pairs")


def _evidence(out: Console, report: Mapping[str, Any]) -> None:
    """The bets that would decide, and what is missing."""
    case = report["candidate"]
    rows = []
    for name, seen in report["objectives"].items():
        if seen["exact"]:
            gain = "exact: gains" if seen["gains"] else "-"
            kept = "exact: kept" if seen["keeps_margin"] else "exact: BROKEN"
        else:
            gain = "-" if seen["e_gain"] is None else f"{seen['e_gain']:.3g}"
            kept = f"{seen['e_margin']:.3g}"
        rows.append([name, gain, kept])
    out.print()
    out.print(table("objective", "e-value of a gain", "e-value of its margin", rows=rows))
    out.print(
        "an e-value is what a bet against luck has won: it starts at 1, and by luck alone gets to "
        f"{case['threshold']:.0f} in at most one case of {case['threshold']:.0f}"
    )
    out.print(
        f"for a verdict, as candidate {case['number']}: {case['gain_threshold']:.0f} for a gain, "
        f"{case['threshold']:.0f} for every margin"
    )
    out.print(_outlook(report))


def _outlook(report: Mapping[str, Any]) -> str:
    """What is missing for a verdict, in a sentence."""
    kind = report["outlook"]
    if kind == "loses":
        worse = [
            name
            for name, seen in report["objectives"].items()
            if seen["gain"]["high"] is not None and seen["gain"]["high"] < -seen["margin"]
        ]
        return f"it is worse by more than its margin on {', '.join(worse)}: it would not be merged"
    if kind == "no-gain":
        return "the intervals leave no gain at all: it would not be merged"
    missing = _missing(report)
    if kind == "small":
        return (
            "the intervals leave no gain as large as a margin, the smallest change that matters; "
            + missing
        )
    return f"these pairs would do for a candidate; {missing}" if kind == "enough" else missing


def _missing(report: Mapping[str, Any]) -> str:
    """How many fresh pairs a campaign would take, over the intervals."""
    needed, rung = report["candidate"]["pairs"], report["confirm_rung"]
    expected, fewest, most = (needed[key] for key in ("expected", "fewest", "most"))
    if expected is None and fewest is None:
        return "nothing speaks for a gain with every margin kept yet"
    if expected is None:
        return (
            "by these means it would not be merged; at the upper ends of the intervals a campaign "
            f"would take about {words.plural(round(fewest), 'fresh pair')} at rung {rung}"
        )
    said = (
        f"a campaign would take about {words.plural(round(expected), 'fresh pair')} at rung {rung}"
    )
    if expected > _MOST_PAIRS:
        said += f", which is more than the {_MOST_PAIRS} that a candidate is given,"
    said += " if its gains are these"
    if fewest is not None:
        at_worst = "never prove it" if most is None else f"take {most:.0f}"
        said += f"; at the intervals' upper ends {fewest:.0f}, at their lower ends it would "
        said += at_worst
    return said


def _record(out: Console, report: Mapping[str, Any]) -> None:
    """What the record knows: other proposals in the way, and what the campaign says so far."""
    out.print()
    for conflict in report["conflicts"]:
        paths = ", ".join(conflict["paths"])
        out.print(f"git cannot merge it together with {conflict['with']}: {paths}")
    if report["not_fetched"]:
        names = ", ".join(report["not_fetched"])
        out.print(f"not in this clone, so not looked at: {names}; `git fetch` brings them")
    elif not report["others_open"]:
        out.print("no other proposal is open, so it is in nobody's way")
    elif not report["conflicts"]:
        out.print("it merges with every open proposal")
    known = report["proposal"]
    if known is not None:
        trials = words.plural(known["trials"], "trial")
        out.print(f"proposed as {known['id']} ({trials}): {known['verdict']}, {known['reason']}")
        for name, gain in known["gain"].items():
            out.print(f"  the campaign's landscape: {name} {words.estimate(gain)}")
    elif report["earlier"] is not None:
        out.print(f"{report['earlier']} was proposed before the branch moved: not this commit")
    else:
        out.print(f"not proposed yet: `mainstem propose {report['branch']}` does it")


def _caveats(report: Mapping[str, Any]) -> list[str]:
    """What this look is not."""
    look = (
        "A look decides nothing: no campaign reads these runs, each of which `--json` lists and "
        "`mainstem log` prints. The same command adds pairs."
    )
    lines = [look]
    if report["rung"] != report["confirm_rung"]:
        rung, decides = report["cost"]["rung"], report["cost"]["confirm_rung"]
        lines.append(
            f"Rung {report['rung']} (cost {rung:g}) is not the rung that decides, "
            f"{report['confirm_rung']} (cost {decides:g}): gains and noise can differ there."
        )
    return lines
