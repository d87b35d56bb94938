"""Recipes as features: main effects, pairs, and how many changes there are at all.

The trunk is the origin: every feature of it is 0, so that a main effect is what a proposal does
alone on the trunk and a pair is what two do beyond the sum of the two. The two counts carry what
changes do on average: most changes to a good recipe hurt, and the more there are the more so.
"""

from __future__ import annotations

from dataclasses import dataclass
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
        return np.arange(self.n + self.pairs) >= self.n

    def of(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Features of recipes x, 0 or 1, shape (A, n): shape (A, p)."""
        count = x.sum(1, keepdims=True)
        pairs = np.empty((len(x), 0))
        if self.paired:
            left, right = np.triu_indices(self.n, 1)
            pairs = x[:, left] * x[:, right]
        return np.concatenate([x, pairs, count, 0.5 * count * (count - 1.0)], axis=1)


def differing(x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """In how many proposals recipes x, shape (A, n), and z, shape (B, n), differ: (A, B)."""
    return np.asarray(x.sum(1)[:, None] + z.sum(1)[None, :] - 2.0 * x @ z.T)
