from __future__ import annotations

import pytest

from mainstem.board.logs import BEHIND_BYTES, PIECE_BYTES, Event, news, places
from tests.unit.board.given import Given

START = {"stdout": 0, "stderr": 0}


def written(stdout: bytes = b"", stderr: bytes = b"", *, ended: bool = False) -> Given:
    """A reader with the log of one trial."""
    logs = {("c1.1", "stdout"): stdout, ("c1.1", "stderr"): stderr}
    return Given(logs=logs, ended=ended)


def test_what_came_since_is_told_once() -> None:
    """From where each stream is known; nothing where nothing came."""
    events, over = news(written(b"one\ntwo\n", b"oh"), "c1.1", {"stdout": 4, "stderr": 0})
    assert events == [
        Event(stream="stdout", text="two\n", left_out=0, end=8),
        Event(stream="stderr", text="oh", left_out=0, end=2),
    ]
    assert not over
    assert news(written(b"one\n"), "c1.1", {"stdout": 4, "stderr": 0}) == ([], False)


def test_a_log_is_over_when_its_end_was_told() -> None:
    """Not before: what is left of it comes first."""
    long = written(b"x" * (PIECE_BYTES + 1), ended=True)
    events, over = news(long, "c1.1", START)
    assert ([e.end for e in events], over) == ([PIECE_BYTES], False)
    events, over = news(long, "c1.1", {"stdout": PIECE_BYTES, "stderr": 0})
    assert ([e.text for e in events], over) == (["x"], True)


def test_who_is_far_behind_goes_on_near_the_end() -> None:
    """A trial that prints without end does not fill a browser, and what is left out is said."""
    size = BEHIND_BYTES + 10
    events, _ = news(written(b"x" * size), "c1.1", START)
    [event] = events
    assert (event.end, event.left_out) == (size, size - PIECE_BYTES)
    assert len(event.text) == PIECE_BYTES


def test_what_a_terminal_obeys_is_shown() -> None:
    """Escapes are signs before they leave the board."""
    [event], _ = news(written(b"\x1b]0;title\x07"), "c1.1", START)
    assert event.text == r"\x1b]0;title\x07"


def test_a_bar_that_is_drawn_over_and_over_is_many_lines() -> None:
    """A terminal would show the last one only; half of them in one line nobody can read."""
    [event], _ = news(written(b"10%\r20%\r\ndone"), "c1.1", START)
    assert event.text == "10%\n20%\ndone"


def test_a_trial_without_a_log_is_an_error() -> None:
    """The route says that there is none."""
    with pytest.raises(KeyError):
        news(written(), "c1.2", START)


def test_a_trial_that_has_just_begun_has_no_log_yet() -> None:
    """It comes: nothing is an error, and nothing is over."""
    begun = Given(at_work={"running": ["c1.2"]})
    assert news(begun, "c1.2", START) == ([], False)


@pytest.mark.parametrize(
    ("query", "last", "wanted"),
    [
        ({}, "", {"stdout": 0, "stderr": 0}),
        ({"stdout": "7", "stderr": "x"}, "", {"stdout": 7, "stderr": 0}),
        ({"stdout": "7"}, "120-4", {"stdout": 120, "stderr": 4}),
        ({"stdout": "7"}, "nonsense", {"stdout": 7, "stderr": 0}),
        ({"stdout": "-3", "stderr": "9" * 99}, "", {"stdout": 0, "stderr": 0}),
    ],
)
def test_where_a_line_goes_on(query: dict[str, str], last: str, wanted: dict[str, int]) -> None:
    """By the address at first, by the last event after the line was lost."""
    assert places(query, last) == wanted
