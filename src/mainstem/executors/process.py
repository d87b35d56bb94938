"""The campaign's end of a keeper: sends one order at a time and waits for its report.

See `mainstem.executors.keeper` for what happens at the other end, and why there is one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from mainstem.executors.kin import LET_GO_S
from mainstem.executors.messages import packed, received

if TYPE_CHECKING:
    from collections.abc import Mapping

GRACE_S = 5.0
"""How long a trial may take to end after SIGTERM, before everything of it is killed."""

_PACKAGES = Path(__file__).parents[2]
# Appended, not put first: what is installed beside Mainstem must not stand in for the library.
_START = """
import sys
sys.path.append(sys.argv[1])
from mainstem.executors.keeper import main
main(int(sys.argv[2]))
"""

KEEPER_VARIABLE = "MAINSTEM_KEEPER"
"""Marks a keeper's environment with the state folder that it works for."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a keeper needs to run a trial.

    Attributes:
        argv: The command's words, confined or not.
        env: The whole environment.
        cwd: The working directory.
        stdout: The file for the standard output.
        stderr: The file for the standard error.
        timeout_s: Wall time until SIGTERM.
        grace_s: Wall time from SIGTERM until SIGKILL.
        confine: What the first process does to itself before it becomes the command: `rlimits`,
            `network`, and one of `bubblewrap`, `namespaces`, `landlock` or none of them; empty
            leaves it as it is. See `mainstem.executors.profile`.
        bounds: What is watched while it runs; see `mainstem.executors.bounds`.
        overlay: How the working directory is laid over a shared tree; see
            `mainstem.executors.overlay`. Empty: its files are there.
        stopper: When the trial is ended early, as `mainstem.domain.stopper` writes it; None: never.
        metrics: The metrics file, which is looked at for that.
    """

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    stdout: str
    stderr: str
    timeout_s: float
    grace_s: float
    confine: Mapping[str, Any] = field(default_factory=dict)
    bounds: Mapping[str, Any] = field(default_factory=dict)
    overlay: Mapping[str, str] = field(default_factory=dict)
    stopper: Mapping[str, Any] | None = None
    metrics: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The command did not come to run.

    Attributes:
        stage: What was attempted: `log`, `overlay`, `confine`, `chdir` or `exec`.
        number: The system's error number.
        said: For `confine`: what the sandbox said.
    """

    stage: str
    number: int
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """How a trial's processes ended.

    Attributes:
        status: The first process's wait status.
        timed_out: Whether it was asked to end because its time was over.
        early: Whether it was asked to end because enough was known of it.
        stopped: The limit for which it was killed, in words; "" if it kept within all.
        wall_s: Wall time of the first process.
        cpu_s: User and system time of all processes that were waited for.
        peak_rss_bytes: The largest resident set among them.
        stdout_bytes: How much was written to the standard output.
        stderr_bytes: How much was written to the standard error.
        log_errno: Why a log is incomplete, or 0.
        left: Ids of processes that did not go when killed.
    """

    status: int
    timed_out: bool
    early: bool
    stopped: str
    wall_s: float
    cpu_s: float
    peak_rss_bytes: int
    stdout_bytes: int
    stderr_bytes: int
    log_errno: int
    left: tuple[int, ...]


class KeeperLostError(Exception):
    """The keeper ended before it reported.

    Attributes:
        returncode: As of `subprocess.Popen`: an exit code, or minus a signal's number.
    """

    def __init__(self, returncode: int) -> None:
        super().__init__(f"keeper ended with {returncode}")
        self.returncode = returncode


class Keeper:
    """A keeper process; one order at a time, `stop` from any thread."""

    def __init__(self, workspace: Path) -> None:
        """Starts the process.

        Raises:
            OSError: No process can be started (the system's limit, memory).
        """
        # Its own session keeps the terminal's Ctrl-C away; its environment holds no secrets.
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and our own file
            [sys.executable, "-I", "-S", "-c", _START, str(_PACKAGES), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={KEEPER_VARIABLE: str(workspace), "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        self._writing = threading.Lock()
        self._spent = False

    @property
    def ready(self) -> bool:
        """Whether it can take an order: it lives, and everything of its last trial is gone."""
        return not self._spent and self._process.poll() is None

    def run(self, order: Order) -> Report | Refusal:
        """Runs one trial to its end.

        Raises:
            KeeperLostError: The keeper ended first, because of `stop` or because it was killed.
        """
        try:
            with self._writing:
                if not self._stdin.closed:
                    self._stdin.write(packed(vars(order)))
                    self._stdin.flush()
        except BrokenPipeError:
            pass  # the answer below says how it ended
        fields = received(self._stdout)
        if fields is None:
            self._spent = True
            raise KeeperLostError(self._process.wait())
        if "failed" in fields:
            return Refusal(stage=fields["failed"], number=fields["errno"], said=fields["said"])
        report = Report(**fields)
        self._spent = bool(report.left)
        return report

    def stop(self) -> None:
        """Tells the keeper to kill its trial and to go; does not wait for it."""
        with self._writing:
            try:
                self._stdin.close()
            except BrokenPipeError:
                return  # it has gone already

    def join(self) -> None:
        """Waits until the keeper and everything below it has gone."""
        self.stop()
        try:
            self._process.wait(timeout=3 * LET_GO_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._stdout.close()


class Keepers:
    """Keepers, started when there is none to take: as many as were ever in use at once.

    Safe to use from several threads.

    Attributes:
        stopped: Whether none is given out any more.
    """

    def __init__(self, workspace: Path) -> None:
        """Starts nothing yet.

        Args:
            workspace: The state folder that they work for.
        """
        self._workspace = workspace
        self._lock = threading.Lock()
        self._free: list[Keeper] = []
        self._all: list[Keeper] = []
        self.stopped = False

    def take(self) -> Keeper | None:
        """A keeper that is ready for an order; None after `stop`.

        Raises:
            OSError: None can be started.
        """
        with self._lock:
            if self.stopped:
                return None
            while self._free:
                keeper = self._free.pop()
                # One that could not end a trial's processes goes by itself once they do.
                if keeper.ready:
                    return keeper
            keeper = Keeper(self._workspace)
            self._all.append(keeper)
            return keeper

    def give_back(self, keeper: Keeper) -> None:
        """Takes a keeper back whose order is done."""
        with self._lock:
            self._free.append(keeper)

    def stop(self) -> None:
        """Tells all to kill their trials and to go, and gives out none; does not wait."""
        with self._lock:
            self.stopped = True
            for keeper in self._all:
                keeper.stop()

    def join(self) -> None:
        """Waits until all and everything below them has gone."""
        with self._lock:
            known = list(self._all)
        for keeper in known:
            keeper.join()
