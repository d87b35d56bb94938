"""A trial's tree laid over a shared one: what it writes goes to a folder of its own.

Copying thousands of files takes longer than starting a trial; an overlay takes the same few
milliseconds for any tree. It is mounted in a mount namespace of the keeper, which nobody else sees
and which ends with the keeper, however that ends: no mount is ever left behind. Only root may do
that on most machines, and not on every file system: where the kernel refuses, the tree is copied.

Runs in the keeper: it imports nothing but the standard library and small siblings.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from typing import TYPE_CHECKING

from mainstem.executors.privileges import LIBC, check

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEWNS = 0x20000
_MS_NOSUID, _MS_NODEV = 2, 4
_MS_REC, _MS_SLAVE = 16384, 1 << 19
_MNT_DETACH = 2
# A trial's files need not survive a power cut: without this each unmount writes out all the disk
# has waiting. Linux 5.10.
_HASTY = ",volatile"


def lay(plan: Mapping[str, str]) -> None:
    """Mounts an overlay for this process and all that it starts from now on.

    Args:
        plan: `lower` (the shared tree), `upper` and `work` (empty folders of one file system that
            nothing else uses) and `tree` (the folder to mount on).

    Raises:
        OSError: The kernel refuses, or a folder is gone.
    """
    _leave()
    with contextlib.ExitStack() as opened:
        # By open files, as a path may hold what separates mount options.
        layers = [opened.enter_context(_path(plan[name])) for name in ("lower", "upper", "work")]
        lower, upper, work = (f"/proc/self/fd/{layer}" for layer in layers)
        # Folders of the shared tree can be renamed like any other.
        options = f"redirect_dir=on,lowerdir={lower},upperdir={upper},workdir={work}"
        try:
            _mount(plan["tree"], options + _HASTY)
        except OSError:
            _mount(plan["tree"], options)


def lift(plan: Mapping[str, str]) -> None:
    """Unmounts it, also while something still has a file of it open.

    Raises:
        OSError: It is not mounted.
    """
    check(LIBC.umount2(os.fsencode(plan["tree"]), _MNT_DETACH))


@contextlib.contextmanager
def _path(name: str) -> Iterator[int]:
    file = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield file
    finally:
        os.close(file)


def _leave() -> None:
    """Gives this process mounts of its own, once; those of the machine still come and go there.

    Raises:
        OSError: It may not.
    """
    own, parents = (f"/proc/{process}/ns/mnt" for process in ("self", os.getppid()))
    if os.stat(own).st_ino == os.stat(parents).st_ino:  # noqa: PTH116  # links of /proc
        check(LIBC.unshare(_NEWNS))
        check(LIBC.mount(None, b"/", None, ctypes.c_ulong(_MS_REC | _MS_SLAVE), None))


def _mount(target: str, options: str) -> None:
    flags = ctypes.c_ulong(_MS_NOSUID | _MS_NODEV)
    check(LIBC.mount(b"overlay", os.fsencode(target), b"overlay", flags, options.encode()))
