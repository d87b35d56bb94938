"""How much of the machine one trial may use: the defaults, and what a rung asks for.

The defaults are far beyond what a trial needs and far below what breaks a machine: they stop what
runs away, they do not ration. They stand here and nowhere else.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.executors.bounds import sizes

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.domain.trial import Job

CPU_GRACE_S = 5
"""CPU time between SIGXCPU, which says what happened, and SIGKILL."""


def held_bytes(folder: str) -> int:
    """What a folder and all below it take on the disk."""
    return sum(sizes([folder]))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one trial may use where its rung asks for nothing else.

    Attributes:
        disk_bytes: Its writable folders, summed; one file may not be larger either. Where less is
            free, half of what is free counts, so that no trial alone can fill the disk.
        tasks: Its processes and their threads, summed.
        scratch_bytes: A private `/tmp` in memory, for programs that do not ask `TMPDIR`.
    """

    disk_bytes: int = 50 * 10**9
    tasks: int = 4096
    scratch_bytes: int = 256 * 2**20

    def disk(self, folder: str, held: Callable[[str], int] = held_bytes) -> int:
        """The bound on a trial's folders in bytes, with what is free around `folder` now.

        Args:
            folder: The trial's folder.
            held: What it holds already, the trial's tree, which is not taken from what is free.
                Asked only where that counts.
        """
        found = os.statvfs(folder)
        half = found.f_bavail * found.f_frsize // 2
        if half >= self.disk_bytes:
            return self.disk_bytes
        return min(self.disk_bytes, half + held(folder))


def address_space(job: Job) -> int | None:
    """The bound on one process's address space in bytes; None where memory is not asked for.

    Twice the memory and 1 GiB more: libraries reserve far more than they use, and what a trial
    really uses is watched. With an accelerator there is none, as its driver maps the whole device.
    """
    wishes = job.resources
    if wishes is None or wishes.memory_bytes is None or wishes.gpus:
        return None
    return 2 * wishes.memory_bytes + 2**30


def cpu_time_s(job: Job) -> int:
    """The bound on one process's CPU time: what every core gives until the timeout."""
    return math.ceil(job.timeout_s) * _cores() + CPU_GRACE_S


@lru_cache(maxsize=1)
def _cores() -> int:
    """How many cores there are; asked once, as the answer stands in a file of the system."""
    return os.cpu_count() or 1


def tasks_of_user() -> int:
    """How many processes and threads this user has now; at most a moment old."""
    mine, count = os.geteuid(), 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == mine:
                    count += (entry / "task").stat().st_nlink - 2
            except OSError:
                continue  # it has gone
    return count


def resource_limits(job: Job, limits: Limits, disk_bytes: int, others: int) -> dict[str, Any]:
    """Limits that the kernel keeps for each process, by the names of `resource` without `RLIMIT_`.

    Args:
        job: The trial.
        limits: The defaults.
        disk_bytes: The bound on its folders.
        others: Tasks of this user that the kernel counts as well.
    """
    cpu_s = cpu_time_s(job)
    wanted: dict[str, Any] = {
        "CORE": [0, 0],
        "CPU": [cpu_s, cpu_s + CPU_GRACE_S],
        "FSIZE": [disk_bytes, disk_bytes],
        "NPROC": [limits.tasks + others, limits.tasks + others],
    }
    space = address_space(job)
    if space is not None:
        wanted["AS"] = [space, space]
    return wanted
