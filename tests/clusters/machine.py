"""What the clusters of the tests are made of: processes of this machine, on loopback only."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DEADLINE_S = 120.0
"""Far beyond what anything here takes: reaching it is a failure, never a slow machine."""


def need(reason: str | None) -> None:
    """Skips the test with a reason; where CI says that everything is installed, it fails."""
    if reason is None:
        return
    if os.environ.get("CI"):
        pytest.fail(f"continuous integration must be able to run this: {reason}")
    pytest.skip(reason)


def missing(programs: Iterable[str]) -> str | None:
    """Which of these programs are not on the path of a system's administrator; None if all are."""
    lacking = [name for name in programs if system_program(name) is None]
    return f"{', '.join(lacking)} not installed" if lacking else None


def system_program(name: str) -> str | None:
    """Where a program is, daemons included."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def until(holds: Callable[[], bool], what: str = "it") -> None:
    """Waits until something holds."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s, f"{what} never came true"
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """So many free ports of this machine."""
    with contextlib.ExitStack() as stack:
        found = []
        for _ in range(count):
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            found.append(probe.getsockname()[1])
    return found


def marked(*marks: str) -> Iterator[int]:
    """The processes whose environment holds all these `NAME=value`."""
    wanted = {mark.encode() for mark in marks}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if wanted <= set((entry / "environ").read_bytes().split(b"\0")):
                    yield int(entry.name)


def kill_marked(*marks: str) -> None:
    """Kills all of them, and waits until they have gone."""

    def left() -> bool:
        found = list(marked(*marks))
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return not found

    until(left, f"the end of processes with {marks}")
