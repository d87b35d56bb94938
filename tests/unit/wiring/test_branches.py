from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from mainstem.wiring import open_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import GitRepo


@pytest.fixture
def notes(repo: GitRepo) -> Callable[[], list[str]]:
    """Proposes both branches, and gives what is said of them later."""
    with open_project(repo.path) as project:
        project.propose(["clip", "deeper"], proposal_id=None, claim="")

    def said() -> list[str]:
        with open_project(repo.path) as project:
            return project.strays(project.record())

    return said


def test_branches_that_stay_are_not_spoken_of(notes: Callable[[], list[str]]) -> None:
    """As long as every branch is where it was proposed there is nothing to say."""
    assert notes() == []


def test_a_branch_that_moved_is_named_with_both_commits(
    repo: GitRepo, notes: Callable[[], list[str]]
) -> None:
    """Where it is now, what is tested, and the command that has the new commit tested instead."""
    old = repo.git("rev-parse", "clip")
    repo.checkout("clip")
    new = repo.commit({"clip": "harder\n"})
    said = (
        f"branch clip has moved to {new[:10]} since it was proposed; {old[:10]}, which was "
        "proposed, is still what is tested: run `mainstem propose clip` to have the new one "
        "tested in its place"
    )
    assert notes() == [said]
    with open_project(repo.path) as project:
        project.propose(["clip"], proposal_id=None, claim="")
    assert notes() == []
    newer = repo.commit({"clip": "hardest\n"})
    assert notes() == [said.replace(new[:10], newer[:10]).replace(old[:10], new[:10])]


def test_a_branch_that_moved_is_proposed_again_under_the_id_it_has(
    repo: GitRepo, notes: Callable[[], list[str]]
) -> None:
    """The command names the id if it is not the branch's name; both stay proposals of their own."""
    repo.checkout("clip")
    new = repo.commit({"clip": "harder\n"})
    with open_project(repo.path) as project:
        project.propose(["clip"], proposal_id="clip hard", claim="")
    assert notes() == []
    repo.commit({"clip": "hardest\n"})
    first, second = notes()
    assert "run `mainstem propose clip` to have" in first
    assert f"{new[:10]}, which was proposed" in second
    assert "run `mainstem propose clip --id 'clip hard'` to have" in second


def test_a_deleted_branch_is_named_and_its_commit_is_kept(
    repo: GitRepo, notes: Callable[[], list[str]]
) -> None:
    """Whether git has pruned it or not: what was proposed is what is tested."""
    commit = repo.git("rev-parse", "deeper")
    repo.git("branch", "--delete", "--force", "deeper")
    said = (
        f"branch deeper is gone; {commit[:10]}, which was proposed, is kept in the state folder "
        "and is still what is tested"
    )
    assert notes() == [said]
    _forget(repo, commit)
    assert notes() == [said]


def test_a_commit_that_is_nowhere_is_said_to_be_lost(
    repo: GitRepo, notes: Callable[[], list[str]]
) -> None:
    """Pruned by git, and what Mainstem kept deleted by hand: it has to be fetched."""
    lost = repo.git("rev-parse", "clip")
    repo.git("branch", "--force", "clip", "deeper")
    _forget(repo, lost)
    shutil.rmtree(repo.path / ".mainstem" / "git")
    (said,) = notes()
    assert said.startswith("branch clip has moved to ")
    assert f"and {lost[:10]}, which was proposed, is nowhere any more: fetch it" in said


def _forget(repo: GitRepo, commit: str) -> None:
    """Loses an object for good, as `git gc` does in time."""
    (repo.path / ".git" / "objects" / commit[:2] / commit[2:]).unlink()
