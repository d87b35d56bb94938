"""Trials that outlived their campaign are found by their marks and ended.

A keeper ends its trial when the campaign dies, so there is normally nothing to find. But a keeper
can be killed too (by a person, by the system when memory is short), and what a trial started then
belongs to nobody. A process is a trial's when its environment names a metrics file below the work
folder, or when it works below that folder and has no terminal: a person who looks around there
with a shell is not a trial.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from mainstem.executors.kin import LET_GO_S, processes, send, stat_fields

_KEEPER_PATIENCE_S = 2.0


def trial_processes(work: Path) -> list[int]:
    """The living processes (not zombies) of trials whose work is below `work`, but not this one."""
    below = os.fsencode(work) + b"/"
    return [
        process
        for process in _others()
        if any(entry.startswith(b"MAINSTEM_METRICS=" + below) for entry in _environment(process))
        or (_cwd(process).startswith(below) and not _has_terminal(process))
    ]


def keeper_processes(workspace: Path) -> list[int]:
    """The living keepers that work for this state folder."""
    mark = b"MAINSTEM_KEEPER=" + os.fsencode(workspace)
    return [process for process in _others() if mark in _environment(process)]


def end_leftovers(work: Path, workspace: Path | None = None) -> None:
    """Kills the trials below `work` and waits until they have gone, or `LET_GO_S` have passed.

    Args:
        work: A folder of trials, or of one.
        workspace: The state folder whose keepers have lost their campaign: they are given a
            moment to end their trials (they know them best), then killed. None spares keepers.
    """
    start_s = time.monotonic()
    pause_s = 0.001
    while time.monotonic() - start_s < LET_GO_S:
        trials = trial_processes(work)
        keepers = [] if workspace is None else keeper_processes(workspace)
        if not trials and not keepers:
            return
        patient = time.monotonic() - start_s < _KEEPER_PATIENCE_S
        for process in trials if patient else trials + keepers:
            send(process, signal.SIGKILL)
        time.sleep(pause_s)  # processes of others cannot be waited for, only looked at
        pause_s = min(2 * pause_s, 0.1)


def _others() -> list[int]:
    """The ids of all processes but this one."""
    return [process for process in processes() if process != os.getpid()]


def _environment(process: int) -> list[bytes]:
    """The environment that a process was started with; empty if it is gone or not ours."""
    try:
        return Path("/proc", str(process), "environ").read_bytes().split(b"\0")
    except OSError:
        return []


def _cwd(process: int) -> bytes:
    """A process's working directory; empty if it is gone or not ours."""
    try:
        return os.fsencode(Path("/proc", str(process), "cwd").readlink())
    except OSError:
        return b""


def _has_terminal(process: int) -> bool:
    """Whether a process has a controlling terminal."""
    fields = stat_fields(process)
    return bool(fields) and int(fields[4]) != 0
