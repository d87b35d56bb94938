"""How a process gets into a sandbox that bubblewrap holds; its words: `mainstem.executors.plan`.

bubblewrap tells a trial that exits with 137 from one that SIGKILL ended no better than a shell
does, and cannot say why a command did not start. So it runs `cat`, which waits for its input to
end, and the trial's process joins the namespaces that bubblewrap made for it: the trial stays a
process whose end the keeper sees as it is.

The keeper makes the sandbox, and the process that joins it only joins: a forked process copies each
page of memory that it touches, so what it need not do itself costs a third there.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import select
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from mainstem.executors.privileges import LIBC, check

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACES = ("mnt", "pid", "net", "ipc", "uts", "cgroup")
"""What is joined after the user namespace, as /proc names them."""

PATIENCE_S = 30.0
"""How long a sandbox may take to come up; far beyond what any does."""

_NS_GET_USERNS = 0xB701
_MESSAGE_BYTES = 4096


class SandboxError(Exception):
    """The sandbox could not be made; the text says what it said."""


class Sandbox(NamedTuple):
    """A sandbox that waits.

    Attributes:
        process: bubblewrap, a child of this process.
        hold: Whoever has it open holds the sandbox: it ends when the last one lets go.
        spaces: The namespaces to join, in that order, as open files.
    """

    process: int
    hold: int
    spaces: tuple[int, ...]

    def let_go(self) -> None:
        """Leaves it to those who have joined; without any, it ends."""
        os.close(self.left())

    def left(self) -> int:
        """What holds it, when nobody else is to join."""
        for space in self.spaces:
            os.close(space)
        return self.hold


def make(argv: Sequence[str], *, ignored: Sequence[int]) -> Sandbox:
    """Starts a sandbox below this process, and waits until everything in it is in place.

    It ends with this process.

    Args:
        argv: bubblewrap's words.
        ignored: Signals that this process ignores, and bubblewrap shall not.

    Raises:
        SandboxError: bubblewrap could not make it.
        OSError: It cannot be started, or its namespaces cannot be opened.
        TimeoutError: It takes longer than any sandbox does.
    """
    with contextlib.ExitStack() as ours, contextlib.ExitStack() as held:
        with contextlib.ExitStack() as theirs:
            control, hold = _pipe(theirs, held)
            ready, answer = _pipe(ours, theirs)
            info, tell = _pipe(ours, theirs)
            said, complain = _pipe(ours, theirs)
            os.set_inheritable(tell, True)
            ends = enumerate((control, answer, complain))
            # Not by fork, which would copy this process's page tables for nothing.
            process = os.posix_spawn(
                argv[0],
                [argv[0], "--info-fd", str(tell), *argv[1:]],
                {},
                file_actions=[(os.POSIX_SPAWN_DUP2, end, place) for place, end in ends],
                setsid=True,
                setsigmask=(),
                setsigdef=ignored,
            )
            os.write(hold, b"\n")  # while `control` is open: nobody to read would be SIGPIPE
        if not select.select([ready], [], [], PATIENCE_S)[0]:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        if os.read(ready, 1) != b"\n":  # `cat` runs, so everything is in place
            text = os.read(said, _MESSAGE_BYTES).decode(errors="replace").strip()
            raise SandboxError(text or "bubblewrap ended and said nothing")
        spaces = _spaces(json.loads(os.read(info, _MESSAGE_BYTES))["child-pid"])
        held.pop_all()
        return Sandbox(process, hold, spaces)


def join(sandbox: Sandbox) -> None:
    """Joins a sandbox; children of this process are inside from then on.

    Raises:
        OSError: The kernel refuses.
    """
    for space in sandbox.spaces:
        check(LIBC.setns(space, 0))
        os.close(space)


def _pipe(reads: contextlib.ExitStack, writes: contextlib.ExitStack) -> tuple[int, int]:
    """A pipe whose ends are closed with what they were handed to."""
    reader, writer = os.pipe()
    reads.callback(os.close, reader)
    writes.callback(os.close, writer)
    return reader, writer


def _spaces(process: int) -> tuple[int, ...]:
    """The namespaces of a process that are not ours, the user namespaces around them first.

    Raises:
        OSError: They cannot be opened.
    """
    with contextlib.ExitStack() as opened:

        def kept(space: int) -> int:
            opened.callback(os.close, space)
            return space

        flags = os.O_RDONLY | os.O_CLOEXEC
        spaces = [kept(os.open(f"/proc/{process}/ns/{name}", flags)) for name in NAMESPACES]
        inner = kept(os.open(f"/proc/{process}/ns/user", flags))
        # bubblewrap may end in a user namespace below the one that owns the mounts.
        outer = kept(fcntl.ioctl(spaces[0], _NS_GET_USERNS))
        nested = os.fstat(outer).st_ino != os.fstat(inner).st_ino
        # What the sandbox shares with us (the network, if asked for) is not its own to let us in.
        own = _shared()
        wanted = (outer, *spaces, *([inner] if nested else []))
        found = tuple(space for space in wanted if os.fstat(space).st_ino not in own)
        rest = {outer, inner, *spaces} - set(found)
        opened.pop_all()
        for space in rest:
            os.close(space)
        return found


@lru_cache(maxsize=1)
def _shared() -> frozenset[int]:
    """Which namespaces this process is in, but for that of mounts, which no sandbox shares."""
    return frozenset(os.stat(f"/proc/self/ns/{name}").st_ino for name in NAMESPACES[1:])  # noqa: PTH116  # links of /proc
