"""`mainstem merge`: advances the trunk by every proposal with the verdict `merge`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import print_json, say

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command("merge", epilog=examples("mainstem merge --dry-run", "mainstem merge"))
@click.option("--dry-run", is_flag=True, help="Show what would be merged; move nothing.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(*, dry_run: bool, as_json: bool) -> None:
    """Merge the confirmed set onto the trunk: one commit per proposal, evidence in its trailers.

    Moves nothing unless the final tree is the confirmed recipe's. Exit code 1 if there is nothing
    to merge, or the trunk has moved since the campaign.
    """
    with open_here() as project:
        report = project.merge(dry_run=dry_run)
    if as_json:
        print_json(report)
    else:
        _render(report)


def _render(report: Mapping[str, Any]) -> None:
    for warning in report["warnings"]:
        say(f"note: {warning}")
    verb = "would merge" if report["dry_run"] else "merged"
    for commit in report["commits"]:
        say(f"{verb} {commit['proposal']} as {commit['commit'][:10]}")
    arrow = f"{report['old'][:10]} -> {report['new'][:10]}"
    if report["dry_run"]:
        say(f"{report['trunk']} would move {arrow}; nothing was moved")
    else:
        say(f"{report['trunk']} moved {arrow}")
