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
        floor: Where the inverse ends, on the warped scale: a little worse than the worst seen.
    """

    bend: float
    scale: float
    floor: float

    def forward(self, gain: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gains to the warped scale; any shape."""
        below = np.maximum(self.bend - gain, 0.0)
        return np.where(
            gain >= self.bend, gain, self.bend - self.scale * np.log1p(below / self.scale)
        )

    def inverse(self, warped: NDArray[np.float64]) -> NDArray[np.float64]:
        """The warped scale back to gains; any shape. Nothing is much worse than the worst seen."""
        out = np.maximum(warped, self.floor, out=np.empty(np.shape(warped)))
        np.subtract(self.bend, out, out=out)
        np.maximum(out, 0.0, out=out)
        out /= self.scale
        np.expm1(out, out=out)
        out *= self.scale
        np.subtract(self.bend, out, out=out)
        np.copyto(out, warped, where=warped >= self.bend)
        return out

    def stretch(self, gain: NDArray[np.float64]) -> NDArray[np.float64]:
        """By how much a small step on the warped scale is longer in gain units there; any shape."""
        return 1.0 + np.maximum(self.bend - gain, 0.0) / self.scale


def fit_warp(gains: NDArray[np.float64]) -> Warp:
    """The warp of the spread as scale, bent at the median or half a scale below the trunk.

    The lower of the two: the trunk's own noise is not to be compressed on one side. The spread is
    the larger of the robust one and the standard deviation: while most runs are near the trunk the
    robust one is tiny, and a bite that sharp would make all that is worse look alike.

    Args:
        gains: Gains over the trunk, above 0 is better, shape (T,).
    """
    spread = 1.4826 * float(np.median(np.abs(gains - np.median(gains))))
    scale = max(spread, float(np.std(gains))) or 1.0
    bend = min(-0.5 * scale, float(np.median(gains)))
    depth = np.log1p((bend - min(bend, float(np.min(gains)))) / scale)
    return Warp(bend=bend, scale=scale, floor=bend - scale * (float(depth) + 1.0))
