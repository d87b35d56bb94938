"""The folder through which a campaign and the jobs of a scheduler talk, on a shared file system.

    cluster/trees/TREE.pack         a recipe's files, written once
    cluster/slurm/OWNER/BATCH/      one submission, an array of jobs
        script.sh  job              what was submitted; the scheduler's number for it
        N.json                      the order: task N's parcel. Without it nobody runs anything
        N.start                     who works on it: node, restart, process
        N.done/                     the result, whole: run.json and the logs
        N.log                       what the scheduler and our worker print

Every file appears whole (another name, then a rename), so nobody reads half a result, and a result
that is there is never replaced: the first one counts, whatever a scheduler starts again. Taking the
order away is how a job is called back for sure, also one that a scheduler has yet to start.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from mainstem.executors.folders import remove_tree
from mainstem.executors.parcel import ForeignParcelError, read_run, run_text

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.trial import Run, TrialId

KEPT_PACKS = 256
"""How many trees' packs stay; those not used for longest go first."""

_DONE = ".done"


@dataclass(frozen=True, kw_only=True)
class Started:
    """Who works on a task.

    Attributes:
        node: The scheduler's name of the host.
        restart: How often the scheduler has started it again.
    """

    node: str
    restart: int


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file that appears at once, readable for its owner only.

    Raises:
        OSError: It cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def order(batch: Path, index: int) -> Path:
    """The file with a task's parcel."""
    return batch / f"{index}.json"


def say_started(batch: Path, index: int, started: Started) -> None:
    """Says who works on a task.

    Raises:
        OSError: It cannot be written.
    """
    write_whole(batch / f"{index}.start", json.dumps(asdict(started)).encode())


def who_started(batch: Path, index: int) -> Started | None:
    """Who works on a task, or worked on it last; None if nobody has begun."""
    try:
        return Started(**json.loads((batch / f"{index}.start").read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return None


def is_done(batch: Path, index: int) -> bool:
    """Whether a task's result is there."""
    return (batch / f"{index}{_DONE}").is_dir()


def publish(batch: Path, index: int, run: Run, logs: Path) -> bool:
    """Puts a task's result where the campaign finds it; False if there is one already.

    Raises:
        OSError: It cannot be written.
    """
    done = batch / f"{index}{_DONE}"
    part = batch / f".{index}{_DONE}.{secrets.token_hex(4)}"
    part.mkdir(mode=0o700)
    try:
        for file in sorted(logs.iterdir()) if logs.is_dir() else []:
            if file.is_file() and not file.is_symlink():
                shutil.copyfile(file, part / file.name, follow_symlinks=False)
        write_whole(part / "run.json", run_text(run).encode())
        try:
            part.rename(done)
        except OSError:
            if not done.is_dir():
                raise
            return False
    finally:
        if part.is_dir():
            remove_tree(part)
    return True


def take_in(batch: Path, index: int, trial: TrialId, logs: Path) -> Run:
    """A task's result; its logs are moved to where those of local trials are.

    Args:
        batch: The submission.
        index: The task.
        trial: What it runs.
        logs: The folder that holds a folder of logs per trial, in the state folder.

    Raises:
        OSError: Something cannot be read or moved.
        ForeignParcelError: What is there is no result of that trial.
    """
    done = batch / f"{index}{_DONE}"
    run = read_run((done / "run.json").read_text(encoding="utf-8", errors="replace"), trial)
    came = [file for file in sorted(done.iterdir()) if file.name != "run.json"]
    target = logs / run.trial
    if came:
        remove_tree(target)
        target.mkdir(parents=True)
        for file in came:
            shutil.move(file, target / file.name)
    return run


def log_tail(batch: Path, index: int) -> str:
    """The last line of what the scheduler and the worker printed for a task; "" if nothing."""
    try:
        text = (batch / f"{index}.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""


def withdraw(batch: Path, index: int) -> None:
    """Calls a task back: who has not begun never will, who has stops.

    Raises:
        OSError: The order cannot be removed.
    """
    order(batch, index).unlink(missing_ok=True)


class Packs:
    """The trees that wait to be fetched."""

    def __init__(self, folder: Path) -> None:
        """Uses the folder, made when the first tree comes."""
        self._folder = folder

    def has(self, tree: TreeId) -> bool:
        """Whether a tree is there; who asks will use it."""
        try:
            os.utime(self._path(tree))
        except FileNotFoundError:
            return False
        return True

    def put(self, tree: TreeId, pack: bytes) -> None:
        """Adds a tree's pack, and drops old ones.

        Raises:
            OSError: It cannot be written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._path(tree), pack)
        packs = [(file.stat().st_mtime_ns, file) for file in self._folder.glob("*.pack")]
        for _, file in sorted(packs)[:-KEPT_PACKS]:
            file.unlink(missing_ok=True)

    def get(self, tree: TreeId) -> bytes:
        """A tree's pack.

        Raises:
            OSError: It is not there, or cannot be read.
        """
        return self._path(tree).read_bytes()

    def _path(self, tree: TreeId) -> Path:
        return self._folder / f"{tree}.pack"


def packs_of(batch: Path) -> Packs:
    """The packs that a submission's workers fetch from."""
    return Packs(batch.parents[2] / "trees")


__all__ = [
    "ForeignParcelError",
    "Packs",
    "Started",
    "is_done",
    "log_tail",
    "order",
    "packs_of",
    "publish",
    "say_started",
    "take_in",
    "who_started",
    "withdraw",
    "write_whole",
]
