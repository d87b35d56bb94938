"""What runs on a cluster's node: `python -m mainstem.wiring.worker BATCH N` for SLURM.

It becomes the scheduler's job, so it hears the scheduler's signals. One that was told to stop has
no result: what its trial did meanwhile (it hears the same signal) says nothing of the recipe.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.domain.errors import MainstemError
from mainstem.domain.trial import Ending, Run
from mainstem.executors import spool
from mainstem.executors.folders import reason
from mainstem.executors.parcel import ForeignParcelError, read_parcel
from mainstem.executors.slot import StoppedError
from mainstem.executors.worker import Worker, scratch_root
from mainstem.gitrepo.packs import PackedTrees

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.proposal import TreeId
    from mainstem.executors.parcel import Parcel

STOPPED = 75
"""The exit code of a worker that was told to stop (EX_TEMPFAIL): it can be run again."""

LOOK_S = 2.0
"""How often a worker looks whether its order is still there."""

SETTLE_S = 0.5
"""How long a worker waits for its own signal where the trial did not end well: a scheduler tells
all processes of a job one after the other, and the trial's may be first."""

_TOLD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGXCPU, signal.SIGUSR1)


def make_worker(store: str) -> Worker:
    """A worker for a store's trials on this host.

    Raises:
        MainstemError: The scratch folder cannot be used, or git is missing.
    """
    scratch = scratch_root(os.environ) / store
    return Worker(scratch, PackedTrees(scratch))


class _Task:
    """One task of a SLURM array, from its order to its result."""

    def __init__(self, batch: Path, index: int) -> None:
        self._batch = batch
        self._index = index
        self._node = os.environ.get("SLURMD_NODENAME", "")
        self._told = threading.Event()
        self._ended = threading.Event()
        self._worker: Worker | None = None
        self._run: Run | None = None

    def perform(self) -> int:
        """Runs the task; the exit code."""
        for number in _TOLD:
            signal.signal(number, lambda _number, _frame: self._told.set())
        try:
            text = spool.order(self._batch, self._index).read_text(encoding="utf-8")
        except FileNotFoundError:
            return 0  # called back
        if spool.is_done(self._batch, self._index):
            return 0  # a scheduler started again what had ended
        parcel = read_parcel(text)
        restart = int(os.environ.get("SLURM_RESTART_COUNT", "0"))
        started = spool.Started(node=self._node, restart=restart)
        spool.say_started(self._batch, self._index, started)
        thread = threading.Thread(target=self._serve, args=(parcel,), daemon=True)
        thread.start()
        while not self._ended.wait(LOOK_S) and not self._told.is_set():
            if not spool.order(self._batch, self._index).exists():
                self._told.set()
        if self._told.is_set():
            return self._stop(thread)
        return self._publish(parcel)

    def _serve(self, parcel: Parcel) -> None:
        """Prepares and runs the trial; whatever goes wrong is its run."""
        try:
            worker = make_worker(parcel.store)
            self._worker = worker
            self._fetch(worker, parcel.job.tree)
            self._run = worker.run(parcel, node=self._node, devices=os.environ)
        except StoppedError:
            self._told.set()
        except (MainstemError, OSError) as error:
            said = reason(error) if isinstance(error, OSError) else str(error)
            host = {"node": self._node}
            self._run = Run(
                trial=parcel.job.trial, ending=Ending.NOT_PREPARED, detail=said, host=host
            )
        finally:
            self._ended.set()

    def _fetch(self, worker: Worker, tree: TreeId) -> None:
        """Gets the recipe's files, if this host does not have them.

        Raises:
            OSError: The pack cannot be read.
            GitError: It is damaged, or cannot be taken in.
        """
        if not worker.trees.has(tree):
            worker.trees.take(tree, spool.packs_of(self._batch).get(tree))

    def _stop(self, thread: threading.Thread) -> int:
        """Ends the trial at once."""
        if self._worker is not None:
            self._worker.stop()
            thread.join()
            self._worker.close()
        return STOPPED

    def _publish(self, parcel: Parcel) -> int:
        """Hands the result over, unless somebody wants none."""
        run, worker = self._run, self._worker
        if run is None:
            return 1  # a fault of ours, which the thread has printed
        well = run.ending is Ending.STOPPED or (run.ending is Ending.EXITED and run.exit_code == 0)
        if self._told.wait(0.0 if well else SETTLE_S):
            return STOPPED
        if not spool.order(self._batch, self._index).exists():
            return STOPPED
        logs = Path(os.devnull) if worker is None else worker.logs(run.trial)
        spool.publish(self._batch, self._index, run, logs)
        if worker is not None:
            worker.clear(parcel.job.trial)
            worker.close()
        return 0


def main(words: Sequence[str]) -> int:
    """Runs the task that the words name: the batch's folder, and its number."""
    batch, index = words
    try:
        return _Task(Path(batch), int(index)).perform()
    except ForeignParcelError as error:
        print(f"mainstem worker: {error}: install the same version", file=sys.stderr)  # noqa: T201  # the job's own log
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
