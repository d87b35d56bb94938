"""One `mainstem integrate` at a time on one SQLite store.

Two campaigns on one store would ask for the same trials twice. The lock is the kernel's (`flock`),
so it ends with its process, however that ends; what the file says is only for people.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import os
import time
from typing import TYPE_CHECKING, Self

from mainstem.domain.errors import UsageError
from mainstem.ledger.sqlite_errors import explained_os

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

LOCK_NAME = "integrate.lock"
"""The file in the state folder; it stays there, locked or not."""

_TRIES = 4
_PAUSE_S = 0.05


class CampaignLock:
    """Held while a campaign runs; a context manager.

    Attributes:
        path: The state folder, such as `.mainstem`.
    """

    def __init__(self, path: Path, *, alone: bool = True) -> None:
        """Locks nothing yet.

        Args:
            path: The state folder.
            alone: Whether the store is this folder's; else it is shared, and the folder is not.
        """
        self.path = path
        self._alone = alone
        self._file: int | None = None

    def acquire(self) -> None:
        """Takes the lock.

        Raises:
            UsageError: Another process has it; says which.
            StoreError: The lock's file cannot be used.
        """
        name = self.path / LOCK_NAME
        try:
            file = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise explained_os(name, error) from error
        try:
            _flock(file)
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        except BlockingIOError:
            holder = _holder(file)
            os.close(file)
            place = f"on this store ({self.path}); wait for it, or stop it"
            if not self._alone:
                place = f"in this folder ({self.path}); a second worker needs a clone of its own"
            raise UsageError(f"another `mainstem integrate`{holder} works {place}") from None
        except OSError as error:
            os.close(file)
            raise explained_os(name, error) from error
        self._file = file

    def release(self) -> None:
        """Lets go of the lock. May be called twice."""
        if self._file is not None:
            file, self._file = self._file, None
            # Never unlinked: a waiting process could lock a file that nobody else sees.
            os.ftruncate(file, 0)
            os.close(file)

    @staticmethod
    def holder(path: Path) -> int | None:
        """The pid of the process that holds the lock of a state folder; None if nobody does.

        Raises:
            StoreError: The lock's file cannot be read.
        """
        name = path / LOCK_NAME
        try:
            file = os.open(name, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise explained_os(name, error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.pread(file, 32, 0).decode("ascii", "replace").strip()
            return int(pid) if pid.isdigit() else None
        finally:
            os.close(file)
        return None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def _flock(file: int) -> None:
    """Locks the file, or raises BlockingIOError; a mere look at the lock is waited out."""
    for _ in range(_TRIES - 1):
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        time.sleep(_PAUSE_S)
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _holder(file: int) -> str:
    """` (pid 123, since ...)`, as the holder wrote it down; nothing if it did not yet."""
    pid = os.pread(file, 32, 0).decode("ascii", "replace").strip()
    if not pid.isdigit():
        return ""
    since = dt.datetime.fromtimestamp(int(os.fstat(file).st_mtime), tz=dt.UTC)
    return f" (pid {pid}, since {since:%Y-%m-%dT%H:%M:%SZ})"
