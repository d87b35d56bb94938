"""`mainstem people`: of whom something is kept, all of it, and how somebody is forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, say, table
from mainstem.wiring import people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN_LINES = 12

_EXAMPLES = examples(
    "mainstem people list",
    "mainstem people export ada > ada.json",
    "mainstem people pseudonymise ada --dry-run",
)


@click.group("people", epilog=_EXAMPLES)
def command() -> None:
    """See, export and pseudonymise what is kept of contributors."""


@command.command("list", epilog=_EXAMPLES)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def everybody(*, as_json: bool) -> None:
    """List everybody of whom something is kept."""
    with open_here() as project:
        report = people.listing(project)
    if as_json:
        print_json(report)
        return
    out = console()
    rows = [[p["handle"], p["kind"], p["team"], str(p["proposals"])] for p in report["people"]]
    if rows:
        out.print(table("contributor", "kind", "team", "proposals", rows=rows))
    else:
        out.print("nobody is known yet: no contributors.toml, no proposal, no act")


@command.command("export", epilog=_EXAMPLES)
@click.argument("handle")
@store_option
@click.option("--json", "as_json", is_flag=True, help="As without: it is JSON.")
def export(handle: str, *, as_json: bool) -> None:
    """Print all that is kept of a contributor, as JSON.

    Whoever exports somebody else is shown whose undecided proposals are: that is recorded.
    """
    del as_json
    with open_here() as project:
        report = people.export(project, handle)
    print_json(report)


@command.command("pseudonymise", epilog=_EXAMPLES)
@click.argument("handles", metavar="HANDLE...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be left.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def pseudonymise(handles: Sequence[str], *, dry_run: bool, as_json: bool) -> None:
    """Forget a contributor: a pseudonym stands in every place of theirs, for good.

    Several handles are those of one person, such as two addresses. The ledger's chain stays as it
    is and verifies. What is out of reach is said, with what to do about it.
    """
    with open_here() as project:
        report = people.pseudonymise(project, handles, dry_run=dry_run)
    if as_json:
        print_json(report)
    else:
        _render(report)


def _render(report: Mapping[str, Any]) -> None:
    who = " and ".join(report["handles"])
    count = report["addresses"]
    addresses = "1 address" if count == 1 else f"{count} addresses"
    if report["handles"] == [report["pseudonym"]]:
        say(f"{who} is a pseudonym already, and stays one ({addresses})")
    elif report["dry_run"]:
        say(f"{who} would become a pseudonym, for good ({addresses}); nothing was changed")
    else:
        say(f"{who}: {report['pseudonym']} from now on ({addresses})")
    say("out of reach:")
    for place in report["remains"]:
        lines = f" ({_numbers(place['lines'])})" if "lines" in place else ""
        say(f"- {place['where']}: {place['what']}{lines}")
        say(f"  {place['do']}")


def _numbers(lines: Sequence[int]) -> str:
    shown = ", ".join(map(str, lines[:_SHOWN_LINES]))
    more = len(lines) - _SHOWN_LINES
    if more > 0:
        shown += f" and {words.plural(more, 'more line')}"
    return f"{'line' if len(lines) == 1 else 'lines'} {shown}"
