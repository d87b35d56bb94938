"""`mainstem verify`: is the ledger what was written?"""

from __future__ import annotations

import sys

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import print_json, say


@click.command("verify", epilog=examples("mainstem verify"))
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, as_json: bool) -> None:
    """Check the ledger's whole hash chain; exit code 1 if anything was altered."""
    with open_here() as project:
        found = project.ledger.verify()
        entries = sum(1 for _ in project.ledger.entries())
    if as_json:
        print_json({"entries": entries, "alterations": found})
    elif found:
        say("\n".join(found))
    else:
        say(f"the ledger is whole: {entries} entries")
    sys.exit(1 if found else 0)
