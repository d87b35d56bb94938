r"""The remainder's prior over all recipes at once, and as functions that are asked in any order.

Its correlation is a product over proposals, :math:`\exp(-h [x_i \ne x_i'])`: on the cube of all
2^n recipes it is the n-fold Kronecker product of [1, r; r, 1] with :math:`r = e^{-h}`. So whatever
is done with it is done proposal by proposal, in n 2^n steps (`applied`): a draw of it with the
Cholesky factor [1, 0; r, sqrt(1 - r^2)], and a sum of correlations with some recipes with the
matrix itself. The whole cube of 16 proposals takes some milliseconds.

Of more proposals draws are made of Walsh's functions :math:`(-1)^{|S \cap x|}` of subsets S, the
eigenfunctions of the correlation. Subsets are drawn by their share of its trace, in which each
proposal stands with probability (1 - r)/2 (random features; Rahimi and Recht 2007): the variance is
exact then, and correlations are within about .02.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

import numpy as np

from mainstem.stats.effects import Form
from mainstem.stats.remainder import rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_WHOLE = 16
"""Up to so many proposals all 2^n recipes are worked out at once."""

_AT_ONCE = 4
"""Proposals whose products are taken in one step: of one each they are moved more than multiplied.
"""

FEATURES = 4096
"""So many subsets stand for all of them beyond that."""


def cube(n: int) -> NDArray[np.float64]:
    """All recipes of n proposals, shape (2^n, n): proposal i is in recipe a if bit i of a is."""
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)


def places(x: NDArray[np.float64] | NDArray[np.bool_]) -> NDArray[np.int64]:
    """The rows of recipes x, shape (A, n), in `cube`: shape (A,)."""
    packed = np.packbits(x > 0.5, axis=1, bitorder="little")
    found = packed[:, 0].astype(np.int64)
    for k in range(1, packed.shape[1]):
        found |= packed[:, k].astype(np.int64) << (8 * k)
    return found


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

    Attributes:
        values: Its values, in the order of `cube`, shape (2^n,).
    """

    def __init__(self, n: int, rate: int, rng: np.random.Generator) -> None:
        r = _r(n, rate)
        self.values = applied(rng.standard_normal(2**n), ((1.0, 0.0), (r, np.sqrt(1.0 - r * r))))

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its values at recipes x, shape (A, n): shape (A,)."""
        return np.asarray(self.values[places(x)])


class SampledPath:
    """One draw through a sample of subsets.

    Args:
        n: Number of proposals.
        rate: Which of the decays of `mainstem.stats.remainder`.
        rng: Draws it.
    """

    def __init__(self, n: int, rate: int, rng: np.random.Generator) -> None:
        chance = 0.5 - 0.5 * _r(n, rate)
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


def pulled(seen: NDArray[np.float64], pull: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Sums over some recipes of their pull times the correlation with them, at all: (2^n,).

    Args:
        seen: The recipes, shape (U, n), n at most `MOST_WHOLE`.
        pull: Of each, shape (U,).
        rate: Which of the decays of `mainstem.stats.remainder`.
    """
    n = seen.shape[1]
    r = _r(n, rate)
    at_once = np.asarray(np.bincount(places(seen), weights=pull, minlength=2**n), np.float64)
    return applied(at_once, ((1.0, r), (r, 1.0)))


def applied(
    values: NDArray[np.float64], matrix: tuple[tuple[float, float], tuple[float, float]]
) -> NDArray[np.float64]:
    """The n-fold Kronecker product of a matrix, times values over the cube, shape (2^n,)."""
    out, n = values, (len(values) - 1).bit_length()
    for first in range(0, n, _AT_ONCE):
        own = _product(matrix, min(_AT_ONCE, n - first))
        if first == 0:
            out = (out.reshape(-1, len(own)) @ own.T).ravel()
        else:
            out = np.matmul(own, out.reshape(-1, len(own), 2**first)).ravel()
    return np.asarray(out) if n else values.copy()


@lru_cache
def _product(matrix: tuple[tuple[float, float], ...], times: int) -> NDArray[np.float64]:
    """The so many-fold Kronecker product of a matrix; not to be written to."""
    found: NDArray[np.float64] = np.ones((1, 1))
    for _ in range(times):
        found = np.asarray(np.kron(found, matrix))
    return found


def summed(form: Form) -> NDArray[np.float64]:
    """A sum of effects, of mains and pairs, over all recipes: shape (2^n,).

    By halves: the first proposals' own sum, that of the others, and what they add to each other.
    """
    n = len(form.main)
    if form.paired is None:
        return form.at(cube(n))
    half = n // 2
    parts = [slice(0, half), slice(half, n)]
    first, last = (cube(part.stop - part.start) for part in parts)
    ours, theirs = (
        Form(main=form.main[part], paired=form.paired[part, part], both=form.both).at(x)
        for part, x in zip(parts, (first, last), strict=True)
    )
    between = last @ form.paired[:half, half:].T @ first.T
    between += ours
    between += theirs[:, None]
    return np.asarray(between).ravel()


def _r(n: int, rate: int) -> float:
    """The correlation of two recipes that differ in one proposal."""
    return float(np.exp(-rates(n)[rate]))
