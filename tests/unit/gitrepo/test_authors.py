from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.gitrepo.authors import authors_of, without_address

if TYPE_CHECKING:
    from conftest import Stage


def commit(stage: Stage, name: str, message: str, *, file: str = "train.py") -> None:
    """A commit by somebody."""
    path = stage.user.path / file
    path.write_text(path.read_text() + f"{message}\n" if path.exists() else message)
    stage.user.git("add", "--all")
    who = f"{name} <{name.lower()}@example.org>"
    stage.user.git("commit", "--quiet", f"--author={who}", f"--message={message}")


def shares(stage: Stage, branch: str) -> dict[str, float]:
    """Each author's part of a branch, by address without its host."""
    found = authors_of(stage.repository, stage.root, stage.repository.resolve_branch(branch))
    assert sum(part.share for part in found) == pytest.approx(1.0)
    return {part.email.partition("@")[0]: part.share for part in found}


def unread(stage: Stage, branch: str) -> int:
    """Lines of a branch that name nobody."""
    commit = stage.repository.resolve_branch(branch)
    return without_address(stage.repository, stage.root, commit)


def test_every_commit_counts_alike(stage: Stage) -> None:
    """Two commits of one and one of another; the largest part stands first."""
    stage.user.branch("b")
    for name in ("Bob", "Ada", "Ada"):
        commit(stage, name, f"by {name}")
    found = shares(stage, "b")
    assert list(found) == ["ada", "bob"]
    assert found == pytest.approx({"ada": 2 / 3, "bob": 1 / 3})


def test_co_authors_share_a_commit(stage: Stage) -> None:
    """The trailers of git's hosts, in any case; who stands there twice counts once."""
    stage.user.branch("b")
    commit(
        stage,
        "Ada",
        "together\n\nCo-authored-by: Bob <BOB@example.org>\nco-authored-by: Eve <eve@example.org>\n"
        "Co-authored-by: Ada <ada@example.org>\nCo-authored-by: no address",
    )
    assert shares(stage, "b") == pytest.approx(dict.fromkeys(("ada", "bob", "eve"), 1 / 3))


def test_words_behind_an_address_take_nobody_out(stage: Stage) -> None:
    """Whoever is said to have written 70% is an author like the others, not nobody."""
    stage.user.branch("b")
    commit(stage, "Ada", "x\n\nCo-authored-by: Bob <bob@example.org> (70%)")
    assert shares(stage, "b") == pytest.approx({"ada": 0.5, "bob": 0.5})
    assert unread(stage, "b") == 0


def test_lines_that_name_nobody_are_counted(stage: Stage) -> None:
    """Without an address, or with half of one; nobody should lose their part unsaid."""
    stage.user.branch("b")
    commit(stage, "Ada", "x\n\nCo-authored-by: no address\nCo-authored-by: Bob <bob@example.org")
    commit(stage, "Ada", "y\n\nCo-authored-by: Eve <eve@example.org>")
    assert unread(stage, "b") == 2


def test_merges_bring_nobody_in(stage: Stage) -> None:
    """Who merges the trunk into a branch has not written it; what is nothing but a merge, has."""
    stage.user.branch("other")
    commit(stage, "Eve", "elsewhere", file="other.py")
    stage.user.checkout("main")
    stage.user.branch("b")
    commit(stage, "Ada", "mine")
    stage.user.git(
        *("-c", "user.name=Bob", "-c", "user.email=bob@example.org"),
        *("merge", "--quiet", "--no-ff", "--message=merge", "other"),
    )
    assert shares(stage, "b") == pytest.approx({"ada": 0.5, "eve": 0.5})


def test_a_mailmap_unites_addresses(stage: Stage) -> None:
    """Somebody with two addresses is one author where the repository says so."""
    mailmap = "Ada <ada@example.org> <old@example.org>\n"
    stage.user.commit({".mailmap": mailmap}, "who is who")
    stage.user.branch("b")
    commit(stage, "Ada", "first")
    commit(stage, "Old", "second")
    assert shares(stage, "b") == pytest.approx({"ada": 1.0})
