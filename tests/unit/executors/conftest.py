"""A place and a job for the parts of an executor, and ways to look at processes."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from mainstem.domain.proposal import TreeId
from mainstem.domain.trial import Job, TrialId
from mainstem.executors.folders import Place
from mainstem.executors.local import LocalExecutor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DEADLINE_S = 120.0


class MakeJob(Protocol):
    """How a test asks for a job."""

    def __call__(self, *argv: str, trial: str = "t1", timeout_s: float = DEADLINE_S) -> Job:
        """A job with that command."""
        ...


class Processes:
    """What a test wants to know of processes."""

    @staticmethod
    def lives(process: int) -> bool:
        """Whether a process runs; a zombie is dead."""
        with contextlib.suppress(OSError):
            stat = Path("/proc", str(process), "stat").read_text()
            return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
        return False

    @staticmethod
    def until(holds: Callable[[], bool]) -> None:
        """Waits until something holds; the deadline is a failure, never a slow machine."""
        deadline_s = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < deadline_s, "it never came true"
            time.sleep(0.01)

    def told(self, file: Path) -> int:
        """The id that a process writes into a file, once it has."""
        self.until(lambda: file.exists() and file.read_text().endswith("\n"))
        return int(file.read_text())


@pytest.fixture
def processes() -> Processes:
    """Ways to look at processes."""
    return Processes()


@pytest.fixture
def make_job() -> MakeJob:
    """Jobs that differ only in what a test is about."""

    def make(*argv: str, trial: str = "t1", timeout_s: float = DEADLINE_S) -> Job:
        tree = TreeId("ab" * 20)
        return Job(
            trial=TrialId(trial), tree=tree, argv=argv, seed=7, rung="small", timeout_s=timeout_s
        )

    return make


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A trial's folders, none of which exists."""
    work = f"{tmp_path}/work/t1"
    return Place(
        work=work,
        tree=f"{work}/tree",
        home=f"{work}/home",
        tmp=f"{work}/tmp",  # noqa: S108  # of its own
        metrics=f"{work}/metrics.jsonl",
        logs=f"{tmp_path}/logs/t1",
        overlay=f"{tmp_path}/overlays/t1",
    )


@pytest.fixture
def executor(tmp_path: Path) -> Iterator[LocalExecutor]:
    """One slot on an empty tree, with its state in `tmp_path / "state"`."""
    made = LocalExecutor(
        slots=1, workspace=tmp_path / "state", materialise=lambda _tree, into: into.mkdir()
    )
    yield made
    made.close()
