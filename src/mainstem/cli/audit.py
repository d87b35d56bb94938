"""`mainstem audit`: whether merit or the author moves decisions, and who waits how long."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.table import Table


_HUGE = 1000.0


@click.command(
    "audit",
    epilog=examples("mainstem audit", "mainstem audit --html audit.html", "mainstem audit --json"),
)
@click.option(
    "--html",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write one page with pictures to this file.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the tests' draws.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(html: Path | None, seed: int, *, as_json: bool) -> None:
    """Ask of the recorded decisions whether merit moves them, or kind, seniority and team.

    Always at equal evidence, of groups and never of a person, with what so many decisions cannot
    tell.
    """
    from mainstem.wiring.audit import audit  # loads the statistics: only when needed

    with open_here() as project:
        report = audit(project, seed=seed, html=html)
    if as_json:
        print_json(report)
    else:
        _render(console(), report)
        if html is not None:
            console().print(f"\nwritten: {html}")


def _render(out: Console, report: Mapping[str, Any]) -> None:
    """Every question with its answer, then the numbers, then what cannot be told."""
    from mainstem.people.audit_words import READING  # loads the statistics: only when needed

    out.print(
        f"{report['stack']}: {words.plural(report['filed'], 'proposal')} filed, "
        f"{report['decisions']} decided with known evidence, {report['merged']} merged"
    )
    for row in report["questions"]:
        out.print()
        out.print(f"{row['question']}? (n = {row['n']})", style="bold")
        p = row["p"]
        tested = "" if p is None else f" p {_p(p)}, corrected {_p(row['p_corrected'])}."
        out.print(f"{row['answer']}{tested}")
        numbers = [_numbers(row["id"], one) for one in row["estimates"]]
        if numbers:
            out.print(table("", "n", "estimate [90%]", rows=numbers, right=(1,)))
        _described(out, report, row["id"])
        for said in row["cannot_tell"]:
            out.print(said)
    if any(row["estimates"] for row in report["questions"]):
        out.print()
        out.print("How to read the numbers", style="bold")
        out.print(READING)
    out.print()
    out.print("What these records cannot tell", style="bold")
    for said in report["cannot_tell"]:
        out.print(f"- {said}")


def _described(out: Console, report: Mapping[str, Any], question: str) -> None:
    """What stands beside a question without a test: whose trials, and whose overrides."""
    groups, cells = report["compute"]["groups"], report["overrides"]["cells"]
    if question == "compute" and groups:
        out.print(_compute(groups))
        jain = report["compute"]["jain"]
        if jain is not None:
            out.print(f"Jain's index over all contributors, by weight: {jain:.2f} (1: even)")
    if question == "overrides" and cells:
        counts = [[c["by"], c["of"], str(c["vetoes"]), str(c["forces"])] for c in cells]
        heads = ("overrides by", "on proposals of", "vetoed", "forced")
        out.print(table(*heads, rows=counts, right=(2, 3)))


def _compute(groups: Sequence[Mapping[str, Any]]) -> Table:
    """Which part of all trials each kind has had, beside its part of what was filed."""
    rows = [
        [
            g["group"],
            str(g["people"]),
            str(g["proposals"]),
            f"{g['proposals_share']:.0%}",
            "-" if g["trials_share"] is None else f"{g['trials_share']:.0%}",
        ]
        for g in groups
    ]
    columns = ("lead authors", "people", "filed", "of what was filed", "of all trials")
    return table(*columns, rows=rows, right=(1, 2, 3, 4))


def _numbers(question: str, row: Mapping[str, Any]) -> list[str]:
    """One estimate with its interval, in the unit of its question."""
    ends = (row["value"], row["low"], row["high"])
    if question == "waiting":
        value = "not seen" if row["value"] is None else words.duration(row["value"])
        low, high = ("no bound" if end is None else words.duration(end) for end in ends[1:])
    elif question in {"overrides", "claims"}:
        value, low, high = (f"{end:.0%}" for end in ends)
    else:
        value, low, high = map(_ratio, ends)
    return [row["what"], str(row["n"]), f"{value} [{low}, {high}]"]


def _ratio(value: float | None) -> str:
    """A ratio in few digits: beyond a thousandfold nobody reads it as a number."""
    if value is None:
        return "no bound"
    if value >= _HUGE:
        return f"over {_HUGE:,.0f}"
    return f"{value:.2f}" if value >= 0.01 else "under 0.01"


def _p(value: float) -> str:
    return f"= {value:.3f}" if value >= 0.001 else "< 0.001"
