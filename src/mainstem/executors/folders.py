"""Where a trial works and what is kept of it, below the state folder.

    work/TRIAL/            private (0700), made fresh, removed when the trial has ended
        tree/              the recipe's tree: the working directory
        home/              HOME
        tmp/               TMPDIR (where its path would be too long: a link to a folder in /tmp)
        metrics.jsonl      MAINSTEM_METRICS
    overlays/TRIAL/        what the trial changes of its tree, where that is laid over a shared one
        upper/  work/      the kernel's; no trial sees them
    logs/TRIAL/            kept until the same trial runs again
        stdout  stderr     beginning and end of what was printed, written while the trial runs
        metrics.jsonl      what the trial reported, written after its end
    executors.lock         held (shared) by every living executor of this state folder

A trial may write below its own `work/TRIAL` only; that is all a confinement has to open for it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mainstem.domain.errors import UsageError
from mainstem.executors.leftovers import end_leftovers
from mainstem.executors.spread import spread

if TYPE_CHECKING:
    from mainstem.domain.trial import TrialId

SOCKET_ROOM_BYTES = 70
"""The longest path of a TMPDIR. A Unix socket's path has at most 107 bytes, of which Python's
`multiprocessing` (every data loader with workers) takes 32; a longer TMPDIR makes it crash."""

LOGS = "logs"
"""The folder of what is kept, in the state folder."""

_SHORT_ROOT = Path("/tmp")  # noqa: S108  # only random names are made there, by mkdtemp
_SHORT_PREFIX = "mainstem-tmp-"
_OFTEN_EMPTY = ("home", "tmp")


class Place(NamedTuple):
    """A trial's folders, as text: objects for them cost every trial more than making them does.

    Attributes:
        work: Holds all the others (`tmp` may be a link out of it).
        tree: The recipe's tree, the working directory.
        home: The trial's HOME.
        tmp: The trial's TMPDIR.
        metrics: The file for metrics; does not exist until the trial writes it.
        logs: The folder that is kept.
        overlay: Holds what the trial changes of its tree; not there unless the tree is laid over a
            shared one.
    """

    work: str
    tree: str
    home: str
    tmp: str
    metrics: str
    logs: str
    overlay: str


class Folders:
    """The state folder as an executor uses it."""

    def __init__(self, workspace: Path) -> None:
        """Takes its share of the folder; the first executor sweeps what a killed one left.

        Raises:
            UsageError: The folder cannot be written.
        """
        self.workspace = workspace.resolve()
        self.work = self.workspace / "work"
        self._work, self._logs = str(self.work), f"{self.workspace}/{LOGS}"
        self._overlays = f"{self.workspace}/overlays"
        self._lock = -1
        try:
            self.work.mkdir(parents=True, exist_ok=True)
            os.makedirs(self._logs, exist_ok=True)  # noqa: PTH103  # as text, as everywhere here
            for folder in (self.work, self.workspace / LOGS):
                spread(folder)
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._lock = os.open(self.workspace / "executors.lock", flags, 0o600)
            self._share()
        except OSError as error:
            self.release()
            raise UsageError(
                f"the state folder {self.workspace} cannot be used: {reason(error)}; "
                "mend it or choose another"
            ) from None

    def release(self) -> None:
        """Gives the share back. May be called twice."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def prepare(self, trial: TrialId) -> Place:
        """Makes a trial's folders afresh; `tree` is left to whoever materialises it.

        Raises:
            OSError: A folder cannot be removed or made.
        """
        work, logs = f"{self._work}/{trial}", f"{self._logs}/{trial}"
        _make_afresh(logs)
        try:
            os.mkdir(work, 0o700)  # noqa: PTH102  # no object per call: made for every trial
        except FileExistsError:
            self.discard(trial)
            os.mkdir(work, 0o700)  # noqa: PTH102  # see above
        overlay = f"{self._overlays}/{trial}"
        _remove_if_there(overlay)
        os.mkdir(f"{work}/home")  # noqa: PTH102  # see above
        return Place(
            work=work,
            tree=f"{work}/tree",
            home=f"{work}/home",
            tmp=_make_tmp(f"{work}/tmp"),  # noqa: S108  # of its own
            metrics=f"{work}/metrics.jsonl",
            logs=logs,
            overlay=overlay,
        )

    def discard(self, trial: TrialId) -> None:
        """Removes a trial's working folders, whatever it did to their permissions.

        Raises:
            OSError: Something cannot be removed.
        """
        _discard(f"{self._work}/{trial}")
        _remove_if_there(f"{self._overlays}/{trial}")

    def _share(self) -> None:
        """Takes the lock; whoever gets it alone knows that no other executor lives, and sweeps.

        Raises:
            OSError: The lock or the sweep failed.
        """
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            return
        end_leftovers(self.work, self.workspace)
        for leftover in self.work.iterdir():
            _discard(str(leftover))
        remove_tree(self._overlays)
        fcntl.flock(self._lock, fcntl.LOCK_SH)


