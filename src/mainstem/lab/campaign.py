"""One simulated campaign: what a policy sees of it, and what became of it.

A `Game` is what was drawn: the landscape, the staff, the noise, the budget. All policies of one
campaign play the same game. A policy works at a `Desk`, which shows it everything that an
organisation would know, runs recipes while there is budget, and keeps the books. The truth comes
in only when the books are closed, as the `Course`.

Time is simulated: a run takes 1, so many run at once as there are slots, and a batch is waited for.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.landscapes.landscape import breaks, improves, margins, score

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mainstem.domain.stack import Objective
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, IntArray, Landscape
    from mainstem.lab.noise import Noise
    from mainstem.lab.organisation import Staff

LEVEL = 1000.0
"""Sd of the level of a campaign's values, in margins."""


class Act(StrEnum):
    """What somebody decided of a proposal.

    `approved`: passes on, to the next who is asked. `refused`: not now, on the evidence. `vetoed`:
    whatever the evidence. `merged`: it is in the trunk. Only `merged` changes the trunk.
    """

    APPROVED = "approved"
    REFUSED = "refused"
    VETOED = "vetoed"
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision about one proposal.

    Attributes:
        proposal: Its place, from 0.
        act: What was decided.
        by: The contributor who decided; None: a rule did.
        estimate: The gain that the runs showed, in score (margins); None: no run was looked at.
        se: The estimate's standard error; None as above.
        runs: Runs of the recipe with the proposal that it rests on.
    """

    proposal: int
    act: Act
    by: int | None = None
    estimate: float | None = None
    se: float | None = None
    runs: int = 0


@dataclass(frozen=True, kw_only=True)
class Logged:
    """A decision as the log keeps it: with when, whose and which component.

    Attributes:
        decision: What was decided.
        spent: Runs of the campaign so far.
        author: Whose proposal it is.
        component: The proposal's component.
    """

    decision: Decision
    spent: int
    author: int
    component: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """What became of a campaign. S steps: the beginning, and after that each number of runs once.

    Attributes:
        spent: Runs so far, increasing from 0, shape (S,).
        time: When, in the time of a run, shape (S,).
        gain: The trunk's true gain then, in the objectives' units, shape (S, J).
        merged: What was merged, in order.
        decisions: Every decision, in order.
    """

    spent: IntArray
    time: FloatArray
    gain: FloatArray
    merged: tuple[int, ...]
    decisions: tuple[Logged, ...]

    def gain_at(self, runs: int) -> FloatArray:
        """The trunk's true gain after so many runs, shape (J,)."""
        return np.asarray(self.gain[int(np.searchsorted(self.spent, runs, side="right")) - 1])


@dataclass(frozen=True, kw_only=True, eq=False)
class Game:
    """What was drawn for a campaign; every policy plays the same.

    Attributes:
        landscape: What recipes are worth.
        staff: Who proposes and judges.
        noise: Of runs.
        budget: Runs in all.
        slots: Runs at once.

    Raises:
        ValueError: The budget is below 0, or there is no slot.
    """

    landscape: Landscape
    staff: Staff
    noise: Noise
    budget: int
    slots: int = 4

    def __post_init__(self) -> None:
        if self.budget < 0 or self.slots < 1:
            raise ValueError(f"budget {self.budget} and slots {self.slots}: no such campaign")


