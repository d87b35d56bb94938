from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.wiring import replayed

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_replay_is_kept_with_its_line(tmp_path: Path) -> None:
    """Before the first there is none, and a folder that cannot be written keeps none."""
    assert replayed.read(tmp_path) is None
    replayed.write(tmp_path, {"stack": "a"}, line=3)
    replayed.write(tmp_path, {"stack": "b"}, line=8)
    assert replayed.read(tmp_path) == (8, {"stack": "b"})
    replayed.write(tmp_path / "gone", {"stack": "c"}, line=9)
    assert replayed.read(tmp_path / "gone") is None


@pytest.mark.parametrize("text", ["", "[]", '{"line": 1}', '{"line": null, "report": {}}'])
def test_what_is_no_replay_is_none(tmp_path: Path, text: str) -> None:
    """Whatever stands in its place."""
    (tmp_path / replayed.FILE).write_text(text)
    assert replayed.read(tmp_path) is None
