"""What a run will end at, from where it stands at a checkpoint: a law learnt from whole runs.

For one objective and one checkpoint, u is how far a run stands from the trunk there and y how far
it ends from the trunk. What a recipe changes between the two, y - u, may depend on the recipe (a
schedule that looks bad early and wins late), so it is a Gaussian process over recipes:

    y - u = c + b u + sum_i x_i g_i + sum_{i<j} x_i x_j h_ij + e,

c, b, g_i, h_ij and e normal around 0. With b and the g_i at 0 a difference stays what it is. The
sds of g, h and e are not estimated but averaged over a grid, weighted by their marginal likelihood,
so what is not known of them widens the prediction; e is counted in full as an error, although its
part that seeds make says nothing of the recipe. A change that no whole run had is as uncertain as
changes are on that grid. At last the sd is multiplied by how much wider leave-one-out errors were
than they were said to be, if they were: heavy tails, or a law that is none of this kind.

Where it is known how far runs stood from the trunk earlier on, u is first carried on by its own
trend: u + k (u - earlier) stands in its place, with the mean of k over a few values, 0 among them,
weighted as the grid is. What fell faster than the trunk mostly goes on to do so, and one k for all
recipes is learnt from fewer runs than a g for every proposal.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

SLOPE_SD = 0.5
"""Prior sd of b."""

OFFSET_SD = 3.0
"""Prior sd of c, in units: the trunk's own mean is not known exactly."""

MAINS = (0.1, 0.4, 1.0, 2.5, 7.0)
"""Sds of g on the grid, in units."""

PAIRS = (0.15, 0.6)
"""Sds of h on the grid, as multiples of that of g."""

ERRORS = (0.1, 0.4, 0.7, 1.1, 2.0, 4.0)
"""Sds of e on the grid, in units."""

TRENDS = (0.0, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)
"""Values of k."""

TREND_SD = 0.5
"""Its prior sd, around 0."""

_GRID = np.array(list(product(MAINS, PAIRS, ERRORS)))
_JITTER = 1e-9


@dataclass(frozen=True, kw_only=True)
class Law:
    """What whole runs say of one objective at one checkpoint, everything in units.

    Attributes:
        x: Recipes of the whole runs, shape (T, n).
        trend: k, what of its change since the earlier step a run is carried on by.
        u: How far they stood from the trunk, carried on, shape (T,).
        weights: Of the grid's points, shape (G,); those that weigh nothing are left out.
        grid: The points: sds of g, h and e, shape (G, 3).
        alpha: K^-1 (y - u) at each of them, shape (G, T).
        inverse: K^-1 at each of them, shape (G, T, T).
        widening: What every sd is multiplied by, at least 1.
    """

    x: Floats
    trend: float
    u: Floats
    weights: Floats
    grid: Floats
    alpha: Floats
    inverse: Floats
    widening: float


@dataclass(frozen=True, kw_only=True)
class Line:
    """The prediction for one recipe, as a function of where a run of it stands.

    Attributes:
        intercept: Mean of y at u = 0.
        slope: What u adds to it.
        var: Coefficients of 1, u and u^2 of the variance of y, shape (3,).
    """

    intercept: float
    slope: float
    var: Floats

    def mean(self, u: Floats) -> Floats:
        """Predicted y, shape of u."""
        return np.asarray(self.intercept + self.slope * u)

    def sd(self, u: Floats) -> Floats:
        """Its sd, shape of u."""
        var = self.var[0] + self.var[1] * u + self.var[2] * u**2
        return np.asarray(np.sqrt(np.maximum(var, 0.0)))


