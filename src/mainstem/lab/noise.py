"""Noise that does not depend on the order of runs: keyed by recipe and seed.

Two policies that run the same recipe for the same time in the same campaign see the same value, so
they are compared under common random numbers; and a run is what it is on any number of processes.
A recipe's key is the exclusive or of a random word per member (Zobrist 1970), mixed with the seed
and the objective by SplitMix64 (Steele, Lea and Flood 2014), whose output passes for random bits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, IntArray

    Words = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


class Noise:
    """Standard normal numbers of a campaign, by recipe, seed and objective.

    Args:
        n: How many proposals there are.
        rng: The campaign's generator; n + 1 of its words are used.
    """

    def __init__(self, n: int, rng: np.random.Generator) -> None:
        words = rng.integers(0, 2**64, n + 1, dtype=np.uint64)
        self._members, self._root = words[:n], words[n]

    def normals(self, recipes: BoolArray, seeds: IntArray, objectives: int) -> FloatArray:
        """The noise of runs, in sds.

        Args:
            recipes: Shape (m, n).
            seeds: Of each run, 0 or above, shape (m,).
            objectives: How many, J.

        Returns:
            Independent standard normal numbers, shape (m, J).
        """
        runs = _mixed(self._keys(recipes) ^ _mixed(seeds.astype(np.uint64)))
        return _spread(runs, objectives)

    def first(self, recipes: BoolArray, seeds: int, objectives: int) -> FloatArray:
        """The noise of the first so many seeds of recipes (m, n), shape (m, seeds, J)."""
        mixed = _mixed(np.arange(seeds, dtype=np.uint64))
        return _spread(_mixed(self._keys(recipes)[:, None] ^ mixed), objectives)

    def _keys(self, recipes: BoolArray) -> Words:
        """A word for each recipe of shape (m, n), shape (m,)."""
        members = np.where(recipes, self._members, np.uint64(0))
        return np.asarray(np.bitwise_xor.reduce(members, axis=1) ^ self._root)

    def level(self, objectives: int) -> FloatArray:
        """One more number per objective, shape (J,), that belongs to no run."""
        words = _mixed(~self._root + np.arange(objectives, dtype=np.uint64) * _GOLDEN)
        return _normal(words)


def _spread(runs: Words, objectives: int) -> FloatArray:
    """A normal number per objective for each run's word, shape (..., J)."""
    return _normal(
        _mixed(runs[..., None] + np.arange(1, objectives + 1, dtype=np.uint64) * _GOLDEN)
    )


def _normal(words: Words) -> FloatArray:
    """Random words as standard normal numbers."""
    uniform = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return np.asarray(special.ndtri(uniform))


def _mixed(words: Words) -> Words:
    """SplitMix64's finaliser: each bit of the input moves half of the output's."""
    z = words + _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return np.asarray(z ^ (z >> np.uint64(31)))
