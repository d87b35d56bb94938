"""How a process gets into a sandbox that bubblewrap holds; its words: `mainstem.executors.plan`.

bubblewrap tells a trial that exits with 137 from one that SIGKILL ended no better than a shell
does, and cannot say why a command did not start. So it runs a program that waits for its input to
end (`mainstem.executors.waiter`, or `cat`), and the trial's process joins the namespaces that
bubblewrap made for it: the trial stays a process whose end the keeper sees as it is.

The keeper makes the sandbox, and the process that joins it only joins: a forked process copies each
page of memory that it touches, so what it need not do itself costs a third there.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import select
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mainstem.executors import waiter
from mainstem.executors.privileges import LIBC, check

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

NAMESPACES = {
    "mnt": 0x00020000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "cgroup": 0x02000000,
}
"""What is joined after the user namespace, as /proc names them, with the kernel's flags."""

PATIENCE_S = 30.0
"""How long a sandbox may take to come up; far beyond what any does."""

_NEWUSER = 0x10000000
_NS_GET_USERNS = 0xB701
_MESSAGE_BYTES = 4096
_READY = b"\x06"
"""Told to the program that waits, which says it again; nothing else says it."""

# Whether our own program waits. One that does not run here, whatever the reason, would not run in
# the next sandbox either.
_own = {"waits": True}

_JSON = json.JSONDecoder()  # `json.loads` takes more steps, which count where few others are


class SandboxError(Exception):
    """The sandbox could not be made; the text says what it said."""


class Sandbox(NamedTuple):
    """A sandbox that waits.

    Attributes:
        process: bubblewrap, a child of this process.
        hold: Whoever has it open holds the sandbox: it ends when the last one lets go.
        spaces: What to join, in that order: an open file, and which namespaces of it (0: that which
            it is).
    """

    process: int
    hold: int
    spaces: tuple[tuple[int, int], ...]

    def let_go(self) -> None:
        """Leaves it to those who have joined; without any, it ends."""
        os.close(self.left())

    def left(self) -> int:
        """What holds it, when nobody else is to join."""
        for file in {file for file, _ in self.spaces}:
            os.close(file)
        return self.hold


def make(argv: Sequence[str], *, ignored: Sequence[int]) -> Sandbox:
    """Starts a sandbox below this process, and waits until everything in it is in place.

    It ends with this process.

    Args:
        argv: bubblewrap's words, with a program at their end that does what `cat` does.
        ignored: Signals that this process ignores, and bubblewrap shall not.

    Raises:
        SandboxError: bubblewrap could not make it.
        OSError: It cannot be started, or its namespaces cannot be opened.
        TimeoutError: It takes longer than any sandbox does.
    """
    own = _waiter(argv)
    if own < 0:
        return _make(argv, ignored)
    try:
        return _make([*argv[:-1], f"/proc/self/fd/{own}"], ignored)
    except SandboxError:
        made = _make(argv, ignored)
    finally:
        os.close(own)
    _own["waits"] = False
    return made


def _waiter(argv: Sequence[str]) -> int:
    """Our own program that waits, open and inherited; -1 where there is none."""
    if not _own["waits"] or argv[-2:-1] != ["--"]:
        return -1
    try:
        own = waiter.opened()
    except OSError:
        _own["waits"] = False
        return -1
    os.set_inheritable(own, True)
    return own


def _make(argv: Sequence[str], ignored: Sequence[int]) -> Sandbox:
    """One try to make a sandbox; raises as `make` does."""
    ours: list[int] = []
    theirs: list[int] = []
    held: list[int] = []
    try:
        try:
            control, hold = _pipe(theirs, held)
            ready, answer = _pipe(ours, theirs)
            info, tell = _pipe(ours, theirs)
            os.set_inheritable(tell, True)
            ends = ((control, 0), (answer, 1), (answer, 2))
            # Not by fork, which would copy this process's page tables for nothing.
            process = os.posix_spawn(
                argv[0],
                [argv[0], "--info-fd", str(tell), *argv[1:]],
                {},
                file_actions=[(os.POSIX_SPAWN_DUP2, end, place) for end, place in ends],
                setsid=True,
                setsigmask=(),
                setsigdef=ignored,
            )
            os.write(hold, _READY)  # while `control` is open: nobody to read would be SIGPIPE
        finally:
            _close(theirs)
        _hear(ready, process)
        told, _ = _JSON.raw_decode(os.read(info, _MESSAGE_BYTES).decode())
        spaces = _spaces(told)
        held.clear()
        return Sandbox(process, hold, spaces)
    finally:
        _close((*ours, *held))


