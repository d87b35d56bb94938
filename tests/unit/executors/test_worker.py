from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import GitError, UsageError
from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Ending, Job, TrialId
from mainstem.executors import ladder, worker as workers
from mainstem.executors.parcel import Parcel, Wish
from mainstem.executors.plan import Level
from mainstem.executors.slot import StoppedError
from mainstem.executors.worker import Worker, scratch_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TREE = TreeId("0" * 40)


class OneTree:
    """Trees of which there is one, with one file."""

    def has(self, tree: TreeId) -> bool:
        """Whether it is that one."""
        return tree == TREE

    def take(self, tree: TreeId, pack: bytes) -> None:
        """Takes nothing."""

    def materialise(self, tree: TreeId, into: Path) -> None:
        """Writes the file, or says that the tree is not there."""
        if tree != TREE:
            raise GitError(f"tree {tree} is not known here")
        into.mkdir()
        (into / "file").write_text("from the tree\n")


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Worker]:
    """A worker in a scratch folder of its own."""
    made = Worker(tmp_path / "scratch", OneTree())
    yield made
    made.close()


def parcel(script: str, *, wish: Wish | None = None, tree: TreeId = TREE, **more: object) -> Parcel:
    """A parcel with a shell script."""
    fields = {"seed": 1, "rung": "small", "timeout_s": 60.0} | more
    job = Job(trial=TrialId("c1.1"), tree=tree, argv=("sh", "-c", script), **fields)  # type: ignore[arg-type]  # fields of any type
    environ = {"PATH": os.environ["PATH"], "HF_HOME": "/there"}
    wish = Wish(confined=False) if wish is None else wish
    return Parcel(job=job, store="s", environ=environ, wish=wish, attempt=2)


def test_a_parcel_runs_as_a_job_would_here(worker: Worker) -> None:
    """In its tree, with what travelled along; the record names the node and the attempt."""
    run = worker.run(
        parcel("cat file; echo $HF_HOME", passed_env=("HF_HOME",)), node="n7", devices={}
    )
    assert (run.ending, run.exit_code, run.stdout) == (Ending.EXITED, 0, "from the tree\n/there\n")
    assert (run.host["node"], run.host["attempt"]) == ("n7", "2")
    assert (worker.logs("c1.1") / "stdout").read_text() == run.stdout
    worker.clear("c1.1")
    assert not worker.logs("c1.1").exists()


def test_accelerators_that_a_scheduler_gave_are_seen(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of this process's environment, and nothing else of it."""
    monkeypatch.setenv("SECRET", "x")
    devices = {"CUDA_VISIBLE_DEVICES": "1,3", "SECRET": "x"}
    run = worker.run(parcel("echo $CUDA_VISIBLE_DEVICES-$SECRET"), node="n1", devices=devices)
    assert run.stdout == "1,3-\n"


def test_what_the_machine_cannot_do_is_a_run_that_was_not_prepared(worker: Worker) -> None:
    """A tree that is not there: the recipe has nothing to do with it."""
    run = worker.run(parcel("true", tree=TreeId("1" * 40)), node="n1", devices={})
    assert (run.ending, run.host["node"]) == (Ending.NOT_PREPARED, "n1")
    assert "is not known here" in run.detail


def test_a_strict_wish_is_refused_where_the_node_cannot_fulfil_it(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words of --strict; nothing runs."""
    monkeypatch.setattr(ladder, "stand", lambda: ladder.standing_at(Level.LIMITS))
    run = worker.run(parcel("echo ran", wish=Wish(strict=True)), node="n1", devices={})
    assert run.ending is Ending.NOT_PREPARED
    assert "--strict: this machine cannot enforce" in run.detail
    assert run.stdout == ""


def test_a_wish_is_fulfilled_as_well_as_the_node_can(worker: Worker) -> None:
    """The record says how, with what is hidden of the campaign's machine."""
    run = worker.run(parcel("true", wish=Wish(closed=("/nonexistent",))), node="n1", devices={})
    assert run.exit_code == 0, run.detail
    assert run.confinement["profile"] == ladder.stand().level


def test_a_stopped_worker_has_no_result(worker: Worker, tmp_path: Path) -> None:
    """Whatever it was doing."""
    up = tmp_path / "up"

    def stop() -> None:
        while not up.exists():
            pass
        worker.stop()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(StoppedError):
        worker.run(parcel(f"echo > {up}; sleep 300"), node="n1", devices={})
    thread.join()
    with pytest.raises(StoppedError):
        worker.run(parcel("true"), node="n1", devices={})


def test_an_earlier_attempt_must_be_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts of a trial never work in one folder."""
    monkeypatch.setattr(workers, "BUSY_S", 0.0)
    first, second = (Worker(tmp_path / "scratch", OneTree()) for _ in range(2))
    up, go = tmp_path / "up", tmp_path / "go"
    script = f"echo > {up}; until [ -e {go} ]; do sleep 0.02; done"
    thread = threading.Thread(
        target=first.run, args=(parcel(script),), kwargs={"node": "n1", "devices": {}}
    )
    thread.start()
    while not up.exists():
        pass
    run = second.run(parcel("true"), node="n1", devices={})
    assert run.ending is Ending.NOT_PREPARED
    assert "an earlier attempt of c1.1 is still there" in run.detail
    go.touch()
    thread.join()
    assert second.run(parcel("true"), node="n1", devices={}).exit_code == 0
    first.close()
    second.close()


def test_the_scratch_folder_is_this_users_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody names one, it is below the temporary folder, which everybody can write."""
    monkeypatch.setattr(workers.tempfile, "gettempdir", lambda: str(tmp_path))
    root = scratch_root({})
    assert root == tmp_path / f"mainstem-{os.getuid()}"
    assert root.stat().st_mode & 0o777 == 0o700
    assert scratch_root({}) == root
    root.chmod(0o777)
    with pytest.raises(UsageError, match="not this user's alone"):
        scratch_root({})
    root.rmdir()
    root.symlink_to(tmp_path)
    with pytest.raises(UsageError, match="not this user's alone"):
        scratch_root({})


def test_a_scratch_folder_can_be_named(tmp_path: Path) -> None:
    """It is made with its parents; what cannot be made is one line."""
    named = tmp_path / "local" / "scratch"
    assert scratch_root({"MAINSTEM_SCRATCH": str(named)}) == named
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="MAINSTEM_SCRATCH on this node"):
        scratch_root({"MAINSTEM_SCRATCH": str(tmp_path / "file" / "x")})
