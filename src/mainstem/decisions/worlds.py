"""Worlds of a campaign: joint draws of every objective as whole functions, and of what crashes.

One world says of every recipe what it gains, how much a run of it scatters, and whether it runs at
all, so that other ways of working can be tried on what is known, and on how little that is
(`mainstem.lab`). This reads the landscape; nothing is decided by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import worlds as functions
from mainstem.stats.effects import keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief

_TAG = 17


class World:
    """One draw of all that is not known.

    Args:
        belief: The state of knowledge.
        objectives: The draw of each objective's landscape.
        guilty: Sets that crash in this world, shape (G, n).
    """

    def __init__(
        self,
        belief: Belief,
        objectives: list[functions.World],
        guilty: NDArray[np.float64],
    ) -> None:
        self._belief, self._objectives, self._guilty = belief, objectives, guilty
        self._exact = np.array([known.deterministic for known in belief.noises])
        origin = functions.Where(belief.trunk_row[None])
        self._origin = np.array([float(one.gains(origin)[0]) for one in objectives])

    def at(self, where: functions.Where) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Gains over the trunk, and the sd of one run, in the objectives' units.

        Args:
            where: The recipes.

        Returns:
            Each of shape (A, J); the sd of a deterministic objective is 0.
        """
        gains = np.empty((len(where.x), len(self._objectives)))
        sds = np.zeros_like(gains)
        for j, (one, exact) in enumerate(zip(self._objectives, self._exact, strict=True)):
            gains[:, j] = one.gains(where)
            if not exact:
                sds[:, j] = one.noise_at(gains[:, j])
        gains -= self._origin
        gains[np.all(where.x == self._belief.trunk_row, axis=1)] = 0.0  # but for rounding it is
        margin = self._belief.scale.margin
        return gains * margin, sds * margin

    def runs(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which recipes git can merge and run to their end here, x of shape (A, n): shape (A,)."""
        fine = self._belief.possible(x)
        sets = np.concatenate([self._guilty, self._belief.crashes.crashed])
        sets = sets[sets.any(1)]  # a crash of the trunk itself was bad luck
        if len(sets):
            fine &= ~np.any(x @ sets.T >= sets.sum(1), axis=1)
        return np.asarray(fine)


class Worlds:
    """Independent worlds of a state of knowledge, made when they are asked for.

    Args:
        belief: The state of knowledge.
        count: How many may be asked for.
        seed: Of the draws: which worlds these are depends on nothing else.
    """

    def __init__(self, belief: Belief, count: int, seed: int) -> None:
        self.belief, self.count = belief, count
        self._seed = [belief.problem.seed, belief.runs, _TAG, seed]
        self._objectives = [
            functions.worlds(model, count, np.random.default_rng([*self._seed, j]))
            for j, model in enumerate(belief.landscapes)
        ]

    @property
    def margins(self) -> NDArray[np.float64]:
        """Margin per objective, in its unit, shape (J,)."""
        return self.belief.scale.margin

    @property
    def ran(self) -> set[bytes]:
        """Keys (`mainstem.stats.effects.keys`) of the recipes that ran where it counts."""
        return set(keys(self.belief.x))

    def world(self, s: int) -> World:
        """World number s, from 0.

        A suspect set is guilty here with its posterior probability; those that are proven are so
        everywhere.

        Raises:
            IndexError: There is no such world.
        """
        if not 0 <= s < self.count:
            raise IndexError(f"world {s} of {self.count}")
        crashes = self.belief.crashes
        rng = np.random.default_rng([*self._seed, len(self._objectives), s])
        guilty = rng.random(len(crashes.sets)) < crashes.guilt
        sets = [members for members, yes in zip(crashes.sets, guilty, strict=True) if yes]
        rows = np.zeros((len(sets) + len(crashes.proven), self.belief.n))
        for row, members in zip(rows, (*sets, *crashes.proven), strict=True):
            row[list(members)] = 1.0
        return World(self.belief, [one.world(s) for one in self._objectives], rows)
