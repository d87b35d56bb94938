"""`mainstem credit`: who earned what of the trunk's measured gain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console


@click.command(
    "credit",
    epilog=examples("mainstem credit", "mainstem credit --explain rope", "mainstem credit --json"),
)
@click.option("--explain", metavar="PROPOSAL", help="How one proposal's part comes about.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(explain: str | None, *, as_json: bool) -> None:
    """Divide the trunk's measured gain over its proposals and over the people who wrote them."""
    with open_here() as project:
        report = project.credit()
    if explain is not None and explain not in report["members"]:
        merged = ", ".join(report["members"]) or "none yet"
        raise UsageError(f"{explain!r} is not in the trunk's gain; merged: {merged}")
    if as_json:
        print_json(report)
    elif explain is not None:
        _explain(console(), report, explain)
    else:
        _render(console(), report)


def _render(out: Console, report: Mapping[str, Any]) -> None:
    out.print(f"{report['stack']}, trunk {report['trunk']['commit'][:10]}")
    if not report["members"]:
        out.print("nothing was merged yet: there is no gain to divide")
    elif not report["objectives"]:
        out.print("no run of today's trunk with today's settings: `mainstem integrate` makes some")
    else:
        since = f"over {report['root'][:10]}, from {words.plural(report['runs'], 'run')}"
        out.print(f"Shapley shares of its gain {since}; posterior, they sum to the gain")
    for one in report["objectives"]:
        _objective(out, one)
    if report["information"]:
        _information(out, report)


def _objective(out: Console, one: Mapping[str, Any]) -> None:
    """A table of proposals and one of people."""
    columns = (one["objective"], "earned", "of the gain")
    out.print()
    rows = [[m["id"], words.estimate(m["value"]), _percent(m)] for m in one["members"]]
    rows.append(["in all", words.estimate(one["total"]), ""])
    out.print(table(*columns, rows=rows, right=(2,)))
    if one["people"]:
        people = sorted(one["people"], key=lambda p: -p["value"]["mean"])
        out.print(
            table(
                "by people",
                "earned",
                "of the gain",
                rows=[[p["handle"], words.estimate(p["value"]), _percent(p)] for p in people],
                right=(2,),
            )
        )
    if all(m["percent"] is None for m in one["members"]):
        out.print(f"no percentages: the gain on {one['objective']} may be 0")


def _information(out: Console, report: Mapping[str, Any]) -> None:
    """The second account."""
    rows = [
        [row["id"], f"{row['nats']:.2f}", f"{row['belongs']:.2f}"] for row in report["information"]
    ]
    out.print()
    out.print(table("what was learnt", "nats", "belongs with probability", rows=rows, right=(1, 2)))
    out.print(
        "A second account, for negative results too, that is never added to the first: how far the "
        "runs moved the belief that a proposal adds half a margin to the best set."
    )


def _explain(out: Console, report: Mapping[str, Any], proposal: str) -> None:
    """Where one proposal's part comes from, per objective."""
    authors = report["authors"][proposal]
    if authors:
        parts = ", ".join(f"{handle} {part:.0%}" for handle, part in authors.items())
        out.print(f"{proposal}: written by {parts}")
    for one in report["objectives"]:
        member = next(m for m in one["members"] if m["id"] == proposal)
        rows = [["by itself", words.estimate(member["alone"])]]
        rows += [
            [f"half of what it does with {other}", words.estimate(value)]
            for other, value in member["beside"].items()
        ]
        rows.append(["in all", f"{words.estimate(member['value'])}  {_percent(member)}".rstrip()])
        out.print()
        out.print(table(one["objective"], "gain (above 0 is better)", rows=rows))


def _percent(row: Mapping[str, Any]) -> str:
    return "" if row["percent"] is None else f"{row['percent']:.0f}%"
