r"""Scaling laws: what a recipe measures as a function of the scale that it is run at.

A loss falls with scale s as :math:`E + A s^{-\alpha}` (Hestness et al. 2017, Kaplan et al. 2020,
Hoffmann et al. 2022), with a term for each of several scales that vary apart. Two things make a fit
of a few small rungs lie about a large one. The exponent is hardly seen in so short a span, so it is
never a point here. And no law is exact: over the first steps of a training curves bend in ways that
no power does. So the law drifts: beside it stands an integrated random walk in log scale that is 0,
with slope 0, at the largest scale, and grows with the distance from it in either direction, as
:math:`\kappa |\log s|^{3/2}`. Rungs far below the largest one then say little where they do not
fit, and a forecast far above it is wide even where the exponent is known. Beyond the largest scale
there is a second walk, a turn, whose size nothing below tells: laws that fit all rungs still break.

In units of the drop over the ladder, t the log of a scale over its largest, one scale:

.. math::
    y(t) = m + D h_\alpha(t) + \kappa w(t) + e, \qquad
    h_\alpha(t) = (e^{-\alpha t} - 1) / (e^{-\alpha t_{min}} - 1)

which is the power law with :math:`E = m - D / (e^{-\alpha t_{min}} - 1)`; at a target beyond all
rungs :math:`\tau w'(t)` comes on top, :math:`w'` alike and :math:`\tau` from its prior. Given
alpha, kappa and the noise all is Gaussian, so m, D and w are integrated out exactly; what is left
to be sampled has three dimensions (`mainstem.stats.ensemble`).

Nothing depends on the units of scales or values, nor on the order of runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_RUNGS = 4
"""Rungs that a law of one scale needs: one more than it has parameters."""

RATES = (-7.0, 2.1)
"""Bounds of log alpha: an exponent of .001 is a logarithm, and none of 8 was ever seen."""

_CLIP = 2.5  # sds at which a replicate's distance counts no further (Huber 1964)
_LEAST_SD = 1e-4  # of the drop: metrics without noise, and laws that nothing fits exactly
_FLAT = (10.0, 3.0)  # sds of the priors of m and D, in drops: the data place them at 0 and 1
_JITTER = 1e-10
_SHARED = 0.5
"""Correlation of the drifts of two recipes: one stack, trained alike but for a proposal."""


def least_rungs(scales: int) -> int:
    """Rungs that a law of so many scales needs: two a scale, and two."""
    return LEAST_RUNGS + 2 * (scales - 1)


@dataclass(frozen=True, kw_only=True)
class Runs:
    """Runs of one recipe at several rungs.

    Attributes:
        scales: What each run was run at, above 0, shape (T, K).
        values: What it measured, shape (T,).
        seeds: Its seed, shape (T,): runs of two recipes with one seed at one rung share noise.

    Raises:
        ValueError: Shapes do not fit, or a scale or a value is not finite, or a scale not above 0.
    """

    scales: Floats
    values: Floats
    seeds: NDArray[np.int64]

    def __post_init__(self) -> None:
        count = len(self.values)
        if self.scales.ndim != 2 or len(self.scales) != count or len(self.seeds) != count:
            raise ValueError(f"{count} values, scales of shape {self.scales.shape}")
        if not (np.isfinite(self.scales).all() and (self.scales > 0.0).all()):
            raise ValueError("scales must be above 0")
        if not np.isfinite(self.values).all():
            raise ValueError("a value is not finite")

    def below_the_largest(self) -> Runs:
        """The same without the largest rung, by the product of its scales."""
        size = np.log(self.scales).sum(1)
        kept = size < size.max() - 1e-9
        return Runs(scales=self.scales[kept], values=self.values[kept], seeds=self.seeds[kept])


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladder:
    """Runs of one recipe, made ready: R rungs, in units of the drop over them.

    Attributes:
        scales: Of each rung, in ascending order, shape (R, K).
        levels: The mean of each rung, 0 at the largest, in drops, shape (R,).
        seeds: The seeds of each rung.
        residuals: Distance of each run from its rung's mean by rung and seed, in drops.
        sd: Run-to-run noise, in drops; what the residuals say, or a fiftieth without replicates.
        degrees: Its degrees of freedom.
        centre: The mean at the largest rung, as measured.
        unit: The drop over the ladder, as measured, above 0.
    """

    scales: Floats
    levels: Floats
    seeds: tuple[tuple[int, ...], ...]
    residuals: dict[tuple[int, int], float]
    sd: float
    degrees: int
    centre: float
    unit: float

    @cached_property
    def t(self) -> Floats:
        """Logs of the scales, 0 at the largest of each, shape (R, K)."""
        return np.asarray(np.log(self.scales / self.scales.max(0)))

    def distance(self, scales: Floats) -> Floats:
        """Logs of other scales on the same rule, shape (..., K)."""
        return np.asarray(np.log(scales / self.scales.max(0)))


def ladder(runs: Runs) -> Ladder:
    """Makes runs ready.

    A replicate further than 2.5 sds from its rung's mean counts as if it stood there, so one run
    that went wrong cannot bend the law (Huber 1964); the sd is from pairs of replicates.

    Raises:
        ValueError: A scale is the same at all rungs.
    """
    scales, index = np.unique(runs.scales, axis=0, return_inverse=True)
    order = np.argsort(np.log(scales).sum(1), kind="stable")
    place = np.argsort(order, kind="stable")[index.reshape(-1)]
    scales = scales[order]
    if np.any(scales.max(0) <= scales.min(0)):
        raise ValueError("a scale is the same at all rungs")
    wide = _pair_sd(runs.values, place)
    groups = [np.flatnonzero(place == k) for k in range(len(scales))]
    pulled = np.concatenate([_pulled(runs.values[g], _CLIP * wide) for g in groups])
    rows = np.concatenate(groups)
    means = np.array([pulled[place[rows] == k].mean() for k in range(len(scales))])
    drop = float(means.max() - means.min())
    unit = drop if drop > 0.0 else 1e-6 * max(1.0, float(np.abs(means).max()))
    residual = (pulled - means[place[rows]]) / unit
    degrees = len(rows) - len(scales)
    sd = float(np.sqrt(np.sum(residual**2) / degrees)) if degrees else 0.02
    return Ladder(
        scales=scales,
        levels=(means - means[-1]) / unit,
        seeds=tuple(tuple(int(s) for s in runs.seeds[g]) for g in groups),
        residuals={
            (int(place[row]), int(runs.seeds[row])): float(r)
            for row, r in zip(rows, residual, strict=True)
        },
        sd=max(sd, _LEAST_SD),
        degrees=degrees,
        centre=float(means[-1]),
        unit=unit,
    )


def _pair_sd(values: Floats, place: NDArray[np.int64]) -> float:
    """The noise sd from the median distance of pairs of replicates; 0 without pairs."""
    above, below = np.triu_indices(len(values), 1)
    same = place[above] == place[below]
    if not same.any():
        return 0.0
    return float(np.median(np.abs(values[above] - values[below])[same]) / (0.6745 * np.sqrt(2.0)))


def _pulled(values: Floats, most: float) -> Floats:
    """Replicates of one rung, those further than `most` from their mean pulled to there."""
    centre = float(np.median(values))
    if most <= 0.0 or len(values) < 3:
        return values
    for _ in range(20):
        centre = float(np.mean(np.clip(values, centre - most, centre + most)))
    return np.asarray(np.clip(values, centre - most, centre + most))


def drift_covariance(a: Floats, b: Floats) -> Floats:
    """Covariance of an integrated random walk that starts at 0 in both directions.

    Args:
        a: Places, shape (A,).
        b: Places, shape (B,).

    Returns:
        Shape (A, B); min(|a|, |b|)^2 (3 max - min) / 6 on one side of 0, else 0.
    """
    x, z = np.abs(a)[:, None], np.abs(b)[None, :]
    low, high = np.minimum(x, z), np.maximum(x, z)
    return np.asarray(np.where(np.outer(a, b) > 0.0, low**2 * (3.0 * high - low) / 6.0, 0.0))


class Joint:
    """The joint distribution of some recipes' rungs, and of their values at a target.

    Args:
        ladders: The recipes, P of them, with the same K scales.
        target: The scales to forecast at, shape (K,).
    """

    def __init__(self, ladders: Sequence[Ladder], target: Floats) -> None:
        self.ladders = tuple(ladders)
        self.target = target
        self.scales: int = self.ladders[0].scales.shape[1]
        self._levels = np.concatenate([one.levels for one in self.ladders])
        self._owner = np.repeat(np.arange(len(self.ladders)), [len(p.t) for p in self.ladders])
        self.correlation = _seed_correlation(self.ladders)

    @property
    def dimension(self) -> int:
        """A log exponent per recipe and scale, the log of noise over its estimate, log kappa."""
        return len(self.ladders) * self.scales + 2

    @cached_property
    def _noise(self) -> Floats:
        """Covariance of the rungs' means by noise, (N, N); common seeds at one rung share some."""
        found = np.zeros((len(self._levels),) * 2)
        rows = [(p, k) for p, one in enumerate(self.ladders) for k in range(len(one.t))]
        for i, (p, k) in enumerate(rows):
            for j, (q, m) in enumerate(rows):
                a, b = self.ladders[p], self.ladders[q]
                if not np.array_equal(a.scales[k], b.scales[m]):
                    continue
                common = len(set(a.seeds[k]) & set(b.seeds[m])) if p != q else len(a.seeds[k])
                share = common / (len(a.seeds[k]) * len(b.seeds[m]))
                found[i, j] = a.sd * b.sd * share * (1.0 if p == q else self.correlation)
        return found

    @cached_property
    def _places(self) -> Floats:
        """Log distances of all rungs and then of the targets, (N + P, K)."""
        own = [one.t for one in self.ladders]
        return np.concatenate([*own, *(one.distance(self.target)[None] for one in self.ladders)])

    @cached_property
    def _owners(self) -> NDArray[np.int64]:
        return np.concatenate([self._owner, np.arange(len(self.ladders))])

    @cached_property
    def _lows(self) -> Floats:
        """The log of the smallest scale of each recipe, below 0, (P, K)."""
        return np.array([one.t.min(0) for one in self.ladders])

    @cached_property
    def _drift(self) -> Floats:
        """Covariance by drift where kappa is 1, in drops per log unit of the ladder."""
        return self._walk(self._places)

    @cached_property
    def _turns(self) -> Floats:
        """Covariance of the targets' turns where tau is 1, in the same unit, (P, P).

        A scale in which a target is no larger than what ran has none.
        """
        n = len(self._levels)
        return self._walk(np.maximum(self._places, 0.0))[n:, n:]

    def _walk(self, places: Floats) -> Floats:
        """Covariance of walks, summed over scales, at places of the rungs and targets."""
        same = self._owners[:, None] == self._owners[None, :]
        total = np.zeros((len(places),) * 2)
        for k in range(self.scales):
            slope = 1.0 / np.abs(self._lows[self._owners, k])
            total += drift_covariance(places[:, k], places[:, k]) * np.outer(slope, slope)
        return np.asarray(np.where(same, total, _SHARED * total))

    def _covariance(self, hyper: Floats) -> Floats:
        """Of all rungs and the targets, without noise: law and drift, (W, N + P, N + P)."""
        count, owners = len(self.ladders), self._owners
        rates = np.exp(hyper[:, : count * self.scales]).reshape(-1, count, self.scales)[:, owners]
        basis = np.expm1(-rates * self._places) / np.expm1(-rates * self._lows[owners])
        law = _FLAT[0] ** 2 + _FLAT[1] ** 2 * basis @ basis.transpose(0, 2, 1)
        law *= owners[:, None] == owners[None, :]
        return np.asarray(law + np.exp(2.0 * hyper[:, -1])[:, None, None] * self._drift)

    def log_likelihood(self, hyper: Floats) -> Floats:
        """Log density of what was measured, shape (W,).

        Args:
            hyper: Shape (W, `dimension`).
        """
        n = len(self._levels)
        noise = np.exp(2.0 * hyper[:, -2])
        total = self._covariance(hyper)[:, :n, :n] + noise[:, None, None] * self._noise
        root = np.linalg.cholesky(total + _JITTER * np.eye(n))
        white = np.linalg.solve(root, np.broadcast_to(self._levels[:, None], (len(root), n, 1)))
        fit = -0.5 * np.sum(white[:, :, 0] ** 2, axis=1)
        fit -= np.log(np.diagonal(root, axis1=1, axis2=2)).sum(1)
        degrees = sum(one.degrees for one in self.ladders)
        return np.asarray(fit - degrees * (hyper[:, -2] + 0.5 / noise))

    def given(self, hyper: Floats, turns: Floats) -> tuple[Floats, Floats]:
        """Mean, shape (W, P), and covariance, (W, P, P), at the target, in drops.

        Args:
            hyper: Shape (W, `dimension`).
            turns: Log tau, shape (W,).
        """
        n = len(self._levels)
        every = self._covariance(hyper)
        noise = np.exp(2.0 * hyper[:, -2])[:, None, None] * self._noise
        total = every[:, :n, :n] + noise + _JITTER * np.eye(n)
        weights = np.linalg.solve(total, every[:, :n, n:])
        mean = weights.transpose(0, 2, 1) @ self._levels
        known = weights.transpose(0, 2, 1) @ every[:, :n, n:]
        return mean, every[:, n:, n:] + np.exp(2.0 * turns)[:, None, None] * self._turns - known

    def fresh_covariance(self, hyper: Floats, runs: int) -> Floats:
        """Covariance of means of so many fresh runs around the true values, (W, P, P), in drops."""
        sds = np.array([one.sd for one in self.ladders])
        shared = np.where(np.eye(len(sds), dtype=bool), 1.0, self.correlation)
        return np.asarray(
            np.exp(2.0 * hyper[:, -2])[:, None, None] * np.outer(sds, sds) * shared / runs
        )


def _seed_correlation(ladders: Sequence[Ladder]) -> float:
    """How far two recipes share noise where they share rung and seed, drawn towards 0."""
    if len(ladders) != 2:
        return 0.0
    a, b = ladders
    rung = {tuple(scale): k for k, scale in enumerate(b.scales.tolist())}
    pairs = [
        (r, b.residuals[rung[tuple(a.scales[k].tolist())], seed])
        for (k, seed), r in a.residuals.items()
        if (rung.get(tuple(a.scales[k].tolist()), -1), seed) in b.residuals
    ]
    if not pairs:
        return 0.0
    x, z = np.array(pairs).T
    size = float(np.sqrt(np.sum(x * x) * np.sum(z * z)))
    found = float(np.sum(x * z)) / size if size > 0.0 else 0.0
    return min(0.95, max(0.0, found * len(pairs) / (len(pairs) + 4.0)))
