"""What a model of both rungs would recommend after what a method has run.

As in `arena.recommend`: a search that recommends the lowest single run falls for luck, so rivals
are also scored with a Gaussian process over all their runs, of every rung, and the better of the
scores is reported. The kernel is the arena's, with rungs that share a part (intrinsic
coregionalisation; Bonilla, Chai and Williams 2008):

    k((x, r), (x', r')) = k(x, x') (1 if r = r' else c) + (b if r = r' else 0),

on values that are compressed about the median of their own rung. Each rung has a level of its own
(b), since it is the good recipes that are run at the top. The shared part c climbs the marginal
likelihood with the other hyperparameters, so a small rung that misleads is not believed.

Two rules for the top rung: `seen` takes the recipe with the lowest posterior mean of those that ran
at any rung and the trunk; `model` descends from the best three of these by single flips.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky

from arena.recommend import RULES, compress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from arena.landscapes import Bits, Floats

    Grid = tuple[int, int, int, int]

__all__ = ["RULES", "History", "after_some_runs"]

_LINEAR = (0.0, 0.2, 0.4, 0.6, 0.8, 0.95)
_LENGTH = (0.15, 0.3, 0.6, 1.2, 2.4, 5.0)
"""In units of n."""
_NOISE = (0.01, 0.03, 0.08, 0.15, 0.3, 0.5, 0.7, 0.9)
_SHARED = (-0.9, -0.5, 0.0, 0.3, 0.6, 0.8, 0.9, 0.97)
_AXES = (_LINEAR, _LENGTH, _NOISE, _SHARED)
_START: Grid = (2, 3, 3, 5)
_LEAST_RUNS = 4
_LEVEL = 4.0
"""Prior variance of a rung's level, in that of its recipes."""
_GROWTH = 1.3
"""The hyperparameters are fitted again when there are so many times as many runs."""


@dataclass(frozen=True, kw_only=True)
class History:
    """Runs in their order.

    Attributes:
        x: Recipes, shape (N, n).
        rung: Places of their rungs, shape (N,); the highest is the top.
        y: Values, to be minimised, shape (N,).
    """

    x: Bits
    rung: NDArray[np.int64]
    y: Floats

    def first(self, count: int) -> History:
        """The first runs."""
        return History(x=self.x[:count], rung=self.rung[:count], y=self.y[:count])


def after_some_runs(
    history: History, ends: Sequence[int], top_ticks: int
) -> Iterator[tuple[int, dict[str, Bits]]]:
    """The recommendation of each rule whenever half the cost of a top run is spent, or more.

    Args:
        history: All runs; the top rung is the highest that a run of them can have.
        ends: Ticks spent when each ended.
        top_ticks: Ticks of a run of the top rung.

    Yields:
        The ticks spent, and the recommendations.
    """
    grid, fitted, last = _START, 0.0, -top_ticks
    for runs, end in enumerate(ends, start=1):
        if 2 * (end - last) < top_ticks and runs < len(ends):
            continue
        last = end
        known = history.first(runs)
        if runs < _LEAST_RUNS:
            yield end, dict.fromkeys(RULES, _lowest(known))
            continue
        model = _Model(known)
        if runs >= _GROWTH * fitted:
            grid, fitted = model.climb(grid), float(runs)
        yield end, model.recommend(grid)


def _lowest(known: History) -> Bits:
    """The recipe of the lowest run at the highest rung that has run."""
    at = np.flatnonzero(known.rung == known.rung.max())
    return np.asarray(known.x[at[int(known.y[at].argmin())]])


class _Model:
    """The process over the runs that are known."""

    def __init__(self, known: History) -> None:
        self._known = known
        self._z = np.asarray(2.0 * known.x - 1.0, dtype=float)
        apart = known.y.astype(float)
        for rung in np.unique(known.rung):
            at = known.rung == rung
            apart[at] -= np.median(apart[at])
        self._target = compress(apart)
        self._same = known.rung[:, None] == known.rung[None, :]
        self._inner = self._z @ self._z.T

    def climb(self, grid: Grid) -> Grid:
        """Coordinate ascent of the marginal likelihood over the grid."""
        tried = {grid: self._evidence(grid)}
        while True:
            for axis, values in enumerate(_AXES):
                for step in (-1, 1):
                    index = grid[axis] + step
                    if 0 <= index < len(values):
                        near = (*grid[:axis], index, *grid[axis + 1 :])
                        tried.setdefault(near, self._evidence(near))  # type: ignore[arg-type]  # mypy forgets the length
            best = max(tried, key=lambda point: tried[point])
            if best == grid:
                return grid
            grid = best

    def recommend(self, grid: Grid) -> dict[str, Bits]:
        """What each rule says."""
        x = self._known.x
        factor = self._factor(grid)
        if factor is None:
            return dict.fromkeys(RULES, _lowest(self._known))
        alpha = cho_solve((factor, True), self._target - self._target.mean())
        # Of two rungs the top is 1; a run of another rung counts by the part that is shared.
        alpha = np.where(self._known.rung == 1, 1.0, _SHARED[grid[3]]) * alpha
        seen = np.unique(np.vstack([x, np.zeros((1, x.shape[1]), x.dtype)]), axis=0)
        order = np.argsort(self._mean(seen, alpha, grid), kind="stable")
        return {"seen": seen[order[0]], "model": self._descend(seen[order[:3]], alpha, grid)}

    def _descend(self, starts: Bits, alpha: Floats, grid: Grid) -> Bits:
        """The lowest posterior mean that single flips reach from the starts, shape (n,)."""
        n = starts.shape[1]
        best, least = starts[0], np.inf
        for start in starts:
            here, value = start, np.inf
            while True:
                around = np.vstack([here[None, :], here ^ np.eye(n, dtype=here.dtype)])
                mean = self._mean(around, alpha, grid)
                lowest = int(mean.argmin())
                here, value = around[lowest], float(mean[lowest])
                if lowest == 0:
                    break
            if value < least:
                best, least = here, value
        return np.asarray(best)

    def _mean(self, x: Bits, alpha: Floats, grid: Grid) -> Floats:
        return np.asarray(_kernel((2.0 * x - 1.0) @ self._z.T, x.shape[1], grid) @ alpha)

    def _evidence(self, grid: Grid) -> float:
        """Log marginal likelihood with the scale profiled out, up to a constant."""
        factor = self._factor(grid)
        if factor is None:
            return -np.inf
        target = self._target
        centred = target - target.mean()
        fit = float(centred @ cho_solve((factor, True), centred)) / len(target)
        logs = np.log(np.diag(factor)).sum()
        return float(-0.5 * len(target) * np.log(max(fit, 1e-12)) - logs)

    def _factor(self, grid: Grid) -> NDArray[np.float64] | None:
        """Lower Cholesky factor of the covariance of the runs; None if it is singular."""
        covariance = _kernel(self._inner, self._z.shape[1], grid)
        covariance *= np.where(self._same, 1.0, _SHARED[grid[3]])
        covariance += _LEVEL * self._same
        covariance[np.diag_indices_from(covariance)] += _NOISE[grid[2]]
        try:
            return np.asarray(cholesky(covariance, lower=True, check_finite=False))
        except LinAlgError:
            return None


def _kernel(inner: Floats, n: int, grid: Grid) -> Floats:
    """Prior covariance at one rung from inner products in +-1 coding, without noise and scale."""
    linear, length, noise = (axis[index] for axis, index in zip(_AXES[:3], grid[:3], strict=True))
    all_orders = np.exp((inner - n) / (2.0 * length * n))
    return np.asarray((1.0 - noise) * (linear * inner / n + (1.0 - linear) * all_orders))
