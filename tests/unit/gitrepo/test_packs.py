from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import TreeId
from mainstem.gitrepo.git import Git
from mainstem.gitrepo.packs import PackedTrees, pack_tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def made(git_repo: Any) -> tuple[Git, TreeId]:
    """A repository with a history, and the tree of its last commit."""
    repo = git_repo()
    repo.commit({"old.txt": "only in the history\n"})
    repo.commit({"old.txt": None, "run.sh": "#!/bin/sh\n", "deep/er/x.bin": b"\0\xff\r\n"})
    (repo.path / "run.sh").chmod(0o755)
    (repo.path / "link").symlink_to("deep/er")
    repo.git("add", "--all")
    repo.commit({}, "modes")
    return Git(repo.path), TreeId(repo.git("rev-parse", "HEAD^{tree}"))


def test_a_tree_arrives_as_git_has_it(made: tuple[Git, TreeId], tmp_path: Path) -> None:
    """Bytes, modes and links; and nothing of the history travels."""
    git, tree = made
    pack = pack_tree(git, tree)
    there = PackedTrees(tmp_path / "host")
    assert not there.has(tree)
    there.take(tree, pack)
    assert PackedTrees(tmp_path / "host").has(tree), "another process finds it"
    there.materialise(tree, tmp_path / "work")
    assert (tmp_path / "work" / "deep" / "er" / "x.bin").read_bytes() == b"\0\xff\r\n"
    assert os.access(tmp_path / "work" / "run.sh", os.X_OK)
    assert (tmp_path / "work" / "link").readlink().as_posix() == "deep/er"
    assert not (tmp_path / "work" / "old.txt").exists()
    kinds = Git(tmp_path / "host" / "git", env={"GIT_DIR": str(tmp_path / "host" / "git")}).text(
        "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)"
    )
    assert set(kinds.split()) == {"tree", "blob"}


def test_a_pack_may_come_twice(made: tuple[Git, TreeId], tmp_path: Path) -> None:
    """Two workers of one host fetch it at the same time."""
    git, tree = made
    pack = pack_tree(git, tree)
    for _ in range(2):
        PackedTrees(tmp_path / "host").take(tree, pack)


@pytest.mark.parametrize("fault", ["cut", "other", "empty"])
def test_a_damaged_pack_is_not_taken(made: tuple[Git, TreeId], tmp_path: Path, fault: str) -> None:
    """Cut off on its way, of another tree, or nothing at all."""
    git, tree = made
    other = TreeId(git.text("rev-parse", "HEAD~2^{tree}"))
    pack = {"cut": pack_tree(git, tree)[:-9], "other": pack_tree(git, other), "empty": b""}[fault]
    there = PackedTrees(tmp_path / "host")
    with pytest.raises(GitError):
        there.take(tree, pack)
    assert not there.has(tree)
    with pytest.raises(GitError):
        there.materialise(tree, tmp_path / "work")


def test_a_tree_that_is_not_there_cannot_be_packed(made: tuple[Git, TreeId]) -> None:
    """Git says so; half a pack is never sent."""
    with pytest.raises(GitError):
        pack_tree(made[0], TreeId("ab" * 20))
