from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.gitrepo.moved import BranchFiles
from mainstem.gitrepo.repository import open_repository

if TYPE_CHECKING:
    from conftest import MakeGitRepo


def test_a_branch_that_moves_is_seen_however_git_keeps_it(git_repo: MakeGitRepo) -> None:
    """As a file of its own, packed, and moved again; in a linked work tree as well."""
    repo = git_repo()
    repo.commit({"a": "1"})
    repo.git("worktree", "add", "--quiet", "../linked", "-b", "other")
    here = BranchFiles(open_repository(repo.path), "main")
    there = BranchFiles(open_repository(repo.path.parent / "linked"), "main")
    marks = [(here.mark(), there.mark())]
    for change in (
        lambda: repo.commit({"a": "2"}),
        lambda: repo.git("pack-refs", "--all"),
        lambda: repo.commit({"a": "3"}),
    ):
        assert (here.mark(), there.mark()) == marks[-1]
        change()
        marks.append((here.mark(), there.mark()))
    assert len({mark for mark, _ in marks}) == 4
    assert all(mark == other for mark, other in marks)
