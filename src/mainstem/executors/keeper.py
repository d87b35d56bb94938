"""The keeper: a small process per slot that starts trials and outlives none of them.

A trial is a contributor's code: it forks, daemonises, ignores signals, prints without end. And the
campaign that started it may be killed at any instant. Something must still know every process of
the trial and end it. That cannot be the campaign process (it may be gone, and a Python process with
threads and a numerical library in it is a bad place to fork from), so each slot has a keeper:

- It is the *subreaper* of its descendants (`PR_SET_CHILD_SUBREAPER`): a process that leaves its
  session and its parent becomes the keeper's child, so the whole tree stays reachable from here,
  and "no child left" (`ECHILD`) is proof that nothing of the trial lives.
- It runs one trial at a time, so every descendant belongs to that trial; CPU time and memory of
  adopted orphans are counted by `wait4`.
- It holds a pipe from the campaign: end of file means that nobody waits for the trial any more, and
  everything is killed. The kernel closes the pipe however the campaign dies.
- It stands between the trial and its logs, so that endless output fills neither disk nor memory.
- Should the keeper itself be killed, `PR_SET_PDEATHSIG` takes the trial's first process along (the
  keeper has one thread, so the thread-bound signal is safe); the executor looks for the rest.

It runs in an isolated interpreter without `site` (10-60 ms, once per slot), so it imports nothing
but the standard library and small siblings. Orders come in and reports go out as
`mainstem.executors.messages`.
"""

from __future__ import annotations

import errno
import os
import resource
import select
import signal
import time
from typing import Any

from mainstem.executors import overlay
from mainstem.executors.bounds import Bounds
from mainstem.executors.early import Early
from mainstem.executors.kin import LET_GO_S, descendants, kill_below, send
from mainstem.executors.logs import Log
from mainstem.executors.messages import HEAD_BYTES, packed, rest_bytes, unpacked
from mainstem.executors.privileges import LIBC
from mainstem.executors.spawn import CannotStartError, start

PARENT_CHECK_S = 2.0
"""How often the keeper makes sure that its parent lives, should someone else hold the pipe."""

FALL_S = 0.05
"""How long a sandbox whose guard has gone is given to fall before its processes are looked for."""

_CHUNK_BYTES = 2**16
_DRAIN_CHUNKS = 512
_PR_SET_CHILD_SUBREAPER = 36


class AbandonedError(Exception):
    """Nobody waits for the trial any more: the campaign closed the pipe or died."""


class Wakeup:
    """A pipe that becomes readable when a signal arrives, so that a select notices it at once.

    Attributes:
        reader: The end to select on.
        terminated: Whether somebody asked the keeper to stop (SIGTERM).
    """

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        self.terminated = False
        for end in (self.reader, writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, self._terminate)

    def drain(self) -> None:
        """Forgets the signals so far."""
        try:
            os.read(self.reader, _CHUNK_BYTES)
        except BlockingIOError:
            return

    def _terminate(self, _number: int, _frame: object) -> None:
        """Notes that the keeper was asked to stop."""
        self.terminated = True


