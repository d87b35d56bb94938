"""How a process gets into a sandbox that bubblewrap holds; its words: `mainstem.executors.plan`.

bubblewrap tells a trial that exits with 137 from one that SIGKILL ended no better than a shell
does, and cannot say why a command did not start. So it runs `cat`, which waits for its input to
end, and the trial's process joins the namespaces that bubblewrap made for it: the trial stays a
process whose end the keeper sees as it is.
"""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.executors.privileges import LIBC, check

if TYPE_CHECKING:
    from collections.abc import Sequence

NAMESPACES = ("mnt", "pid", "net", "ipc", "uts", "cgroup")
"""What is joined after the user namespace, as /proc names them."""

_NS_GET_USERNS = 0xB701
_MESSAGE_BYTES = 4096


class SandboxError(Exception):
    """The sandbox could not be made; the text says what it said."""


def enter(argv: Sequence[str]) -> None:
    """Starts a sandbox below this process and joins it; its children are inside from then on.

    The sandbox ends with this process.

    Raises:
        SandboxError: bubblewrap could not make it.
        OSError: It cannot be joined.
    """
    control, hold = os.pipe()
    ready, answer = os.pipe()
    info, tell = os.pipe()
    said, complain = os.pipe()
    os.set_inheritable(tell, True)
    # Not by fork, which would copy this process's page tables for nothing.
    os.posix_spawn(
        argv[0],
        [argv[0], "--info-fd", str(tell), *argv[1:]],
        {},
        file_actions=[
            (os.POSIX_SPAWN_DUP2, end, place)
            for place, end in enumerate((control, answer, complain))
        ],
    )
    os.write(hold, b"\n")  # before `control` is closed: nobody to read would be SIGPIPE
    for end in (control, answer, tell, complain):
        os.close(end)
    if os.read(ready, 1) != b"\n":  # `cat` runs, so everything is in place
        text = os.read(said, _MESSAGE_BYTES).decode(errors="replace").strip()
        raise SandboxError(text or "bubblewrap ended and said nothing")
    _join(json.loads(os.read(info, _MESSAGE_BYTES))["child-pid"])


def _join(process: int) -> None:
    """Joins every namespace of a process, the user namespaces around them first.

    Raises:
        OSError: The kernel refuses.
    """
    flags = os.O_RDONLY | os.O_CLOEXEC
    spaces = [os.open(f"/proc/{process}/ns/{name}", flags) for name in NAMESPACES]
    inner = os.open(f"/proc/{process}/ns/user", flags)
    # bubblewrap may end in a user namespace below the one that owns the mounts.
    outer = fcntl.ioctl(spaces[0], _NS_GET_USERNS)
    nested = os.fstat(outer).st_ino != os.fstat(inner).st_ino
    # What the sandbox shares with us (the network, if asked for) is not its own to let us in.
    own = {Path("/proc/self/ns", name).stat().st_ino for name in NAMESPACES}
    for space in (outer, *spaces, *([inner] if nested else [])):
        if os.fstat(space).st_ino not in own:
            check(LIBC.setns(space, 0))
        os.close(space)
