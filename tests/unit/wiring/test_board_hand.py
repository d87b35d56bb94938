from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import StoreError
from mainstem.wiring.board_hand import Hand

if TYPE_CHECKING:
    from collections.abc import Iterator


class Opens:
    """Counts what is opened and closed, and in which threads."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.threads: set[int] = set()

    @contextlib.contextmanager
    def __call__(self) -> Iterator[list[int]]:
        """A list that jobs append to."""
        self.log.append("open")
        self.threads.add(threading.get_ident())
        yield []
        self.threads.add(threading.get_ident())
        self.log.append("close")


def grow(owned: list[int]) -> int:
    """Appends, and says how long the list is."""
    owned.append(0)
    return len(owned)


def test_jobs_are_done_with_one_thing_in_one_thread() -> None:
    """Whoever asks; it is opened at the first job and closed at the end."""
    opens = Opens()
    hand = Hand(opens)
    assert opens.log == []
    found: list[int] = []

    def ask() -> None:
        found.append(hand.do(grow, of=1, wait_s=20))

    askers = [threading.Thread(target=ask) for _ in range(5)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    hand.close()
    hand.close()
    assert sorted(found) == [1, 2, 3, 4, 5]
    assert opens.log == ["open", "close"]
    assert len(opens.threads) == 1
    assert threading.get_ident() not in opens.threads


def test_an_error_is_raised_where_it_was_asked_for_and_the_next_job_opens_anew() -> None:
    """So does a job in another state of the world."""
    opens = Opens()
    hand = Hand(opens)
    assert hand.do(grow, of=1, wait_s=20) == 1

    def fails(_: list[int]) -> int:
        raise StoreError("gone")

    with pytest.raises(StoreError, match="gone"):
        hand.do(fails, of=1, wait_s=20)
    assert [hand.do(grow, of=of, wait_s=20) for of in (1, 1, 2)] == [1, 2, 1]
    hand.close()
    assert opens.log == ["open", "close"] * 3


def test_a_job_that_takes_too_long_is_given_up() -> None:
    """It is an error with the time, and not the end of the hand."""
    hand, go = Hand(Opens()), threading.Event()
    with pytest.raises(StoreError, match=r"within 0\.01 s"):
        hand.do(lambda _: go.wait(20), of=1, wait_s=0.01)
    go.set()
    assert hand.do(grow, of=1, wait_s=20) == 1
    hand.close()
