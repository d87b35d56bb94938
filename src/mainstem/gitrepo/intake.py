"""Taking a branch in as a proposal: facts, and what is refused before anything is spent.

A conflict with the trunk is a fact and no error: the proposal is kept and can be reworked. Who made
the branch and when is not looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import Conflict, Proposal, ProposalId
from mainstem.gitrepo.git import printable
from mainstem.gitrepo.history import changed_paths, is_ancestor, merge_base

if TYPE_CHECKING:
    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.engine.ports import Trees
    from mainstem.gitrepo.repository import Repository

STACK_FILE = "mainstem.toml"
"""Describes the stack, relative to the repository's top; a proposal may not change the rules."""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What is known of a branch that may become a proposal.

    Attributes:
        branch: Its name as given.
        commit: The commit it points to now; this one is taken, whatever the branch does later.
        base: The merge base with the trunk.
        tree: The tree of the trunk with this branch alone; None if they conflict. Branches with
            the same tree are the same change.
        conflict_paths: The files in conflict with the trunk.
        paths: The files that it changes, against `base`.
    """

    branch: str
    commit: CommitId
    base: CommitId
    tree: TreeId | None
    conflict_paths: tuple[str, ...]
    paths: tuple[str, ...]


def take(
    repository: Repository,
    trees: Trees,
    branch: str,
    *,
    trunk: CommitId,
    stack_file: str = STACK_FILE,
) -> Taken:
    """Looks at a branch.

    Args:
        repository: The user's repository.
        trees: What merges.
        branch: A local or remote-tracking branch.
        trunk: The trunk's commit.
        stack_file: The path, relative to the repository's top, that no proposal may change.

    Raises:
        UsageError: There is no such branch, it is merged already, shares no history with the
            trunk, changes nothing, or changes the stack file.
    """
    commit = repository.resolve_branch(branch)
    named = f"branch {printable(branch)!r}"
    base = merge_base(repository, trunk, commit)
    if base is None:
        raise UsageError(
            f"{named} shares no history with the trunk ({trunk[:12]}): base it on the trunk"
        )
    if is_ancestor(repository, commit, trunk):
        raise UsageError(
            f"{named} ({commit[:12]}) is part of the trunk already: there is nothing to propose"
        )
    paths = tuple(changed_paths(repository, base, commit))
    if stack_file in paths:
        raise UsageError(
            f"{named} changes {stack_file}, which holds the rules of the campaign: change it on "
            "the trunk, and propose the branch without it"
        )
    tree, conflict_paths = _alone(trees, trunk, branch, commit, base)
    if tree is not None and tree == trees.tree(trunk, []):
        raise UsageError(
            f"{named} changes nothing: merged onto the trunk it gives the trunk's own files"
        )
    return Taken(
        branch=branch,
        commit=commit,
        base=base,
        tree=tree,
        conflict_paths=conflict_paths,
        paths=paths,
    )


def _alone(
    trees: Trees, trunk: CommitId, branch: str, commit: CommitId, base: CommitId
) -> tuple[TreeId | None, tuple[str, ...]]:
    """The branch's tree alone on the trunk, or the files in conflict."""
    merged = trees.tree(
        trunk,
        [
            Proposal(
                id=ProposalId(branch),
                branch=branch,
                commit=commit,
                base=base,
                tree=None,
                components=(),
                order=0,
            )
        ],
    )
    return (None, merged.paths) if isinstance(merged, Conflict) else (merged, ())
