"""Whose job may run: a lane per slot, handed from one job to the next.

Folders are made before a job runs, and what it left is read and removed after it. A slot that stood
still for that would give away a tenth and more of its time where trials are short, so an executor
has a few hands more than lanes: a hand takes a job and prepares it, waits until a lane is free,
gives the lane on as soon as the trial has ended, and then puts the run together. Lanes go to jobs
in the order in which they were taken, and what ran in a lane is told in the order in which it ran.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstem.domain.trial import Run, TrialId

Told = tuple["TrialId", "Run | None"]
"""A trial that has ended with its run; None where it is nobody's any more."""


class ClosedError(Exception):
    """The lanes were closed while a job waited for one."""


class Turn:
    """One job's turn in a lane.

    Attributes:
        trial: The job's trial.
        lane: The lane that it has or had; None: it waits for one.
    """

    def __init__(self, lanes: Lanes, trial: TrialId) -> None:
        """Has no lane yet; see `Lanes.take`."""
        self.trial = trial
        self.lane: Lane | None = None
        self._lanes = lanes
        self._place = 0

    def wait(self) -> None:
        """Waits until the job has a lane.

        Raises:
            ClosedError: The lanes were closed before it ran.
        """
        lanes = self._lanes
        with lanes.lock:
            lanes.granted.wait_for(lambda: self.lane is not None or lanes.closed)
            if lanes.closed:
                raise ClosedError

    def over(self) -> None:
        """Gives the lane on. May be called twice."""
        with self._lanes.lock:
            self._lanes.give_on(self)

    def enter(self, lane: Lane) -> None:
        """Takes a lane."""
        self.lane, self._place = lane, lane.entered
        lane.entered += 1

    def told(self, run: Run | None) -> list[Told]:
        """What can be told now that this job's run is there."""
        if self.lane is None:
            return [(self.trial, run)]
        return self.lane.told(self._place, (self.trial, run))


class Lane:
    """One lane: how many jobs have entered it, and runs that wait for one that ran before them."""

    def __init__(self) -> None:
        self.entered = 0
        self._said = 0
        self._early: dict[int, Told] = {}

    def told(self, place: int, told: Told) -> list[Told]:
        """Takes the run of the job at a place; gives those whose turn it is to be told."""
        self._early[place] = told
        found = []
        while self._said in self._early:
            found.append(self._early.pop(self._said))
            self._said += 1
        return found


class Lanes:
    """All lanes of an executor. But for turns', every call is made with the lock held.

    Attributes:
        lock: The executor's.
        granted: Is notified when a lane has changed hands, and at the end.
        closed: Whether no job may start any more.
    """

    def __init__(self, count: int, lock: threading.Lock) -> None:
        self.lock = lock
        self.granted = threading.Condition(lock)
        self.closed = False
        self._free = [Lane() for _ in range(count)]
        self._ahead: deque[Turn] = deque()
        self._running: dict[TrialId, Turn] = {}

    def take(self, trial: TrialId) -> Turn:
        """A turn for a job, which has a lane at once if one is free."""
        turn = Turn(self, trial)
        if self._free:
            self._grant(turn, self._free.pop())
        else:
            self._ahead.append(turn)
        return turn

    def running(self) -> list[TrialId]:
        """The trials that have a lane, in the order in which they got it."""
        return list(self._running)

    def end(self, turn: Turn, run: Run | None) -> list[Told]:
        """Takes a job's run, None if it is nobody's any more; gives what can be told now."""
        self.give_on(turn)
        if turn in self._ahead:  # it could not be prepared
            self._ahead.remove(turn)
        return turn.told(run)

    def close(self) -> None:
        """Lets no job start any more."""
        self.closed = True
        self.granted.notify_all()

    def give_on(self, turn: Turn) -> None:
        """Hands the lane of a job to the next one that waits, unless it was given on before."""
        if self._running.get(turn.trial) is not turn:
            return
        del self._running[turn.trial]
        if turn.lane is not None and self._ahead:
            self._grant(self._ahead.popleft(), turn.lane)
        elif turn.lane is not None:
            self._free.append(turn.lane)

    def _grant(self, turn: Turn, lane: Lane) -> None:
        turn.enter(lane)
        self._running[turn.trial] = turn
        self.granted.notify_all()
