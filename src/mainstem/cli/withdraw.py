"""`mainstem withdraw`: takes a proposal out, with a reason."""

from __future__ import annotations

import click

from mainstem.cli import overriding
from mainstem.cli.main import examples, store_option
from mainstem.domain.override import OverrideKind


@click.command(
    "withdraw",
    epilog=examples(
        'mainstem withdraw rope --reason "muon does the same"',
    ),
)
@click.argument("proposal")
@click.option("--reason", metavar="TEXT", help="Why, in your words; it stands in the ledger.")
@click.option("--lift", is_flag=True, help="Take it back.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(proposal: str, reason: str | None, *, lift: bool, as_json: bool) -> None:
    """Take a proposal out of the campaign, as its author does who sees it otherwise now.

    It is asked for no more; its trials stay. `--lift` takes it in again.
    """
    overriding.run(OverrideKind.WITHDRAW, proposal, reason, lift=lift, as_json=as_json)
