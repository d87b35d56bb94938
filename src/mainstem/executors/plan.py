"""From a view and a level to what the keeper's child does: the same view, built by other means."""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.executors.view import Access, is_folder, rules_of, there

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.executors.view import View

SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
"""Where the sandbox's own programs are looked for."""

# Which of these exist is the machine's business; a trial that trains needs them.
_ACCELERATORS = ("/dev/nvidia*", "/dev/dri", "/dev/kfd", "/dev/accel*", "/dev/dxg")
_NO_NESTING = "--disable-userns"  # from 0.8 on: no rights come back in another namespace
_OPEN_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm")


# By name and path; they are looked for once, and started thousands of times.
_found: dict[tuple[str, str], str] = {}


class Level(StrEnum):
    """How a trial is confined, the best first."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    LIMITS = "limits"


@lru_cache(maxsize=1)
def accelerators() -> tuple[str, ...]:
    """The device files of this machine's accelerators; looked for once per process."""
    return tuple(name for pattern in _ACCELERATORS for name in sorted(glob.glob(pattern)))  # noqa: PTH207  # absolute patterns


def program(name: str) -> str | None:
    """One of the sandbox's own programs, by its whole path; None if it is not installed."""
    path = f"{SYSTEM_PATH}:{os.environ.get('PATH', '')}"
    found = _found.get((name, path))
    if found is None:  # what is not there may come
        found = shutil.which(name, path=path)
        if found is not None:
            _found[name, path] = found
    return found


def plan(
    level: Level,
    view: View,
    *,
    network: bool,
    rlimits: dict[str, Any],
    scratch_bytes: int,
    shared_bytes: int | None = None,
) -> dict[str, Any]:
    """What an order says of the confinement; see `Order.confine`.

    Args:
        level: How.
        view: What is seen.
        network: Whether the host's network is used.
        rlimits: Limits by the names of `resource`.
        scratch_bytes: The size of a scratch folder.
        shared_bytes: The size of shared memory; None is the kernel's default.
    """
    made: dict[str, Any] = {"rlimits": rlimits, "network": network}
    if level is Level.BUBBLEWRAP:
        made["bubblewrap"] = _words(
            program("bwrap") or "bwrap",
            view.entries,
            view.links,
            accelerators(),
            cat=program("cat") or "cat",
            network=network,
            scratch_bytes=scratch_bytes,
            shared_bytes=shared_bytes,
        )
    elif level is Level.NAMESPACES:
        made["namespaces"] = {
            "entries": [(str(path), str(access)) for path, access in view.entries.items()],
            "links": [(str(path), target) for path, target in view.links.items()],
            "devices": accelerators(),
            "network": network,
            "scratch_bytes": scratch_bytes,
            "shared_bytes": shared_bytes,
        }
    elif level is Level.LANDLOCK:
        made["landlock"] = rules_of(_for_landlock(view))
    return made


def _for_landlock(view: View) -> dict[Path, str]:
    """The view as Landlock can have it: it makes no folders, and no devices."""
    entries: dict[Path, str] = {
        path: Access.HIDE if access is Access.SCRATCH else access
        for path, access in view.entries.items()
    }
    entries[Path("/dev")] = Access.HIDE
    devices = [Path("/dev", name) for name in _OPEN_DEVICES] + list(map(Path, accelerators()))
    return entries | {path: Access.WRITE for path in devices if there(path)}


def _words(
    program: str,
    entries: Mapping[Path, str],
    links: Mapping[Path, str],
    devices: Sequence[str],
    *,
    cat: str,
    network: bool,
    scratch_bytes: int,
    shared_bytes: int | None,
) -> list[str]:
    """The words that make a sandbox and keep it until standard input ends.

    Args:
        program: bubblewrap.
        entries: Paths with `hide`, `scratch`, `read` or `write`; parents before what is in them.
        links: Symbolic links to make, with their targets.
        devices: Device files to open, such as those of accelerators.
        cat: The program that waits.
        network: Whether the host's network is used.
        scratch_bytes: The size of a scratch folder, which lies in memory.
        shared_bytes: The size of `/dev/shm`; None is the kernel's default.
    """
    out = [program, "--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts"]
    out += ["--unshare-cgroup-try"] + ([] if network else ["--unshare-net"])
    out += [_NO_NESTING] if _offers(program, _NO_NESTING) else []
    out += ["--die-with-parent", "--cap-drop", "ALL"]
    out += ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"]
    size = [] if shared_bytes is None else ["--size", str(shared_bytes)]
    out += ["--perms", "1777", *size, "--tmpfs", "/dev/shm"]  # noqa: S108  # the sandbox's own
    for device in devices:
        out += ["--dev-bind", device, device]
    hidden = []
    for path, access in entries.items():
        name = str(path)
        if access == "hide" and is_folder(name):
            out += ["--perms", "0755", "--tmpfs", name]
            hidden.append(name)
        elif access == "hide":
            out += ["--ro-bind", os.devnull, name]
        elif access == "scratch":
            out += ["--perms", "1777", "--size", str(scratch_bytes), "--tmpfs", name]
        else:
            out += ["--bind" if access == "write" else "--ro-bind", name, name]
    for path, target in links.items():
        out += ["--symlink", target, str(path)]
    for name in hidden:
        out += ["--remount-ro", name]
    return [*out, "--", cat]


@lru_cache(maxsize=4)
def _offers(program: str, option: str) -> bool:
    """Whether this bubblewrap knows an option; asked once per process."""
    try:
        done = subprocess.run(  # noqa: S603  # a fixed program and word
            [program, "--help"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return option in done.stdout + done.stderr
