"""The page of the lab: the last replay as it was drawn, or how to make one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.board.pages import lab
from mainstem.board.reader import Answer
from tests.unit.board import ledgers
from tests.unit.board.given import Given, answer, shown

if TYPE_CHECKING:
    from pathlib import Path


def test_the_last_replay_is_framed() -> None:
    """With the JSON a link away."""
    page = shown(lab.PAGE, Given(answers={"lab": answer({"html": "<h2>Replayed</h2>"})}))
    assert "<h2>Replayed</h2>" in page
    assert 'href="/api/lab"' in page


def test_without_a_replay_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    """A campaign comes first; then the command. The reader's reason is no alarm."""
    none = Answer(body=None, line=0, current=True, working=False, error="nothing was replayed yet")
    before = shown(lab.PAGE, Given(answers={"lab": none}))
    assert "nothing was replayed yet" in before
    assert "note bad" not in before
    assert "It takes a finished campaign" in before
    lines = ledgers.written(tmp_path, [ledgers.opened(), ledgers.over()])
    after = shown(lab.PAGE, Given(lines=lines, answers={"lab": none}))
    assert "mainstem lab --replay" in after
    assert "It takes a finished campaign" not in after


def test_a_replay_that_is_being_read() -> None:
    """Loading is a state too."""
    assert "is being read" in shown(lab.PAGE, Given())
