from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Ending, Job, Run, TrialId
from mainstem.executors import spool
from mainstem.executors.parcel import Parcel, Wish
from mainstem.gitrepo.git import Git
from mainstem.gitrepo.packs import pack_tree
from mainstem.wiring import worker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DEADLINE_S = 60.0


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A batch's folder, as `sbatch` is given one."""
    monkeypatch.setenv("MAINSTEM_SCRATCH", str(tmp_path / "scratch"))
    folder = tmp_path / "cluster" / "slurm" / "owner" / "b1"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def order(batch: Path, tmp_path: Path) -> Callable[[str], None]:
    """Writes the order of task 0: a shell script on a tree with one file."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_text("from the tree\n")
    git = Git(source)
    git.run("init", "--quiet")
    git.run("add", "--all")
    tree = TreeId(git.text("write-tree"))

    def write(script: str) -> None:
        spool.packs_of(batch).put(tree, pack_tree(git, tree))
        job = Job(
            trial=TrialId("c1.1"),
            tree=tree,
            argv=("sh", "-c", script),
            seed=1,
            rung="small",
            timeout_s=60.0,
        )
        environ = {"PATH": os.environ["PATH"]}
        parcel = Parcel(job=job, store="s", environ=environ, wish=Wish(confined=False))
        spool.write_whole(spool.order(batch, 0), parcel.text().encode())

    return write


def start(batch: Path) -> subprocess.Popen[str]:
    """Starts a worker as a job's script does."""
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "mainstem.wiring.worker", str(batch), "0"],
        env=os.environ | {"SLURMD_NODENAME": "n9", "SLURM_RESTART_COUNT": "2"},
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> int:
    """Waits for a worker's end; its exit code."""
    process.communicate(timeout=DEADLINE_S)
    return process.returncode


def until(holds: Callable[[], bool]) -> None:
    """Waits until something holds."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_an_order_becomes_a_result(
    batch: Path, order: Callable[[str], None], tmp_path: Path
) -> None:
    """With its logs; who worked on it is said, and nothing is left in the scratch folder."""
    order("cat file")
    assert ended(start(batch)) == 0
    run = spool.take_in(batch, 0, TrialId("c1.1"), tmp_path / "logs")
    assert (run.ending, run.stdout, run.host["node"]) == (Ending.EXITED, "from the tree\n", "n9")
    assert spool.who_started(batch, 0) == spool.Started(node="n9", restart=2)
    assert (tmp_path / "logs" / "c1.1" / "stdout").read_text() == "from the tree\n"
    for name in ("logs", "work"):
        assert list((tmp_path / "scratch" / "s" / name).iterdir()) == []


def test_a_worker_that_is_told_to_stop_has_no_result(
    batch: Path, order: Callable[[str], None], tmp_path: Path
) -> None:
    """Its trial ends at once, though it ignores signals."""
    order(f"trap '' TERM; echo > {tmp_path}/up; while :; do sleep 300; done")
    process = start(batch)
    until((tmp_path / "up").exists)
    process.send_signal(signal.SIGTERM)
    assert ended(process) == worker.STOPPED
    assert not spool.is_done(batch, 0)


def test_a_trial_that_hears_the_signal_first_has_no_result_either(
    batch: Path, order: Callable[[str], None], tmp_path: Path
) -> None:
    """It has failed already when the worker is told: that was the scheduler, not the recipe."""
    order(f"echo > {tmp_path}/up; kill -TERM $$")
    process = start(batch)
    until((tmp_path / "up").exists)
    until(lambda: not (tmp_path / "scratch" / "s" / "work" / "c1.1").exists())
    process.send_signal(signal.SIGTERM)
    assert ended(process) == worker.STOPPED
    assert not spool.is_done(batch, 0)


def test_an_order_that_is_taken_back_ends_the_trial(
    batch: Path, order: Callable[[str], None], tmp_path: Path
) -> None:
    """Also where nobody can reach the job any more."""
    order(f"echo > {tmp_path}/up; sleep 300")
    process = start(batch)
    until((tmp_path / "up").exists)
    spool.withdraw(batch, 0)
    assert ended(process) == worker.STOPPED
    assert not spool.is_done(batch, 0)


def test_without_an_order_or_with_a_result_nothing_is_done(
    batch: Path, order: Callable[[str], None], tmp_path: Path
) -> None:
    """A job that was called back before it began, and one that is started again after its end."""
    assert ended(start(batch)) == 0
    assert list(batch.iterdir()) == []
    order(f"echo > {tmp_path}/ran")
    run = Run(trial=TrialId("c1.1"), ending=Ending.EXITED, exit_code=0, stdout="first")
    spool.publish(batch, 0, run, tmp_path / "nothing")
    assert ended(start(batch)) == 0
    assert not (tmp_path / "ran").exists()
    assert spool.take_in(batch, 0, TrialId("c1.1"), tmp_path / "logs") == replace(run)


def test_an_order_of_another_version_is_refused_in_one_line(batch: Path) -> None:
    """The job's own log says what to do; the scheduler sees a failed job."""
    spool.write_whole(spool.order(batch, 0), b'{"version": 99}')
    process = start(batch)
    _, said = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 1
    assert said == (
        "mainstem worker: the campaign and this node have different versions: install the same "
        "version\n"
    )


def test_a_pack_that_cannot_be_fetched_is_the_machines_failure(
    batch: Path, order: Callable[[str], None], tmp_path: Path
) -> None:
    """A run that was not prepared, with the path."""
    order("true")
    for pack in (tmp_path / "cluster" / "trees").iterdir():
        pack.unlink()
    assert ended(start(batch)) == 0
    run = spool.take_in(batch, 0, TrialId("c1.1"), tmp_path / "logs")
    assert (run.ending, run.host) == (Ending.NOT_PREPARED, {"node": "n9"})
    assert "No such file" in run.detail
