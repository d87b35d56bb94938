from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.trial import Ending, Run, TrialId
from mainstem.executors.lanes import ClosedError, Lanes
from mainstem.executors.local import LocalExecutor

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.domain.proposal import TreeId
    from mainstem.executors.lanes import Turn
    from tests.unit.executors.conftest import MakeJob, Processes


def _run(trial: str) -> Run:
    return Run(trial=TrialId(trial), ending=Ending.EXITED, exit_code=0)


def _taken(lanes: Lanes, *trials: str) -> list[Turn]:
    with lanes.lock:
        return [lanes.take(TrialId(trial)) for trial in trials]


def _running(lanes: Lanes) -> list[str]:
    with lanes.lock:
        return list(lanes.running())


def _told(lanes: Lanes, turn: Turn) -> list[str]:
    with lanes.lock:
        return [trial for trial, _ in lanes.end(turn, _run(turn.trial))]


def test_a_lane_goes_to_who_came_first() -> None:
    """A job that was prepared sooner does not overtake; giving on twice gives one lane."""
    lanes = Lanes(2, threading.Lock())
    first, _, third, _ = _taken(lanes, "t1", "t2", "t3", "t4")
    assert _running(lanes) == ["t1", "t2"]
    first.over()
    first.over()
    assert _running(lanes) == ["t2", "t3"]
    third.wait()
    third.over()
    assert _running(lanes) == ["t2", "t4"]


def test_what_ran_in_a_lane_is_told_in_order() -> None:
    """A run that takes long to put together is waited for, but only by its own lane."""
    lanes = Lanes(2, threading.Lock())
    first, second, third = _taken(lanes, "t1", "t2", "t3")
    first.over()
    assert _told(lanes, third) == []
    assert _told(lanes, second) == ["t2"]
    assert _told(lanes, first) == ["t1", "t3"]


def test_a_job_that_could_not_be_prepared_takes_no_lane() -> None:
    """It is told at once, and the next one runs in its place."""
    lanes = Lanes(1, threading.Lock())
    first, second, _ = _taken(lanes, "t1", "t2", "t3")
    assert _told(lanes, second) == ["t2"]
    first.over()
    assert _running(lanes) == ["t3"]


def test_nobody_starts_in_closed_lanes() -> None:
    """Neither who waits nor who had a lane and did not start yet."""
    lanes = Lanes(1, threading.Lock())
    turns = _taken(lanes, "t1", "t2")
    with lanes.lock:
        lanes.close()
    for turn in turns:
        with pytest.raises(ClosedError):
            turn.wait()


def test_the_next_trial_is_prepared_while_one_runs(
    tmp_path: Path, make_job: MakeJob, processes: Processes
) -> None:
    """One more than there are slots, which does not count as running and leaves nothing behind."""
    prepared: list[str] = []

    def materialise(_tree: TreeId, into: Path) -> None:
        prepared.append(into.parent.name)
        into.mkdir()

    executor = LocalExecutor(slots=1, workspace=tmp_path / "state", materialise=materialise)
    executor.submit(make_job("sleep", "300", trial="t1"))
    for name in ("t2", "t3"):
        executor.submit(make_job("sh", "-c", f"echo > {tmp_path}/never", trial=name))
    processes.until(lambda: len(prepared) == 2)
    assert (sorted(prepared), executor.running()) == (["t1", "t2"], ["t1"])
    executor.close()
    assert executor.wait() == []
    assert list((tmp_path / "state" / "work").iterdir()) == []
    assert not (tmp_path / "never").exists()
