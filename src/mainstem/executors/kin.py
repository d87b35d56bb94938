"""A process and all its descendants, wherever they went.

Sessions and process groups can be left; the parent that the kernel records cannot be forged. Below
a subreaper the chain of parents never breaks, so what is below it is found, stopped and killed.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

LET_GO_S = 10.0
"""How long killed processes may take to disappear (a process can hang in the kernel)."""


def processes() -> list[int]:
    """The ids of all processes that are visible here."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def stat_fields(process: int) -> list[bytes]:
    """Fields of a process's /proc stat after its name: state, parent, group, session, terminal.

    Returns:
        At least those five, or nothing if the process has gone.
    """
    try:
        stat = Path("/proc", str(process), "stat").read_bytes()
    except OSError:
        return []
    # pid (name) state parent ...: the name may hold anything, so count from its last bracket.
    return stat[stat.rindex(b")") + 2 :].split(None, 5)


def descendants(root: int) -> set[int]:
    """The ids of all processes below `root`, by the parent that each names in /proc."""
    children: dict[int, list[int]] = {}
    for process in processes():
        if fields := stat_fields(process):
            children.setdefault(int(fields[1]), []).append(process)
    found: set[int] = set()
    ahead = [root]
    while ahead:
        below = children.get(ahead.pop(), [])
        found.update(below)
        ahead.extend(below)
    return found


def send(process: int, number: int) -> None:
    """Sends a signal to a process that may be gone or may belong to somebody else by now."""
    try:
        os.kill(process, number)
    except (ProcessLookupError, PermissionError):
        return


def kill_below(root: int) -> None:
    """Kills every descendant of `root`; stops them all first, so that none forks away meanwhile."""
    stopped: set[int] = set()
    for _ in range(10):
        fresh = descendants(root) - stopped
        if not fresh:
            break
        for process in fresh:
            send(process, signal.SIGSTOP)
        stopped |= fresh
    for process in stopped:
        send(process, signal.SIGKILL)
