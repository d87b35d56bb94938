"""What a trial sees of the machine's files: everything that no line here hides, read-only.

A view is a list of paths, each hidden, opened again, or writable; the nearest one above a path
decides. It is worked out once, here, and every level of confinement builds the same one by its own
means. Hidden are the users' homes, what programs leave for each other (`/tmp`, `/run` with its
sockets), the keys of the machine, the repository and the state folder.
"""

from __future__ import annotations

import glob
import os
import pwd
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SCRATCH = ("/tmp", "/var/tmp")  # noqa: S108  # as every program knows them
"""Folders that a trial gets empty and of its own, where the level can do that."""

_RUNNING = ("/run", "/var/run")
_HOMES = ("/home", "/root")
# What only root can read: a trial at root could otherwise.
_KEYS = (
    "/etc/shadow*",
    "/etc/gshadow*",
    "/etc/ssl/private",
    "/etc/ssh/ssh_host_*_key",
    "/etc/sudoers*",
    "/var/spool/cron",
)
_MOST_LINKS = 40


# What lies below a folder that is shut to us is not there, which `Path` calls an error.
there = os.path.exists
is_folder = os.path.isdir
is_file = os.path.isfile
is_link = os.path.islink


class Access(StrEnum):
    """What a trial may do with a path and all below it."""

    HIDE = "hide"
    SCRATCH = "scratch"
    READ = "read"
    WRITE = "write"


_EMPTY = (Access.HIDE, Access.SCRATCH)


@dataclass(frozen=True, kw_only=True)
class View:
    """What a trial sees.

    Attributes:
        entries: Real paths (no link in them), those above before those below.
        links: Symbolic links that must be made again in hidden folders, with their targets.
        opened: The paths that were opened in hidden folders.
        refused: The paths that were to be opened and are not.
    """

    entries: Mapping[Path, Access]
    links: Mapping[Path, str] = field(default_factory=dict)
    opened: tuple[Path, ...] = ()
    refused: tuple[Path, ...] = ()

    def hidden_too(self, files: Iterable[Path]) -> View:
        """The view with more hidden files, by their real paths, but for those that it names.

        Sockets in folders are hidden so, wherever they are (`sockets`). They come and go, and
        working a whole view out anew takes milliseconds.
        """
        entries = dict(self.entries)
        for file in files:
            if file not in entries and access_of(file, entries) not in _EMPTY:
                entries[file] = Access.HIDE  # at the end: after all that is above it
        return replace(self, entries=entries)

    def writable_too(self, paths: Iterable[Path]) -> View:
        """The view with more writable folders, of which it says nothing yet but in those above.

        Args:
            paths: The folders, by their real paths.

        Raises:
            ValueError: It says something of a path below one of them.
        """
        entries = dict(self.entries)
        for path in paths:
            if path in self._ways:
                raise ValueError(f"{path} is not empty in this view")
            if access_of(path, entries) is not Access.WRITE:
                entries[path] = Access.WRITE  # at the end: after all that is above it
        return replace(self, entries=entries)

    @cached_property
    def _ways(self) -> frozenset[Path]:
        """All that is above an entry."""
        return frozenset(above for path in self.entries for above in path.parents)


def homes() -> list[Path]:
    """The folders that hold users' homes, and this user's own wherever it is."""
    return list(_homes(os.environ.get("HOME", "")))


@lru_cache(maxsize=8)
def _homes(named: str) -> tuple[Path, ...]:
    try:
        own = [pwd.getpwuid(os.getuid()).pw_dir]
    except KeyError:
        own = []
    found = {Path(name).resolve() for name in (*_HOMES, *own, named) if name}
    # A service's home can be a system folder, which is not private.
    far = (home for home in found if is_folder(home) and len(home.parts) > 1 and _far(home))
    return tuple(sorted(far))


def _far(home: Path) -> bool:
    """Whether a home holds nothing of the system."""
    system = {"usr", "etc", "bin", "sbin", "lib", "lib64", "dev", "proc", "sys"}
    return home.parts[1] not in system and home != Path("/var")


def hidden_by_default() -> list[Path]:
    """What is hidden from every trial, whatever the project; looked for once per process."""
    return [*homes(), *_of_the_machine()]


@lru_cache(maxsize=1)
def _of_the_machine() -> tuple[Path, ...]:
    """What programs leave for each other, and at root the keys that only root can read."""
    names = list(_RUNNING)
    if os.geteuid() == 0:
        names += [name for pattern in _KEYS for name in sorted(glob.glob(pattern))]  # noqa: PTH207  # absolute patterns
    return tuple(Path(name).resolve() for name in names if there(name))


def sockets(table: Path | str = "/proc/net/unix") -> list[Path]:
    """The sockets in folders that something listens on now: whoever sees one can connect to it."""
    try:
        with open(table, "rb", buffering=0) as file:  # noqa: PTH123  # for every trial
            lines = file.read().splitlines()[1:]
    except OSError:
        return []
    names = _names(tuple(line for line in lines if b"/" in line))
    found = map(_real, names)
    return [Path(path) for path in found if path is not None]


