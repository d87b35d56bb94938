"""A response made fit for a Gaussian model: bad recipes are many, far away and all alike.

Real tables are skewed: the trunk is already good, so random corners of the cube are terrible, by
amounts that say nothing about the good corner. The warp keeps the good side as it is and
compresses the bad side beyond a bend by log1p (bilog; Jones 2001, Eriksson and Poloczek 2021). It
is smooth, monotone and inverted exactly, so effects are reported in the objective's own unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Warp:
    """y -> y above the bend, bend - scale * log1p((bend - y) / scale) below it.

    Attributes:
        bend: Where compression begins, in gain units (at most 0, the trunk).
        scale: How fast it bites, in gain units, above 0.
    """

    bend: float
    scale: float

    def forward(self, gain: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gains to the warped scale; any shape."""
        below = np.maximum(self.bend - gain, 0.0)
        return np.where(
            gain >= self.bend, gain, self.bend - self.scale * np.log1p(below / self.scale)
        )

    def inverse(self, warped: NDArray[np.float64]) -> NDArray[np.float64]:
        """The warped scale back to gains; any shape. Cut off far below the bend, not infinite."""
        below = np.clip((self.bend - warped) / self.scale, 0.0, 30.0)
        return np.where(warped >= self.bend, warped, self.bend - self.scale * np.expm1(below))


def fit_warp(gains: NDArray[np.float64]) -> Warp:
    """The warp whose bend is the median gain (at most 0) and whose scale is the robust spread.

    Args:
        gains: Gains over the trunk, above 0 is better, shape (T,).
    """
    bend = min(0.0, float(np.median(gains)))
    spread = 1.4826 * float(np.median(np.abs(gains - np.median(gains))))
    if spread <= 0.0:
        spread = float(np.std(gains)) or 1.0
    return Warp(bend=bend, scale=spread)
