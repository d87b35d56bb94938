"""`mainstem why`: the evidence behind one verdict, in words, numbers and trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.board.message import message
from mainstem.cli import words
from mainstem.cli.main import examples, names_option, store_option
from mainstem.cli.opening import authors_on_record, open_here
from mainstem.cli.output import console, print_json, say, table
from mainstem.cli.overriding import show_price, signature
from mainstem.engine import views
from mainstem.people.names import with_authors
from mainstem.wiring.overrides import price_now, signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_SHOWN_TRIALS = 12
_RESULT = 48
"""A result's least width; half the screen if that is more. `mainstem log TRIAL` has it whole."""
_ORDER = {"alone": 0, "together": 1, "without it": 2, "in a set": 3, "earlier": 4, "trunk": 5}


@click.command(
    "why",
    epilog=examples("mainstem why rope", "mainstem why rope --message", "mainstem why rope --json"),
)
@click.argument("proposal")
@click.option("--all", "show_all", is_flag=True, help="Every trial, not only the telling ones.")
@click.option("--message", "as_message", is_flag=True, help="A text for the pull request.")
@names_option
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(proposal: str, *, show_all: bool, as_message: bool, names: bool, as_json: bool) -> None:
    """Tell why a proposal has its verdict: words, numbers, and the trials behind them."""
    with open_here() as project:
        record = project.record()
        campaign, state = project.standing(record)
        report = views.why(project.stack, record, campaign, state, proposal)
        report["price"] = price_now(project, record, (campaign, state), proposal)
        if report["override"] is not None:
            report["override"] = signed(project, report["override"])
        if names:
            [report] = with_authors(
                [report], authors_on_record(project, command="why", only=[proposal])
            )
    text = message(report)
    if as_json:
        print_json({**report, "message": text})
    elif as_message:
        say(text)
    else:
        _render(report, most=None if show_all else _SHOWN_TRIALS)


def _render(report: Mapping[str, Any], most: int | None) -> None:
    out = console()
    said = report["override"] and report["override"]["override"]
    standing = "merged" if report["merged"] else words.standing({**report, "override": said})
    out.print(f"{report['id']}: {standing}")
    out.print(f"{report['reason']}.")
    if report["override"] is not None:
        out.print(signature(report["override"]))
        show_price(out, report["override"]["override"], report["price"])
    touched = ", ".join(report["components"]) or "no named component"
    out.print(f"\nbranch {report['branch']} at {report['commit'][:10]}, touches {touched}")
    if "authors" in report:
        out.print(f"written by {words.authors(report['authors'])}")
    if report["claim"]:
        out.print(f"claimed: {report['claim']}")
    _gains(out, report)
    if report["confirmation"] is not None:
        _confirmation(out, report["confirmation"])
    if report["conflicts"]:
        out.print()
    for conflict in report["conflicts"]:
        others = " + ".join(conflict["with"]) or "the trunk"
        out.print(f"git cannot merge it with {others}: {', '.join(conflict['paths'])}")
    _trials(out, report["evidence"], most)
    _confinement(out, report["confinement"])


def _gains(out: Console, report: Mapping[str, Any]) -> None:
    if not report["measured"]:
        out.print("\nno run with it has succeeded: its gain is not known")
        return
    if not report["gain"]:
        return
    within = report["gain_in_best"]
    rows = [
        [
            name,
            words.estimate(gain, unit=False),
            words.estimate(within[name], unit=False) if within else "-",
            gain["unit"],
        ]
        for name, gain in report["gain"].items()
    ]
    out.print()
    out.print(table("gain (above 0 is better)", "alone", "within the best set", "unit", rows=rows))


def _confirmation(out: Console, found: Mapping[str, Any]) -> None:
    out.print(
        f"\ncandidate {found['number']} ({words.recipe(found['recipe'])}): {found['outcome']} "
        f"after {words.plural(found['pairs'], 'fresh pair')}; an e-value of "
        f"{found['threshold']:.0f} decides"
    )
    rows = []
    for test in found["objectives"]:
        if test["exact"]:
            kept = "exact: kept" if test["keeps_margin"] else "exact: BROKEN"
            gain = "exact: gains" if test["gains"] else "-"
        else:
            kept, gain = _e_value(test["e_margin"]), _e_value(test["e_gain"])
        skewness = "-" if test["skewness"] is None else f"{test['skewness']:+.1f}"
        rows.append([test["objective"], gain, kept, skewness])
    columns = ("objective", "e-value of a gain", "e-value of its margin", "skewness")
    out.print(table(*columns, rows=rows))


def _e_value(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3g}" if value < 1e6 else f"{value:.1e}"


def _confinement(out: Console, found: Sequence[Mapping[str, Any]]) -> None:
    """How these trials were confined, a line for each way: machines differ. JSON has it whole."""
    for way in found:
        ran = f"{words.plural(way['trials'], 'trial')} ran in the profile {way.get('profile')}"
        left_open = way.get("not_enforced", "see `--json`")
        out.print(f"\n{ran}; asked: {way.get('asked')}; not enforced: {left_open}")


def _trials(out: Console, evidence: Sequence[Mapping[str, Any]], most: int | None) -> None:
    if not evidence:
        out.print("\nno trial speaks of it yet")
        return
    ranked = sorted(evidence, key=lambda e: (_ORDER[e["about"]], len(e["recipe"])))
    telling = [e for e in ranked if e["about"] != "trunk"]
    shown = ranked if most is None else telling[:most]
    several = len({entry["rung"] for entry in evidence}) > 1
    rows = []
    for entry in shown:
        failure = entry["failure"]
        first = dict(list((entry["values"] or {}).items())[:1])
        result = f"failed: {failure['what']}" if failure else words.values(first)
        if entry["stopped_at"] is not None:
            result += f" (predicted at step {entry['stopped_at']})"
        result = words.brief(result, max(_RESULT, out.width // 2))
        about = f"{entry['about']}, confirming" if entry["purpose"] == "confirm" else entry["about"]
        recipe = words.recipe(entry["recipe"], most=8)
        at = [entry["rung"]] if several else []
        rows.append([entry["trial"], *at, about, result, recipe])
    if rows:
        out.print()
        rung = ["rung"] if several else []
        out.print(table("trial", *rung, "about", "result", "recipe", rows=rows))
    if len(ranked) > len(shown):
        more = words.plural(len(ranked) - len(shown), "more trial")
        out.print(f"and {more} (with the trunk's): `--all`; logs: `mainstem log TRIAL`")
