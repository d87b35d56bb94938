r"""Noise that grows as recipes get worse: how fast, learnt from the runs of a fitted landscape.

The variance of a run of recipe x is :math:`s^2 \exp(\gamma\, (f(0) - f(x)))`, with f on the
landscape's warped, standard scale as it expects it, and the trunk at 0. The growth gamma is one of
a few values, most likely none; each is weighed by the marginal likelihood of all runs under the
landscape's own hyper-parameters, averaged over its chains and over :math:`s^2`. Both replicates
and what the landscape cannot explain of single runs speak for or against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats.posterior import ByRuns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.stats.landscape import Landscape

    Floats = NDArray[np.float64]

GROWTHS = np.array([0.0, 0.5, 1.0, 1.5])
"""Growths that are weighed, of log variance per sd of the warped response."""

PRIOR = np.array([0.5, 1 / 6, 1 / 6, 1 / 6])
"""Their prior probabilities."""

MOST_CHAINS = 8
"""Of so many chains at most: each costs the cube of the recipes for every growth and noise."""

_SCALES = np.exp(np.linspace(-2.0, 1.0, 6))  # of s^2, as multiples of what a chain found


def noise(model: Landscape, x: Floats, gains: Floats) -> Floats:
    """Noise variance of each run, as a multiple of the trunk's, shape (T,).

    By the median growth, which is none unless that is less likely than all others together. All 1
    also where the landscape is of so many runs that it has no covariance of them.

    Args:
        model: The landscape that was fitted to these runs, with one noise for all.
        x: Recipe of each run, shape (T, n).
        gains: Gain of each run, shape (T,).
    """
    worse = model.mean(np.zeros((1, x.shape[1])))[0] - model.mean(x)
    median = int(np.searchsorted(np.cumsum(weigh(model, x, gains)), 0.5))
    return np.asarray(np.exp(GROWTHS[median] * worse))


def weigh(model: Landscape, x: Floats, gains: Floats) -> Floats:
    """Posterior probability of each of `GROWTHS`, shape (G,); arguments as for `noise`."""
    found = model.posterior
    if not isinstance(found, ByRuns):
        return np.asarray(GROWTHS == 0.0, dtype=np.float64)
    y = (model.warp.forward(gains) - model.shift) / model.scale
    data = found.data
    means = data.y / data.weight
    place = {row.tobytes(): u for u, row in enumerate(data.x)}
    index = np.array([place[row.tobytes()] for row in x])
    square = np.square(y - means[index])
    scatter = np.bincount(index, weights=square, minlength=len(means)).astype(np.float64)
    worse = -model.mean(data.x)
    worse -= np.average(worse, weights=np.square(data.weight))
    each = np.exp(GROWTHS[:, None] * worse)  # (G, U)
    log = np.stack([_log_densities(found, c, means, scatter, each) for c in _chains(found)])
    density = np.exp(log - log.max()).sum((0, 2)) * PRIOR
    return np.asarray(density / density.sum())


def _chains(found: ByRuns) -> range:
    return range(min(len(found.lowers), MOST_CHAINS))


def _log_densities(
    found: ByRuns, chain: int, means: Floats, scatter: Floats, each: Floats
) -> Floats:
    """Log density of all runs under one chain, for each growth and noise, shape (G, V).

    Args:
        found: The posterior.
        chain: Which chain.
        means: Mean response of every recipe, shape (U,).
        scatter: Sum of squares within each, shape (U,).
        each: Noise variance of a run of each, relative, under every growth, shape (G, U).
    """
    weight, lower = found.data.weight, found.lowers[chain]
    runs, noise_var = np.square(weight), found.hyper.noise_var[chain]
    f = (lower @ lower.T - noise_var * np.eye(len(weight))) / np.outer(weight, weight)
    variances = noise_var * _SCALES[:, None] * each[:, None, :]  # (G, V, U)
    root = np.linalg.cholesky(f + (variances / runs)[..., None] * np.eye(len(weight)))
    left = np.linalg.solve(root, np.broadcast_to(means[:, None], (*root.shape[:-1], 1)))[..., 0]
    logs = np.log(np.einsum("gvuu->gvu", root)).sum(-1)
    within = (0.5 * (runs - 1.0) * np.log(variances) + 0.5 * scatter / variances).sum(-1)
    return np.asarray(-0.5 * np.square(left).sum(-1) - logs - within)
