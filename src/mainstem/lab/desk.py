"""All that a policy sees of a campaign, and the books.

A desk shows what an organisation would know: who is there, what they think, what ran and what came
out. It runs recipes while there is budget and notes every decision. The truth comes in only when
the books are closed.

Time is simulated: a run takes 1, so many run at once as there are slots, and a batch is waited for.
"""

from __future__ import annotations

from contextlib import contextmanager
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Act, Course, Logged
from mainstem.lab.runs import sums

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from mainstem.domain.stack import Objective
    from mainstem.lab.campaign import Decision, Game
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray


_NONE = range(0)


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
        least: A gain below it breaks its margin, J of them.
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
        self.margins, self.improves = game.runs.margins, game.runs.improves
        self.staff, self.slots, self.rng = game.staff, game.slots, rng
        self.spent, self.time = 0, 0.0
        self.trunk: BoolArray = np.zeros(self.n, dtype=np.bool_)
        self.admitted: BoolArray = self.here
        self.improving = tuple(
            (j, margin) for j, margin in enumerate(self.margins.tolist()) if self.improves[j]
        )
        self.least: list[float] = (-self.margins).tolist()
        self._seeds: dict[bytes, range | list[int]] = {}
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
        seeds = self._seeds.get(recipe.tobytes())
        if not seeds:
            return np.empty((0, len(self.objectives)))
        runs = self._game.runs
        rows = np.repeat(recipe[None], len(seeds), axis=0)
        return np.asarray(np.array(runs.gains(rows, seeds)) + runs.level)

    def count(self, recipe: BoolArray) -> int:
        """How often a recipe ran."""
        return len(self._seeds.get(recipe.tobytes(), ()))

    def count_of(self, keys: Collection[bytes]) -> int:
        """How often the recipes of these bytes ran, all together."""
        return sum(len(seeds) for key, seeds in self._seeds.items() if key in keys)

    def difference(
        self, new: BoolArray, old: BoolArray
    ) -> tuple[FloatArray, FloatArray, int, int] | None:
        """Two recipes compared by all their runs.

        Returns:
            Difference of the means, shape (J,); squared deviations from both means, summed, shape
            (J,); runs of the new one and of the old one. None where one of them never ran.
        """
        keys = new.tobytes(), old.tobytes()
        ours, theirs = self._seeds.get(keys[0]), self._seeds.get(keys[1])
        if not ours or not theirs:
            return None
        first, mean, within, _, _ = self._summed(keys[0], ours)
        before, other, _, squares, share = self._summed(keys[1], theirs)
        means = first - before  # in place from here: arrays of so few cost what their making costs
        means += mean
        means -= other
        deviations = within + squares
        deviations -= share
        return means, np.maximum(deviations, 0.0, out=deviations), len(ours), len(theirs)

    def _summed(self, key: bytes, seeds: range | list[int]) -> FloatArray:
        """The runs of a recipe so far (`runs.sums`): those of seeds in turn are summed for all."""
        runs = self._game.runs
        if isinstance(seeds, range):
            return runs.summed(key, len(seeds))
        rows = np.frombuffer(key * len(seeds), dtype=np.bool_).reshape(len(seeds), -1)
        return np.asarray(sums(np.array(runs.gains(rows, seeds)))[-1])

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
        asked = self.carry_out(recipes, seeds)
        if not asked:
            return np.empty((0, len(self.objectives)))
        runs = self._game.runs
        return np.asarray(np.array(runs.gains(recipes, asked)) + runs.level)

    def carry_out(self, recipes: BoolArray, seeds: Sequence[int] | None = None) -> list[int]:
        """As `run`, for whoever reads the values later or never: that is less work.

        Returns:
            The seeds of the runs.
        """
        recipes = recipes[: max(self.left, 0)]
        if not len(recipes):
            return []
        keys = _bytes_of(recipes)
        self._game.runs.learn(recipes, keys, beside=self.trunk)
        asked = self._noted(keys) if seeds is None else list(seeds)[: len(keys)]
        if seeds is not None:
            for key, seed in zip(keys, asked, strict=True):
                self._seeds[key] = [*self._seeds.get(key, ()), seed]
        self.spent += len(recipes)
        self.time += float(-(-len(recipes) // self.slots))
        self._step()
        return asked

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

    def _noted(self, keys: list[bytes]) -> list[int]:
        """Notes a run of each with its next seed, counted over all of its runs; says the seeds."""
        asked = list[int]()
        for key, alike in groupby(keys):
            known, more = self._seeds.get(key, _NONE), len(list(alike))
            seeds = range(len(known), len(known) + more)
            self._seeds[key] = range(seeds.stop) if isinstance(known, range) else [*known, *seeds]
            asked += seeds
        return asked

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


def _bytes_of(recipes: BoolArray) -> list[bytes]:
    """The bytes of each recipe, (m, n)."""
    every, n = recipes.tobytes(), recipes.shape[1]
    return [every[k : k + n] for k in range(0, len(every), n)]
