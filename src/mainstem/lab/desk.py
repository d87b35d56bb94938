"""All that a policy sees of a campaign, and the books.

A desk shows what an organisation would know: who is there, what they think, what ran and what came
out. It runs recipes while there is budget and notes every decision. The truth comes in only when
the books are closed.

Time is simulated: a run takes 1, so many run at once as there are slots, and a batch is waited for.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Act, Course, Logged
from mainstem.lab.landscapes.landscape import improves, margins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.lab.campaign import Decision, Game
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray


@dataclass(eq=False)
class Tally:
    """Runs of a recipe so far: their values without the level, of shape (J,) each.

    Sum and sum of squares are of what values differ from the first by: runs without noise have a
    variance of exactly 0. They are plain numbers, J of each: there are few objectives and many
    tallies, and an array of one costs more than its arithmetic.
    """

    values: list[FloatArray]
    first: list[float]
    total: list[float]
    squares: list[float]

    def add(self, value: FloatArray) -> None:
        """One run more."""
        self.values.append(value)
        for j, (one, first) in enumerate(zip(value.tolist(), self.first, strict=True)):
            beyond = one - first
            self.total[j] += beyond
            self.squares[j] += beyond * beyond


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
        improving: Of each of these, its place and its margin.
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
        self.improving = tuple(
            (j, margin) for j, margin in enumerate(self.margins.tolist()) if self.improves[j]
        )
        self._tallies: dict[bytes, Tally] = {}
        self._steps: list[tuple[int, float, BoolArray]] = [(0, 0.0, self.trunk)]
        self._merged: list[int] = []
        self._log: list[Logged] = []

    # ---- what is known

    @property
    def budget(self) -> int:
        """Runs of the whole campaign."""
        return self._game.budget

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
        tally = self._tallies.get(recipe.tobytes())
        if tally is None:
            return np.empty((0, len(self.objectives)))
        return np.asarray(np.array(tally.values) + self._game.runs.level)

    def count(self, recipe: BoolArray) -> int:
        """How often a recipe ran."""
        tally = self._tallies.get(recipe.tobytes())
        return 0 if tally is None else len(tally.values)

    def difference(
        self, new: BoolArray, old: BoolArray
    ) -> tuple[list[float], list[float], int, int] | None:
        """Two recipes compared by all their runs.

        Returns:
            Difference of the means, J of them; squared deviations from both means, summed, J of
            them; runs of the new one and of the old one. None where one of them never ran.
        """
        ours, theirs = self._tallies.get(new.tobytes()), self._tallies.get(old.tobytes())
        if ours is None or theirs is None:
            return None
        a, b = len(ours.values), len(theirs.values)
        means, squares = [], []
        for j, (mine, other) in enumerate(zip(ours.total, theirs.total, strict=True)):
            means.append(ours.first[j] - theirs.first[j] + mine / a - other / b)
            within = ours.squares[j] - mine * mine / a + theirs.squares[j] - other * other / b
            squares.append(max(within, 0.0))
        return means, squares, a, b

    def with_(self, proposal: int) -> BoolArray:
        """The trunk with one proposal more, shape (n,)."""
        recipe = self.trunk.copy()
        recipe[proposal] = True
        return recipe

    # ---- what is done

    def run(self, recipes: BoolArray, seeds: Sequence[int] | None = None) -> FloatArray:
        """Runs recipes side by side.

        Args:
            recipes: Shape (m, n); only as many run as there is budget for.
            seeds: Theirs, m of them; None: each run of a recipe has the next one.

        Returns:
            Their values, shape (at most m, J).
        """
        recipes = recipes[: max(self.left, 0)]
        if not len(recipes):
            return np.empty((0, len(self.objectives)))
        keys = [recipe.tobytes() for recipe in recipes]
        asked = self._next_seeds(keys) if seeds is None else list(seeds)[: len(keys)]
        gains = self._game.runs.gains(recipes, asked, beside=self.trunk)
        for key, gain in zip(keys, gains, strict=True):
            tally = self._tallies.get(key)
            if tally is None:
                first = gain.tolist()
                self._tallies[key] = Tally([gain], first, [0.0] * len(first), [0.0] * len(first))
            else:
                tally.add(gain)
        self.spent += len(recipes)
        self.time += float(-(-len(recipes) // self.slots))
        self._step()
        return np.asarray(np.array(gains) + self._game.runs.level)

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

    def _next_seeds(self, keys: list[bytes]) -> list[int]:
        """The next seed of each recipe, counted over earlier runs and those of this batch."""
        seen: dict[bytes, int] = {}
        seeds = []
        for key in keys:
            tally = self._tallies.get(key)
            seed = seen.get(key, 0 if tally is None else len(tally.values))
            seeds.append(seed)
            seen[key] = seed + 1
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
