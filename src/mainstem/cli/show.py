"""`mainstem show`: verdicts, effects with intervals, interactions, the Pareto front."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, names_option, store_option
from mainstem.cli.opening import authors_on_record, open_here
from mainstem.cli.output import console, print_json, table
from mainstem.cli.rungs import ran
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

_SHOWN_INTERACTIONS = 8
_SHOWN_FRONT = 6
_NAME = 0.22  # of the width: what a proposal's name takes at most before it is broken


@click.command(
    "show",
    epilog=examples(
        "mainstem show", "mainstem show --json", "mainstem show --stale", "mainstem show --transfer"
    ),
)
@click.option(
    "--transfer", is_flag=True, help="Whether what small runs say of each proposal has held."
)
@click.option("--stale", is_flag=True, help="What each merged proposal still adds to the trunk.")
@click.option(
    "--weigh", is_flag=True, help="Take in every trial of a long record, however long that takes."
)
@names_option
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, stale: bool, transfer: bool, weigh: bool, names: bool, as_json: bool) -> None:
    """Show verdicts, effects with intervals, interactions and the Pareto front."""
    if stale and transfer:
        raise UsageError("--stale and --transfer are two tables: ask for one of them")
    if (stale or transfer) and names:
        which = "--stale" if stale else "--transfer"
        raise UsageError(f"{which} has no authors: `mainstem show --names` names those of all")
    with open_here() as project:
        if transfer:
            from mainstem.cli.transfer import show as show_transfer

            show_transfer(project.transfer(project.record()), as_json=as_json)
            return
        if stale:
            from mainstem.cli.stale import show as show_stale

            show_stale(project.stale(project.record()), as_json=as_json)
            return
        known = authors_on_record(project, command="show") if names else None
        report = project.show(weigh=weigh)
    if known is not None:
        from mainstem.people.names import with_authors

        report["proposals"] = with_authors(report["proposals"], known)
    if as_json:
        print_json(report)
    else:
        render(report)


def render(report: Mapping[str, Any], *, brief: bool = False) -> None:
    """Prints the state; `brief` leaves out interactions and the front."""
    out = console()
    trials = report["trials"]
    head = f"{report['stack']}, trunk {report['trunk']['commit'][:10]}"
    if report["campaign"] is not None:
        done = words.plural(trials["done"], "trial")
        at = ran(report.get("rungs", ()))
        head += f", campaign {report['campaign']}: {done}{at}, {trials['failed']} failed"
    out.print(head)
    if report["measured_on"] not in {None, report["trunk"]["commit"]}:
        out.print(
            f"figures are of campaign {report['campaign']} on the trunk of then, "
            f"{report['measured_on'][:10]}; `mainstem integrate` measures today's"
        )
    if report.get("weighed") is not None:
        out.print(_dated(report["weighed"]))
    if report["best"] is not None and report["trunk"]["objectives"]:
        out.print(words.best_line(report["best"]))
        out.print()
        _objectives(out, report)
    out.print()
    _proposals(out, report)
    for warning in words.not_repeatable(report["not_repeatable"]):
        out.print(f"note: {warning}")
    if not brief:
        _conflicts(out, report)
        _interactions(out, report)
        _front(out, report)


def _dated(weighed: Mapping[str, Any]) -> str:
    """As of when figures are that were not worked out anew."""
    anew = "`mainstem show --weigh` takes all in, which can take minutes"
    since = weighed["since"]
    if weighed["line"] is None:
        return f"gains are those beside the verdicts, {since} trials are not weighed; {anew}"
    at = f"line {weighed['line']} and {words.plural(weighed['trials'], 'trial')}"
    return f"gains are as of {at}; trials since: {since}; {anew}"


def _objectives(out: Console, report: Mapping[str, Any]) -> None:
    best, margins = report["best"], report["margins"]
    rows = []
    for name, trunk in report["trunk"]["objectives"].items():
        gain = best["gain"].get(name) if best["recipe"] else None
        margin = margins.get(name)
        shown = "-" if margin is None else words.number(margin, words.digits(margin))
        at = words.estimate(trunk, signed=False, unit=False)
        rows.append([name, at, shown, words.estimate(gain, unit=False), trunk["unit"]])
    columns = ("objective", "trunk", "margin", "gain of the best set", "unit")
    out.print(table(*columns, rows=rows))
    out.print("gains: above 0 is better, whatever the direction; 90% intervals in brackets")


def _proposals(out: Console, report: Mapping[str, Any]) -> None:
    first = next(iter(report["trunk"]["objectives"]), None)
    if report.get("weighed") is not None:
        first = first or report["improve"][0]  # what stands beside verdicts is there all the same
    rows = []
    for p in report["proposals"]:
        known = first is not None and p["measured"]
        alone = words.estimate(p["gain"].get(first), unit=False) if known else "-"
        rows.append(
            [
                words.standing(p),
                p["id"],
                *words.authors_column(p),
                alone,
                str(p["trials"]),
                p["reason"],
            ]
        )
    unit = next((p["gain"][first]["unit"] for p in report["proposals"] if first in p["gain"]), "")
    label = f"{first} alone ({unit})" if unit else f"{first or 'gain'} alone"
    named = ["authors"] if "authors" in next(iter(report["proposals"]), {}) else []
    columns = ("verdict", "proposal", *named, label, "trials", "why")
    right = (columns.index("trials"),)
    out.print(table(*columns, rows=rows, right=right, broken={1: _NAME}))


def _conflicts(out: Console, report: Mapping[str, Any]) -> None:
    if report["conflicts"]:
        out.print()
    for conflict in report["conflicts"]:
        names = " and ".join(conflict["proposals"])
        out.print(f"conflict: git cannot merge {names} ({', '.join(conflict['paths'])})")


def _interactions(out: Console, report: Mapping[str, Any]) -> None:
    """The interactions on the first objective that are clear and matter: half a margin or more."""
    first = next(iter(report["trunk"]["objectives"]), None)
    least = 0.5 * report["margins"].get(first, 0.0)
    clear = [
        row
        for row in report["interactions"]
        if row["objective"] == first
        and abs(row["mean"]) >= least
        and (row["low"] > 0.0 or row["high"] < 0.0)
    ]
    if not clear:
        return
    rows = []
    for row in clear[:_SHOWN_INTERACTIONS]:
        value = {**row, "unit": ""}
        kind = "better together" if row["mean"] > 0.0 else "in each other's way"
        rows.append([" x ".join(row["pair"]), words.estimate(value, unit=False), kind])
    out.print()
    head = (f"interaction on {first}", "gain beyond the sum", "")
    out.print(table(*head, rows=rows, broken={0: 2 * _NAME}))


def _front(out: Console, report: Mapping[str, Any]) -> None:
    """The sets to choose from where objectives to improve pull apart; nothing where none do."""
    points, names = report["front"], report["improve"][:3]
    if len(points) < 2:
        return
    rows = [
        [
            *(words.estimate(point["objectives"][name], unit=False) for name in names),
            f"{point['probability']:.0%}",
            str(point["runs"]),
            words.recipe(point["recipe"], most=6),
        ]
        for point in points[:_SHOWN_FRONT]
    ]
    gains = [f"{name} gain" for name in names]
    out.print()
    out.print(table(*gains, "unbeaten", "runs", "Pareto front", rows=rows, right=(len(gains) + 1,)))
    more = len(points) - _SHOWN_FRONT
    if more > 0:
        out.print(f"and {words.plural(more, 'recipe')} more (`mainstem show --json`)")
    out.print(
        "unbeaten: the probability that its guards hold and no other set beats it by a margin"
    )
    out.print(f"hypervolume over the trunk: {words.estimate(report['hypervolume'])}")
