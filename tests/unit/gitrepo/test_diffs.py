from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import TreeId
from mainstem.gitrepo.diffs import FileChange, TreeDiff, tree_diff
from mainstem.gitrepo.git import Git

if TYPE_CHECKING:
    from conftest import GitRepo, MakeGitRepo

LINES = "".join(f"line {n}\n" for n in range(30))


@pytest.fixture
def repo(git_repo: MakeGitRepo) -> GitRepo:
    """A commit with three files."""
    repo = git_repo()
    repo.commit({"kept.py": LINES, "moved.py": LINES + "end\n", "gone.py": "x\n"})
    return repo


def changed(repo: GitRepo, *, most: int = 10**6) -> TreeDiff:
    """The last commit's change."""
    trees = [TreeId(repo.git("rev-parse", f"{name}^{{tree}}")) for name in ("HEAD~1", "HEAD")]
    return tree_diff(Git(repo.path), trees[0], trees[1], most=most, timeout_s=20.0)


def test_every_file_is_told_with_its_lines(repo: GitRepo) -> None:
    """Changed, moved, gone, binary, and of a name that is no UTF-8."""
    repo.git("config", "color.ui", "always")
    repo.git("mv", "moved.py", "to there.py")
    repo.commit({"kept.py": LINES.replace("line 3\n", "line three\n"), "gone.py": None})
    repo.commit({"picture": b"\x00\xff"})
    repo.git("reset", "--quiet", "--soft", "HEAD~2")
    name = b"caf\xe9\ttab".decode("utf-8", "surrogateescape")
    repo.commit({name: "new\n"})
    found = changed(repo)
    assert set(found.files) == {
        FileChange(path="kept.py", added=1, removed=1),
        FileChange(path="to there.py", added=0, removed=0),
        FileChange(path="gone.py", added=0, removed=1),
        FileChange(path="picture", added=None, removed=None),
        FileChange(path="caf\\xe9\ttab", added=1, removed=0),
    }
    assert "-line 3\n+line three\n" in found.text
    assert "rename to to there.py" in found.text
    assert "\x1b" not in found.text
    assert not found.cut


def test_of_a_long_one_the_beginning_is_shown_in_whole_lines(repo: GitRepo) -> None:
    """The counts are of all of it."""
    repo.commit({"kept.py": "".join(f"other {n}\n" for n in range(200_000))})
    found = changed(repo, most=5000)
    assert found.cut
    assert 4900 < len(found.text) <= 5000
    assert found.text.endswith("\n")
    assert found.files == (FileChange(path="kept.py", added=200_000, removed=30),)


def test_nothing_changed_is_no_text(repo: GitRepo) -> None:
    """An empty commit."""
    repo.commit({})
    assert changed(repo) == TreeDiff(text="", files=(), cut=False)


def test_an_unknown_tree_and_one_that_takes_too_long_are_errors(repo: GitRepo) -> None:
    """In git's words, or with the limit."""
    tree = TreeId(repo.git("rev-parse", "HEAD^{tree}"))
    with pytest.raises(GitError, match="failed"):
        tree_diff(Git(repo.path), tree, TreeId("0" * 39 + "1"), most=10, timeout_s=20.0)
    with pytest.raises(GitError, match="took more than 0 s"):
        Git(repo.path).beginning(
            "cat-file", "--batch-all-objects", "--batch", most=10**9, timeout_s=0.0
        )
