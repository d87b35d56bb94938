from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.executors.private import may_hold, take_out

if TYPE_CHECKING:
    from pathlib import Path


def test_private_files_are_taken_out_of_the_tree(tmp_path: Path) -> None:
    """Files by pattern, a folder whole; a link is taken out, not what it leads to."""
    for name in ("data/heldout/a", "data/heldout/deep/b", "data/train", "x/answers.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "answers.json").symlink_to("data/train")
    assert take_out(tmp_path, ["data/heldout/**", "**/answers.json"]) == 4
    left = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    assert left == ["data/train"]


def test_a_folder_that_is_named_goes_whole(tmp_path: Path) -> None:
    """`private = ["heldout"]` means what is in it."""
    (tmp_path / "heldout").mkdir()
    (tmp_path / "heldout" / "a").touch()
    assert take_out(tmp_path, ["heldout"]) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "may"),
    [("data", True), ("data/heldout", True), ("data/heldout/x", True), ("src", False), ("", True)],
)
def test_a_folder_that_may_hold_private_files_is_known(folder: str, *, may: bool) -> None:
    """Above a match, on it or below it."""
    assert may_hold(["data/heldout/**"], folder) is may


def test_a_pattern_that_begins_anywhere_may_be_anywhere() -> None:
    """Nothing is opened then."""
    assert may_hold(["**/answers.json"], "src")
    assert not may_hold([], "src")
