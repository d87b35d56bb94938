"""Namespaces of our own making, where there is no bubblewrap: the same sandbox, by the same plan.

Runs in the keeper's child. `enter` leaves the process outside of the new process namespace and
everything it starts inside, under a small init that reaps orphans and dies with this process.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from mainstem.executors.bubblewrap import SandboxError
from mainstem.executors.privileges import LIBC, check

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_NEWNS, _NEWUTS, _NEWIPC = 0x20000, 0x4000000, 0x8000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 2, 4, 8
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_MOUNT_SETATTR = 442  # the same on every architecture
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_RDONLY = 1
_PR_SET_PDEATHSIG = 1
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_LINKS = (("fd", "fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"))
_MESSAGE_BYTES = 4096
_MOST_FILES = 2**16


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("userns", ctypes.c_uint64),
    )


def enter(plan: Mapping[str, Any]) -> None:
    """Makes the namespaces and what is seen in them; children of this process are inside.

    Args:
        plan: `entries` (pairs of path and `hide`, `scratch`, `read` or `write`, parents first),
            `links` (pairs of path and target), `devices`, `network`, `scratch_bytes` and
            `shared_bytes` (None is the kernel's default).

    Raises:
        SandboxError: The new init could not lay out what is seen.
        OSError: The kernel refuses a namespace.
    """
    user, group, parent = os.geteuid(), os.getegid(), os.getpid()
    flags = _NEWUSER | _NEWNS | _NEWPID | _NEWIPC | _NEWUTS
    check(LIBC.unshare(flags | (0 if plan["network"] else _NEWNET)))
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    if not plan["network"]:
        _loopback_up()
    reader, writer = os.pipe()
    if os.fork() == 0:
        _be_init(plan, writer, parent)
    os.close(writer)
    answer = os.read(reader, _MESSAGE_BYTES).decode(errors="replace")
    os.close(reader)
    if answer != "ready":
        raise SandboxError(answer or "the sandbox's first process ended and said nothing")


def _be_init(plan: Mapping[str, Any], writer: int, parent: int) -> NoReturn:
    """The first process inside: lays out what is seen, then reaps until its parent dies."""
    try:
        LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        _lay_out(plan)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        for end in (0, 1, 2):
            os.dup2(os.open(os.devnull, os.O_RDWR), end)
        # Nobody inside may open another set of namespaces, where old rights would come back.
        _write("/proc/sys/user/max_user_namespaces", "0")
        os.write(writer, b"ready")
        os.closerange(3, _MOST_FILES)  # who reads the guard's pipes waits for their end
        while True:
            try:
                while os.waitpid(-1, os.WNOHANG) != (0, 0):
                    pass
            except ChildProcessError:
                pass
            signal.sigwait({signal.SIGCHLD})
    except OSError as failure:
        os.write(writer, f"{failure.strerror}: {failure.filename or 'mount'} ({parent})".encode())
    finally:
        os._exit(127)


def _lay_out(plan: Mapping[str, Any]) -> None:
    """Mounts everything.

    Raises:
        OSError: The kernel refuses a mount.
    """
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    entries = plan["entries"]
    sources = {
        path: os.open(path, os.O_PATH) for path, access in entries if access in {"read", "write"}
    }
    _set_attributes("/", add=_ATTR_RDONLY, deep=True)
    for path, access in entries:
        if access == "scratch":
            _tmpfs(path, 0o1777, plan["scratch_bytes"])
        elif access == "hide":
            _hide(path)
        else:
            _bind(sources[path], path)
            if access == "write":
                _open(path)
    for path, target in plan["links"]:
        link = Path(path)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    for source in sources.values():
        os.close(source)
    _devices(plan["devices"], plan["shared_bytes"])
    _mount("proc", "/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    for path, access in entries:
        # What lay in the machine's /dev, such as a socket in shared memory, is gone with it.
        if access == "hide" and os.path.lexists(path):
            _set_attributes(path, add=_ATTR_RDONLY)


def _open(path: str) -> None:
    """Makes a path writable again, with what is mounted below: a tree may be an overlay.

    Raises:
        OSError: The kernel refuses.
    """
    try:
        _set_attributes(path, clear=_ATTR_RDONLY, deep=True)
    except PermissionError:  # something below was read-only before, and stays it
        _set_attributes(path, clear=_ATTR_RDONLY)


def _hide(path: str) -> None:
    """Puts nothing in a path's place."""
    if Path(path).is_dir():
        _tmpfs(path, 0o755, 2**20)
    else:
        _mount(os.devnull, path, None, _MS_BIND)


def _bind(source: int, path: str) -> None:
    """Shows an opened folder or file again at its path, which something else hides by now."""
    inside, place = f"/proc/self/fd/{source}", Path(path)
    if Path(inside).is_dir():
        place.mkdir(parents=True, exist_ok=True)
    elif not os.path.lexists(path):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    _mount(inside, path, None, _MS_BIND | _MS_REC)


def _devices(more: Sequence[str], shared_bytes: int | None) -> None:
    """A /dev of its own: the harmless devices, those of accelerators, shared memory."""
    names = [f"/dev/{name}" for name in _DEVICES if Path("/dev", name).exists()]
    sources = {name: os.open(name, os.O_PATH) for name in [*names, *more]}
    _tmpfs("/dev", 0o755, 2**20)
    for name, source in sources.items():
        _bind(source, name)
        _set_attributes(name, clear=_ATTR_RDONLY)
        os.close(source)
    for name, target in _LINKS:
        Path("/dev", name).symlink_to("/proc/self/" + target)
    Path("/dev/shm").mkdir()  # noqa: S108  # the sandbox's own
    _tmpfs("/dev/shm", 0o1777, shared_bytes)  # noqa: S108  # the sandbox's own
    _set_attributes("/dev", add=_ATTR_RDONLY)


def _tmpfs(path: str, mode: int, size_bytes: int | None) -> None:
    size = "" if size_bytes is None else f",size={size_bytes}"
    _mount("tmpfs", path, "tmpfs", _MS_NOSUID | _MS_NODEV, f"mode={mode:o}{size}")


def _mount(
    source: str | None, target: str, kind: str | None, flags: int, options: str = ""
) -> None:
    """mount(2).

    Raises:
        OSError: The kernel refuses.
    """
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    try:
        check(LIBC.mount(*words, ctypes.c_ulong(flags), options.encode() or None))
    except OSError as failure:
        failure.filename = target
        raise


def _set_attributes(path: str, *, add: int = 0, clear: int = 0, deep: bool = False) -> None:
    """mount_setattr(2).

    Raises:
        OSError: The kernel refuses.
    """
    wanted = _Attributes(set=add, clear=clear)
    flags = _AT_RECURSIVE if deep else 0
    try:
        check(
            LIBC.syscall(
                _MOUNT_SETATTR,
                _AT_FDCWD,
                os.fsencode(path),
                flags,
                ctypes.byref(wanted),
                ctypes.c_size_t(ctypes.sizeof(wanted)),
            )
        )
    except OSError as failure:
        failure.filename = path
        raise


def _loopback_up() -> None:
    """Brings up the only interface of a new network, so that a trial can talk to itself."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        request = fcntl.ioctl(door, _SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))
        flags = struct.unpack("16sh14x", request)[1] | _IFF_UP
        fcntl.ioctl(door, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags))


def _write(path: str, text: str) -> None:
    """Writes a file of /proc.

    Raises:
        OSError: The kernel refuses.
    """
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)
