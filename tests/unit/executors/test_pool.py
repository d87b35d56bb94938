from __future__ import annotations

import math
import sys

import pytest

from mainstem.executors.pool import mapper


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_order(processes: int) -> None:
    """In this process or over two."""
    with mapper(processes) as over:
        assert list(over(math.factorial, [3, 1, 4, 1, 5])) == [6, 1, 24, 1, 120]


def test_no_process_is_refused() -> None:
    """With the number."""
    with pytest.raises(ValueError, match="0 processes"), mapper(0):
        pass


class Heavy:
    """A function that says how often it was sent: to be sent is to be made from its parts."""

    sent = 0

    def __call__(self, number: int) -> tuple[int, int]:
        """The number, and how often this process was sent the function."""
        return number, Heavy.sent

    def __setstate__(self, state: object) -> None:
        """Called where it arrives."""
        del state
        Heavy.sent += 1

    def __getstate__(self) -> int:
        """Something, or nothing would be called."""
        return 1


def test_what_a_function_holds_is_sent_once() -> None:
    """To each process, for any number of arguments; a second function is another one."""
    with mapper(2) as over:
        assert list(over(Heavy(), range(8))) == [(k, 1) for k in range(8)]
        assert list(over(math.factorial, [3, 4])) == [6, 24]


def loaded(name: str) -> bool:
    """Whether the process that this runs in has loaded a module."""
    return name in sys.modules


def test_processes_load_a_module_before_anything_is_mapped() -> None:
    """One that nothing else here needs."""
    with mapper(2, load="wave") as over:
        assert list(over(loaded, ["wave"] * 8)) == [True] * 8
    with mapper(2) as over:
        assert list(over(loaded, ["wave"] * 8)) == [False] * 8
