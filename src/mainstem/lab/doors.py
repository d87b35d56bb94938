"""The engine's doors, simulated: trees that are sets, an executor that is arithmetic, a clock.

`lab` runs the same engine as a real campaign does, behind the same ports (`engine.ports`): what is
asked, decided and written down is decided by the same code. Nothing conflicts and nothing crashes;
a run takes simulated time. The ledger is a real one, handed in.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from mainstem.domain.proposal import CommitId, TreeId
from mainstem.domain.trial import Ending, Run
from mainstem.engine.proposing import Branch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from mainstem.domain.proposal import Conflict, Proposal
    from mainstem.domain.trial import Job, TrialId

    Batch = Sequence[tuple[frozenset[str], int]]
    """Recipes with their seeds."""
    Evaluate = Callable[[Batch], Sequence[Mapping[str, float]]]
    """What a batch of runs measures, each by its metrics' names."""

START = datetime(2026, 1, 1, tzinfo=UTC)


def digest(text: str) -> str:
    """Forty hexadecimal digits, as git's, that stand for a text."""
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def branch(name: str, *, base: CommitId, components: tuple[str, ...] = ()) -> Branch:
    """A proposal's branch of one commit, which its name and base stand for."""
    commit = CommitId(digest(f"{base} {name}"))
    return Branch(id=name, name=name, commit=commit, base=base, components=components)


@dataclass
class Clock:
    """A clock that stands unless somebody lets time pass.

    Attributes:
        seconds: Since the start.
    """

    seconds: float = 0.0

    def now(self) -> str:
        """The simulated present."""
        moment = START + timedelta(seconds=self.seconds)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic_s(self) -> float:
        """Seconds since the start."""
        return self.seconds


@dataclass
class Sets:
    """Trees that are the sets of their members: nothing conflicts.

    Attributes:
        recipes: The members' ids, by tree.
    """

    recipes: dict[TreeId, frozenset[str]] = field(default_factory=dict)

    def tree(self, root: CommitId, members: Sequence[Proposal]) -> TreeId:
        """A digest of the set."""
        recipe = frozenset(str(member.id) for member in members)
        tree = TreeId(digest(f"{root} {json.dumps(sorted(recipe))}"))
        self.recipes[tree] = recipe
        return tree

    def trees(
        self, root: CommitId, recipes: Sequence[Sequence[Proposal]]
    ) -> list[TreeId | Conflict]:
        """One after the other."""
        return [self.tree(root, members) for members in recipes]

    def conflicts(self, root: CommitId, members: Sequence[Proposal]) -> list[Conflict]:
        """None."""
        del root, members
        return []

    def pin(self, root: CommitId, members: Sequence[Proposal]) -> None:
        """Nothing can be lost."""

    def materialise(self, tree: TreeId, into: Path) -> None:
        """Nothing to write."""


@dataclass
class Arithmetic:
    """An executor that works out what a run would measure.

    Attributes:
        evaluate: What a batch of runs measures.
        sets: Says which recipe a tree is.
        clock: Moves on by `run_s` for each round of its slots.
        slots: Runs at once.
        run_s: What a run takes, in seconds.
        queue: Jobs that were taken and have not run.
    """

    evaluate: Evaluate
    sets: Sets
    clock: Clock
    slots: int
    run_s: float = 0.0
    queue: list[Job] = field(default_factory=list)

    def submit(self, job: Job) -> None:
        """Queues it."""
        self.queue.append(job)

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """All that is queued, run in rounds of the slots."""
        del timeout_s
        jobs, self.queue = self.queue, []
        if not jobs:
            return []
        measured = self.evaluate([(self.sets.recipes[job.tree], job.seed) for job in jobs])
        self.clock.seconds += self.run_s * -(-len(jobs) // self.slots)
        return [
            Run(
                trial=job.trial,
                ending=Ending.EXITED,
                exit_code=0,
                metrics=json.dumps(dict(values)),
                wall_s=self.run_s,
            )
            for job, values in zip(jobs, measured, strict=True)
        ]

    def running(self) -> list[TrialId]:
        """None: what is asked has run when it is waited for."""
        return []

    def close(self) -> None:
        """Nothing to stop."""
