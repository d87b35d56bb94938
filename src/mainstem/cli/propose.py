"""`mainstem propose`: takes branches in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import console, print_json, table
from mainstem.wiring.names import that_name_authors

if TYPE_CHECKING:
    from collections.abc import Mapping


@click.command(
    "propose",
    epilog=examples(
        "mainstem propose muon qk-norm",
        'mainstem propose students/rope --id rope --claim "val_bpb +0.01"',
        "mainstem propose muon --reference muon-2025",
    ),
)
@click.argument("branches", nargs=-1, required=True, metavar="BRANCH...")
@click.option("--id", "proposal_id", help="The proposal's id; default: the branch's name.")
@click.option("--claim", default="", help='What it is claimed to do; an audit reads "NAME +GAIN".')
@click.option(
    "--reference",
    metavar="ID",
    help="The result of frontier.toml that the branch brings here; its effect is the claim.",
)
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    branches: tuple[str, ...],
    proposal_id: str | None,
    claim: str,
    reference: str | None,
    *,
    as_json: bool,
) -> None:
    """Take branches in as proposals; textual conflicts are found at once.

    All of them are taken in, or none. The order of proposing is the order of merging.
    """
    if proposal_id is not None and len(branches) > 1:
        raise click.UsageError("--id names one proposal: give one BRANCH with it")
    if reference is not None and (claim or len(branches) > 1):
        raise click.UsageError(
            "--reference makes one BRANCH claim what the reference claims: leave --claim out"
        )
    with open_here() as project:
        brings = None
        if reference is not None:
            from mainstem.wiring.frontier import claimed  # loads the statistics: only here

            brings, claim = claimed(project, reference)
        report = project.propose(branches, proposal_id=proposal_id, claim=claim, reference=brings)
        report["name_authors"] = that_name_authors(project, report["proposals"])
    if as_json:
        print_json(report)
    else:
        _render(report)


def _render(report: Mapping[str, Any]) -> None:
    out = console()
    rows = [
        [p["id"], p["commit"][:10], ", ".join(p["components"]) or "(none)", p["note"]]
        for p in report["proposals"]
    ]
    out.print(table("proposal", "commit", "components", "", rows=rows))
    for conflict in report["conflicts"]:
        names, paths = conflict["proposals"], ", ".join(conflict["paths"])
        if len(names) == 1:
            out.print(f"conflict: {names[0]} cannot be merged with the trunk ({paths}): rebase it")
        else:
            out.print(f"conflict: {' and '.join(names)} cannot be merged together ({paths})")
    for p in report["proposals"]:
        if p["reference"] is not None:
            out.print(f"{p['id']} claims what {p['reference']['id']} does: {p['claim']}")
    if not report["conflicts"]:
        out.print("no textual conflicts")
    for proposal in report["name_authors"]:
        out.print(
            f"note: the branch, id or claim of {proposal} names who wrote it, and every listing "
            "shows those before the verdict. To mend it, propose the change under another branch "
            "and claim, and withdraw this one"
        )
    for branch, lines in report["authors_without_address"].items():
        out.print(
            f"note: {branch} has {_lines(lines)} without an address in <>: whoever is meant there "
            "has no part in the proposal. To mend it, write `Co-authored-by: NAME <ADDRESS>` in "
            "the commit, propose the branch with another --id, and withdraw this one"
        )


def _lines(count: int) -> str:
    return "a `Co-authored-by:` line" if count == 1 else f"{count} `Co-authored-by:` lines"
