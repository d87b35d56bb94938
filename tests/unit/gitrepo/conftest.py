"""A stack's repository with a state folder, and proposals on its branches."""

from __future__ import annotations

import functools
import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.proposal import Proposal, ProposalId
from mainstem.gitrepo.repository import open_repository
from mainstem.gitrepo.trees import GitTrees

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mainstem.domain.proposal import CommitId
    from mainstem.gitrepo.repository import Repository


class Stage:
    """A repository whose trunk is `main`, seen through the adapter.

    Attributes:
        user: The throw-away repository, as its user works with it.
        state: The state folder.
    """

    def __init__(self, user: Any, state: Path) -> None:
        self.user = user
        self.state = state

    @functools.cached_property
    def repository(self) -> Repository:
        """The repository, opened once."""
        return open_repository(self.user.path)

    @property
    def root(self) -> CommitId:
        """The trunk's commit."""
        return self.repository.trunk("main")

    def trees(self, state: str = "state", **options: Any) -> GitTrees:
        """A fresh adapter; those of one state folder share what is on disk."""
        return GitTrees(self.repository, self.state / state, **options)

    def branch(self, name: str, files: dict[str, Any], start: str = "main") -> CommitId:
        """Makes a branch with one commit and goes back to the trunk."""
        self.user.branch(name, start)
        commit: CommitId = self.user.commit(files, f"change {name}")
        self.user.checkout("main")
        return commit

    def proposal(self, branch: str, order: int = 0) -> Proposal:
        """A proposal of a branch as it is now."""
        return Proposal(
            id=ProposalId(branch),
            branch=branch,
            commit=self.repository.resolve_branch(branch),
            base=self.root,
            tree=None,
            components=(),
            order=order,
        )

    def proposals(self, *branches: str) -> list[Proposal]:
        """Proposals in the order given."""
        return [self.proposal(branch, order) for order, branch in enumerate(branches)]

    def fingerprint(self) -> dict[str, str]:
        """Every file of the user's, their `.git` folder included, with a hash of its content."""
        return {
            str(file.relative_to(self.user.path)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(self.user.path.rglob("*"))
            if file.is_file()
        }


@pytest.fixture
def empty_stage(git_repo: Any, tmp_path: Path) -> Callable[[str], Stage]:
    """Makes stages by name, whose repositories have no commit yet."""
    return lambda name: Stage(git_repo(name), tmp_path / f"state of {name}")


@pytest.fixture
def stage(empty_stage: Callable[[str], Stage]) -> Stage:
    """A trunk with one file of twenty lines and a few others."""
    stage = empty_stage("repo")
    lines = "".join(f"line {number}\n" for number in range(1, 21))
    stage.user.commit({"train.py": lines, "data/mix.txt": "a\nb\nc\n", "bin": b"\0\1\2"}, "base")
    return stage
