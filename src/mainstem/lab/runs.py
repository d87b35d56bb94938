"""What runs of a game give: truth, a level and noise, worked out once a recipe.

All policies of a campaign play the same game, and most begin with the same recipes. So what is
worked out for one of them serves the others, and a run is the same number for all. That goes for
sums over runs too: who runs a recipe seed by seed, as people do, has after so many runs the same
sums as everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.landscapes.landscape import alone, improves, margins

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, Landscape
    from mainstem.lab.noise import Noise

LEVEL = 1000.0
"""Sd of the level of a campaign's values, in margins."""

_AHEAD = 8
"""Seeds of a recipe that are worked out at its first run; few recipes run more often. Of one that
does, such as the trunk, as many again are each time they run out."""


@dataclass(eq=False, slots=True)
class _Known:
    """A recipe, as far as it is worked out.

    Attributes:
        mean: What it is worth, shape (J,).
        sd: Of one run, shape (J,).
        values: Its runs by their seeds, from 0, shape (K, J).
        sums: What `sums` says of the first, the first two, ..., and all of these, shape (K, 5, J).
    """

    mean: FloatArray
    sd: FloatArray
    values: FloatArray
    sums: FloatArray


class Runs:
    """Runs of a landscape's recipes in one campaign.

    Args:
        landscape: What recipes are worth.
        noise: The campaign's noise.

    Attributes:
        margins: Of the objectives, shape (J,).
        improves: Which objectives are to be improved, shape (J,).
        level: What is added to all values, shape (J,), so that where the trunk lies is for a policy
            to find out.
    """

    def __init__(self, landscape: Landscape, noise: Noise) -> None:
        self._landscape, self._noise = landscape, noise
        self._width = len(landscape.objectives)
        self.margins = margins(landscape.objectives)
        self.improves = improves(landscape.objectives)
        self.level: FloatArray = LEVEL * self.margins * noise.level(self._width)
        self._known: dict[bytes, _Known] = {}
        self._around: set[bytes] = set()

    def gains(
        self, recipes: BoolArray, seeds: Sequence[int], *, beside: BoolArray | None = None
    ) -> list[FloatArray]:
        """What runs show, without the level.

        Args:
            recipes: Shape (m, n).
            seeds: Of each run, 0 or above.
            beside: See `learn`.

        Returns:
            Of each run its values in gain units, shape (J,).
        """
        keys = [recipe.tobytes() for recipe in recipes]
        self.learn(recipes, keys, beside=beside)
        found = []
        for key, seed in zip(keys, seeds, strict=True):
            known = self._known[key]
            if len(known.values) <= seed < 2 * len(known.values):
                self._double(key)
            if seed < len(known.values):
                found.append(known.values[seed])
            else:
                normals = self._noise.normals(_recipe(key), np.array([seed]), self._width)
                found.append(known.mean + known.sd * normals[0])
        return found

    def learn(
        self, recipes: BoolArray, keys: Sequence[bytes], *, beside: BoolArray | None = None
    ) -> None:
        """Works out recipes that have not been yet.

        Args:
            recipes: Shape (m, n).
            keys: Their bytes.
            beside: A recipe that others with one proposal more are likely to follow, shape (n,);
                they are worked out along with the first that has not been.
        """
        new = {key: row for row, key in enumerate(keys) if key not in self._known}
        if not new:
            return
        if beside is not None and beside.tobytes() not in self._around:
            self._around.add(beside.tobytes())
            recipes = np.concatenate([recipes, beside[None], beside | alone(len(beside))])
            keys = [recipe.tobytes() for recipe in recipes]
            new = {key: row for row, key in enumerate(keys) if key not in self._known}
        fresh = recipes[list(new.values())]
        normals = self._noise.first(fresh, _AHEAD, self._width)
        means, sds = self._landscape.truth(fresh), self._landscape.noise_sd(fresh)
        values = means[:, None] + sds[:, None] * normals
        for key, *known in zip(new, means, sds, values, sums(values), strict=True):
            self._known[key] = _Known(*known)

    def summed(self, key: bytes, runs: int) -> FloatArray:
        """`sums` of the first so many runs of a recipe by seed, at least one, shape (5, J).

        The recipe has been worked out before.
        """
        known = self._known[key]
        while runs > len(known.values):
            self._double(key)
        return np.asarray(known.sums[runs - 1])

    def _double(self, key: bytes) -> None:
        """Works out as many seeds of a recipe again as there are."""
        known = self._known[key]
        size = len(known.values)
        rows = _recipe(key).repeat(size, axis=0)
        normals = self._noise.normals(rows, np.arange(size, 2 * size), self._width)
        known.values = np.concatenate([known.values, known.mean + known.sd * normals])
        known.sums = sums(known.values)


def sums(values: FloatArray) -> FloatArray:
    """What comparisons need of the first run, of the first two, ..., and of all of some runs.

    It is all of what values differ from the first run by: of runs without noise the sum of squared
    deviations is exactly 0.

    Args:
        values: Runs in a row, shape (..., K, J).

    Returns:
        Of so many runs the first one; the mean of the differences from it; the squared deviations
        from the mean, summed; and the two parts that these are the difference of: the sum of the
        differences' squares, and the square of their sum by their number. Shape (..., K, 5, J).
    """
    beyond = values - values[..., :1, :]
    runs = np.arange(1.0, values.shape[-2] + 1.0)[:, None]
    found = np.empty((*values.shape[:-1], 5, values.shape[-1]))
    total, squares, share = beyond.cumsum(axis=-2), found[..., 3, :], found[..., 4, :]
    np.square(beyond, out=beyond).cumsum(axis=-2, out=squares)
    found[..., 0, :] = values[..., :1, :]
    np.divide(total, runs, out=found[..., 1, :])
    np.divide(np.square(total, out=total), runs, out=share)
    np.subtract(squares, share, out=found[..., 2, :])
    return found


def _recipe(key: bytes) -> BoolArray:
    """The recipe of a key, shape (1, n)."""
    return np.frombuffer(key, dtype=np.bool_)[None]
