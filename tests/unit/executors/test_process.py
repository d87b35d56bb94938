from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mainstem.executors.process import Keeper, KeeperLostError, Order, Refusal, Report

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Keeper]:
    """A keeper that is gone when the test ends."""
    made = Keeper(tmp_path)
    yield made
    made.join()
    assert not made.ready


def order(tmp_path: Path, script: str, cwd: str = "/") -> Order:
    """An order to run a shell script."""
    return Order(
        argv=("sh", "-c", script),
        env={"PATH": os.environ["PATH"], "NAME": "caf\udce9"},
        cwd=cwd,
        stdout=str(tmp_path / "stdout"),
        stderr=str(tmp_path / "stderr"),
        timeout_s=120.0,
        grace_s=1.0,
    )


def test_a_keeper_runs_one_order_after_another(keeper: Keeper, tmp_path: Path) -> None:
    """Each report is its own; environment bytes that are no UTF-8 arrive as they were."""
    first = keeper.run(order(tmp_path, 'printf "$NAME"; exit 3'))
    assert (tmp_path / "stdout").read_bytes() == b"caf\xe9"
    second = keeper.run(order(tmp_path, "true"))
    assert isinstance(first, Report)
    assert isinstance(second, Report)
    assert (os.waitstatus_to_exitcode(first.status), second.status) == (3, 0)
    assert (first.stdout_bytes, second.stdout_bytes) == (4, 0)


def test_trials_start_clean(keeper: Keeper, tmp_path: Path) -> None:
    """No signal is ignored or blocked, nothing but the three standard files is open, no core."""
    script = "ls /proc/self/fd | wc -l; grep -E 'Sig(Blk|Ign)' /proc/self/status; ulimit -c; cat"
    keeper.run(order(tmp_path, script))
    said = (tmp_path / "stdout").read_text().split()
    # `ls` itself has the folder open: four. Signals 32 and 33 are the C library's own: whoever
    # started the tests may have them ignored, and no program can change that.
    own = 0b11 << 31
    assert said[:2] == ["4", "SigBlk:"]
    assert int(said[2], 16) == 0
    assert said[3] == "SigIgn:"
    assert int(said[4], 16) & ~own == 0
    assert said[5] == "0"


def test_a_working_directory_or_log_that_cannot_be_used_is_refused(
    keeper: Keeper, tmp_path: Path
) -> None:
    """The stage and the system's number come back, and the keeper goes on."""
    assert keeper.run(order(tmp_path, "true", cwd="/nonexistent")) == Refusal(
        stage="chdir", number=2
    )
    assert keeper.run(order(tmp_path / "nonexistent", "true")) == Refusal(stage="log", number=2)
    assert isinstance(keeper.run(order(tmp_path, "true")), Report)


def test_a_stopped_keeper_is_lost(keeper: Keeper, tmp_path: Path) -> None:
    """An order after `stop` is refused at once, and stopping twice is fine."""
    keeper.stop()
    keeper.stop()
    with pytest.raises(KeeperLostError):
        keeper.run(order(tmp_path, "true"))
