"""Trials on this machine, in slots.

A job is looked after by a thread that waits for a keeper process (see `mainstem.executors.keeper`),
so a slot that becomes free takes the next job at once, whether or not anyone calls `wait`, and
nothing polls. Threads are a few more than slots, so that the next jobs are prepared and ended ones
cleared away while others run (`mainstem.executors.lanes`); keepers are as many as slots. Both are
started when first needed: 64 slots cost nothing until 64 jobs are there.
"""

from __future__ import annotations

import threading
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Protocol

from mainstem.executors.confine import Confine, unconfined
from mainstem.executors.folders import Folders
from mainstem.executors.lanes import ClosedError, Lanes
from mainstem.executors.process import GRACE_S, Keepers
from mainstem.executors.slot import Held, Slot, StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Job, Run, TrialId
    from mainstem.executors.lanes import Turn

SLOTS_PER_HAND = 4
"""One thread more than slots for so many of them: preparing and clearing away take a quarter of
the time of the shortest trials."""


class Performer(Protocol):
    """One hand: runs one job after another."""

    def perform(self, job: Job, turn: Turn) -> Run:
        """Runs a job to its end once it is its turn.

        Raises:
            StoppedError: The hand was stopped before.
            ClosedError: The executor was closed before it was the job's turn.
        """
        ...

    def stop(self) -> None:
        """Ends what runs and refuses what comes; does not wait. From any thread."""
        ...

    def join(self) -> None:
        """Waits until nothing that this slot started lives."""
        ...


class SlotsExecutor:
    """Runs jobs in slots of any kind, `slots` at a time, in the order of submission.

    Safe to use from several threads. After `close`, runs that had ended are still handed out by
    `wait`; jobs that were queued or running are reported by nobody.
    """

    def __init__(
        self,
        *,
        slots: int,
        make_slot: Callable[[], Performer],
        release: Callable[[], None],
        ahead: int = 0,
    ) -> None:
        """Starts nothing yet.

        Args:
            slots: How many jobs run at once, at least 1.
            make_slot: Makes a hand when it is first needed.
            release: Gives back what slots share, when all have ended. May be called twice.
            ahead: How many jobs are prepared beyond those that run.

        Raises:
            ValueError: `slots` is below 1.
        """
        if slots < 1:
            raise ValueError(f"slots is {slots}: an executor needs at least 1")
        self._slots = slots
        self._make_slot = make_slot
        self._hands = slots + ahead
        self._release = release
        self._lock = threading.Lock()
        self._lanes = Lanes(slots, self._lock)
        # One for slots without work, one for who waits for ends: each wakes only whom it concerns.
        self._work = threading.Condition(self._lock)
        self._ends = threading.Condition(self._lock)
        self._queue: deque[Job] = deque()
        self._pending: set[TrialId] = set()
        self._ended: list[Run] = []
        self._error: BaseException | None = None
        self._closed = False
        self._idle = 0
        self._served: list[tuple[Performer, threading.Thread]] = []

    @property
    def slots(self) -> int:
        """How many jobs run at once."""
        return self._slots

    def submit(self, job: Job) -> None:
        """Takes a job; it starts when a slot is free.

        Raises:
            ValueError: The trial's name is no folder name, the command is empty, or a trial of
                that name is under way.
            RuntimeError: The executor is closed.
        """
        refuse_unusable(job)
        with self._lock:
            if self._closed:
                raise RuntimeError(f"trial {job.trial!r} comes after the executor was closed")
            if job.trial in self._pending:
                raise ValueError(f"trial {job.trial!r} is under way already")
            self._pending.add(job.trial)
            self._queue.append(job)
            if self._idle < len(self._queue) and len(self._served) < self._hands:
                self._open_slot()
            self._work.notify()

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """The runs that have ended since the last call; waits for one if there is none.

        Returns an empty list when nothing is under way or the timeout has passed.

        Raises:
            Exception: A slot failed in a way that no trial can be blamed for, such as an error in
                `materialise` that is neither an `OSError` nor a `MainstemError`.
        """
        with self._lock:
            self._ends.wait_for(lambda: self._ended or self._error or not self._pending, timeout_s)
            if self._error is not None:
                raise self._error
            ended, self._ended = self._ended, []
            return ended

    def running(self) -> list[TrialId]:
        """The trials that have started and not ended, in order of their start."""
        with self._lock:
            return self._lanes.running()

    def close(self) -> None:
        """Kills every trial (SIGKILL, no grace) and waits until nothing of it is left.

        May be called twice, also after an interrupt in the first call.
        """
        with self._lock:
            self._closed = True
            self._lanes.close()
            self._pending.difference_update(job.trial for job in self._queue)
            self._queue.clear()
            served = list(self._served)
            self._work.notify_all()
            self._ends.notify_all()
        for slot, _ in served:
            slot.stop()
        for slot, thread in served:
            thread.join()
            slot.join()
        self._release()

    def _open_slot(self) -> None:
        """Starts a slot's thread; daemonic, so that a forgotten `close` never hangs the program."""
        slot = self._make_slot()
        name = f"mainstem-slot-{len(self._served) + 1}"
        thread = threading.Thread(target=self._serve, args=(slot,), name=name, daemon=True)
        self._served.append((slot, thread))
        thread.start()

    def _serve(self, slot: Performer) -> None:
        """Runs one job after another until the executor is closed."""
        while (taken := self._next()) is not None:
            job, turn = taken
            run: Run | None = None
            error: BaseException | None = None
            try:
                run = slot.perform(job, turn)
            except (StoppedError, ClosedError):
                pass
            except BaseException as bug:  # noqa: BLE001  # not swallowed: `wait` raises it
                error = bug
            with self._lock:
                self._error = self._error or error
                for trial, ended in self._lanes.end(turn, run):
                    self._pending.discard(trial)
                    if ended is not None:
                        self._ended.append(ended)
                self._ends.notify_all()

    def _next(self) -> tuple[Job, Turn] | None:
        """The next job, waited for, with its turn; None when the executor is closed."""
        with self._lock:
            self._idle += 1
            self._work.wait_for(lambda: self._queue or self._closed)
            self._idle -= 1
            if self._closed:
                return None
            job = self._queue.popleft()
            return job, self._lanes.take(job.trial)


