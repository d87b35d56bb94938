"""The port `Trees`: recipes as git trees, content-addressed.

A recipe is a chain: the root, then each member merged in order onto what is there. Between two
merges stands a commit of ours whose parents are the commit before and the member's, so that the
next merge base is the one git would find if the chain were real. Its author and dates are fixed and
it lives in objects of our own: the same recipe has the same ids everywhere, and the user's
repository gets neither objects nor refs. Chains share their beginnings, and every step is kept.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mainstem.domain.proposal import CommitId, Conflict, Proposal, TreeId
from mainstem.gitrepo.checkouts import Checkouts
from mainstem.gitrepo.merger import Merger
from mainstem.gitrepo.packs import pack_tree
from mainstem.gitrepo.pins import pin
from mainstem.gitrepo.smallest import smallest
from mainstem.gitrepo.steps import Step, Steps, step_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from mainstem.gitrepo.repository import Repository

KEPT_TREES = 64
"""How many materialised trees are kept by default."""

_IDENTITY = "Mainstem <mainstem@localhost> 0 +0000"

_Commits = tuple[CommitId, ...]


class GitTrees:
    """Trees of recipes, made by git and kept under the state folder.

    Attributes:
        merger: What merges; `mainstem merge` needs the same one.
        checkouts: Materialised trees, read-only for whoever shares them.
    """

    def __init__(self, repository: Repository, state: Path, *, keep: int = KEPT_TREES) -> None:
        """Opens what is kept of earlier merges.

        Args:
            repository: Whose commits are merged; it is only read.
            state: The state folder; `git/` and `trees/` in it are ours.
            keep: How many materialised trees to keep.

        Raises:
            GitError: The state folder cannot be used.
        """
        self.merger = Merger(repository, state / "git")
        self.checkouts = Checkouts(self.merger.git, state / "trees", keep=keep)
        self._steps_file = state / "git" / "steps.jsonl"

    @cached_property
    def _steps(self) -> Steps:
        """What is known of merges; read when it is first asked for, as a long campaign makes many.

        Raises:
            GitError: The file cannot be read.
        """
        return Steps(self._steps_file)

    def tree(self, root: CommitId, members: Sequence[Proposal]) -> TreeId | Conflict:
        """The tree of `root` with the members merged in the given order, or the conflict.

        The conflict's set is such that none of its members can be left out.

        Raises:
            GitError: A commit is missing or shares no history with the root.
        """
        length, step = self._walk(root, _commits(members))
        if step.tree is not None:
            return step.tree
        guilty = self._smallest(root, list(members[:length]))
        return _conflict(guilty, self._walk(root, _commits(guilty))[1])

    def trees(
        self, root: CommitId, recipes: Sequence[Sequence[Proposal]]
    ) -> list[TreeId | Conflict]:
        """As `tree`, for many recipes: the merges of a place in all chains run as one batch.

        Raises:
            GitError: A commit is missing or shares no history with the root.
        """
        chains = [_commits(members) for members in recipes]
        ahead = [c for c in chains if c and self._steps.get(self._key(root, c)) is None]
        length = 0
        while ahead:
            length += 1
            self._learn(root, dict.fromkeys(chain[:length] for chain in ahead))
            ahead = [
                chain
                for chain in ahead
                if len(chain) > length and self._step(root, chain[:length]).tree is not None
            ]
        return [self.tree(root, members) for members in recipes]

    def conflicts(self, root: CommitId, members: Sequence[Proposal]) -> list[Conflict]:
        """Members that conflict with the root alone, then pairs of the others that conflict.

        Pairs are merged in the order of proposing.

        Raises:
            GitError: A commit is missing or shares no history with the root.
        """
        ordered = sorted(members, key=lambda proposal: proposal.order)
        self._learn(root, [(member.commit,) for member in ordered])
        alone = [(member, self._walk(root, (member.commit,))[1]) for member in ordered]
        found = [_conflict([member], step) for member, step in alone if step.tree is None]
        clean = [member for member, step in alone if step.tree is not None]
        pairs = [(a, b) for at, a in enumerate(clean) for b in clean[at + 1 :]]
        self._learn(root, [_commits(pair) for pair in pairs])
        for pair in pairs:
            _, step = self._walk(root, _commits(pair))
            if step.tree is None:
                found.append(_conflict(pair, step))
        return found

    def pin(self, root: CommitId, members: Sequence[Proposal]) -> None:
        """Keeps the members' commits, and all they reach that `root` does not, from being lost.

        Raises:
            GitError: A member's commit is gone already, or the disk does not take the copy.
        """
        pin(self.merger, root, members)

    def materialise(self, tree: TreeId, into: Path) -> None:
        """Writes the tree's files into the new folder `into`, writable and private.

        Raises:
            GitError: The tree is not known here, or the files cannot be written.
            FileExistsError: `into` exists and holds something.
        """
        self.checkouts.copy(tree, into)

    def held(self, tree: TreeId) -> AbstractContextManager[Path | None]:
        """The tree's files in a folder that stays while the context is entered.

        It must not be changed. None where the tree has so few files that a copy is as quick.

        Raises:
            GitError: On entering: the tree is not known here, or the files cannot be written.
        """
        return self.checkouts.held(tree)

    def pack(self, tree: TreeId) -> bytes:
        """The tree's files as a git pack without history, for a machine that has no repository.

        Raises:
            GitError: The tree is not known here.
        """
        return pack_tree(self.merger.git, tree)

    def _walk(self, root: CommitId, commits: _Commits) -> tuple[int, Step]:
        """The step of a recipe, or of its first member that cannot be merged, and its length."""
        step = self._steps.get(self._key(root, commits))
        if step is not None:
            return len(commits), step
        for length in range(len(commits) + 1):
            step = self._step(root, commits[:length])
            if step.tree is None:
                return length, step
        return len(commits), self._step(root, commits)

    def _step(self, root: CommitId, commits: _Commits) -> Step:
        """The step of a recipe of which all but the last member merge."""
        key = self._key(root, commits)
        step = self._steps.get(key)
        if step is not None:
            return step
        if commits:
            self._learn(root, [commits])
        else:
            self._steps.put({key: Step(tree=self.merger.tree_of(root), commit=root)})
        return self._steps[key]

    def _learn(self, root: CommitId, recipes: Iterable[_Commits]) -> None:
        """Makes the last merges of many recipes at once, of which all but the last merge."""
        keys = {recipe: self._key(root, recipe) for recipe in recipes}
        unknown = [recipe for recipe, key in keys.items() if self._steps.get(key) is None]
        starts = self._starts(root, dict.fromkeys(recipe[:-1] for recipe in unknown))
        merges = [(starts[recipe[:-1]], recipe[-1]) for recipe in unknown]
        merged = self.merger.merge(root, merges)
        self._steps.put(
            {
                keys[recipe]: Step(tree=each.tree, paths=each.paths)
                for recipe, each in zip(unknown, merged, strict=True)
            }
        )

    def _starts(self, root: CommitId, recipes: Iterable[_Commits]) -> dict[_Commits, CommitId]:
        """A commit for each of these recipes, whose trees are known; new ones in one process."""
        found: dict[_Commits, CommitId] = {}
        texts: dict[_Commits, bytes] = {}
        for recipe in recipes:
            step = self._step(root, recipe)
            if step.commit is not None:
                found[recipe] = step.commit
            else:
                before = self._starts(root, [recipe[:-1]])[recipe[:-1]]
                texts[recipe] = _commit_text(step.tree, (before, recipe[-1]))
        for recipe, commit in zip(texts, self._write(texts.values()), strict=True):
            self._steps.put_commit(self._key(root, recipe), commit)
            found[recipe] = commit
        return found

    def _write(self, texts: Iterable[bytes]) -> list[CommitId]:
        known = list(texts)
        return self.merger.write_commits(known) if known else []

    def _smallest(self, root: CommitId, members: Sequence[Proposal]) -> list[Proposal]:
        """A smallest part of these members, which cannot be merged: one, then two, then more."""
        last = members[-1]
        self._learn(root, [(member.commit,) for member in members])
        if self._fails(root, [last]):
            return [last]
        clean = [m for m in members[:-1] if not self._fails(root, [m])]
        self._learn(root, [(member.commit, last.commit) for member in clean])
        for member in clean:
            if self._fails(root, [member, last]):
                return [member, last]
        return smallest(members, lambda part: self._fails(root, part))

    def _fails(self, root: CommitId, members: Sequence[Proposal]) -> bool:
        return self._walk(root, _commits(members))[1].tree is None

    def _key(self, root: CommitId, commits: _Commits) -> str:
        return step_key(self.merger.version, root, commits)


def _commits(members: Iterable[Proposal]) -> _Commits:
    return tuple(member.commit for member in members)


def _conflict(members: Iterable[Proposal], step: Step) -> Conflict:
    return Conflict(proposals=frozenset(member.id for member in members), paths=step.paths)


def _commit_text(tree: TreeId | None, parents: Sequence[CommitId]) -> bytes:
    """A commit as git stores it, the same on every machine."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {_IDENTITY}", f"committer {_IDENTITY}", "", "A recipe of Mainstem", ""]
    return "\n".join(lines).encode("ascii")
