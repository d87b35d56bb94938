"""`mainstem shares`: whose proposals have which part of the compute, and who waited how long."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, say, table
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(
    "shares", epilog=examples("mainstem shares", "mainstem shares ada", "mainstem shares --json")
)
@click.argument("handle", required=False)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(handle: str | None, *, as_json: bool) -> None:
    """Show each contributor's share of the compute, and who waited how long; or explain one."""
    with open_here() as project:
        report = project.shares()
    if handle is not None:
        report = {**report, "contributors": [_named(report, handle)]}
    if as_json:
        print_json(report)
    elif handle is not None:
        say(_sentence(report["contributors"][0], report))
    else:
        _render(report)


def _named(report: Mapping[str, Any], handle: str) -> Mapping[str, Any]:
    """One contributor's row.

    Raises:
        UsageError: Nobody of that name has filed a proposal.
    """
    rows = {row["handle"]: row for row in report["contributors"]}
    if handle not in rows:
        known = ", ".join(rows) or "nobody yet"
        raise UsageError(f"{handle!r} has filed no proposal; who has: {known}")
    found: Mapping[str, Any] = rows[handle]
    return found


def _render(report: Mapping[str, Any]) -> None:
    out = console()
    if not report["contributors"]:
        out.print("no proposal yet: take branches in with `mainstem propose BRANCH...`")
        return
    rows = [
        [
            row["handle"],
            _count(row["proposals"]),
            _count(row["in_campaign"]),
            _count(row["waiting"]),
            _count(row["trials"]),
            "-" if row["share"] is None else f"{row['share']:.0%}",
            f"{row['equal_share']:.0%}",
            words.duration(row["waited_s"]),
            words.duration(row["waiting_s"]),
        ]
        for row in report["contributors"]
    ]
    columns = ("contributor", "filed", "in campaign", "not in it", "trials", "share", "equal claim")
    out.print(table(*columns, "waited", "waits", rows=rows, right=tuple(range(1, 9))))
    if report["jain"] is not None:
        weights = {row["weight"] for row in report["contributors"]}
        by, even = (
            (" by weight", "as the weights say") if len(weights) > 1 else ("", "all the same")
        )
        out.print(
            f"Jain's index of the trials{by}: {report['jain']:.2f} (1: {even}, "
            f"{1.0 / len(rows):.2f}: one has everything)"
        )
    out.print(_rule(report))


def _rule(report: Mapping[str, Any]) -> str:
    """How compute is shared, in a sentence."""
    if not report["on"]:
        return "compute is not shared out: there is no contributors.toml, and all enter at once"
    if not any(row["undecided"] for row in report["contributors"]):
        return "nobody is in line: every proposal has its verdict"
    if report["level"] is None:
        short = f": fewer than {report['line']} proposals would wait" if report["line"] > 1 else ""
        return (
            f"nobody is in line{short}; who is not in the campaign yet enters it by the next "
            "`mainstem integrate`"
        )
    return (
        f"each contributor may have {_plural(report['level'], 'proposal')} in the campaign at once "
        "(times their weight): as many as three of four ask for; what is beyond is in line"
    )


def _sentence(row: Mapping[str, Any], report: Mapping[str, Any]) -> str:
    """One contributor's share, explained."""
    parts = [f"{row['handle']} has filed {_plural(row['proposals'], 'proposal')}"]
    if row["undecided"]:
        inside = f"{_count(row['in_campaign'])} of {_count(row['undecided'])} undecided ones"
        parts[0] += f", of which {inside} are in the campaign"
    enters = row["waiting"] - row["in_line"]
    if _count(enters) != "0":
        parts.append(f"{_count(enters)} {_s('enter', enters)} it by the next `mainstem integrate`")
    if row["in_line"]:
        waits = f"{_count(row['in_line'])} {_s('wait', row['in_line'])}"
        said = f"{waits} until the campaign has decided on those before"
        if report["level"] is not None:
            said += (
                f": each contributor may have {_count(report['level'])} there at once, times "
                "their weight"
            )
        parts.append(said)
    if row["share"] is not None:
        parts.append(
            f"their part of the trials is {_count(row['trials'])} ({row['share']:.0%}; an equal "
            f"claim is {row['equal_share']:.0%}), since a trial counts in equal parts for every "
            "proposal in it"
        )
    if row["waited_s"] is not None:
        parts.append(f"the middle wait for a verdict was {words.duration(row['waited_s'])}")
    if row["waiting_s"] is not None:
        parts.append(f"one has waited for {words.duration(row['waiting_s'])} by now")
    return "; ".join(parts) + "."


def _count(amount: float) -> str:
    """A number of proposals or trials: authors have parts of them."""
    return f"{amount:.0f}" if abs(amount - round(amount)) < 0.05 else f"{amount:.1f}"


def _s(verb: str, amount: float) -> str:
    """The verb of one, of parts, or of several."""
    return f"{verb}s" if abs(amount - 1.0) < 0.05 else verb


def _plural(amount: float, word: str) -> str:
    return f"{_count(amount)} {word}" if abs(amount - 1.0) < 0.05 else f"{_count(amount)} {word}s"
