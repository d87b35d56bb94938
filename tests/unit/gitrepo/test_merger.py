from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import CommitId
from mainstem.gitrepo.git import Said
from mainstem.gitrepo.merger import Merged, Merger, _in_one_process, _one, _with_paths
from mainstem.gitrepo.repository import open_repository


@pytest.fixture
def merger(stage: Any, tmp_path: Path) -> Merger:
    """A merger with a home of its own."""
    return Merger(stage.repository, tmp_path / "home")


def test_without_a_batch_the_answers_are_the_same(stage: Any, merger: Merger) -> None:
    """Older git (2.38) has no `--stdin`: a process per merge says the same."""
    commits = [
        stage.branch("one", {"train.py": "1\n", "ü\n": "1"}),
        stage.branch("two", {"train.py": "2\n", "ü\n": "2"}),
        stage.branch("three", {"data/mix.txt": None}),
    ]
    pairs = [(a, b) for a in commits for b in commits]
    batch = merger.merge(stage.root, pairs)
    merger.has_batch = False
    assert merger.merge(stage.root, pairs) == batch
    assert batch[1].tree is None
    assert batch[1].paths == ("train.py", "ü\n")
    assert batch[2].tree is not None


def test_a_conflict_without_a_file_names_its_paths(stage: Any, merger: Merger) -> None:
    """A folder that one side splits in two has no one home for the other side's new file."""
    names = [f"d/f{number}" for number in range(4)]
    stage.user.commit({name: f"{name}\n" * 9 for name in names})
    split: dict[str, str | None] = dict.fromkeys(names)
    split |= {f"{'x' if at < 2 else 'y'}/f{at}": f"{n}\n" * 9 for at, n in enumerate(names)}
    one = stage.branch("split", split)
    two = stage.branch("add", {"d/new": "new\n"})
    (merged,) = merger.merge(stage.root, [(one, two)])
    assert merged.tree is None
    assert any("d" in path.split("/") for path in merged.paths)


def test_strangers_and_missing_commits_are_errors(stage: Any, merger: Merger) -> None:
    """Neither is a conflict: git could not even try."""
    stage.user.git("checkout", "--quiet", "--orphan", "stranger")
    stranger = CommitId(stage.user.commit({"c": "1"}))
    for has_batch in (True, False):
        merger.has_batch = has_batch
        with pytest.raises(GitError, match="unrelated histories"):
            merger.merge(stage.root, [(stage.root, stranger)])
        with pytest.raises(GitError, match="git merge-tree"):
            merger.merge(stage.root, [(stage.root, CommitId("1" * 40))])


def test_attributes_of_the_root_count(stage: Any, merger: Merger) -> None:
    """`merge=union` in the root's `.gitattributes` holds; the work tree's copy does not."""
    plain = stage.root
    root = stage.user.commit({".gitattributes": "data/*.txt merge=union\n"})
    one = stage.branch("one", {"data/mix.txt": "a\nb\none\n"})
    two = stage.branch("two", {"data/mix.txt": "a\nb\ntwo\n"})
    (stage.user.path / ".gitattributes").write_text("* binary\n", encoding="utf-8")
    (merged,) = merger.merge(root, [(one, two)])
    assert merged.tree is not None
    assert merger.git.text("show", f"{merged.tree}:data/mix.txt") == "a\nb\none\ntwo"
    assert merger.merge(plain, [(one, two)])[0].tree is None


def test_configuration_of_the_repository_does_not_count(stage: Any, merger: Merger) -> None:
    """A merge driver or rename setting of one user would give others another tree."""
    root = stage.user.commit({".gitattributes": "*.txt merge=mine\n"})
    one = stage.branch("one", {"data/mix.txt": "a\nb\none\n"})
    two = stage.branch("two", {"data/mix.txt": "a\nb\ntwo\n"})
    text = stage.user.git("show", "HEAD:train.py") + "\n"
    moved = stage.branch("moved", {"train.py": None, "new.py": text})
    edit = stage.branch("edit", {"train.py": f"{text}end\n"})
    before = merger.merge(root, [(one, two), (moved, edit)])
    stage.user.git("config", "merge.mine.driver", "true")
    stage.user.git("config", "merge.renames", "false")
    assert merger.merge(root, [(one, two), (moved, edit)]) == before
    assert before[0].tree is None
    assert before[1].tree is not None


def test_repositories_with_longer_ids(git_repo: Any, tmp_path: Path) -> None:
    """sha256 works as well as sha1."""
    user = git_repo("long")
    (user.path / ".git").rename(tmp_path / "old")
    user.git("init", "--quiet", "--initial-branch=main", "--object-format=sha256")
    user.commit({"a": "1\n"})
    user.branch("topic")
    topic = user.commit({"b": "1\n"})
    user.checkout("main")
    repository = open_repository(user.path)
    merger = Merger(repository, tmp_path / "home")
    (merged,) = merger.merge(repository.trunk("main"), [(repository.trunk("main"), topic)])
    assert merged.tree == user.git("rev-parse", "topic^{tree}")
    assert len(topic) == 64


def test_a_shallow_clone_merges(stage: Any, tmp_path: Path) -> None:
    """History ends where the clone's does, and that is no missing commit."""
    stage.user.commit({"more": "1"})
    stage.branch("topic", {"train.py": "x\n"})
    stage.user.git(
        *("clone", "--quiet", "--depth=2", "--no-single-branch"),
        *(f"file://{stage.user.path}", str(tmp_path / "clone")),
    )
    repository = open_repository(tmp_path / "clone")
    merger = Merger(repository, tmp_path / "home")
    root, topic = repository.trunk("main"), repository.resolve_branch("origin/topic")
    (merged,) = merger.merge(root, [(root, topic)])
    assert merged.tree == merger.tree_of(topic)


def test_a_home_that_cannot_be_made_is_said(stage: Any, tmp_path: Path) -> None:
    """A file where the folder should be is one clear line."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GitError, match="cannot be made"):
        Merger(stage.repository, tmp_path / "file" / "home")


class SaidSo:
    """A git that answers with bytes of our choice."""

    version = "2.39.5"
    folder = Path("/")

    def __init__(self, out: bytes, code: int) -> None:
        self.said = Said(code=code, out=out, err="")

    def run(self, *_words: str, **_how: Any) -> Said:
        """The answer, whatever was asked."""
        return self.said


PIECES = [b"0", b"1", b"2", b"-1", b"a" * 40, b"path", b"", b"CONFLICT (x)", b"\xff", b"9" * 30]


@pytest.mark.fuzz
@given(
    st.binary(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=12).map(b"\0".join),
    st.sampled_from([0, 1]),
    st.integers(0, 3),
)
def test_no_answer_of_git_breaks_the_reader(out: bytes, code: int, count: int) -> None:
    """A git of another age or a wrapper gives merges, or one error that names git; never a hang."""
    git: Any = SaidSo(out, code)
    one, other = CommitId("a" * 40), CommitId("b" * 40)
    with contextlib.suppress(GitError):
        assert len(_in_one_process(git, [(one, other)] * count)) == count
    with contextlib.suppress(GitError):
        found = _one(git, one, other)
        assert (found.tree is None) == (code == 1)
    with contextlib.suppress(GitError):
        assert _with_paths(git, (one, other), Merged(tree=None)).tree is None
