r"""Draws of the remainder's prior as functions that can be asked for any recipe, in any order.

The correlation of the remainder is a product over proposals, :math:`\exp(-h [x_i \ne x_i'])`, so
its eigenfunctions on the cube are Walsh's: the signs :math:`\chi_S(x) = (-1)^{|S \cap x|}` of the
subsets S, with the weights

.. math:: w_S = \left(\frac{1 - \rho}{2}\right)^{|S|} \left(\frac{1 + \rho}{2}\right)^{n - |S|},
    \quad \rho = e^{-h}

which sum to 1. A draw is :math:`\sum_S \sqrt{w_S} z_S \chi_S(x)` with independent normal z: exact,
and by the fast Walsh-Hadamard transform the whole cube of 16 proposals takes some milliseconds.
Of more proposals subsets are drawn by their weights (random features; Rahimi and Recht 2007): the
variance is exact then, and correlations are within about .02.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from mainstem.stats.remainder import rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_WHOLE = 16
"""Up to so many proposals all 2^n recipes are drawn at once."""

FEATURES = 4096
"""So many subsets stand for all of them beyond that."""


def cube(n: int) -> NDArray[np.float64]:
    """All recipes of n proposals, shape (2^n, n): proposal i is in recipe a if bit i of a is."""
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)


def places(x: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rows of recipes x, shape (A, n), in `cube`: shape (A,)."""
    bits = np.left_shift(1, np.arange(x.shape[1], dtype=np.int64))
    return np.asarray((x > 0.5) @ bits, dtype=np.int64)


class Path(Protocol):
    """One draw from the prior."""

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its values at recipes x, shape (A, n): shape (A,)."""
        ...


class WholePath:
    """One draw at all recipes.

    Args:
        n: Number of proposals, at most `MOST_WHOLE`.
        rate: Which of the decays of `mainstem.stats.remainder`.
        rng: Draws it.
    """

    def __init__(self, n: int, rate: int, rng: np.random.Generator) -> None:
        half = 0.5 * np.exp(-rates(n)[rate])
        sizes = cube(n).sum(1)
        weights = (0.5 - half) ** sizes * (0.5 + half) ** (n - sizes)
        self._values = transformed(np.sqrt(weights) * rng.standard_normal(2**n))

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its values at recipes x, shape (A, n): shape (A,)."""
        return np.asarray(self._values[places(x)])


class SampledPath:
    """One draw through a sample of subsets.

    Args:
        n: Number of proposals.
        rate: Which of the decays of `mainstem.stats.remainder`.
        rng: Draws it.
    """

    def __init__(self, n: int, rate: int, rng: np.random.Generator) -> None:
        chance = 0.5 - 0.5 * np.exp(-rates(n)[rate])
        self._subsets = (rng.random((FEATURES, n)) < chance).astype(np.float64)
        self._size = rng.standard_normal(FEATURES) / np.sqrt(FEATURES)

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its values at recipes x, shape (A, n): shape (A,)."""
        signs = 1.0 - 2.0 * np.mod(x @ self._subsets.T, 2.0)
        return np.asarray(signs @ self._size)


def path(n: int, rate: int, rng: np.random.Generator) -> Path:
    """One draw from the prior with variance 1.

    Args:
        n: Number of proposals.
        rate: Which of the decays of `mainstem.stats.remainder`.
        rng: Draws it.
    """
    return WholePath(n, rate, rng) if n <= MOST_WHOLE else SampledPath(n, rate, rng)


def transformed(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over subsets of size_S chi_S(x), for every x: shape (2^n,), both in `cube`'s order."""
    out = sizes.copy()
    step = 1
    while step < len(out):
        pairs = out.reshape(-1, 2, step)
        left, right = pairs[:, 0].copy(), pairs[:, 1].copy()
        pairs[:, 0], pairs[:, 1] = left + right, left - right
        step *= 2
    return out
