from __future__ import annotations

import math

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
