"""The trunk over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.board import course
from mainstem.board.course import Merge
from mainstem.board.reader import Question
from mainstem.domain.stack import Direction, Objective

if TYPE_CHECKING:
    from typing import Any

    from tests.unit.board.looking import Looking

LOSS = Objective("loss", margin=0.05)
SCORE = Objective("score", margin=0.05, direction=Direction.MAXIMIZE)


def estimate(mean: float) -> dict[str, Any]:
    """An estimate as JSON."""
    return {"mean": mean, "low": mean - 0.1, "high": mean + 0.1, "level": 0.9, "unit": ""}


def merge(old: str, new: str, gain: float) -> Merge:
    """A merge that gained the same on both."""
    gains = {"loss": estimate(gain), "score": estimate(gain)}
    return Merge(at="", old=old, new=new, recipe=("a",), gain=gains, forced=())


MERGES = [merge("t0", "t1", 0.5), merge("t1", "t2", 0.2)]


def test_values_before_follow_from_what_was_confirmed() -> None:
    """Backwards from now, whichever way is better; a forced merge changes nothing."""
    assert course.before(LOSS, MERGES, 1.3) == pytest.approx([2.0, 1.5, 1.3])
    assert course.before(SCORE, MERGES, 1.3) == pytest.approx([0.6, 1.1, 1.3])
    forced = Merge(at="", old="t2", new="t3", recipe=("b",), gain={}, forced=("b",))
    assert course.before(LOSS, [*MERGES, forced], 1.3) == pytest.approx([2.0, 1.5, 1.3, 1.3])
    assert course.before(LOSS, [], 1.3) == [1.3]


def test_a_trunk_that_was_measured_is_told_as_measured() -> None:
    """By the campaign that ran on it, as in a terminal; else by the frontier's runs of it."""
    show = {"measured_on": "t2", "trunk": {"objectives": {"loss": estimate(1.3)}}}
    found = course.now(LOSS, MERGES, show, None)
    assert found == {**estimate(1.3), "measured": True}
    frontier = {"objectives": [{"objective": "loss", "trunk": estimate(1.31)}]}
    assert course.now(LOSS, MERGES, show, frontier) == found
    before = {**show, "measured_on": "t1"}
    assert course.now(LOSS, MERGES, before, frontier) == {**estimate(1.31), "measured": True}
    unknown = {"objectives": [{"objective": "loss", "trunk": None}]}
    assert course.now(LOSS, MERGES, show, unknown) == found
    assert course.now(LOSS, MERGES, None, None) is None
    assert course.now(SCORE, MERGES, show, None) is None


def test_one_that_was_not_measured_is_what_follows_from_the_last_that_was() -> None:
    """Without an interval, and it says so."""
    show = {"measured_on": "t1", "trunk": {"objectives": {"loss": estimate(1.5)}}}
    found = course.now(LOSS, MERGES, show, None)
    assert found is not None
    assert found["mean"] == pytest.approx(1.3)
    assert (found["low"], found["measured"]) == (None, False)


def test_merges_come_from_the_record_with_their_times(merged: Looking, reader: Looking) -> None:
    """Those that led to the trunk as it is now."""
    [found] = course.merges(merged)
    [line] = merged.entries(before=None, kinds=("merged",), text="", most=9)
    assert (found.recipe, found.at, found.new) == (("muon",), line.at, merged.trunk())
    body = merged.ask(Question.SHOW).body
    assert body is not None
    value = course.now(merged.stack.objectives[0], [found], body, None)
    assert value is not None
    assert value["mean"] == pytest.approx(1.7, abs=0.05)  # 2.0, and muon gains 0.3
    assert not value["measured"]
    assert course.merges(reader) == []


def test_times_are_differences_in_seconds() -> None:
    """As the record writes them, or a day alone."""
    assert course.seconds("2024-01-01T00:00:00.000Z", "2024-01-01T00:01:30.500Z") == 90.5
    assert course.seconds("2024-01-01T00:00:00.000Z", "2024-01-02") == 86400.0