def _hear(ready: int, process: int) -> None:
    """Waits until the program that waits runs, so that everything is in place.

    Raises:
        SandboxError: bubblewrap ended first; nobody need wait for it.
        TimeoutError: It takes longer than any sandbox does.
    """
    listening = select.poll()
    listening.register(ready, select.POLLIN)
    said = b""
    while _READY not in said:
        if not listening.poll(1000 * PATIENCE_S):
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        more = os.read(ready, _MESSAGE_BYTES)
        said = (said + more)[-_MESSAGE_BYTES:]
        if not more:
            os.waitpid(process, 0)
            text = said.decode(errors="replace").strip()
            raise SandboxError(text or "bubblewrap ended and said nothing")


def join(sandbox: Sandbox) -> None:
    """Joins a sandbox; children of this process are inside from then on.

    Raises:
        OSError: The kernel refuses.
    """
    for file, kinds in sandbox.spaces:
        check(LIBC.setns(file, kinds))
    sandbox.left()


def _pipe(reads: list[int], writes: list[int]) -> tuple[int, int]:
    """A pipe whose ends are noted by who is to close them."""
    reader, writer = os.pipe()
    reads.append(reader)
    writes.append(writer)
    return reader, writer


def _close(files: Iterable[int]) -> None:
    """Closes open files."""
    for file in files:
        os.close(file)


def _spaces(told: Mapping[str, int]) -> tuple[tuple[int, int], ...]:
    """The namespaces of a sandbox that are not ours.

    Where the kernel joins them one by one, the user namespaces around the others come first.

    Args:
        told: What bubblewrap says of it: its first process and, by number, which namespaces it has
            made. Of what is not there we look ourselves.

    Raises:
        OSError: They cannot be opened.
    """
    process = told["child-pid"]
    # What the sandbox shares with us (the network, if asked for) is not its own to let us in.
    own = _shared()
    found = {n: told.get(f"{n}-namespace") or _number(process, n) for n in NAMESPACES}
    names = [name for name, number in found.items() if number not in own]
    if _at_once():
        # In one call each is judged by who made the sandbox, us, and not by what was joined before:
        # so nothing needs to be known of the user namespaces around the one it ended in.
        kinds = _NEWUSER + sum(map(NAMESPACES.__getitem__, names))
        return ((os.pidfd_open(process), kinds),)
    mounts = os.open(f"/proc/{process}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        # bubblewrap may end in a user namespace below the one that owns the mounts.
        outer = fcntl.ioctl(mounts, _NS_GET_USERNS)
    finally:
        os.close(mounts)
    opened = [outer]
    try:
        nested = os.fstat(outer).st_ino != _number(process, "user")
        names += ["user"] if nested else []
        flags = os.O_RDONLY | os.O_CLOEXEC
        opened.extend(os.open(f"/proc/{process}/ns/{name}", flags) for name in names)
    except BaseException:
        _close(opened)
        raise
    return tuple((file, 0) for file in opened)


def _number(process: int | str, name: str) -> int:
    """By which number a process's namespace is told from others."""
    return os.stat(f"/proc/{process}/ns/{name}").st_ino  # noqa: PTH116  # a link of /proc


@lru_cache(maxsize=1)
def _shared() -> frozenset[int]:
    """Which namespaces this process is in, but for that of mounts, which no sandbox shares."""
    return frozenset(_number("self", name) for name in NAMESPACES if name != "mnt")


@lru_cache(maxsize=1)
def _at_once() -> bool:
    """Whether the kernel lets us join all namespaces of a process in one call (Linux 5.8)."""
    numbers = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return numbers is not None and (int(numbers[1]), int(numbers[2])) >= (5, 8)
