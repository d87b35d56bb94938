"""Folders of trials, spread over a disk whose file system has no journal.

ext4 without a journal gives a file's place in its tables to no other for a minute and more after
the file was deleted, so that a crash cannot mix the two up. Whoever makes a file passes all of them
by, one by one, and looks into the first group of tables that has room: after a thousand short
trials, .3 ms for each file. With this hint each trial's folder goes to a group of its own choice,
of which there are thousands, and what is made in it stays by it. With a journal there is nothing to
pass by, and what is made close together is written together: such a file system gets no hint.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_GET_FLAGS, _SET_FLAGS = 0x80086601, 0x40086602
_TOP = 0x20000
"""The top of a hierarchy: what is made in it is not related. `T` of `chattr`."""

PROC = "/proc/fs"
"""Where the kernel says which file systems there are, and which have a journal."""


def spread(folder: Path) -> None:
    """Has what is made in a folder spread over the disk, where that helps; nothing else changes.

    Args:
        folder: A folder of ours, that no trial sees.
    """
    # It is a hint: a folder without it is slower and no worse.
    with contextlib.suppress(OSError):
        if not has_no_journal(folder):
            return
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            flags = array.array("l", [0])
            fcntl.ioctl(opened, _GET_FLAGS, flags)
            flags[0] |= _TOP
            fcntl.ioctl(opened, _SET_FLAGS, flags)
        finally:
            os.close(opened)


def has_no_journal(folder: Path, proc: str = PROC) -> bool:
    """Whether a folder is on an ext4 without a journal; False where that cannot be told.

    Args:
        folder: The folder.
        proc: As `PROC`.

    Raises:
        OSError: It cannot be told, or there is no such folder.
    """
    device = folder.stat().st_dev
    name = os.path.basename(os.readlink(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}"))  # noqa: PTH115, PTH119  # a text
    if not os.path.isdir(f"{proc}/ext4/{name}"):  # noqa: PTH112  # see above
        return False
    # A journal is named after its device and the file that it is in there, as `vda-8`.
    with contextlib.suppress(FileNotFoundError):
        return not any(entry.rpartition("-")[0] == name for entry in os.listdir(f"{proc}/jbd2"))  # noqa: PTH208  # see above
    return True
