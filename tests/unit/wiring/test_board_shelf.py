from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from mainstem.wiring import board_shelf
from mainstem.wiring.board_shelf import Kept, Shelf

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = Kept(key="k", ledger="first", line=7, body={"x": [1.5, None]})


def test_what_was_kept_last_is_found_by_another_board(tmp_path: Path) -> None:
    """By its name; nothing else is."""
    Shelf(tmp_path).put("show", Kept(key="j", ledger="first", line=6, body={}))
    Shelf(tmp_path).put("show", ANSWER)
    assert Shelf(tmp_path).get("show") == ANSWER
    assert Shelf(tmp_path).get("status") is None


def test_answers_of_another_mainstem_are_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their form may be another."""
    Shelf(tmp_path).put("show", ANSWER)
    monkeypatch.setattr(board_shelf, "_code", lambda: "another")
    assert Shelf(tmp_path).get("show") is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"code": 1}', "\x00"])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    """Whatever a full disk or somebody has left there."""
    shelf = Shelf(tmp_path)
    shelf.put("show", ANSWER)
    (file,) = (tmp_path / board_shelf.FOLDER).iterdir()
    content = json.loads(file.read_text())
    del content["line"]
    file.write_text(text or json.dumps(content))
    assert shelf.get("show") is None


def test_a_folder_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    """Neither one that is gone, nor a file in its place."""
    (tmp_path / board_shelf.FOLDER).write_text("")
    for state in (tmp_path, tmp_path / "gone"):
        Shelf(state).put("show", ANSWER)
        assert Shelf(state).get("show") is None


def test_only_the_last_answers_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand proposals that are looked at leave no thousand files."""
    monkeypatch.setattr(board_shelf, "MOST", 3)
    shelf = Shelf(tmp_path)
    for number in range(5):
        shelf.put(f"why {number}", ANSWER)
        for file in (tmp_path / board_shelf.FOLDER).iterdir():
            times = file.stat().st_mtime - 10.0
            os.utime(file, (times, times))
    assert [shelf.get(f"why {n}") is not None for n in range(5)] == [False, False, True, True, True]
