"""`mainstem veto`: keeps a proposal out, with a reason."""

from __future__ import annotations

import click

from mainstem.cli import overriding
from mainstem.cli.main import examples, store_option
from mainstem.domain.override import OverrideKind


@click.command(
    "veto",
    epilog=examples(
        'mainstem veto rope --reason "its licence forbids it"',
        'mainstem veto rope --lift --reason "the licence was changed"',
        "mainstem veto",
    ),
)
@click.argument("proposal", required=False)
@click.option("--reason", metavar="TEXT", help="Why, in your words; it stands in the ledger.")
@click.option("--lift", is_flag=True, help="Take it back.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(proposal: str | None, reason: str | None, *, lift: bool, as_json: bool) -> None:
    """Keep a proposal out, whatever the evidence says; without PROPOSAL: list the overrides.

    The proposal is asked for no more and is in no set. What that costs is worked out at once, and
    again whenever you look. The reason stands in the ledger, signed; `--lift` takes a veto back.
    """
    overriding.run(OverrideKind.VETO, proposal, reason, lift=lift, as_json=as_json)
