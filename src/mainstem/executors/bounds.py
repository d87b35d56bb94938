"""What a trial uses, looked at by its keeper while it runs: memory, processes, disk.

The kernel limits single processes (`mainstem.executors.limits`), and a trial may have thousands.
Without a control group of its own nobody but the keeper sees their sum. A look costs what the
machine has of processes and the trial of files, so the keeper looks less often where a look takes
longer: a trial may be over its bound for as long as `EVERY_S`, or for fifty times a look.
"""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.executors.kin import descendants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EVERY_S = 0.25
"""How often processes and memory are looked at, at most."""

DISK_EVERY_S = 1.0
"""How often folders are summed, at most."""

SLICE_S = 0.02
"""How long folders are summed at a time, so that logs and timeouts do not wait for it."""

_SHARE = 50.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_BLOCK_BYTES = 512


class Bounds:
    """One trial's bounds.

    Attributes:
        next_s: When to look again, on the monotonic clock.
    """

    def __init__(self, wanted: Mapping[str, Any], root: int) -> None:
        """Takes what is watched; nothing at first sight.

        Args:
            wanted: `memory_bytes`, `tasks` and `disk_bytes`, each of which may be missing or None,
                and `folders` to sum for the last.
            root: The process whose descendants are the trial.
        """
        self._memory_bytes: int | None = wanted.get("memory_bytes")
        self._tasks: int | None = wanted.get("tasks")
        self._disk_bytes: int | None = wanted.get("disk_bytes")
        self._folders: list[str] = wanted.get("folders", [])
        self._root = root
        now = time.monotonic()
        self._look_s = now + EVERY_S if self._tasks or self._memory_bytes else float("inf")
        self._disk_s = now + DISK_EVERY_S if self._disk_bytes else float("inf")
        self._walk: Iterator[int] | None = None
        self._walked_s = 0.0
        self._used_bytes = 0

    @property
    def next_s(self) -> float:
        """When to look again."""
        return min(self._look_s, self._disk_s)

    def look(self) -> str:
        """Looks at what is due; says in words which bound is broken, "" if none is."""
        start_s = time.monotonic()
        said = ""
        if start_s >= self._look_s:
            said = self._look_at_processes()
            took_s = time.monotonic() - start_s
            self._look_s = time.monotonic() + max(EVERY_S, _SHARE * took_s)
        if not said and start_s >= self._disk_s:
            said = self._look_at_disk()
        return said

    def _look_at_processes(self) -> str:
        family = descendants(self._root)
        if self._tasks is not None:
            tasks = sum(map(threads, family))
            if tasks > self._tasks:
                return f"process limit: {tasks} processes and threads, {self._tasks} are allowed"
        if self._memory_bytes is None:
            return ""
        if sum(map(resident_bytes, family)) <= self._memory_bytes:
            return ""
        used = sum(map(own_bytes, family))  # slower, and does not count shared pages twice
        if used <= self._memory_bytes:
            return ""
        return f"memory limit: {size(used)} in use, the rung asks for {size(self._memory_bytes)}"

    def _look_at_disk(self) -> str:
        """Goes on summing the folders; says so when they hold too much."""
        start_s = time.monotonic()
        if self._walk is None:
            self._walk, self._used_bytes, self._walked_s = sizes(self._folders), 0, 0.0
        for taken in self._walk:
            self._used_bytes += taken
            if time.monotonic() - start_s > SLICE_S:
                self._walked_s += SLICE_S
                self._disk_s = time.monotonic() + SLICE_S
                break
        else:
            self._walk = None
            self._walked_s += time.monotonic() - start_s
            self._disk_s = time.monotonic() + max(DISK_EVERY_S, _SHARE * self._walked_s)
        if self._disk_bytes is None or self._used_bytes <= self._disk_bytes:
            return ""
        return f"disk limit: its folders hold over {size(self._disk_bytes)}"


def threads(process: int) -> int:
    """How many threads a process has; 0 if it has gone."""
    try:
        line = Path("/proc", str(process), "stat").read_bytes()
    except OSError:
        return 0
    # pid (name) state ... : the name may hold anything, so count from its last bracket.
    return int(line[line.rindex(b")") + 2 :].split()[17])


def resident_bytes(process: int) -> int:
    """The memory of a process, shared pages included; 0 if it has gone."""
    try:
        return int(Path("/proc", str(process), "statm").read_bytes().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError):
        return 0


def own_bytes(process: int) -> int:
    """The memory of a process, with its part of shared pages; all of them where it hides that."""
    try:
        for line in Path("/proc", str(process), "smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return resident_bytes(process)


def sizes(folders: list[str]) -> Iterator[int]:
    """What each file and folder below takes on the disk, links not followed; one at a time.

    What is mounted in a folder is left out: an overlay holds files that the trial never wrote.
    """
    ahead = [(folder, _device(folder)) for folder in folders]
    while ahead:
        folder, device = ahead.pop()
        try:
            entries = os.scandir(folder)
        except OSError:
            continue  # it has gone, or the trial shut us out
        with entries:
            for entry in entries:
                try:
                    found = entry.stat(follow_symlinks=False)
                except OSError:
                    continue
                if found.st_dev == device:
                    yield found.st_blocks * _BLOCK_BYTES
                    if stat.S_ISDIR(found.st_mode):
                        ahead.append((entry.path, device))


def _device(folder: str) -> int:
    """The file system of a folder; -1 if it has gone."""
    try:
        return os.stat(folder).st_dev  # noqa: PTH116  # as text, for every trial
    except OSError:
        return -1


def size(count: int) -> str:
    """Bytes for people, in powers of 1,000."""
    return f"{count / 1e9:.1f} GB" if count >= 10**9 else f"{count / 1e6:.0f} MB"
