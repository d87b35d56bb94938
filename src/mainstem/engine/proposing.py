"""Taking proposals in: what was read from git becomes entries of the ledger, all or none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import Conflict, Proposal, ProposalId
from mainstem.engine import record as records
from mainstem.engine.opening import conflict_entry, new_conflicts
from mainstem.engine.workshop import write_down

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId
    from mainstem.engine.ports import Ledger, Trees
    from mainstem.engine.record import Record


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A branch as git has it.

    Attributes:
        id: The proposal's id.
        name: The branch's name.
        commit: Its commit.
        base: Its merge base with the trunk.
        components: The components that it touches.
    """

    id: str
    name: str
    commit: CommitId
    base: CommitId
    components: tuple[str, ...]


def propose(
    ledger: Ledger,
    trees: Trees,
    record: Record,
    branches: Sequence[Branch],
    *,
    trunk: CommitId,
    claim: str,
) -> dict[str, Any]:
    """Takes branches in and finds their conflicts with the trunk and with one another.

    A branch that was taken in before with the same commit changes nothing.

    Raises:
        UsageError: Two branches want one id, a text cannot be one, or a branch has moved since it
            was taken in.
    """
    branches = list(dict.fromkeys(branches))
    _check_ids(record, branches)
    fresh = [b for b in branches if ProposalId(b.id) not in record.proposals]
    taken: list[Proposal] = []
    for order, branch in enumerate(fresh, start=record.taken + 1):
        proposal = Proposal(
            id=ProposalId(branch.id),
            branch=branch.name,
            commit=branch.commit,
            base=branch.base,
            tree=None,
            components=branch.components,
            order=order,
            claim=claim,
        )
        tree = trees.tree(trunk, [proposal])
        taken.append(replace(proposal, tree=None if isinstance(tree, Conflict) else tree))
    trees.pin(trunk, taken)
    everyone = [*record.open_proposals(), *taken]
    conflicts = new_conflicts(trees, record, trunk, everyone)
    write_down(ledger, record, [(records.PROPOSAL_TAKEN, _body(p)) for p in taken])
    write_down(ledger, record, [conflict_entry(trunk, c, record) for c in conflicts])
    return {
        "proposals": [_view(record, b, fresh=b in fresh) for b in branches],
        "conflicts": [dict(conflict_entry(trunk, c, record)[1]) for c in conflicts],
    }


def _check_ids(record: Record, branches: Sequence[Branch]) -> None:
    """Every id stands for one branch at one commit."""
    seen: dict[str, Branch] = {}
    for branch in branches:
        if not _is_name(branch.id):
            raise UsageError(
                f"{branch.id!r} cannot be an id: give {branch.name} one on one line, without "
                "control characters and without blanks at its ends"
            )
        other = seen.setdefault(branch.id, branch)
        if other.name != branch.name:
            raise UsageError(f"{other.name} and {branch.name} both want the id {branch.id!r}")
        known = record.proposals.get(ProposalId(branch.id))
        if known is None:
            continue
        if known.branch != branch.name:
            raise UsageError(
                f"the id {branch.id!r} stands for branch {known.branch} already: "
                f"give {branch.name} another with --id"
            )
        if known.commit != branch.commit:
            raise UsageError(
                f"branch {branch.name} has moved from {known.commit[:10]} to "
                f"{branch.commit[:10]} since it was taken in as {branch.id!r}; its trials belong "
                f"to the old commit: propose it again as another, such as --id {branch.id}-2"
            )


def _is_name(text: str) -> bool:
    """Whether a text can stand in a table, in a trailer and on a command line."""
    one_line = text.splitlines() == [text]
    return one_line and text == text.strip() and not any(c < " " or c == "\x7f" for c in text)


def _body(proposal: Proposal) -> Mapping[str, Any]:
    return {
        "id": proposal.id,
        "branch": proposal.branch,
        "commit": proposal.commit,
        "base": proposal.base,
        "tree": proposal.tree,
        "components": list(proposal.components),
        "order": proposal.order,
        "claim": proposal.claim,
    }


def _view(record: Record, branch: Branch, *, fresh: bool) -> dict[str, Any]:
    """One proposal as `propose --json` has it, with who shares its tree."""
    proposal = record.proposals[ProposalId(branch.id)]
    twins = [
        p.id
        for p in record.in_order()
        if p.id != proposal.id and p.tree is not None and p.tree == proposal.tree
    ]
    note = "" if fresh else "known already"
    if twins:
        note = f"the same tree as {', '.join(twins)}: they share their trials"
    return {**_body(proposal), "same_tree": twins, "note": note}