class Desk:
    """All that a policy sees of a campaign, and the books.

    Values of runs are in gain units, but where the trunk's own lie is for a policy to find out: a
    level that is drawn for the campaign is added to all of them, objective by objective.

    Args:
        game: What was drawn.
        rng: The policy's own generator.

    Attributes:
        n: How many proposals there are.
        components: Of each, its component.
        objectives: What is measured.
        margins: Of the objectives, shape (J,).
        improves: Which objectives are to be improved, shape (J,).
        staff: Who proposes and judges.
        slots: Runs at once.
        rng: The policy's own generator.
        spent: Runs so far.
        time: Now, in the time of a run.
        trunk: What is merged, shape (n,); to be read only.
        admitted: Who may be tried now, shape (n,), as the policy said last.
    """

    def __init__(self, game: Game, rng: np.random.Generator) -> None:
        landscape = game.landscape
        self._game, self._limit = game, game.budget
        self.n: int = landscape.n
        self.components: tuple[str, ...] = landscape.components
        self.objectives: tuple[Objective, ...] = landscape.objectives
        self.margins = margins(self.objectives)
        self.improves = improves(self.objectives)
        self.staff, self.slots, self.rng = game.staff, game.slots, rng
        self.spent, self.time = 0, 0.0
        self.trunk: BoolArray = np.zeros(self.n, dtype=np.bool_)
        self.admitted: BoolArray = self.here
        self._level = LEVEL * self.margins * game.noise.level(len(self.objectives))
        self._values: dict[bytes, list[FloatArray]] = {}
        self._known: dict[bytes, tuple[FloatArray, FloatArray]] = {}
        self._steps: list[tuple[int, float, BoolArray]] = [(0, 0.0, self.trunk)]
        self._merged: list[int] = []
        self._log: list[Logged] = []

    # ---- what is known

    @property
    def left(self) -> int:
        """Runs that may still be spent now."""
        return self._limit - self.spent

    @property
    def here(self) -> BoolArray:
        """Which proposals have come in, shape (n,)."""
        return np.asarray(self.staff.arrives <= self.time)

    @property
    def present(self) -> BoolArray:
        """Which contributors are still there, shape (C,)."""
        return np.asarray(self.staff.leaves > self.time)

    def runs_of(self, recipe: BoolArray) -> FloatArray:
        """Every run of a recipe so far, in order, shape (runs, J)."""
        rows = self._values.get(recipe.tobytes())
        return np.array(rows) if rows else np.empty((0, len(self.objectives)))

    def count(self, recipe: BoolArray) -> int:
        """How often a recipe ran."""
        return len(self._values.get(recipe.tobytes(), ()))

    def with_(self, proposal: int) -> BoolArray:
        """The trunk with one proposal more, shape (n,)."""
        recipe = self.trunk.copy()
        recipe[proposal] = True
        return recipe

    # ---- what is done

    def run(self, recipes: BoolArray, seeds: IntArray | None = None) -> FloatArray:
        """Runs recipes side by side.

        Args:
            recipes: Shape (m, n); only as many run as there is budget for.
            seeds: Theirs, shape (m,); None: each run of a recipe has the next one.

        Returns:
            Their values, shape (at most m, J).
        """
        recipes = recipes[: max(self.left, 0)]
        if not len(recipes):
            return np.empty((0, len(self.objectives)))
        keys = [recipe.tobytes() for recipe in recipes]
        if seeds is None:
            seeds = self._next_seeds(keys)
        means, sds = self._law(recipes, keys)
        normals = self._game.noise.normals(recipes, seeds[: len(recipes)], len(self.objectives))
        values = means + sds * normals
        for key, value in zip(keys, values, strict=True):
            self._values.setdefault(key, []).append(value)
        self.spent += len(recipes)
        self.time += float(-(-len(recipes) // self.slots))
        self._step()
        return values

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Notes decisions, and merges what is merged.

        Raises:
            ValueError: A proposal is merged twice, or before it came in.
        """
        for decision in decisions:
            place = decision.proposal
            self._log.append(
                Logged(
                    decision=decision,
                    spent=self.spent,
                    author=int(self.staff.authors[place]),
                    component=self.components[place],
                )
            )
            if decision.act is Act.MERGED:
                self._merge(place)

    def wait(self) -> bool:
        """Lets time pass until the next proposal comes in; False if none will."""
        later = self.staff.arrives[self.staff.arrives > self.time]
        if not len(later):
            return False
        self.time = float(later.min())
        return True

    @contextmanager
    def within(self, runs: int) -> Iterator[None]:
        """Allows at most so many runs meanwhile, and no more than there are."""
        before = self._limit
        self._limit = min(before, self.spent + max(runs, 0))
        try:
            yield
        finally:
            self._limit = before

    # ---- the books

    def close(self) -> Course:
        """What became of the campaign, with the truth."""
        gains = self._game.landscape.truth(np.array([trunk for _, _, trunk in self._steps]))
        return Course(
            spent=np.array([spent for spent, _, _ in self._steps], dtype=np.int64),
            time=np.array([time for _, time, _ in self._steps]),
            gain=gains,
            merged=tuple(self._merged),
            decisions=tuple(self._log),
        )

    def score(self, gains: FloatArray) -> FloatArray:
        """Sum of gain over margin of the objectives to improve, shape (...) of (..., J)."""
        return score(self.objectives, gains)

    def breaks(self, gains: FloatArray) -> BoolArray:
        """Whether an objective is worse by more than its margin, shape (...) of (..., J)."""
        return breaks(self.objectives, gains)

    def _law(self, recipes: BoolArray, keys: list[bytes]) -> tuple[FloatArray, FloatArray]:
        """Mean and sd of runs, shape (m, J) each; worked out once a recipe, so always the same."""
        new = [row for row, key in enumerate(keys) if key not in self._known]
        if new:
            landscape = self._game.landscape
            means = landscape.truth(recipes[new]) + self._level
            for row, mean, sd in zip(new, means, landscape.noise_sd(recipes[new]), strict=True):
                self._known[keys[row]] = (mean, sd)
        found = [self._known[key] for key in keys]
        return np.array([mean for mean, _ in found]), np.array([sd for _, sd in found])

    def _next_seeds(self, keys: list[bytes]) -> IntArray:
        """The next seed of each recipe, counted over earlier runs and those of this batch."""
        seen: dict[bytes, int] = {}
        seeds = np.empty(len(keys), dtype=np.int64)
        for row, key in enumerate(keys):
            seeds[row] = seen.get(key, len(self._values.get(key, ())))
            seen[key] = int(seeds[row]) + 1
        return seeds

    def _merge(self, place: int) -> None:
        if self.trunk[place]:
            raise ValueError(f"the policy merged proposal {place} twice: merge what is not in yet")
        if not self.here[place]:
            raise ValueError(f"the policy merged proposal {place} before it came in")
        self.trunk = self.with_(place)
        self._merged.append(place)
        self._step()

    def _step(self) -> None:
        """Notes how the trunk stands after so many runs."""
        if self._steps[-1][0] == self.spent:
            self._steps.pop()
        self._steps.append((self.spent, self.time, self.trunk))
