from __future__ import annotations

from typing import Any

import mainstem.gitrepo.history as module
from mainstem.gitrepo.history import (
    ChangedLines,
    changed_lines,
    changed_paths,
    diff_text,
    file_text,
    is_ancestor,
    merge_base,
    read_file,
)

ODD = "dä\nta/\udce9\t\"'.txt"


def test_ancestry(stage: Any) -> None:
    """Branches meet where they left each other; strangers nowhere."""
    base = stage.root
    one = stage.branch("one", {"a": "1"})
    two = stage.branch("two", {"b": "1"})
    stage.user.git("checkout", "--quiet", "--orphan", "stranger")
    stranger = stage.user.commit({"c": "1"})
    repository = stage.repository
    assert merge_base(repository, one, two) == base
    assert merge_base(repository, one, stranger) is None
    assert is_ancestor(repository, base, one)
    assert is_ancestor(repository, one, one)
    assert not is_ancestor(repository, one, base)


def test_changed_paths_of_any_name(stage: Any) -> None:
    """A rename is both its paths; line ends, quotes and foreign bytes in names survive."""
    base = stage.root
    stage.user.git("config", "diff.renames", "true")
    commit = stage.branch(
        "odd", {ODD: "x", "moved.txt": "a\nb\nc\n", "data/mix.txt": None, "ünï": "y"}
    )
    assert changed_paths(stage.repository, base, commit) == sorted(
        ["data/mix.txt", ODD, "moved.txt", "ünï"], key=lambda p: p.encode(errors="surrogateescape")
    )
    assert file_text(stage.repository, commit, ODD) == "x"
    assert changed_lines(stage.repository, base, commit, ODD).new == {1}


def test_changed_lines_of_both_sides(stage: Any) -> None:
    """Replaced, removed and added lines, whatever the user's configuration and attributes say."""
    base = stage.root
    lines = [f"line {number}" for number in range(1, 21)]
    lines[2] = "@@ -1,9 +1,9 @@"
    del lines[9:11]
    lines.insert(15, "new")
    commit = stage.branch("edit", {"train.py": "\n".join([*lines, "last"])})
    (stage.user.path / ".git" / "info" / "attributes").write_text("*.py -diff\n", encoding="utf-8")
    stage.user.git("config", "diff.context", "9")
    stage.user.git("config", "diff.interHunkContext", "9")
    changed = changed_lines(stage.repository, base, commit, "train.py")
    assert changed == ChangedLines(old=frozenset({3, 10, 11}), new=frozenset({3, 16, 20}))


def test_a_new_mode_changes_no_line(stage: Any) -> None:
    """Both sides are empty."""
    base = stage.root
    stage.user.branch("mode")
    (stage.user.path / "train.py").chmod(0o755)
    commit = stage.user.commit({"train.py": (stage.user.path / "train.py").read_bytes()})
    assert changed_paths(stage.repository, base, commit) == ["train.py"]
    nothing = ChangedLines(old=frozenset(), new=frozenset())
    assert changed_lines(stage.repository, base, commit, "train.py") == nothing


def test_files_are_read_as_they_are(stage: Any) -> None:
    """Bytes, text, folders and missing files."""
    repository, root = stage.repository, stage.root
    assert read_file(repository, root, "bin") == b"\0\1\2"
    assert file_text(repository, root, "data/mix.txt") == "a\nb\nc\n"
    assert read_file(repository, root, "gone") is None
    assert read_file(repository, root, "data") is None


def test_a_patch_names_no_commit_and_nobody(stage: Any) -> None:
    """What changed, renames as such; bytes that are no text are marked."""
    stage.user.branch("patch")
    content = (stage.user.path / "train.py").read_text()
    files = {"train.py": None, "moved.py": content + "# new\n", "odd.txt": b"caf\xe9\n"}
    commit = stage.user.commit(files, "Signed by Ada")
    said = diff_text(stage.repository.git, stage.root, commit)
    assert "rename from train.py\nrename to moved.py\n" in said
    assert "\n+# new\n" in said
    assert "+caf\ufffd" in said
    assert not any(word in said for word in (commit, commit[:10], "Ada", "2024", "Signed"))


def test_no_author_and_no_date_can_be_asked_for() -> None:
    """Decisions are blind: what reads history has no word for people or time."""
    offered = " ".join(name for name in dir(module) if not name.startswith("_")).lower()
    assert not any(word in offered for word in ("author", "committer", "date", "email", "log"))
