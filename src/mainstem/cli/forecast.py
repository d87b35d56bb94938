"""`mainstem forecast`: predicted values at a scale that nobody has run, and what gains become."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

_SAID = {
    "holds": "holds",
    "vanishes": "VANISHES",
    "turns": "TURNS",
    "unknown": "unknown",
}
"""Flags of what a campaign should know in capitals, for whoever reads without colour."""


@click.command(
    "forecast",
    epilog=examples(
        "mainstem forecast --at steps=3200",
        "mainstem forecast rope muon --at cost=64",
        "mainstem forecast --at width=512 --at tokens=1e9",
    ),
)
@click.argument("proposals", nargs=-1, metavar="[PROPOSAL]...")
@click.option(
    "--at",
    "places",
    multiple=True,
    required=True,
    metavar="KEY=VALUE",
    help='The scale to forecast at: a numeric key of the rungs, or "cost"; may be repeated.',
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the draws.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    proposals: tuple[str, ...], places: tuple[str, ...], seed: int, *, as_json: bool
) -> None:
    """Predict what the trunk, the best recipe and proposals measure at a larger scale.

    From a scaling law per recipe over at least four rungs. It decides nothing: verdicts come from
    runs.
    """
    from mainstem.wiring.forecasts import forecast  # loads the statistics: only when needed

    at = _at(places)
    with open_here() as project:
        report = forecast(project, at=at, named=proposals, seed=seed)
    if as_json:
        print_json(report)
    else:
        _render(console(), report)


def _at(places: Sequence[str]) -> dict[str, float]:
    """The scales to forecast at.

    Raises:
        UsageError: One is not KEY=VALUE with a number above 0, or stands there twice.
    """
    found: dict[str, float] = {}
    for place in places:
        key, equals, text = place.partition("=")
        try:
            value = float(text.replace("_", ""))
        except ValueError:
            value = math.nan
        if not key or not equals or not (math.isfinite(value) and value > 0.0):
            raise UsageError(f"--at {place}: write KEY=VALUE with a number above 0, as steps=3200")
        if key in found:
            raise UsageError(f"--at {key} stands there twice: give it one value")
        found[key] = value
    return found


def _render(out: Console, report: Mapping[str, Any]) -> None:
    out.print(f"{report['stack']}, trunk {report['trunk'][:10]}, forecast {_place(report['at'])}")
    out.print(_loud(report))
    ran = [f"{rung['name']} ({_place(rung['scale'], short=True)})" for rung in report["rungs"]]
    out.print(f"rungs that ran: {', '.join(ran)}")
    for name in _objectives(report):
        _values(out, report, name)
    if report["proposals"]:
        _proposals(out, report)
    level = f"{report['level']:.0%}"
    out.print(
        f"\n{level} intervals: of the mean of {report['fresh_runs']} fresh runs for values, of the "
        "true difference, above 0 better, for gains. A law is a guess beyond its rungs: nothing "
        "here enters a verdict."
    )


def _place(at: Mapping[str, float], *, short: bool = False) -> str:
    """Scales as `at steps 3,200`."""
    text = ", ".join(f"{key} {value:,.6g}" for key, value in at.items())
    return text if short else f"at {text}"


def _loud(report: Mapping[str, Any]) -> str:
    """How far beyond the largest run this speaks."""
    parts = []
    for key, fold in report["beyond"].items():
        largest = f"{key} {report['largest'][key]:,.6g}"
        if fold > 1.0 + 1e-9:
            parts.append(f"extrapolates {fold:.3g}-fold beyond the largest run ({largest})")
        else:
            parts.append(f"within what has run ({largest} and below)")
    return "; ".join(parts)


def _objectives(report: Mapping[str, Any]) -> list[str]:
    """The objectives, in order."""
    return list(report["recipes"][0]["objectives"])


def _values(out: Console, report: Mapping[str, Any], name: str) -> None:
    """The table of one objective: every recipe now and then."""
    rows = []
    for row in report["recipes"]:
        label = " and ".join(row["is"])
        recipe = words.recipe(row["recipe"], most=4)
        label = recipe if not label else label if label == "trunk" else f"{label}: {recipe}"
        found = row["objectives"].get(name)
        if found is None:
            rows.append([label, f"{row['rungs']} of {row['rungs_needed']} rungs", "-"])
        else:
            now, then = (words.estimate(found[k], signed=False) for k in ("now", "value"))
            rows.append([label, now, then])
    out.print()
    out.print(table(name, "at the largest rung", "forecast", rows=rows))


def _proposals(out: Console, report: Mapping[str, Any]) -> None:
    """What becomes of each proposal's gain."""
    rows = []
    for row in report["proposals"]:
        label = row["id"]
        if not row["objectives"]:
            have = f"ran at {row['rungs']} of {row['rungs_needed']} rungs"
            rows.append([label, "-", "-", have, "-"])
        for name, found in row["objectives"].items():
            now, then = (words.estimate(found[key], unit=False) for key in ("now", "then"))
            chance = f"{found['gains_margin']:.0%}"
            rows.append([label, name, now, then, f"{_SAID[found['outlook']]} ({chance})"])
            label = ""
    out.print()
    columns = ("proposal", "objective", "gain now", "gain then", "outlook (a margin or more)")
    out.print(table(*columns, rows=rows))
    out.print(
        "holds: a margin or more is sure (80%) there; VANISHES: sure now, surely less than one "
        "there; TURNS: sure of one sign now, of the other there"
    )