def _real(name: str) -> str | None:
    """The path of what is there, without links; None where nothing is.

    The kernel has it ready, where `os.path.realpath` asks for each folder on the way.
    """
    try:
        opened = os.open(name, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return os.path.realpath(name) if there(name) else None
    try:
        return os.readlink(f"/proc/self/fd/{opened}")  # noqa: PTH115  # a text, for every trial
    finally:
        os.close(opened)


@lru_cache(maxsize=8)
def _names(lines: tuple[bytes, ...]) -> list[str]:
    """The paths in lines of that table, in order; from one trial to the next it changes little."""
    fields = (os.fsdecode(line).split(None, 7) for line in lines)
    return sorted({each[7] for each in fields if len(each) == 8 and each[7].startswith("/")})


def look(
    *,
    secret: Iterable[Path],
    closed: Iterable[Path],
    opened: Iterable[Path],
    writable: Sequence[Path],
) -> View:
    """Works out a view.

    Args:
        secret: Folders of which nothing is opened but what is writable.
        closed: Folders that are not opened themselves; something in them may be.
        opened: What is to be readable in hidden folders; what is not there is passed over.
        writable: The trial's own folders.
    """
    marks = {Path(name).resolve(): Access.SCRATCH for name in SCRATCH if is_folder(name)}
    marks |= dict.fromkeys(hidden_by_default(), Access.HIDE)
    never = {path.resolve() for path in secret}
    shut = ({path.resolve() for path in closed} | never) - {Path("/")}
    wanted = {path: path.resolve() for path in opened if there(path)}
    refused = {
        path
        for path, real in wanted.items()
        if real in shut or real == Path("/") or not never.isdisjoint(real.parents)
    }
    reading = {path: real for path, real in wanted.items() if path not in refused}
    marks |= dict.fromkeys(reading.values(), Access.READ)
    marks |= dict.fromkeys((path for path in shut if there(path)), Access.HIDE)
    marks |= {path.resolve(): Access.WRITE for path in writable}
    entries = _without_repeats(marks)
    links: dict[Path, str] = {}
    for path in reading:
        _note_links(path.absolute(), entries, links)
    return View(
        entries=entries,
        links=links,
        opened=tuple(path for path, access in entries.items() if access is Access.READ),
        refused=tuple(sorted(refused)),
    )


def access_of(path: Path, entries: Mapping[Path, Access]) -> Access:
    """What holds for a real path: the nearest entry above it or on it, else reading."""
    for above in (path, *path.parents):
        if above in entries:
            return entries[above]
    return Access.READ


def _without_repeats(marks: Mapping[Path, Access]) -> dict[Path, Access]:
    """The marks in order, without those that say what holds there anyway."""
    kept: dict[Path, Access] = {}
    for path in sorted(marks, key=lambda path: path.parts):
        access, above = marks[path], access_of(path, kept)
        empty = above in {Access.HIDE, Access.SCRATCH}
        if access is above or (access is Access.HIDE and empty):
            continue
        kept[path] = access
    return kept


def _note_links(path: Path, entries: Mapping[Path, Access], links: dict[Path, str]) -> None:
    """Notes the links on the way to a path that lie in hidden folders."""
    for _ in range(_MOST_LINKS):
        way = next((p for p in (*reversed(path.parents), path) if is_link(p)), None)
        if way is None:
            return
        target = os.readlink(way)  # noqa: PTH115  # a text, as it stands there
        if access_of(way, entries) in {Access.HIDE, Access.SCRATCH}:
            links[way] = target
        path = Path(os.path.normpath(way.parent / target)) / path.relative_to(way)


def rules_of(entries: Mapping[Path, str]) -> list[tuple[str, str]]:
    """What to allow, as paths with `read` or `write`, so that what is hidden stays so.

    Args:
        entries: Paths with `hide`, `read` or `write`; the nearest one above a path decides, and
            what none is above is readable.
    """
    ways = {above for path in entries for above in path.parents}
    return list(_rules(Path("/"), "read", entries, ways))


def _rules(
    path: Path, access: str, entries: Mapping[Path, str], ways: set[Path]
) -> Iterator[tuple[str, str]]:
    """The rules for a path and all below it; `access` is what holds above it."""
    access = entries.get(path, access)
    if path not in ways:
        if access != "hide":
            yield str(path), str(access)
        return
    if access == "hide":
        below: Iterable[Path] = (p for p in entries.keys() | ways if p.parent == path and p != path)
    else:
        try:
            below = list(path.iterdir())
        except OSError:
            return  # what cannot be listed by us is not opened to a trial
    for child in sorted(below):
        if not is_link(child):  # what a link leads to counts where it lies
            yield from _rules(child, access, entries, ways)
