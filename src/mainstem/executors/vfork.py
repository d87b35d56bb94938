"""A child of this process that borrows its memory for a moment, as `vfork` does.

A fork of a Python process copies its page tables, and then each of the two copies every page that
it touches: 3 ms for a few system calls. A child that only prepares itself, starts a program and
goes needs no memory of its own. It runs on a stack of its own (`clone` with `CLONE_VM` and
`CLONE_VFORK`, the way the C library's `posix_spawn` starts programs), this process stands still
until it has gone, and whatever it assigns is seen here afterwards. Files, signal handlers, limits,
credentials, namespaces and the working directory are its own.

It must return, from Python too: a child that is killed half way leaves this interpreter in the
middle of its work, so this process then ends as well. Therefore only for processes without threads
that somebody replaces, as a keeper is.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import sys
import sysconfig
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_VM, _VFORK = 0x100, 0x4000
_STACK_BYTES = 2**20
_PATIENCE_S = 30
"""How long a child may take; far beyond what any does, unless a file system hangs."""

_Entry = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)


def can_borrow() -> bool:
    """Whether this interpreter can do it.

    From 3.14 on Python compares the stack pointer with the bounds of the thread's own stack, and
    without its lock it keeps memory per thread in ways that were not tried.
    """
    return (
        sys.implementation.name == "cpython"
        and sys.version_info < (3, 14)
        and not sysconfig.get_config_var("Py_GIL_DISABLED")
        and sys.platform == "linux"
    )


class Borrower:
    """Runs one function after another in children that borrow this process's memory."""

    def __init__(self) -> None:
        """Makes the stack, which all children use in turn."""
        stack = mmap.mmap(-1, _STACK_BYTES)
        address = ctypes.addressof(ctypes.c_char.from_buffer(stack))
        self._stack = stack
        self._top = ctypes.c_void_p(address + _STACK_BYTES - 64)
        # Not `CDLL`, which would let go of Python's lock and take it again in the child.
        self._clone = ctypes.PyDLL(None, use_errno=True).clone
        self._clone.argtypes = (_Entry, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
        self._do: Callable[[], None] | None = None
        self._failure: BaseException | None = None
        self._entry = _Entry(self._enter)

    def run(self, do: Callable[[], None]) -> None:
        """Runs a function in a child and waits until the child has gone.

        Raises:
            OSError: There can be no child.
            BaseException: What the function raised.
        """
        self._do, self._failure = do, None
        child = self._clone(self._entry, self._top, _VM | _VFORK | signal.SIGCHLD, None)
        if child < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        _, status = os.waitpid(child, 0)
        if status != 0:
            os.kill(os.getpid(), signal.SIGKILL)  # see above; whoever waits for us learns of it
        failure, self._do, self._failure = self._failure, None, None
        if failure is not None:
            raise failure

    def _enter(self, _nothing: int | None) -> int:
        """What the child does: all that is written here is written in the parent's memory."""
        try:
            signal.alarm(_PATIENCE_S)  # the child's own clock, which ends with it
            if self._do is not None:
                self._do()
        except BaseException as failure:  # noqa: BLE001  # not swallowed: `run` raises it
            self._failure = failure
        return 0