class Watch:
    """One trial, from its first process to the death of its last."""

    def __init__(self, order: dict[str, Any], wakeup: Wakeup, parent: int) -> None:
        self._order = order
        self._wakeup = wakeup
        self._parent = parent
        self._abandoned = False
        self._timed_out = False
        self._process = self._group = self._sandbox = 0
        self._hold = -1
        self._bounds = Bounds(order["bounds"], os.getpid())
        self._early = Early(order["stopper"], order["metrics"])
        self._ended_early = False
        self._stopped = ""
        self._status: int | None = None
        self._start_s = self._end_s = 0.0
        self._next_s = 0.0
        self._cpu_s = 0.0
        self._peak_rss_bytes = 0
        self._logs: dict[str, Log] = {}
        self._pipes: dict[str, int] = {}
        self._laid = False
        self._listening = select.poll()
        self._sources: dict[int, str] = {}

    def run(self) -> dict[str, Any]:
        """Runs the trial and reports how it ended.

        Raises:
            AbandonedError: Nobody waits any more; nothing of the trial is left.
        """
        try:
            try:
                self._start()
            except CannotStartError as failure:
                self._clear()
                return {"failed": failure.stage, "errno": failure.number, "said": failure.said}
            left = self._follow()
        finally:
            for pipe in self._pipes.values():
                os.close(pipe)
            for log in self._logs.values():
                log.close()
            if self._hold >= 0:
                os.close(self._hold)
            if self._laid:
                overlay.lift(self._order["overlay"])
        return {
            "status": self._status,
            "timed_out": self._timed_out,
            "early": self._ended_early,
            "stopped": self._stopped,
            "wall_s": self._end_s - self._start_s,
            "cpu_s": self._cpu_s,
            "peak_rss_bytes": self._peak_rss_bytes,
            "stdout_bytes": self._logs["stdout"].total_bytes,
            "stderr_bytes": self._logs["stderr"].total_bytes,
            "log_errno": next((log.error for log in self._logs.values() if log.error), 0),
            "left": tuple(left),
        }

    def _start(self) -> None:
        """Opens the logs and starts the trial's first process."""
        ends: dict[str, int] = {}
        try:
            for name in ("stdout", "stderr"):
                try:
                    self._logs[name] = Log(self._order[name])
                except OSError as failure:
                    raise CannotStartError("log", failure.errno or errno.EIO) from None
                self._pipes[name], ends[name] = os.pipe()
                os.set_blocking(self._pipes[name], False)
                self._listen(self._pipes[name], name)
            self._lay_tree()
            started = start(self._order, ends["stdout"], ends["stderr"])
            self._process, self._group, self._sandbox, self._hold = started
            self._start_s = self._end_s = time.monotonic()
            self._next_s = self._start_s + self._order["timeout_s"]
        finally:
            for end in ends.values():
                os.close(end)
        self._listen(self._wakeup.reader, "signal")
        self._listen(0, "campaign")

    def _listen(self, end: int, source: str) -> None:
        """Hears of an end that becomes readable, or is the last one of its pipe."""
        self._listening.register(end, select.POLLIN)
        self._sources[end] = source

    def _lay_tree(self) -> None:
        """Mounts the tree, if the order has it so."""
        if not self._order["overlay"]:
            return
        try:
            overlay.lay(self._order["overlay"])
        except OSError as failure:
            raise CannotStartError("overlay", failure.errno or errno.EIO) from None
        self._laid = True

    def _follow(self) -> list[int]:
        """Waits for the end, keeps the time and the logs, then ends what is left of the trial."""
        while self._status is None:
            next_s = min(self._next_s, self._bounds.next_s, self._early.next_s)
            patience_s = max(0.0, min(next_s - time.monotonic(), PARENT_CHECK_S))
            for end, _ in self._listening.poll(1000 * patience_s):
                self._handle(end)
            self._reap()
            if self._wakeup.terminated or os.getppid() != self._parent:
                self._abandoned = True
            if self._abandoned:
                self._clear()
                raise AbandonedError
            self._keep_time()
            self._keep_bounds()
            self._end_early()
        left = self._clear()
        for name in self._pipes:
            for _ in range(_DRAIN_CHUNKS):
                if not self._take(name):
                    break
        return left

    def _handle(self, end: int) -> None:
        """Does what a readable end asks for."""
        source = self._sources[end]
        if source == "campaign":
            self._abandoned = True  # nothing is ever sent while a trial runs: this is end of file
        elif source == "signal":
            self._wakeup.drain()
        elif self._take(source) == b"":
            self._listening.unregister(end)

    def _take(self, name: str) -> bytes | None:
        """Moves output into its log; b"" at its end, None when there is nothing at present."""
        try:
            data = os.read(self._pipes[name], _CHUNK_BYTES)
        except BlockingIOError:
            return None
        self._logs[name].take(data)
        if name == "stdout":
            self._early.printed(data)
        return data

    def _keep_time(self) -> None:
        """Asks a trial that takes too long to end; kills it when the grace is over."""
        if self._status is not None or time.monotonic() < self._next_s:
            return
        if self._timed_out or self._ended_early:
            kill_below(os.getpid())
            self._next_s = time.monotonic() + LET_GO_S
            return
        self._timed_out = True
        self._ask_to_end()

    def _end_early(self) -> None:
        """Asks a trial to end of which enough is known; it is killed when the grace is over."""
        asked = self._timed_out or self._ended_early or self._stopped
        if self._status is None and not asked and self._early.look():
            self._ended_early = True
            self._ask_to_end()

    def _ask_to_end(self) -> None:
        """Asks the trial to end, with grace."""
        self._next_s = time.monotonic() + self._order["grace_s"]
        os.killpg(self._group, signal.SIGTERM)

    def _keep_bounds(self) -> None:
        """Kills a trial that uses more than it may; without grace, as the machine is at stake."""
        if self._status is None and not self._stopped:
            self._stopped = self._bounds.look()
            if not self._stopped:
                return
            if self._sandbox or self._group != self._process:
                # The sandbox falls at once, however many processes there are: by itself, or with
                # its guard.
                send(self._sandbox or self._process, signal.SIGKILL)
            kill_below(os.getpid())

    def _reap(self) -> bool:
        """Collects every dead child and its use of resources; True when no child is left."""
        while True:
            try:
                process, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if process == 0:
                return False
            self._cpu_s += usage.ru_utime + usage.ru_stime
            self._peak_rss_bytes = max(self._peak_rss_bytes, usage.ru_maxrss * 1024)
            if process == self._process:
                self._status = status
                self._end_s = time.monotonic()
            elif process == self._sandbox:
                self._sandbox = 0

    def _clear(self) -> list[int]:
        """Kills every process of the trial; returns those that did not go in `LET_GO_S`."""
        deadline_s = time.monotonic() + LET_GO_S
        # With bubblewrap falls all that it holds; finding its processes takes longer.
        if self._sandbox:
            send(self._sandbox, signal.SIGKILL)
        falls = self._sandbox or self._group != self._process
        kill_s = time.monotonic() + (FALL_S if falls else 0.0)
        pause_s = 0.001
        while not self._reap():
            now_s = time.monotonic()
            if now_s > deadline_s:
                return sorted(descendants(os.getpid()))
            if now_s < kill_s:
                wait_s = kill_s - now_s  # it falls by itself, and each end in it is a signal to us
            else:
                kill_below(os.getpid())
                wait_s, pause_s = pause_s, min(2 * pause_s, 0.2)
            if select.select((self._wakeup.reader,), (), (), wait_s)[0]:
                self._wakeup.drain()
        return []


