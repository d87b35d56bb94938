"""What a model would recommend after what a method has run: a fair score for methods without one.

Recommending the lowest single run falls for luck: the winner's curse costs a blind search more than
its search does. So each such method is also scored with a Gaussian process over all
its runs, and the better of its scores is reported. The process, of all orders, simple on purpose:

    k(x, x') = s^2 [ (1 - r) (w z.z'/n + (1 - w) exp(-|x - x'| / l)) + r 1(same run) ],  z = 2x - 1

on values whose bad side (above the median) is compressed by log(1 + .); s^2 is profiled, and w, l,
r climb the marginal likelihood on a grid (Rasmussen and Williams 2006, chapter 5).

Two rules: `seen` takes the recipe with the lowest posterior mean of those that ran and the trunk;
`model` descends from the best three of these by single flips of the posterior mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from arena.landscapes import Bits, Floats

    Grid = tuple[int, int, int]

RULES = ("seen", "model")

_LINEAR = (0.0, 0.2, 0.4, 0.6, 0.8, 0.95)
_LENGTH = (0.15, 0.3, 0.6, 1.2, 2.4, 5.0)
"""In units of n."""
_NOISE = (0.01, 0.03, 0.08, 0.15, 0.3, 0.5, 0.7, 0.9)
_AXES = (_LINEAR, _LENGTH, _NOISE)
_START: Grid = (2, 3, 3)
_LEAST_RUNS = 4
_GROWTH = 1.15
"""The hyperparameters are fitted again when there are so many times as many runs."""


def after_each_run(x: Bits, y: Floats) -> Iterator[dict[str, Bits]]:
    """The recommendation of each rule after each run.

    Args:
        x: Recipes in the order of their runs, shape (N, n).
        y: Values, to be minimised, shape (N,).
    """
    grid, fitted = _START, 0.0
    for runs in range(1, len(y) + 1):
        if runs < _LEAST_RUNS:
            lowest = x[int(np.argmin(y[:runs]))]
            yield dict.fromkeys(RULES, lowest)
            continue
        z = np.asarray(2.0 * x[:runs] - 1.0, dtype=float)
        target = compress(y[:runs])
        if runs >= _GROWTH * fitted:
            grid, fitted = _climb(z, target, grid), float(runs)
        yield _recommend(x[:runs], z, target, grid)


def compress(y: Floats) -> Floats:
    """Values about their median, in robust standard deviations, the bad side as log(1 + .)."""
    quarter, middle, three = np.percentile(y, [25, 50, 75])
    scale = (three - quarter) / 1.349
    out = (y - middle) / (scale if scale > 0.0 else 1.0)
    return np.asarray(np.where(out > 0.0, np.log1p(np.maximum(out, 0.0)), out))


def _recommend(x: Bits, z: Floats, target: Floats, grid: Grid) -> dict[str, Bits]:
    factor = _factor(z, grid)
    if factor is None:
        return dict.fromkeys(RULES, x[int(np.argmin(target))])
    centre = target.mean()
    alpha = cho_solve((factor, True), target - centre)
    seen = np.unique(np.vstack([x, np.zeros((1, x.shape[1]), x.dtype)]), axis=0)
    mean = _kernel(2.0 * seen - 1.0, z, grid) @ alpha
    order = np.argsort(mean, kind="stable")
    return {"seen": seen[order[0]], "model": _descend(seen[order[:3]], z, alpha, grid)}


def _descend(starts: Bits, z: Floats, alpha: Floats, grid: Grid) -> Bits:
    """The lowest posterior mean that single flips reach from the starts, shape (n,)."""
    n = starts.shape[1]
    best, least = starts[0], np.inf
    for start in starts:
        here, value = start, np.inf
        while True:
            around = np.vstack([here[None, :], here ^ np.eye(n, dtype=here.dtype)])
            mean = _kernel(2.0 * around - 1.0, z, grid) @ alpha
            lowest = int(mean.argmin())
            here, value = around[lowest], float(mean[lowest])
            if lowest == 0:
                break
        if value < least:
            best, least = here, value
    return np.asarray(best)


def _climb(z: Floats, target: Floats, grid: Grid) -> Grid:
    """Coordinate ascent of the marginal likelihood over the grid."""
    tried = {grid: _evidence(z, target, grid)}
    while True:
        for axis, values in enumerate(_AXES):
            for step in (-1, 1):
                index = grid[axis] + step
                if 0 <= index < len(values):
                    near = (*grid[:axis], index, *grid[axis + 1 :])
                    tried.setdefault(near, _evidence(z, target, near))  # type: ignore[arg-type]  # mypy forgets the length
        best = max(tried, key=lambda point: tried[point])
        if best == grid:
            return grid
        grid = best


def _evidence(z: Floats, target: Floats, grid: Grid) -> float:
    """Log marginal likelihood with the scale profiled out, up to a constant."""
    factor = _factor(z, grid)
    if factor is None:
        return -np.inf
    centred = target - target.mean()
    fit = float(centred @ cho_solve((factor, True), centred)) / len(target)
    return float(-0.5 * len(target) * np.log(max(fit, 1e-12)) - np.log(np.diag(factor)).sum())


def _factor(z: Floats, grid: Grid) -> NDArray[np.float64] | None:
    """Lower Cholesky factor of the covariance of the runs; None if it is singular."""
    covariance = _kernel(z, z, grid)
    covariance[np.diag_indices_from(covariance)] += _NOISE[grid[2]]
    try:
        return np.asarray(cholesky(covariance, lower=True, check_finite=False))
    except LinAlgError:
        return None


def _kernel(left: Floats, right: Floats, grid: Grid) -> Floats:
    """Prior covariance of two sets of recipes in +-1 coding, without noise and scale."""
    n = left.shape[1]
    inner = left @ right.T
    linear, length, noise = (axis[index] for axis, index in zip(_AXES, grid, strict=True))
    all_orders = np.exp((inner - n) / (2.0 * length * n))
    return np.asarray((1.0 - noise) * (linear * inner / n + (1.0 - linear) * all_orders))
