"""Materialised trees: a bounded cache of folders, and private copies of them for trials.

A tree is written once, under another name, and moved into place whole; so a folder under a tree's
id is always complete, whatever was killed. Whoever uses a folder holds its lock (shared), whoever
makes or drops it holds it alone; locks are the system's and end with the process. Files come out as
git stores them: no filter, no conversion of line endings or encodings, no `export-ignore`. Copies
are real copies, because a trial that writes through a hard link would change every later trial.
The folders themselves, which nobody writes to, share by hard links what their trees have in common:
recipes differ in few files of thousands.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.domain.errors import GitError
from mainstem.gitrepo.git import encode, split

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from mainstem.domain.proposal import TreeId
    from mainstem.gitrepo.git import Git

_LOCK = ".lock"
_MAKING = ".making"
_DROPPING = ".dropping"

MANY_FILES = 500
"""From about here on a copy takes longer than an overlay (`executors.overlay`)."""


class Checkouts:
    """Folders with the files of trees, shared by all processes of a state folder.

    Attributes:
        folder: Where they lie; `<tree>/` is complete, everything else is on its way.
        keep: How many are kept; those in use may be more.
    """

    def __init__(self, git: Git, folder: Path, *, keep: int) -> None:
        """Uses or makes the folder.

        Args:
            git: A door to a repository that has the trees.
            folder: Where the trees lie.
            keep: How many to keep, at least 1.

        Raises:
            GitError: The folder cannot be made.
        """
        if keep < 1:
            raise ValueError(f"keep is {keep}: at least one tree must be kept")
        self.folder = folder.absolute()
        self._folder = str(self.folder)
        self.keep = keep
        self._git = git
        self._small: set[TreeId] = set()  # a tree's id is its content: what is small stays so
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise GitError(f"{folder} cannot be made: {error}") from None

    def copy(self, tree: TreeId, into: Path) -> None:
        """Copies a tree's files into a folder that is new or empty.

        Raises:
            GitError: The tree is not known, or the disk does not take it.
            FileExistsError: The folder holds something.
        """
        if os.path.isdir(into) and os.listdir(into):  # noqa: PTH112, PTH208  # for every trial
            raise FileExistsError(f"{into} is not empty: a tree needs a folder of its own")
        with self.using(tree) as kept:
            try:
                _copy_folder(kept, into)
            except OSError as error:
                raise GitError(f"tree {tree} cannot be written to {into}: {error}") from None

    @contextmanager
    def using(self, tree: TreeId) -> Iterator[Path]:
        """The folder of a tree, which must not be changed and stays as long as the block runs.

        Raises:
            GitError: The tree is not known, or the disk does not take it.
        """
        place, added = f"{self._folder}/{tree}", False
        while True:
            with self._locked(tree, fcntl.LOCK_SH) as held:
                if os.path.isdir(place):  # noqa: PTH112  # as text, for every trial
                    os.utime(held)
                    yield Path(place)
                    break
            self._add(tree)
            added = True
        if added:
            self._drop_oldest()

    @contextmanager
    def held(self, tree: TreeId) -> Iterator[Path | None]:
        """As `using`; None where the tree has so few files that a copy is as quick as sharing.

        Raises:
            GitError: The tree is not known, or the disk does not take it.
        """
        if tree in self._small:
            yield None
            return
        with self.using(tree) as kept:
            if next(islice(_files(kept), MANY_FILES, None), None) is None:
                self._small.add(tree)
            yield None if tree in self._small else kept

    def _add(self, tree: TreeId) -> None:
        """Writes a tree's folder, unless another process has done so."""
        place, making = self.folder / tree, self.folder / (tree + _MAKING)
        with self._locked(tree, fcntl.LOCK_EX):
            if place.is_dir():
                return
            try:
                _remove(making)
                (making / "files").mkdir(parents=True)
                self._write_files(tree, making)
                (making / "files").rename(place)
            except OSError as error:
                raise GitError(f"tree {tree} cannot be written to {place}: {error}") from None
            finally:
                shutil.rmtree(making, ignore_errors=True)

    def _write_files(self, tree: TreeId, making: Path) -> None:
        """Checks a tree out through an index of its own."""
        files = making / "files"
        env = {"GIT_INDEX_FILE": str(making / "index"), "GIT_WORK_TREE": str(files)}
        git = self._git.but(folder=files, env=env)
        if git.run("cat-file", "-e", f"{tree}^{{tree}}", ok=None).code != 0:
            raise GitError(
                f"tree {tree} is not known in {self.folder.parent}: it was made elsewhere, or its "
                "objects were deleted; the recipe must be merged again"
            )
        git.run("read-tree", tree)
        if not self._share(git, tree, files):
            git.run("checkout-index", "--all", "--quiet")

    def _share(self, git: Git, tree: TreeId, files: Path) -> bool:
        """Writes what differs from the tree used last, and links the rest; whether that could be.

        Args:
            git: A door with an index that holds the tree.
            tree: The tree.
            files: Its new, empty folder.
        """
        kept = [(_used_ns(self.folder / (name + _LOCK)), name) for name in self._whole()]
        if not kept:
            return False
        near = max(kept)[1]
        try:
            with self._locked(near, fcntl.LOCK_SH | fcntl.LOCK_NB):
                said = git.run("diff-tree", "-r", "-z", "--no-renames", near, tree, ok=None)
                if said.code != 0 or not (self.folder / near).is_dir():
                    return False  # its objects are gone, or it is
                fields = split(said.out)  # ":modes ids status" NUL path NUL, in turn
                changed = dict(zip(map(encode, fields[1::2]), fields[::2], strict=True))
                _link_folder(self.folder / near, files, leave_out=changed)
        except BlockingIOError:
            return False
        except OSError:  # a file system without links, or with few of them
            shutil.rmtree(files)
            files.mkdir()
            return False
        there = [path + b"\0" for path, what in changed.items() if not what.endswith(" D")]
        git.run("checkout-index", "-z", "--stdin", stdin=b"".join(there))
        return True

    def _whole(self) -> list[str]:
        """The trees that are complete."""
        return [e.name for e in _entries(self.folder) if "." not in e.name and e.is_dir()]

    def _drop_oldest(self) -> None:
        """Drops what has not been used for longest, and what killed processes left behind."""
        trees: list[tuple[int, str]] = []
        for entry in _entries(self.folder):
            name, _, ending = entry.name.partition(".")
            if not ending and entry.is_dir():
                trees.append((_used_ns(self.folder / (name + _LOCK)), name))
            elif f".{ending}" in {_MAKING, _DROPPING}:
                self._drop(name)
        trees.sort()
        for _, name in trees[: max(0, len(trees) - self.keep)]:
            self._drop(name, whole=True)

    def _drop(self, name: str, *, whole: bool = False) -> None:
        """Removes a tree's leftovers, or (`whole`) the tree, unless somebody uses it."""
        place, dropping = self.folder / name, self.folder / (name + _DROPPING)
        try:
            with self._locked(name, fcntl.LOCK_EX | fcntl.LOCK_NB) as lock:
                _remove(dropping)
                _remove(self.folder / (name + _MAKING))
                if whole and place.is_dir():
                    place.rename(dropping)
                    _remove(dropping)
                if not place.is_dir():
                    Path(lock).unlink(missing_ok=True)
        except BlockingIOError:
            return

    @contextmanager
    def _locked(self, name: str, kind: int) -> Iterator[str]:
        """Holds a tree's lock.

        Raises:
            BlockingIOError: Somebody else holds it, and `kind` says not to wait.
        """
        file = f"{self._folder}/{name}{_LOCK}"
        while True:
            handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
            try:
                fcntl.flock(handle, kind)
                # The file may have been unlinked by who held it: then its lock means nothing.
                if _is_still(file, handle):
                    yield file
                    return
            finally:
                os.close(handle)


