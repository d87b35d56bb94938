"""A thread that owns something only one thread may use, and does jobs with it for the others.

A connection to a SQLite file belongs to the thread that made it, and a board has many. Searching
the ledger is the job of this one: it opens the ledger at the first search, and again after a
failure.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from mainstem.domain.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
R = TypeVar("R")


@dataclass(kw_only=True)
class _Job:
    """A job, and what came of it."""

    work: Callable[[Any], Any]
    of: object
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: Exception | None = None


class Hand(Generic[T]):
    """Does jobs one after the other in a thread of its own.

    Args:
        opened: Opens what the jobs are done with.
    """

    def __init__(self, opened: Callable[[], contextlib.AbstractContextManager[T]]) -> None:
        self._opened = opened
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="board-hand", daemon=True)
        self._thread.start()

    def do(self, work: Callable[[T], R], *, of: object, wait_s: float) -> R:
        """What a job returns or raises.

        Args:
            work: The job.
            of: Of what state of the world; with another one than before it is opened anew.
            wait_s: So long it may take, with those before it.

        Raises:
            StoreError: It takes longer.
        """
        job = _Job(work=work, of=of)
        self._jobs.put(job)
        if not job.done.wait(wait_s):
            raise StoreError(f"the ledger was not read within {wait_s:g} s: try again")
        if job.error is not None:
            raise job.error
        result: R = job.result
        return result

    def close(self) -> None:
        """Lets go after the job at hand. May be called twice."""
        self._jobs.put(None)
        self._thread.join(10.0)

    def _run(self) -> None:
        stack = contextlib.ExitStack()
        owned, of = None, None
        while (job := self._jobs.get()) is not None:
            try:
                if owned is None or of != job.of:
                    stack.close()
                    owned, of = stack.enter_context(self._opened()), job.of
                job.result = job.work(owned)
            except Exception as error:  # noqa: BLE001  # it is raised where it was asked for
                job.error, owned = error, None
            job.done.set()
        stack.close()
