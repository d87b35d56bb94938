"""Landlock: the kernel refuses this process, and all it starts, what no rule allows.

Rules only allow, and one holds for everything below its folder. So "all but the home" becomes a
rule for each neighbour of what is hidden, on the way down to it (`mainstem.executors.view`). What
Landlock does not know it lets pass: names and sizes of files, UDP, sockets in folders.
"""

from __future__ import annotations

import ctypes
import os
import stat
from typing import TYPE_CHECKING

from mainstem.executors.privileges import LIBC, check

if TYPE_CHECKING:
    from collections.abc import Sequence

ABI_TCP = 4
"""From this version on TCP can be refused (Linux 6.7)."""
ABI_SIGNALS = 6
"""From this version on signals and abstract sockets can be refused (Linux 6.12)."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE = 1 << 14
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
# By version: 1 has bits 0 to 12, 2 adds renaming across folders, 3 adds truncation.
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
_TCP = 0b11
_SCOPES = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("tcp", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The version of Landlock that this kernel offers; 0 if it has none."""
    found: int = LIBC.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    return max(found, 0)


def build(rules: Sequence[Sequence[str]], *, tcp: bool) -> int:
    """A set of rules as an open file, to be handed to `restrict`.

    Args:
        rules: Paths, each with `read` or `write`; one that is gone allows nothing.
        tcp: Whether connections are allowed.

    Raises:
        OSError: The kernel has no Landlock, or refuses.
    """
    version = abi()
    handled = _FILE_RIGHTS[min(max(version, 1), 3)]
    wanted = _Ruleset(
        files=handled,
        tcp=0 if tcp or version < ABI_TCP else _TCP,
        scopes=_SCOPES if version >= ABI_SIGNALS else 0,
    )
    size = 8 if version < ABI_TCP else 16 if version < ABI_SIGNALS else 24
    ruleset = check(LIBC.syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), 0))
    for path, access in rules:
        _allow(ruleset, path, handled if access == "write" else handled & _READING)
    return ruleset


def restrict(ruleset: int) -> None:
    """Restricts this process, which must have given up new privileges, for good to the rules.

    Raises:
        OSError: The kernel refuses.
    """
    check(LIBC.syscall(_RESTRICT_SELF, ruleset, 0))


def _allow(ruleset: int, path: str, allowed: int) -> None:
    """Adds a rule."""
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return  # it is gone
    if not stat.S_ISDIR(os.fstat(parent).st_mode):
        allowed &= _OF_FILES
    beneath = _Beneath(allowed=allowed, parent=parent)
    check(LIBC.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(beneath), 0))
    os.close(parent)