def _is_still(file: str, handle: int) -> bool:
    """Whether the path still leads to the open file."""
    try:
        return os.path.samestat(os.stat(file), os.fstat(handle))  # noqa: PTH116  # for every trial
    except FileNotFoundError:
        return False


def _used_ns(lock: Path) -> int:
    """When a tree was last used; 0 if nobody has."""
    try:
        return lock.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _remove(folder: Path) -> None:
    """Removes a folder, if it is there."""
    if folder.exists():
        shutil.rmtree(folder)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What lies in a folder; nothing stays open, whatever happens next."""
    with os.scandir(folder) as entries:
        return list(entries)


def _files(folder: Path) -> Iterator[str]:
    """What lies in a folder and below, folders left out."""
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            yield from _files(Path(entry.path))
        else:
            yield entry.path


def _link_folder(
    source: Path, into: Path, *, leave_out: Container[bytes], above: bytes = b""
) -> None:
    """Makes a folder again with the same files, but for some that are named from the top.

    A folder of which nothing is left is not made: a file may come in its place.

    Raises:
        OSError: A file cannot be linked.
    """
    for entry in _entries(source):
        name, target = above + os.fsencode(entry.name), into / entry.name
        if entry.is_dir(follow_symlinks=False):
            target.mkdir()
            _link_folder(Path(entry.path), target, leave_out=leave_out, above=name + b"/")
            if name in leave_out or (not os.listdir(target) and os.listdir(entry.path)):  # noqa: PTH208  # only whether
                target.rmdir()
        elif name not in leave_out:
            os.link(entry.path, target, follow_symlinks=False)


def _copy_folder(source: Path, into: Path) -> None:
    """Copies files, modes and symbolic links; everything in the copy is writable for its owner."""
    into.mkdir(parents=True, exist_ok=True)
    for entry in _entries(source):
        target = f"{into}/{entry.name}"
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), target)  # noqa: PTH115, PTH211  # no object per file
        elif entry.is_dir():
            _copy_folder(Path(entry.path), Path(target))
        else:
            _copy_file(entry.path, target)


def _copy_file(source: str, target: str) -> None:
    """Copies a file that is ours and a mode; `shutil.copy` asks the system three times as much.

    Raises:
        OSError: It cannot be read or written.
    """
    reader = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = os.fstat(reader)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        writer = os.open(target, flags, 0o600)
        try:
            done = 0
            while done < found.st_size:
                sent = os.sendfile(writer, reader, done, found.st_size - done)
                if not sent:
                    break  # it was cut short, which nobody does to these files
                done += sent
            os.fchmod(writer, stat.S_IMODE(found.st_mode))
        finally:
            os.close(writer)
    finally:
        os.close(reader)
