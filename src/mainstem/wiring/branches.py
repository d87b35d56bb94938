"""Branches that are no longer where they were proposed: named, never silently read again.

A proposal stands for the commit that was taken, which Mainstem keeps. Its branch may move or be
deleted; whoever looks at a campaign should hear that this changes nothing of what is tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from shlex import quote
from typing import TYPE_CHECKING

from mainstem.domain.proposal import CommitId, first_version
from mainstem.gitrepo.git import printable
from mainstem.gitrepo.repository import LOCAL, REMOTE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import Proposal, ProposalId
    from mainstem.gitrepo.git import Git
    from mainstem.gitrepo.repository import Repository


@dataclass(frozen=True, kw_only=True)
class Strayed:
    """A proposal whose branch is elsewhere.

    Attributes:
        proposal: What was proposed.
        now: Where the branch is now; None if it is gone.
        lost: Whether the commit that was proposed is nowhere: someone deleted what Mainstem kept.
        first: The id of its first version, under which the branch can be proposed again.
    """

    proposal: Proposal
    now: CommitId | None
    lost: bool
    first: ProposalId

    def before_a_run(self) -> str:
        """What this means while the campaign goes on, and what to do, on one line."""
        commit = self.proposal.commit[:10]
        if self.lost:
            return (
                f"{self._what()}, and {commit}, which was proposed, is nowhere any more: fetch "
                "it into any branch from a repository that has it"
            )
        if self.now is None:
            return (
                f"{self._what()}; {commit}, which was proposed, is kept in the state folder and is "
                "still what is tested"
            )
        return (
            f"{self._what()}; {commit}, which was proposed, is still what is tested: run "
            f"`{self._again()}` to have the new one tested in its place"
        )

    def at_the_merge(self) -> str:
        """What this means for a merge, on one line."""
        return f"{self._what()}; what was tested, {self.proposal.commit[:10]}, is merged"

    def _again(self) -> str:
        """The command that proposes the branch as it is now."""
        branch, first = self.proposal.branch, self.first
        call = f"mainstem propose {quote(printable(branch))}"
        return call if first == branch else f"{call} --id {quote(printable(first))}"

    def _what(self) -> str:
        branch = printable(self.proposal.branch)
        if self.now is None:
            return f"branch {branch} is gone"
        return f"branch {branch} has moved to {self.now[:10]} since it was proposed"


def strayed(
    repository: Repository,
    kept: Git,
    proposals: Sequence[Proposal],
    *,
    answered: Sequence[Proposal],
    known: Mapping[ProposalId, Proposal],
    shared: bool = False,
) -> list[Strayed]:
    """The proposals whose branches are not where they were taken, in the given order.

    A branch that was proposed again where it is now has been dealt with, and is passed over.

    Args:
        repository: The user's repository.
        kept: A door that finds the objects that Mainstem keeps as well.
        proposals: Whose branches to look at.
        answered: Proposals that deal with a branch where it is now.
        known: Every proposal that was ever taken, by its id.
        shared: Whether they may have been taken in another clone.

    Raises:
        GitError: The branches cannot be read.
    """
    at = _branches(repository)
    again = {(p.branch, p.commit) for p in answered}

    def where(proposal: Proposal) -> CommitId | None:
        now = _find(at, proposal.branch)
        return _find_in_a_clone(at, proposal) if now is None and shared else now

    moved = [
        (p, now) for p in proposals if (now := where(p)) is None or (p.branch, now) not in again
    ]
    gone = lost(kept, [p.commit for p, _ in moved])
    return [
        Strayed(proposal=p, now=now, lost=p.commit in gone, first=first_version(p, known).id)
        for p, now in moved
    ]


def _branches(repository: Repository) -> dict[str, CommitId]:
    """Every branch's commit by its full name: one call, however many proposals there are."""
    said = repository.git.text("for-each-ref", "--format=%(objectname) %(refname)", LOCAL, REMOTE)
    rows = (line.partition(" ") for line in said.splitlines())
    return {name: CommitId(commit) for commit, _, name in rows}


def _find(at: dict[str, CommitId], branch: str) -> CommitId | None:
    """Where a branch is, by the rules of `Repository.resolve_branch`."""
    names = [branch] if branch.startswith((LOCAL, REMOTE)) else [LOCAL + branch, REMOTE + branch]
    return next((at[name] for name in names if name in at), None)


def _find_in_a_clone(at: dict[str, CommitId], proposal: Proposal) -> CommitId | None:
    """Where a branch is that was proposed in another clone: a remote of this one may have it."""
    tail = "/" + proposal.branch.removeprefix(LOCAL)
    found = [c for name, c in at.items() if name.startswith(REMOTE) and name.endswith(tail)]
    return proposal.commit if proposal.commit in found else next(iter(found), None)


def lost(kept: Git, commits: Sequence[CommitId]) -> set[CommitId]:
    """The commits that are not to be found.

    Args:
        kept: A door that finds the objects that Mainstem keeps as well.
        commits: Which to look for.

    Raises:
        GitError: git cannot look.
    """
    if not commits:
        return set()
    asked = "".join(f"{commit}\n" for commit in commits).encode()
    said = kept.text("cat-file", "--batch-check", stdin=asked)
    return {CommitId(line.split()[0]) for line in said.splitlines() if line.endswith(" missing")}