def remove_tree(path: Path | str) -> None:
    """Removes a file or folder with everything below it, read-only, unreadable or deep.

    Raises:
        OSError: Something is still there.
    """
    try:
        kind = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(kind):
        os.unlink(path)  # noqa: PTH108  # a path or a text
        return
    try:
        _remove_folder(os.fspath(path))
    except FileNotFoundError:
        return
    except (OSError, RecursionError):
        # A trial took its own rights away or nested a thousand folders: these two do not mind.
        for words in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            subprocess.run(  # noqa: S603  # fixed programs; the path is ours, after "--"
                [*words, "--", str(path)], check=False, capture_output=True
            )
        if os.path.lexists(path):
            raise OSError(errno.ENOTEMPTY, "cannot be removed", str(path)) from None


def _remove_if_there(path: str) -> None:
    """As `remove_tree`, for a folder of ours that is rarely there: no error is made and caught.

    Raises:
        OSError: Something is still there.
    """
    if os.access(path, os.F_OK):
        remove_tree(path)


def _remove_folder(path: str) -> None:
    """Removes a folder with everything below it, links not followed.

    By paths, which is half the system calls of `shutil.rmtree`: that one is safe where somebody
    puts a link in a folder's place meanwhile, and here nothing of the trial lives any more.

    Raises:
        OSError: Something cannot be removed.
        RecursionError: It is too deep.
    """
    with os.scandir(path) as found:
        entries = list(found)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            _remove_folder(entry.path)
        else:
            os.unlink(entry.path)  # noqa: PTH108  # no object per file
    os.rmdir(path)  # noqa: PTH106  # see above


def reason(error: OSError) -> str:
    """What the system said and about which path, and what helps where that is plain."""
    said = error.strerror or str(error)
    where = f": {error.filename}" if error.filename is not None else ""
    hints = {
        errno.ENOSPC: " (the disk is full: free some space, then run again)",
        errno.EDQUOT: " (the quota is used up: free some space, then run again)",
        errno.EROFS: " (choose a state folder on a disk that can be written)",
    }
    return f"{said}{where}{hints.get(error.errno or 0, '')}"


def _make_afresh(path: str) -> None:
    """Makes a folder that is empty, whatever was there.

    Raises:
        OSError: It cannot be made, or what was there cannot be removed.
    """
    try:
        os.mkdir(path)  # noqa: PTH102  # no object per call: made for every trial
    except FileNotFoundError:
        os.makedirs(path)  # noqa: PTH103  # see above
    except FileExistsError:
        remove_tree(path)
        os.mkdir(path)  # noqa: PTH102  # see above


def _make_tmp(path: str) -> str:
    """Makes a TMPDIR at `path`, or a link there to one with a short path.

    Raises:
        OSError: Neither can be made.
    """
    if len(os.fsencode(path)) > SOCKET_ROOM_BYTES and os.access(_SHORT_ROOT, os.W_OK | os.X_OK):
        short = tempfile.mkdtemp(prefix=_SHORT_PREFIX, dir=_SHORT_ROOT)
        os.symlink(short, path)  # noqa: PTH211  # texts, as everywhere here
        return short
    os.mkdir(path)  # noqa: PTH102  # no object per call: made for every trial
    return path


def _discard(work: str) -> None:
    """Removes one trial's working folders.

    Raises:
        OSError: Something cannot be removed.
    """
    link = os.path.join(work, "tmp")  # noqa: PTH118  # as text, for a folder that is often removed
    if os.path.islink(link):  # noqa: PTH114  # see above
        short = Path(link).readlink()
        # The trial could have put another link there: only what `_make_tmp` makes is followed.
        if short.parent == _SHORT_ROOT and short.name.startswith(_SHORT_PREFIX):
            remove_tree(short)
    for name in _OFTEN_EMPTY:  # looking what is in a folder takes longer than trying
        with contextlib.suppress(OSError):
            os.rmdir(f"{work}/{name}")  # noqa: PTH106  # as above
    remove_tree(work)
