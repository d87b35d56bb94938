from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from mainstem.wiring.board_turns import WATCHED_S, Turn, Wish, rest_s, turn


def wish(key: str, **changes: float | bool | None) -> Wish[str]:
    """A question asked just now, out of date, worked out ten seconds ago."""
    known = {"rank": 1, "asked_s": 99.0, "worked_s": 90.0, "stale": True}
    return Wish(key=key, **{**known, **changes})  # type: ignore[arg-type]  # a dict of keywords has one type


def chosen(*wishes: Wish[str], rests_until_s: float = 0.0, at_rest: bool = False) -> Turn[str]:
    """What is done at 100 s."""
    return turn(wishes, now_s=100.0, rests_until_s=rests_until_s, at_rest=at_rest)


def test_what_nobody_has_seen_yet_comes_first_and_at_once() -> None:
    """By rank, then what was asked for last; rest or no rest."""
    first = wish("new", worked_s=None, rank=5)
    assert chosen(wish("old"), first, rests_until_s=500.0) == Turn(key="new")
    assert chosen(first, wish("newer", worked_s=None, rank=5, asked_s=99.5)).key == "newer"
    assert chosen(first, wish("status", worked_s=None, rank=0, asked_s=10.0)).key == "status"


def test_what_is_out_of_date_waits_for_the_rest_unless_no_line_will_come() -> None:
    """Then the one that was worked out longest ago, so that none is left out."""
    pair = (wish("show"), wish("audit", rank=9, worked_s=50.0))
    assert chosen(*pair, rests_until_s=107.5) == Turn(wait_s=7.5)
    assert chosen(*pair, rests_until_s=107.5, at_rest=True) == Turn(key="audit", again=True)
    assert chosen(*pair, rests_until_s=99.0) == Turn(key="audit", again=True)


def test_nothing_is_worked_out_that_is_known_or_not_asked_for() -> None:
    """However much is out of date."""
    assert chosen(wish("known", stale=False)) == Turn()
    assert chosen(wish("left", asked_s=99.0 - WATCHED_S)) == Turn()
    assert chosen() == Turn()


@given(st.lists(st.floats(0.001, 600.0), min_size=1, max_size=30))
def test_while_lines_keep_coming_a_third_of_the_time_is_worked(took: list[float]) -> None:
    """Whatever the pieces of work take, with a second at least between two."""
    now = worked = 0.0
    for seconds in took:
        found = turn(
            [wish("a", asked_s=now, worked_s=now)], now_s=now, rests_until_s=now, at_rest=False
        )
        assert found.again
        worked += seconds
        now += seconds + rest_s(seconds)
    assert worked <= now / 3.0 + 1e-9
    assert now - worked >= len(took) - 1e-9
    assert rest_s(20.0) == pytest.approx(40.0)
    assert math.isclose(rest_s(0.0), 1.0)
