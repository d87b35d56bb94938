from __future__ import annotations

import math
import os
import subprocess
import sys

import pytest

from mainstem.executors.pool import mapper, one_thread

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


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


def test_a_process_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or K processes ask for K times the cores; this one's environment is as it was."""
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    with mapper(2) as over:
        assert list(over(os.getenv, THREADS)) == ["1"] * len(THREADS)
        assert dict(os.environ) == before
        assert list(over(os.getenv, THREADS * 4)) == ["1"] * len(THREADS) * 4


def test_threads_that_somebody_asked_for_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them: one library's own variable would go before the common one."""
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with mapper(2) as over:
        assert list(over(os.getenv, THREADS)) == ["3", None, None]


def test_threads_are_put_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials are no business of this."""
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    before = dict(os.environ)
    with pytest.raises(ValueError, match="while it says 1"), one_thread():
        raise ValueError(f"while it says {os.environ['OPENBLAS_NUM_THREADS']}")
    assert dict(os.environ) == before


def test_the_command_loads_no_linear_algebra_before_it_says_how_many_threads() -> None:
    """A library reads it when it is loaded: later it is too late, and -j would change digits."""
    loaded = "import sys, mainstem.cli.main, mainstem.cli.lab, mainstem.executors.pool; "
    told = "print([name for name in ('numpy', 'scipy') if name in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", loaded + told], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "[]"
