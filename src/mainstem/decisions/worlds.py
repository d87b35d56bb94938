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

    Attributes:
        crashing: All sets that crash in this world, those that are known to besides, shape (K, n).
    """

    def __init__(
        self,
        belief: Belief,
        objectives: list[functions.World],
        guilty: NDArray[np.float64],
    ) -> None:
        self._belief, self._objectives = belief, objectives
        sets = np.concatenate([guilty, belief.crashes.crashed])
        self.crashing = sets[sets.any(1)]  # a crash of the trunk itself was bad luck
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
        margin = self._belief.scale.margin
        gains = np.empty((len(self._objectives), len(where.x)))  # rows are filled as a whole
        sds = np.zeros_like(gains)
        trunk = where.rows_of(self._belief.trunk_row)
        for j, (one, exact) in enumerate(zip(self._objectives, self._exact, strict=True)):
            gains[j] = one.gains(where)
            if not exact:
                sds[j] = one.noise_at(gains[j])
                sds[j] *= margin[j]
            gains[j] -= self._origin[j]
            gains[j, trunk] = 0.0  # but for rounding it is
            gains[j] *= margin[j]
        return gains.T, sds.T

    def runs(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which recipes git can merge and run to their end here, x of shape (A, n): shape (A,)."""
        fine = self._belief.possible(x)
        sets = self.crashing
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
