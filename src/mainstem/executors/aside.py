"""One other process that answers questions one by one, and keeps what it has loaded for the next.

What takes seconds of arithmetic would stop every thread of whoever asks: so a board has it done
aside. The process is a fresh interpreter, started at the first question and again after it has died
(of a signal, or of too little memory); it steps back behind trials that want the processor, and it
never outlives the one that asks, however that one ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from multiprocessing import connection
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

NICENESS = 10
"""How far it steps back."""

_ENDS_S = 5.0


class AsideEndedError(Exception):
    """The process ended before it answered; says how."""


class Aside:
    """The process, as whoever asks has it; `ask` from one thread, `close` from any.

    Args:
        prepare: A function of a module, called once in the process; returns what answers. What that
            raises ends the process.
        arguments: What it is called with: data.
        niceness: How far it steps back behind other processes.
    """

    def __init__(
        self,
        prepare: Callable[..., Callable[[Any], Any]],
        *arguments: Any,
        niceness: int = NICENESS,
    ) -> None:
        self._prepare = prepare
        self._arguments = arguments
        self._niceness = niceness
        self._lock = threading.Lock()
        self._closed = False
        self._asking = False
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    @property
    def pid(self) -> int | None:
        """The process's id; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def ask(self, question: Any) -> Any:
        """The answer; waits for it as long as it takes.

        Raises:
            AsideEndedError: The process died, or this was closed. The next question starts another.
        """
        try:
            line = self._started()
            line.send(question)
            return line.recv()
        except (EOFError, OSError) as error:
            raise AsideEndedError(self._ended()) from error
        finally:
            with self._lock:
                self._asking = False

    def close(self) -> None:
        """Ends the process, also in the middle of a question. May be called twice."""
        with self._lock:
            self._closed = True
            asking = self._asking
            if self._process is not None:
                self._process.kill()
        if not asking:
            self._ended()  # else whoever asks sees to that

    def _started(self) -> Connection:
        """The line to the process, which is started if there is none.

        Raises:
            EOFError: This is closed.
        """
        with self._lock:
            if self._closed:
                raise EOFError
            self._asking = True
            if self._line is not None:
                return self._line
            context = multiprocessing.get_context("spawn")
            ours, theirs = context.Pipe()
            self._process = context.Process(
                target=_serve,
                args=(theirs, self._prepare, self._arguments, self._niceness),
                name="mainstem-aside",
                daemon=True,
            )
            self._process.start()
            theirs.close()  # so that its end shows here
            self._line = ours
            return ours

    def _ended(self) -> str:
        """Lets go of a process that has ended, or is about to; how it ended."""
        with self._lock:
            process, line = self._process, self._line
            self._process = self._line = None
        if line is not None:
            line.close()
        if process is None:
            return "it was closed"
        process.join(_ENDS_S)
        if process.exitcode is None:
            process.kill()
            process.join()
        code = process.exitcode or 0
        process.close()
        if code < 0:
            return f"it was ended by {signal.Signals(-code).name}"
        return f"it ended with exit code {code}"


def _serve(
    line: Connection,
    prepare: Callable[..., Callable[[Any], Any]],
    arguments: tuple[Any, ...],
    niceness: int,
) -> None:
    """The life of the process: prepares itself, then answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks, who then ends this
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(niceness)
    answer = prepare(*arguments)
    while True:
        try:
            question = line.recv()
        except EOFError:
            return
        line.send(answer(question))


def _end_with_parent() -> None:
    """Ends this process as soon as its parent has ended, in the middle of whatever it does."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)
