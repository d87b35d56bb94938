from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from mainstem.executors.leftovers import end_leftovers, trial_processes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder of trials with one trial in it."""
    (tmp_path / "work" / "t1" / "tree").mkdir(parents=True)
    return tmp_path / "work"


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that are killed and waited for when the test ends."""
    processes: list[subprocess.Popen[bytes]] = []
    yield processes
    for process in processes:
        process.kill()
        process.wait()


def test_trials_are_told_by_environment_or_working_directory(
    work: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    """Either mark is enough; a trial of another folder, or of a longer name, is not meant."""
    sleep = ["sleep", "300"]
    by_environment = {"MAINSTEM_METRICS": f"{work}/t1/metrics.jsonl"}
    elsewhere = {"MAINSTEM_METRICS": f"{work}/t10/metrics.jsonl"}
    options = {"start_new_session": True}  # as trials are started: no terminal
    started += [
        subprocess.Popen(sleep, env=by_environment, cwd="/", **options),  # type: ignore[call-overload]  # one dict of options
        subprocess.Popen(sleep, env={}, cwd=work / "t1" / "tree", **options),  # type: ignore[call-overload]  # one dict of options
        subprocess.Popen(sleep, env=elsewhere, cwd=work, **options),  # type: ignore[call-overload]  # one dict of options
    ]
    ours = {process.pid for process in started}
    assert set(trial_processes(work / "t1")) & ours == {process.pid for process in started[:2]}
    end_leftovers(work / "t1")
    assert [process.wait() for process in started[:2]] == [-9, -9]
    assert started[2].poll() is None


def test_a_person_in_the_folder_is_not_a_trial(
    work: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    """A shell with a terminal that stands in a trial's tree is spared."""
    main, side = os.openpty()
    script = "import fcntl, os, termios, time; os.setsid(); "
    script += "fcntl.ioctl(0, termios.TIOCSCTTY, 0); print(flush=True); time.sleep(300)"
    shell = subprocess.Popen(
        ["python3", "-S", "-c", script], stdin=side, stdout=subprocess.PIPE, cwd=work / "t1"
    )
    started.append(shell)
    assert shell.stdout is not None
    assert shell.stdout.readline() == b"\n"
    assert shell.pid not in trial_processes(work)
    shell.stdout.close()
    for end in (main, side):
        os.close(end)
