"""What a trial's process gives up between fork and exec, without asking whether it had it.

Runs in the keeper's child: no import happens here at call time, as the child may already see other
folders than the keeper.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LIBC = ctypes.CDLL(None, use_errno=True)
"""The C library, for what Python does not offer."""

_PR_SET_NO_NEW_PRIVS = 38
_PR_CAPBSET_DROP = 24
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_MOST_CAPABILITIES = 64


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


# Made here: the child of a fork copies each page that it writes to.
_OURS = _Header(version=_CAPABILITY_VERSION_3, pid=0)
_NONE = (_Sets * 2)()


def check(result: int) -> int:
    """The result of a call of the C library.

    Raises:
        OSError: It failed.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def limit_resources(limits: Mapping[str, Sequence[int]]) -> None:
    """Sets soft and hard limits by the names of `resource` without `RLIMIT_`; never raises one."""
    for name, (soft, hard) in limits.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        most = resource.getrlimit(kind)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)  # noqa: PLW2901  # what was asked, capped
        resource.setrlimit(kind, (soft, hard))


def die_first() -> None:
    """Makes this process the first to go when the machine runs out of memory."""
    with contextlib.suppress(OSError):
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.write(file, b"500")
        finally:
            os.close(file)


def drop_privileges() -> None:
    """Gives up every capability for good, also what setuid programs would give.

    Raises:
        OSError: The kernel refuses.
    """
    check(LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    for capability in range(_MOST_CAPABILITIES):
        if LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0) < 0:
            break  # no such capability, or no right to: then there is nothing to lose
    check(LIBC.capset(ctypes.byref(_OURS), ctypes.byref(_NONE)))
