"""`mainstem store`: the ledger as a thing that can be carried from one store to another."""

from __future__ import annotations

import sys

import click

from mainstem.cli import words
from mainstem.cli.main import examples
from mainstem.cli.output import print_json, say
from mainstem.wiring import copy_store

_EXAMPLES = examples(
    "mainstem store copy --from sqlite --to postgresql://ada@db.example.org/lab",
    "mainstem store copy --from postgresql:///lab --to sqlite:backup.sqlite",
)


@click.group("store", epilog=_EXAMPLES)
def command() -> None:
    """Carry the ledger from one store to another."""


@command.command("copy", epilog=_EXAMPLES)
@click.option("--from", "source", metavar="URL", required=True, help="The ledger to copy.")
@click.option("--to", "target", metavar="URL", required=True, help="An empty store, or its copy.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def copy(source: str, target: str, *, as_json: bool) -> None:
    """Copy the whole chain, line by line with the same hashes; stopped, it goes on.

    A URL is "sqlite" (this project's file), "sqlite:FILE" or "postgresql://...". A target that
    holds another ledger is refused (exit code 2); a ledger that was altered is not copied (1).
    """
    report = copy_store(source, target)
    if as_json:
        print_json(report)
    elif report["alterations"]:
        say("\n".join(report["alterations"]))
        say("nothing was copied: the ledger was altered")
    else:
        done = words.plural(report["copied"], "line")
        say(f"{done} copied; {report['to']} holds {report['lines']}, as {report['from']}")
        say(f"the last line's hash is {report['hash']}")
    sys.exit(1 if report["alterations"] else 0)