class LocalExecutor(SlotsExecutor):
    """Runs jobs as processes of this machine."""

    def __init__(
        self,
        *,
        slots: int,
        workspace: Path,
        materialise: Callable[[TreeId, Path], None],
        held: Held | None = None,
        confine: Confine = unconfined,
        grace_s: float = GRACE_S,
    ) -> None:
        """Takes its share of the state folder and ends what a killed campaign left there.

        Args:
            slots: How many jobs run at once, at least 1.
            workspace: The state folder; see `mainstem.executors.folders` for what is made in it.
            materialise: Writes a tree's files into a folder that does not exist yet (its parent
                does). Called from several threads at once. `OSError` and `MainstemError` mean that
                the trial cannot start.
            held: Holds a tree's files where trials may share them; None gives each a copy.
            confine: Wraps a command in what confines it.
            grace_s: How long a trial may take to end after SIGTERM.

        Raises:
            ValueError: `slots` is below 1.
            UsageError: The state folder cannot be written.
        """
        folders = Folders(workspace)
        make_slot = partial(
            Slot,
            folders=folders,
            keepers=Keepers(folders.workspace),
            materialise=materialise,
            held=held,
            confine=confine,
            grace_s=grace_s,
        )
        try:
            super().__init__(
                slots=slots,
                make_slot=make_slot,
                release=folders.release,
                ahead=-(-slots // SLOTS_PER_HAND),
            )
        except ValueError:
            folders.release()
            raise


def refuse_unusable(job: Job) -> None:
    """Sees to it that a job can be run at all.

    Raises:
        ValueError: The trial's name is no folder name, or the command is empty.
    """
    if not job.trial or job.trial in {".", ".."} or set(job.trial) & {"/", "\0"}:
        raise ValueError(f"trial {job.trial!r} cannot be the name of a folder")
    if not job.argv:
        raise ValueError(f"trial {job.trial!r} has an empty command")