def fit(x: Floats, u: Floats, y: Floats, change: Floats | None = None) -> Law:
    """Learns the law from whole runs.

    Args:
        x: Recipes, shape (T, n), T at least 3.
        u: How far each stood from the trunk at the checkpoint, in units, shape (T,).
        y: How far it ended from the trunk, shape (T,).
        change: u less how far each stood from the trunk earlier on, shape (T,); None: no trend.
    """
    k, trend = _covariance(x), 0.0
    if change is not None:
        trend = _trend(k, u, y, change)
        u = u + trend * change
    inverse = np.linalg.inv(k + SLOPE_SD**2 * np.outer(u, u))
    alpha = inverse @ (y - u)
    log = 0.5 * (np.linalg.slogdet(inverse)[1] - alpha @ (y - u))
    weights = np.exp(log - log.max())
    kept = weights > 1e-3
    weights = weights[kept] / weights[kept].sum()
    inverse, alpha = inverse[kept], alpha[kept]
    # Leave-one-out errors of a Gaussian process (Rasmussen and Williams 2006, 5.4.2).
    left_out = alpha / np.sqrt(np.einsum("gtt->gt", inverse))
    square = float(weights @ np.mean(left_out**2, axis=1))
    return Law(
        x=x,
        trend=trend,
        u=u,
        weights=weights,
        grid=_GRID[kept],
        alpha=alpha,
        inverse=inverse,
        widening=float(np.sqrt(max(1.0, square) * (1.0 + 4.0 / len(u)))),
    )


def _covariance(x: Floats) -> Floats:
    """Covariance of y - u at each point of the grid but for what b adds, shape (G, T, T)."""
    main, pair = _kernels(x, x)
    g, h, e = (_GRID[:, k, None, None] for k in range(3))
    own = (e**2 + _JITTER) * np.eye(len(x))
    return np.asarray(OFFSET_SD**2 + g**2 * main + (g * h) ** 2 * pair + own)


def _trend(k: Floats, u: Floats, y: Floats, change: Floats) -> float:
    """The mean of the trend, by where whole runs ended.

    Args:
        k: As of `_covariance`.
        u: How far each stood from the trunk at the checkpoint, shape (T,).
        y: How far it ended from the trunk, shape (T,).
        change: u less how far it stood from the trunk earlier on, shape (T,).
    """
    inverse = np.linalg.inv(k)
    size = np.linalg.slogdet(k)[1]
    densities = []
    for trend in TRENDS:
        moved = u + trend * change
        # What b adds is of rank one (Sherman and Morrison 1950).
        half = inverse @ moved
        grown = 1.0 + SLOPE_SD**2 * half @ moved
        fit = (inverse @ (y - moved)) @ (y - moved)
        fit -= SLOPE_SD**2 * (half @ (y - moved)) ** 2 / grown
        densities.append(-0.5 * (fit + size + np.log(grown) + (trend / TREND_SD) ** 2))
    log = np.array(densities)
    odds = np.exp(log - log.max()).sum(1)
    return float(odds @ TRENDS / odds.sum())


def predict(law: Law, row: Floats) -> Line:
    """What a run of a recipe will end at.

    Args:
        law: The law.
        row: The recipe, shape (n,).
    """
    main, pair = _kernels(law.x, row[None])
    own_main, own_pair = _kernels(row[None], row[None])
    g, h, e = law.grid.T
    cross = g[:, None] ** 2 * main[:, 0] + (g * h)[:, None] ** 2 * pair[:, 0] + OFFSET_SD**2
    own = g**2 * own_main[0, 0] + (g * h) ** 2 * own_pair[0, 0] + OFFSET_SD**2 + e**2
    with_u = SLOPE_SD**2 * law.u
    a = np.sum(cross * law.alpha, axis=1)
    b = law.alpha @ with_u
    half = np.einsum("gst,gt->gs", law.inverse, cross)
    v0 = own - np.sum(cross * half, axis=1)
    v1 = -2.0 * half @ with_u
    v2 = SLOPE_SD**2 - np.einsum("gst,s,t->g", law.inverse, with_u, with_u)
    w = law.weights
    mean_a, mean_b = float(w @ a), float(w @ b)
    spread = np.array(
        [w @ (a - mean_a) ** 2, 2.0 * w @ ((a - mean_a) * (b - mean_b)), w @ (b - mean_b) ** 2]
    )
    var = (np.array([w @ v0, w @ v1, w @ v2]) + spread) * law.widening**2
    return Line(intercept=mean_a, slope=1.0 + mean_b, var=var)


def _kernels(left: Floats, right: Floats) -> tuple[Floats, Floats]:
    """How many proposals recipes share, and how many pairs of them, shape (A, B) each."""
    shared = left @ right.T
    return shared, shared * (shared - 1.0) / 2.0
