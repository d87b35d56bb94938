"""Advancing the trunk: one real merge commit per proposal, all of them or none.

Used by `mainstem merge` only. The commits are made twice: first beside the user's repository, to
see that they lead to the very tree that was confirmed, then in it. Nothing points to them until the
last step, which moves the branch only if it still is where it was. Work trees that have the trunk
checked out follow just before that step, and go back if it fails.
"""

from __future__ import annotations

import signal
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError, NothingToDoError
from mainstem.gitrepo.git import encode, printable
from mainstem.gitrepo.pins import give_back
from mainstem.gitrepo.repository import LOCAL
from mainstem.gitrepo.worktrees import holding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.gitrepo.merger import Merger
    from mainstem.gitrepo.repository import Repository
    from mainstem.gitrepo.worktrees import WorkTree


@dataclass(frozen=True, kw_only=True)
class Signature:
    """Who and when, as a commit has it.

    Attributes:
        name: A name without `<`, `>` and line ends.
        email: An address without `<`, `>` and line ends.
        time_s: Seconds since 1970 in UTC.
    """

    name: str
    email: str
    time_s: int

    def __post_init__(self) -> None:
        for value in (self.name, self.email):
            if not value or set(value) & set("<>\n\0"):
                raise ValueError(f"{value!r} cannot stand in a commit's author or committer")

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {self.time_s} +0000"


@dataclass(frozen=True, kw_only=True)
class Member:
    """A proposal to merge.

    Attributes:
        id: The proposal.
        commit: Its commit.
        message: The whole message of its merge commit: subject, body and trailers.
    """

    id: ProposalId
    commit: CommitId
    message: str


@dataclass(frozen=True, kw_only=True)
class MergeCommit:
    """A merge commit that was made, or would be.

    Attributes:
        id: The proposal that it merges.
        commit: The merge commit.
        tree: Its tree.
    """

    id: ProposalId
    commit: CommitId
    tree: TreeId


@dataclass(frozen=True, kw_only=True)
class Advance:
    """How the trunk advanced, or would.

    Attributes:
        branch: The trunk's branch.
        old: Where it was.
        new: Where it is now, or would be.
        commits: The merge commits in order.
        work_trees: Work trees that followed, or would.
        moved: Whether anything moved; False in a dry run.
    """

    branch: str
    old: CommitId
    new: CommitId
    commits: tuple[MergeCommit, ...]
    work_trees: tuple[Path, ...]
    moved: bool


def advance(
    repository: Repository,
    merger: Merger,
    *,
    branch: str,
    expected: CommitId,
    members: Sequence[Member],
    tree: TreeId,
    author: Signature,
    committer: Signature,
    dry_run: bool = False,
) -> Advance:
    """Merges members onto the trunk, one commit each, and moves the branch to the last.

    Args:
        repository: The user's repository.
        merger: What merged the recipe that was confirmed.
        branch: The trunk's local branch.
        expected: The commit that the branch must still point to.
        members: The proposals in the order of merging.
        tree: The tree that must come out.
        author: Author of the commits.
        committer: Their committer.
        dry_run: Whether to say only what would be done.

    Raises:
        NothingToDoError: There is no member, or the trunk has moved.
        UsageError: There is no such branch, or a work tree that has it checked out is in the way.
        GitError: The members do not merge into `tree`, or git failed. Nothing has moved.
    """
    _see_unmoved(repository, branch, expected)
    if not members:
        raise NothingToDoError("nothing to merge: no proposal was given")
    commits = _merge_all(merger, expected, members, (author, committer))
    if commits[-1].tree != tree:
        raise GitError(
            f"the proposals merge into tree {commits[-1].tree[:12]}, but {tree[:12]} was "
            "confirmed: nothing was moved; was git updated since? integrate again"
        )
    new = commits[-1].commit
    work_trees = holding(repository, branch)
    if not dry_run:
        for work_tree in work_trees:
            work_tree.check(expected, new, merger.objects)
        give_back(merger, expected, [member.commit for member in members])
        _merge_all(merger.in_repository(), expected, members, (author, committer))
        with _undisturbed(), _followed(work_trees, expected, new):
            _move_branch(repository, branch, expected, new, committer)
    return Advance(
        branch=branch,
        old=expected,
        new=new,
        commits=tuple(commits),
        work_trees=tuple(work_tree.top for work_tree in work_trees),
        moved=not dry_run,
    )


def _see_unmoved(repository: Repository, branch: str, expected: CommitId) -> None:
    """Sees to it that the trunk is where the evidence was gathered.

    Raises:
        NothingToDoError: It is not.
    """
    now = repository.trunk(branch)
    if now != expected:
        raise NothingToDoError(
            f"the trunk {printable(branch)!r} has moved: it was {expected[:12]}, it is {now[:12]} "
            "now; nothing was merged, integrate again on the new trunk"
        )


def _merge_all(
    merger: Merger,
    root: CommitId,
    members: Sequence[Member],
    signatures: tuple[Signature, Signature],
) -> list[MergeCommit]:
    """Makes the merge commits, where the merger writes.

    Raises:
        GitError: A member does not merge.
    """
    made: list[MergeCommit] = []
    at = root
    for member in members:
        (merged,) = merger.merge(root, [(at, member.commit)])
        if merged.tree is None:
            files = ", ".join(printable(path) for path in merged.paths)
            raise GitError(
                f"{printable(member.id)} does not merge onto {at[:12]} (conflict in {files}): "
                "nothing was moved"
            )
        text = _commit_text(merged.tree, (at, member.commit), member.message, signatures)
        (at,) = merger.write_commits([text])
        made.append(MergeCommit(id=member.id, commit=at, tree=merged.tree))
    return made


def _commit_text(
    tree: TreeId,
    parents: Sequence[CommitId],
    message: str,
    signatures: tuple[Signature, Signature],
) -> bytes:
    """A commit as git stores it."""
    author, committer = signatures
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {author}", f"committer {committer}", "", message.strip("\n"), ""]
    return encode("\n".join(lines).replace("\0", ""))


@contextmanager
def _followed(work_trees: Sequence[WorkTree], old: CommitId, new: CommitId) -> Iterator[None]:
    """Work trees are at `new` inside the block; they go back if it fails."""
    switched: list[WorkTree] = []
    try:
        for work_tree in work_trees:
            work_tree.switch(old, new)
            switched.append(work_tree)
        yield
    except BaseException:
        for work_tree in switched:
            work_tree.switch(new, old)
        raise


def _move_branch(
    repository: Repository, branch: str, old: CommitId, new: CommitId, committer: Signature
) -> None:
    """Moves the branch if it still is at `old`.

    Raises:
        NothingToDoError: It is not any more.
        GitError: git failed.
    """
    git = repository.git.but(
        env={
            "GIT_COMMITTER_NAME": committer.name,
            "GIT_COMMITTER_EMAIL": committer.email,
            "GIT_COMMITTER_DATE": f"@{committer.time_s} +0000",
        }
    )
    try:
        git.run("update-ref", "-m", "mainstem merge", LOCAL + branch, new, old)
    except GitError:
        _see_unmoved(repository, branch, old)
        raise


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keeps Ctrl-C and a polite kill waiting, for us and for the git processes started here."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
