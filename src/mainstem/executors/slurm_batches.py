"""Submissions to SLURM as folders: made here, and found again by whoever comes after.

A batch is one array. All its tasks ask for the same, so jobs are grouped by what they ask for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mainstem.executors import slurm_commands as slurm, spool
from mainstem.executors.folders import remove_tree
from mainstem.executors.parcel import ForeignParcelError, Parcel, read_parcel
from mainstem.executors.slurm_words import is_transient, job_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from mainstem.domain.stack import Resources
    from mainstem.domain.trial import TrialId
    from mainstem.executors.slurm_words import Row

MOST_TASKS = 500
"""How many tasks one array has at most; clusters allow 1,000 by default."""

_JOB = "job"


@dataclass(kw_only=True)
class Sent:
    """Where a task is.

    Attributes:
        batch: The submission's folder.
        index: Its place in the array.
        array: The scheduler's number; None until it is known.
        at_once: How many of its batch the scheduler may run at once.
        row: What the queue said last.
        missing_s: Since when the scheduler has nothing alive of it; None if it has.
        began: Its place in the order of starts, from 1; 0 if it is not running.
        stale: The restart that is over: it waits again.
    """

    batch: Path
    index: int
    array: int | None = None
    at_once: int = 1
    row: Row | None = None
    missing_s: float | None = None
    began: int = 0
    stale: int = -1

    def find(self, rows: Iterable[Row]) -> Row | None:
        """Its row in the queue; by the comment where its number is not known."""
        for row in rows:
            known = row.array == self.array if self.array is not None else self._commented(row)
            if known and row.index == self.index:
                return row
        return None

    def _commented(self, row: Row) -> bool:
        return row.comment == self.batch.name


@dataclass(kw_only=True)
class Task:
    """A trial on its way.

    Attributes:
        parcel: What is asked.
        lost: What was said of the attempts so far.
        sent: Where it is; None while it waits here.
    """

    parcel: Parcel
    lost: list[str] = field(default_factory=list)
    sent: Sent | None = None

    @property
    def trial(self) -> TrialId:
        """Its name."""
        return self.parcel.job.trial


@dataclass(frozen=True, kw_only=True)
class Refused:
    """The scheduler did not take a batch.

    Attributes:
        said: Its words.
        later: Whether it may take the same at another time.
    """

    said: str
    later: bool


def send(
    batch: Path,
    tasks: Sequence[Task],
    *,
    name: str,
    worker: Sequence[str],
    at_once: int,
    needs: Sequence[str],
    exclude: Sequence[str],
) -> Refused | None:
    """Writes a batch down and submits it; afterwards its tasks know where they are.

    A batch that was refused is taken away, orders first: should the scheduler have it in spite of
    what it said, its tasks find nothing to do.

    Raises:
        OSError: The folder cannot be written.
    """
    batch.mkdir(mode=0o700)
    try:
        for index, task in enumerate(tasks):
            spool.write_whole(spool.order(batch, index), task.parcel.text().encode())
        spool.write_whole(batch / "script.sh", slurm.script(batch, worker).encode())
        answer = slurm.call(
            *slurm.batch_words(
                batch,
                name=name,
                tasks=len(tasks),
                at_once=at_once,
                needs=needs,
                exclude=exclude,
            )
        )
        array = job_number(answer.out) if answer.code == 0 else None
        if array is not None:
            spool.write_whole(batch / _JOB, str(array).encode())
    except OSError:
        remove_tree(batch)
        raise
    if array is None:
        remove_tree(batch)
        said = answer.said if answer.code != 0 else f"sbatch answered {answer.out.strip()!r}"
        return Refused(said=said, later=answer.code is None or is_transient(said))
    for index, task in enumerate(tasks):
        task.sent = Sent(batch=batch, index=index, array=array, at_once=at_once)
    return None


def inherited(folders: Iterable[Path]) -> Iterator[Task]:
    """The tasks in the folders of killed executors that were not called back.

    A task whose parcel cannot be read is another version's: it is called back when its folder is
    removed.
    """
    for folder in folders:
        for batch in sorted(path for path in folder.iterdir() if path.is_dir()):
            try:
                array = int((batch / _JOB).read_text(encoding="ascii"))
            except (OSError, ValueError):
                array = None  # killed while it submitted: the queue knows it by its comment
            for file in sorted(batch.glob("[0-9]*.json")):
                try:
                    parcel = read_parcel(file.read_text(encoding="utf-8"))
                except (OSError, ForeignParcelError):
                    continue
                index = int(file.stem)
                sent = Sent(batch=batch, index=index, array=array, at_once=MOST_TASKS)
                yield Task(parcel=parcel, sent=sent)


def alike(tasks: Iterable[Task]) -> list[list[Task]]:
    """The tasks in arrays: those that ask for the same, in their order."""
    found: dict[tuple[Resources | None, float, str], list[list[Task]]] = {}
    for task in tasks:
        job = task.parcel.job
        arrays = found.setdefault((job.resources, job.timeout_s, job.pair), [[]])
        if len(arrays[-1]) == MOST_TASKS:
            arrays.append([])
        arrays[-1].append(task)
    return [array for arrays in found.values() for array in arrays]
