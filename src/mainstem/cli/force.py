"""`mainstem force`: merges a proposal without evidence, with a reason."""

from __future__ import annotations

import click

from mainstem.cli import overriding
from mainstem.cli.main import examples, store_option
from mainstem.domain.override import OverrideKind


@click.command(
    "force",
    epilog=examples(
        'mainstem force rope --reason "the export needs it"',
        'mainstem force rope --lift --reason "the export was changed"',
    ),
)
@click.argument("proposal", required=False)
@click.option("--reason", metavar="TEXT", help="Why, in your words; it stands in the ledger.")
@click.option("--lift", is_flag=True, help="Take it back.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(proposal: str | None, reason: str | None, *, lift: bool, as_json: bool) -> None:
    """Merge a proposal, whatever the evidence says; without PROPOSAL: list the overrides.

    `mainstem merge` takes it in after what is confirmed, marked as forced. What it costs is worked
    out at once, and again whenever you look, also once it is merged. `--lift` takes it back before.
    """
    overriding.run(OverrideKind.FORCE, proposal, reason, lift=lift, as_json=as_json)