def next_order(wakeup: Wakeup, parent: int) -> dict[str, Any] | None:
    """The next order of the campaign; None when there will be none."""
    said, wanted = b"", HEAD_BYTES
    listening = select.poll()
    for end in (0, wakeup.reader):
        listening.register(end, select.POLLIN)
    while len(said) < wanted:
        ready = dict(listening.poll(1000 * PARENT_CHECK_S))
        if wakeup.reader in ready:
            wakeup.drain()
        if wakeup.terminated or os.getppid() != parent:
            return None
        if 0 in ready:
            data = os.read(0, _CHUNK_BYTES)
            if not data:
                return None
            said += data
            if len(said) >= HEAD_BYTES:
                wanted = HEAD_BYTES + rest_bytes(said[:HEAD_BYTES])
    return unpacked(said[HEAD_BYTES:])


def main(parent: int) -> None:
    """Runs orders until the campaign has no more."""
    LIBC.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # A crash is evidence in the ledger; its memory image would fill the disk and hold data.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    wakeup = Wakeup()
    while (order := next_order(wakeup, parent)) is not None:
        try:
            report = Watch(order, wakeup, parent).run()
            os.write(1, packed(report))
        except (AbandonedError, BrokenPipeError):
            return
        if report.get("left"):
            return  # what hangs in the kernel must not be counted to the next trial
