"""Run-to-run noise, from replicates alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Pooled run-to-run noise of one objective.

    Attributes:
        sd: Pooled standard deviation over groups of replicates; None without replicates.
        degrees: Its degrees of freedom.
        deterministic: Whether all replicates of every group agree to the last bit, at least
            three of them in one group (two may agree by chance where a metric is a count).
    """

    sd: float | None
    degrees: int
    deterministic: bool


DETERMINISTIC_RUNS = 3
"""How many replicates of one recipe must agree before a metric counts as deterministic."""


def pooled(values: NDArray[np.float64], groups: NDArray[np.int64]) -> Noise:
    """Pools the variance within groups of replicates.

    Args:
        values: One value per run, shape (T,).
        groups: The recipe of each run, shape (T,).
    """
    _, index, counts = np.unique(groups, return_inverse=True, return_counts=True)
    means = np.bincount(index, weights=values) / counts
    order = np.argsort(index, kind="stable")
    first = values[order][np.cumsum(counts) - counts]
    degrees = len(values) - len(counts)
    agree = bool(np.all(values == first[index]))
    deterministic = agree and int(counts.max()) >= DETERMINISTIC_RUNS
    if degrees == 0:
        return Noise(sd=None, degrees=0, deterministic=False)
    total = float(np.sum((values - means[index]) ** 2))
    sd = 0.0 if agree else float(np.sqrt(total / degrees))
    return Noise(sd=sd, degrees=degrees, deterministic=deterministic)


def mean_interval(
    values: NDArray[np.float64], level: float
) -> tuple[float, float | None, float | None]:
    """The mean with its t interval (None without replicates).

    Args:
        values: Replicates, shape (n,), n at least 1.
        level: Coverage for Gaussian noise.
    """
    n, mean = len(values), float(np.mean(values))
    if n < 2:
        return mean, None, None
    half = special.stdtrit(n - 1, 0.5 + 0.5 * level) * float(np.std(values, ddof=1)) / np.sqrt(n)
    return mean, mean - float(half), mean + float(half)
