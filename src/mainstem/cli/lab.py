"""`mainstem lab`: what another way of working would have cost, on the team's own record."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_ONLY_WITH = "goes with --replay, which plays something; alone, `mainstem lab` lists what there is"


@click.command(
    "lab",
    epilog=examples(
        "mainstem lab",
        "mainstem lab --replay -j 2 --html lab.html",
        "mainstem lab --replay --policy silos --policy ours.py",
        "mainstem lab --replay --assumptions 16 --html lab.html",
        "mainstem lab --log decisions.jsonl",
        "mainstem lab --own",
    ),
)
@click.option("--replay", is_flag=True, help="Play every policy on the recorded landscape.")
@click.option(
    "--policy",
    "policies",
    multiple=True,
    metavar="NAME|FILE",
    help="Only this one beside collective; or one of your own, a class in a .py file; may be "
    "repeated.",
)
@click.option(
    "--campaigns",
    type=int,
    metavar="N",
    help="Simulated campaigns of every cheap policy.  [default: 1000; collective plays 50]",
)
@click.option(
    "--budget",
    type=int,
    metavar="N",
    help="Runs of a campaign.  [default: what the recorded one spent]",
)
@click.option("--seed", type=click.IntRange(0), help="Of all chance.  [default: 0]")
@click.option("-j", "processes", type=int, default=1, show_default=True, help="Processes at once.")
@click.option(
    "--assumptions",
    type=click.IntRange(0),
    metavar="N",
    help="Vary what is assumed of people and rules too, at 10 N points; a power of 2, such as 16.",
)
@click.option(
    "--log",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Say what a log of decisions tells of its keeper: veto rate and silo width.",
)
@click.option("--own", is_flag=True, help="The same, of your own ledger.")
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one page with pictures to this file.",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    *,
    replay: bool,
    policies: tuple[str, ...],
    campaigns: int | None,
    budget: int | None,
    seed: int | None,
    processes: int,
    assumptions: int | None,
    log: Path | None,
    own: bool,
    html: Path | None,
    as_json: bool,
) -> None:
    """Say what another way of working would have cost: policies, simulated at equal compute.

    On landscapes drawn from what the last campaign measured, with intervals, and with what of the
    answer is extrapolated because no run was ever made there. It decides nothing.
    """
    if (log is not None) + own + replay > 1:
        raise UsageError(
            "--replay, --log and --own ask for different things: call `mainstem lab` for each"
        )
    if replay:
        _replay(
            {
                "policies": policies,
                "campaigns": campaigns,
                "budget": budget,
                "seed": seed,
                "processes": processes,
                "assumptions": assumptions,
                "html": html,
            },
            as_json=as_json,
        )
        return
    options = {
        "--policy": policies,
        "--campaigns": campaigns,
        "--budget": budget,
        "--seed": seed,
        "--assumptions": assumptions,
        "--html": html,
    }
    alone = next((name for name, value in options.items() if value not in {None, ()}), None)
    if alone is not None:
        raise UsageError(f"{alone} {_ONLY_WITH}")
    _tell(log, own=own, as_json=as_json)


def _tell(log: Path | None, *, own: bool, as_json: bool) -> None:
    """What there is to play; or what a log of decisions says, a file or the ledger."""
    from mainstem.wiring.lab import listed, read_log, read_own  # loads the statistics

    if own:
        with open_here() as project:
            found = read_own(project)
    else:
        found = listed() if log is None else read_log(log)
    if as_json:
        print_json(found)
    elif "said" not in found:
        _render_list(console(), found)
    else:
        for said in found["said"]:
            console().print(said)


def _replay(options: Mapping[str, Any], *, as_json: bool) -> None:
    """Plays, and says what came of it."""
    from mainstem.wiring.lab import Wanted, replay  # as above

    given = {name: value for name, value in options.items() if value is not None}
    with open_here() as project:
        found = replay(project, Wanted(**given))
    if as_json:
        print_json(found)
        return
    _render(console(), found)
    if given.get("html") is not None:
        console().print(f"\nwritten: {given['html']}")


def _render_list(out: Console, found: Mapping[str, Any]) -> None:
    """What there is to play."""
    rows = [[one["name"], one["does"]] for one in found["policies"]]
    out.print(table("policy", "works like this", rows=rows))
    out.print()
    rows = [[one["name"], one["paper"]] for one in found["scenarios"]]
    out.print(table("scenario", "published by", rows=rows))
    out.print()
    out.print(
        "`mainstem lab --replay` plays them on the landscape that your last campaign recorded; "
        "one of your own is a class in a file (docs/parts/lab.md)"
    )


def _render(out: Console, report: Mapping[str, Any]) -> None:
    """The table, and then what it allows to say."""
    from mainstem.lab import words

    record = report["record"]
    out.print(
        f"{report['stack']}, campaign {record['campaign']}: {record['runs']} runs of "
        f"{record['recipes']} recipes; {report['worlds']} landscapes drawn from them, "
        f"{report['budget']} runs each"
    )
    rows = [_row(words, row) for row in report["policies"]]
    columns = ("policy", "gain [90%]", "costs [mean]", "behind", "never ran", "campaigns")
    out.print(table(*columns, rows=rows, right=(1, 2, 3, 4, 5)))
    out.print(
        "gain: of the last trunk, in margins; costs: what collective gains more, in the same "
        "campaigns; behind: in so many of them; never ran: last trunks that nobody ever ran"
    )
    _assumptions(out, words, report["assumptions"])
    for said in report["said"]:
        out.print(f"\n{said}")


def _row(words: Any, row: Mapping[str, Any]) -> list[str]:
    cost = row["price"]
    return [
        row["name"],
        words.estimate(row["gain"]),
        "-" if cost is None else f"{words.number(cost['mean'])} {words.of_mean(cost)}",
        "-" if cost is None else words.percent(cost["ahead"]),
        words.percent(row["extrapolated"]["trunks"]),
        f"{row['campaigns']:,}",
    ]


def _assumptions(out: Console, words: Any, found: Mapping[str, Any] | None) -> None:
    """What assumptions matter, the one with the largest share first."""
    if found is None:
        return
    rows: list[Sequence[str]] = [
        [
            row["label"],
            f"{row['said_low']} to {row['said_high']}",
            f"{words.number(row['at_low'])} to {words.number(row['at_high'])}",
            words.share(row),
        ]
        for row in found["moved"]
    ]
    out.print()
    columns = ("assumption", "varied from", "what rules cost", "share of variance")
    out.print(table(*columns, rows=rows, right=(1, 2, 3)))
