"""Recipes as features: main effects, pairs, and how many changes there are at all.

The trunk is the origin: every feature of it is 0, so that a main effect is what a proposal does
alone on the trunk and a pair is what two do beyond the sum of the two. The two counts carry what
changes do on average: most changes to a good recipe hurt, and the more there are the more so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_PAIRED = 64
"""Up to so many proposals each pair is a feature of its own (2,016 of them)."""


@dataclass(frozen=True, kw_only=True)
class Effects:
    """The features of n proposals, in this order: mains, pairs, the two counts.

    Attributes:
        n: Number of proposals.
    """

    n: int

    @property
    def paired(self) -> bool:
        """Whether each pair has a feature of its own."""
        return self.n <= MOST_PAIRED

    @property
    def pairs(self) -> int:
        """Number of features that are pairs."""
        return self.n * (self.n - 1) // 2 if self.paired else 0

    @property
    def size(self) -> int:
        """Number of features, p."""
        return self.n + self.pairs + 2

    @property
    def is_pair(self) -> NDArray[np.bool_]:
        """Which of the mains and pairs are pairs, shape (p - 2,)."""
        return _second_order(self.n, self.pairs)

    @property
    def groups(self) -> NDArray[np.int64]:
        """How many of the mains and pairs are mains and pairs, in this order, shape (2,)."""
        return _group_sizes(self.n, self.pairs)

    def of(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Features of recipes x, 0 or 1, shape (A, n): shape (A, p)."""
        out = np.empty((self.size, len(x)))  # by columns: whole rows are copied
        out[: self.n] = x.T
        if self.paired:
            left, right = _places(self.n)
            np.multiply(out[left], out[right], out=out[self.n : -2])
        count = out[: self.n].sum(0)
        out[-2], out[-1] = count, 0.5 * count * (count - 1.0)
        return out.T

    def form(self, theta: NDArray[np.float64]) -> Form:
        """The sum of all effects, theta of shape (p,), as a function of the recipe."""
        paired = None
        if self.paired:
            paired = np.zeros((self.n, self.n))
            paired[_places(self.n)] = theta[self.n : -2] + theta[-1]
        main = theta[: self.n] + theta[-2]
        return Form(main=main, paired=paired, both=float(theta[-1]))


@dataclass(frozen=True, kw_only=True)
class Form:
    """A sum of effects: quicker than by features, since many recipes are asked of one sum.

    Attributes:
        main: What each proposal adds, shape (n,).
        paired: What each two add, above the diagonal, shape (n, n); None: any two add `both`.
        both: What any two add where no pair has an effect of its own.
    """

    main: NDArray[np.float64]
    paired: NDArray[np.float64] | None
    both: float

    def at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """The sum for recipes x, 0 or 1, shape (A, n): shape (A,)."""
        alone = x @ self.main
        if self.paired is None:
            count = x.sum(1)
            return np.asarray(alone + 0.5 * self.both * count * (count - 1.0))
        return np.asarray(alone + np.sum((x @ self.paired) * x, axis=1))


@cache
def _places(n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The two proposals of every pair of n, in order, each of shape (n (n - 1) / 2,)."""
    left, right = np.triu_indices(n, 1)
    return left, right


@cache
def _second_order(n: int, pairs: int) -> NDArray[np.bool_]:
    """Which of n mains and so many pairs are pairs, shape (n + pairs,); not to be written to."""
    found = np.arange(n + pairs) >= n
    found.flags.writeable = False
    return found


@cache
def _group_sizes(n: int, pairs: int) -> NDArray[np.int64]:
    """The sizes of two groups; not to be written to."""
    found = np.array([n, pairs])
    found.flags.writeable = False
    return found


def distinct(
    x: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """The distinct rows of recipes x, shape (A, n), in order: rows, which each is, how often.

    As `numpy.unique` over rows, from eight proposals to the byte.
    """
    _, first, index, counts = np.unique(
        _packed(x), return_index=True, return_inverse=True, return_counts=True
    )
    return x[first], index.ravel(), counts


def keys(x: NDArray[np.float64]) -> list[bytes]:
    """A key of each of the recipes x, shape (A, n), for looking it up among others."""
    return [each.tobytes() for each in _packed(x)]


def _packed(x: NDArray[np.float64]) -> NDArray[np.void]:
    """Recipes as words of bits that sort as the recipes do, shape (A,)."""
    bits = np.packbits(x > 0.5, axis=1)
    return np.ascontiguousarray(bits).view(f"V{bits.shape[1]}").ravel()
