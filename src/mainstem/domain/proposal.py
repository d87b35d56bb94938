"""A proposal: one change against the trunk, on a branch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.reference import Claim

ProposalId = NewType("ProposalId", str)
"""A proposal's name in every table: its branch name unless the proposer chose another."""

CommitId = NewType("CommitId", str)
"""A git commit, in full hexadecimal."""

TreeId = NewType("TreeId", str)
"""A git tree, in full hexadecimal: the content of a recipe."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One change against the trunk. Who made it is not part of it: no decision may see that.

    Attributes:
        id: Its name in every table.
        branch: The branch it was taken from.
        commit: The commit that was taken; a branch that moves later is named, never read again.
        base: The merge base with the trunk when it was taken.
        tree: The tree of the trunk with this proposal alone (None if it conflicts with the trunk).
        components: The components it touches.
        order: Its place in the order of proposing, which is the order of merging.
        claim: What the proposer claims, in their words.
        follows: The version of the same branch that was proposed before this one; None for the
            first. Evidence stays with the version that ran.
        reference: The result elsewhere that it brings here, with the effect that was claimed when
            it was proposed; None for a change of one's own.
    """

    id: ProposalId
    branch: str
    commit: CommitId
    base: CommitId
    tree: TreeId | None
    components: tuple[str, ...]
    order: int
    claim: str = ""
    follows: ProposalId | None = None
    reference: Claim | None = None


def first_version(proposal: Proposal, known: Mapping[ProposalId, Proposal]) -> Proposal:
    """The version of a proposal that none came before."""
    while proposal.follows is not None:
        proposal = known[proposal.follows]
    return proposal


@dataclass(frozen=True, kw_only=True)
class Conflict:
    """A set of proposals that git cannot merge together; a value, never a prompt.

    Attributes:
        proposals: The smallest set that was found to conflict (one: with the trunk itself).
        paths: The files in conflict.
    """

    proposals: frozenset[ProposalId]
    paths: tuple[str, ...]
