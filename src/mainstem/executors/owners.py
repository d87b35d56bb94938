"""Who looks after which jobs of a cluster, when a campaign process can die and its jobs go on.

Each executor of a cluster has a folder below the state folder and holds its lock as long as it
lives; the kernel gives the lock back however the process ends. So a folder without a holder is what
a killed process left, and the next executor takes it over with its jobs, while two that live at the
same time (`check` beside `integrate`) leave each other alone.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.executors.folders import reason, remove_tree

if TYPE_CHECKING:
    from pathlib import Path

CLUSTER = "cluster"
"""The folder of all that concerns clusters, in the state folder."""

_LOCK = "lock"


def store_key(state: Path) -> str:
    """The name of a store among all that use a cluster: random, made once, kept with the store.

    Raises:
        UsageError: The state folder cannot be written.
    """
    path = state / CLUSTER / "store"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            made = path.with_name(f"store.{os.getpid()}")
            made.write_text(secrets.token_hex(6), encoding="ascii")
            try:
                os.link(made, path)  # whoever is first names it
            except FileExistsError:
                pass
            finally:
                made.unlink()
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise _unusable(path, error) from None


class Owner:
    """This process's folder among those of a kind of cluster, and those it took over.

    Attributes:
        name: Of this process's own folder.
        folder: That folder.
        inherited: The folders of processes that are dead, with all that is in them.
        living: The names of others' folders: their owners are at work.
    """

    def __init__(self, root: Path) -> None:
        """Makes a folder, and takes over what has lost its owner.

        Args:
            root: Holds one folder per process.

        Raises:
            UsageError: The folder cannot be written.
        """
        self.name = secrets.token_hex(4)
        self.folder = root / self.name
        self.inherited: list[Path] = []
        self.living: set[str] = set()
        self._locks: list[int] = []
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
            left = sorted(path for path in root.iterdir() if path.is_dir())
            self.folder.mkdir(mode=0o700)
            self._take(self.folder)
            self.inherited = [path for path in left if self._take(path)]
            self.living = {path.name for path in left} - {path.name for path in self.inherited}
        except OSError as error:
            self.release()
            raise _unusable(root, error) from None

    def release(self) -> None:
        """Gives all folders back as they are. May be called twice."""
        for lock in self._locks:
            os.close(lock)
        self._locks.clear()

    def end(self) -> None:
        """Removes all folders: nothing of them is of use any more. May be called twice.

        Raises:
            OSError: Something cannot be removed.
        """
        if self._locks:
            for folder in (*self.inherited, self.folder):
                remove_tree(folder)
        self.release()

    def _take(self, folder: Path) -> bool:
        """Takes a folder's lock; False if somebody holds it or it has gone.

        Raises:
            OSError: The lock cannot be opened.
        """
        try:
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(lock)
            if error.errno in {errno.EAGAIN, errno.EACCES}:
                return False
            raise
        self._locks.append(lock)
        return True


def _unusable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"the state folder cannot be used for a cluster: {path}: {reason(error)}; mend it, or "
        "choose another"
    )
