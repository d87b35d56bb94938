r"""The remainder: what recipes do beyond main effects and pairs, of all orders.

A Gaussian process over recipes with correlation :math:`\exp(-h d(x, x'))`, d the number of
proposals in which two recipes differ, and one of a few decays h. Roots of its correlation are what
draws of it are made with.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import blas, lapack

from mainstem.stats.effects import Effects, keys

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATES = (1.5, 3.0, 6.0)  # decay per differing proposal, times 1 / n: each twice the one before
RATES = len(_RATES)

_BLOCK = 8192
"""Correlations that are looked up at once: a block of them stays in the processor's cache."""

_JITTER = 1e-6
"""Added to a recipe's correlation with itself in a root, so that there is one."""


def rates(n: int) -> NDArray[np.float64]:
    """The decays that are weighed, shape (R,)."""
    return np.array(_RATES) / n


def correlation(x: NDArray[np.float64], z: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Correlation between recipes x, shape (A, n), and z, shape (B, n): shape (A, B).

    Args:
        x: Recipes.
        z: Recipes.
        rate: Which of the decays.
    """
    if not len(x) or not len(z):
        return np.empty((len(x), len(z)))
    known = _by_agreement(x.shape[1], rate)
    out = np.asarray((2.0 * x - 1.0) @ (2.0 * z - 1.0).T)  # whole numbers: n - 2 d(x, z)
    rows = max(1, _BLOCK // len(z))
    for first in range(0, len(out), rows):
        block = out[first : first + rows]
        known.take(block.astype(np.int64), out=block, mode="wrap")
    return out


@cache
def _by_agreement(n: int, rate: int) -> NDArray[np.float64]:
    """The correlation of recipes by n - 2 d, from 0 up, then from -n up, shape (2 n + 1,).

    There are few distances, so that each is worked out once and then looked up.
    """
    agreement = np.concatenate([np.arange(n + 1), np.arange(-n, 0)])
    found = np.exp(-rates(n)[rate] * 0.5 * (n - agreement))
    found.flags.writeable = False
    return np.asarray(found)


def factor(lower: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower Cholesky factor of a matrix, in columns, of which only the lower triangle is read.

    It is overwritten.

    Raises:
        numpy.linalg.LinAlgError: It is not positive definite.
    """
    found, info = lapack.dpotrf(lower, lower=1, overwrite_a=1, clean=1)
    if info:
        raise np.linalg.LinAlgError(f"leading minor {info} is not positive definite")
    return np.asarray(found)


def _root(correlations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower root of correlations, which are overwritten, shape (A, A)."""
    correlations[np.diag_indices(len(correlations))] += _JITTER
    return factor(np.asfortranarray(correlations)) if len(correlations) else correlations


class Near:
    """Correlations between two sets of recipes for every decay, worked out when needed.

    Every decay is twice the one before, so each correlation is the square of the one before.

    Args:
        x: Recipes, shape (A, n).
        z: Recipes, shape (B, n).
    """

    def __init__(self, x: NDArray[np.float64], z: NDArray[np.float64]) -> None:
        self._recipes = x, z
        self._known: list[NDArray[np.float64]] = []

    def of(self, rate: int) -> NDArray[np.float64]:
        """The correlation for a rate, shape (A, B)."""
        if not self._known:
            self._known.append(correlation(*self._recipes, 0))
        while len(self._known) <= rate:
            self._known.append(self._known[-1] ** 2)
        return self._known[rate]


class Roots:
    """Roots of the prior correlation at the recipes of the data, one for all objectives.

    Args:
        seen: The distinct recipes of the data, in order, shape (U, n).
    """

    def __init__(self, seen: NDArray[np.float64]) -> None:
        self.seen = seen
        self._known: dict[int, NDArray[np.float64]] = {}

    def of(self, rate: int) -> NDArray[np.float64]:
        """The lower root for a rate, shape (U, U)."""
        if rate not in self._known:
            self._known[rate] = _root(correlation(self.seen, self.seen, rate))
        return self._known[rate]


class Reach:
    """Where draws of f are read: how the remainder there hangs together with what was seen.

    The root at all recipes together has the rows [root, 0] for those seen and [cross, own] for the
    others, each of which stands there once: a recipe equals itself, wherever it stands.

    Args:
        roots: The roots at the recipes of the data.
        x: The recipes to read at, shape (A, n).
    """

    def __init__(self, roots: Roots, x: NDArray[np.float64]) -> None:
        self.x = x
        self.near = Near(x, roots.seen)
        self._roots = roots
        self._known: dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]] = {}

    @cached_property
    def features(self) -> NDArray[np.float64]:
        """Features of the recipes, one for all objectives, shape (A, p)."""
        return Effects(n=self.x.shape[1]).of(self.x)

    @cached_property
    def _places(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The row of each recipe in the root at all of them, (A,); those not seen, each once."""
        seen = {key: i for i, key in enumerate(keys(self._roots.seen))}
        each = keys(self.x)
        others = {key: i for i, key in enumerate(each) if key not in seen}
        rows = seen | {key: len(seen) + i for i, key in enumerate(others)}
        places = np.array([rows[key] for key in each], dtype=np.int64)
        return places, self.x[list(others.values())]

    @property
    def unseen(self) -> int:
        """How many of the recipes have not run, each counted once."""
        return len(self._places[1])

    def prior(
        self,
        rate: int,
        white: NDArray[np.float64],
        more: NDArray[np.float64],
        seen: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64]:
        """Prior draws of variance 1 at the recipes, from independent normals, shape (S, A).

        Args:
            rate: Which of the decays.
            white: The normals behind the values at the recipes of the data, shape (S, U).
            more: As many for each recipe that has not run, shape (S, `unseen`).
            seen: These values, if they are known: the product of `white` and the root, (S, U).
        """
        root = self._roots.of(rate)
        places, new = self._places
        if rate not in self._known:
            between = correlation(self._roots.seen, new, rate)
            cross = lapack.dtrtrs(root, between, lower=1)[0].T if len(new) else between.T
            self._known[rate] = cross, _root(correlation(new, new, rate) - cross @ cross.T)
        cross, own = self._known[rate]
        beyond = white @ cross.T
        beyond += blas.dtrmm(1.0, own, more.T, lower=1).T  # half of a product with its zeros
        every = np.concatenate([white @ root.T if seen is None else seen, beyond], axis=1)
        return np.asarray(every.take(places, axis=1))
