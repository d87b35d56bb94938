"""What a table says about merging: lone winners and what they do to each other, greed, luck, noise.

Every function takes runs, shape (2**n, seeds), the lower the better (`Table.losses`), or their
means, shape (2**n,). A gain is what a recipe is below the trunk, row 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from tables.walsh import model_up_to, shared_noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tables.table import Table

    Floats = NDArray[np.float64]

CLEAR = 2.0
"""How many standard errors a difference must have to be called clear."""


def proposals_of(means: Floats) -> int:
    """How many proposals a table of so many rows has."""
    return len(means).bit_length() - 1


def gains_alone(runs: Floats) -> tuple[Floats, float]:
    """Each proposal's gain on the trunk, shape (n,), and the standard error of one such gain.

    The sd behind the error is pooled over the trunk and its n neighbours.
    """
    rows = [0, *(1 << i for i in range(proposals_of(runs)))]
    means = runs[rows].mean(axis=1)
    return means[0] - means[1:], _error_of_difference(runs[rows])


def _error_of_difference(runs: Floats) -> float:
    """Standard error of a difference of two means, from the pooled sd of runs (recipes, seeds)."""
    variance: float = runs.var(axis=1, ddof=1).mean()
    return float(np.sqrt(2 * variance / runs.shape[1]))


@dataclass(frozen=True, kw_only=True)
class Spoilt:
    """Pairs of proposals that each gain, and how many of these are worse together."""

    pairs: int
    worse: int
    """Together they are worse than the better one alone."""
    clearly: int
    """The same by more than `CLEAR` standard errors."""


def spoilt_on_trunk(runs: Floats) -> Spoilt:
    """Pairs of lone winners: all proposals that gain on the trunk, by however little."""
    gains, _ = gains_alone(runs)
    winners = [1 << i for i in np.flatnonzero(gains > 0)]
    cases = np.array([(0, a, b) for a, b in combinations(winners, 2)], dtype=np.int64)
    return _spoilt(runs, cases.reshape(-1, 3))


def spoilt_anywhere(runs: Floats) -> Spoilt:
    """The same with every recipe as the trunk; only clear winners count, so that noise does not."""
    rows = np.arange(len(runs))
    found = []
    for a, b in combinations([1 << i for i in range(proposals_of(runs))], 2):
        without = rows[(rows & (a | b)) == 0]
        found.append(np.stack([without, without * 0 + a, without * 0 + b], axis=1))
    return _spoilt(runs, np.concatenate(found), at_least=CLEAR)


def _spoilt(runs: Floats, cases: NDArray[np.int64], *, at_least: float = 0.0) -> Spoilt:
    """Cases (trunk, a, b): where both gain by `at_least` standard errors, is the pair worse?"""
    trunk, a, b = cases.T
    four = runs[np.stack([trunk, trunk | a, trunk | b, trunk | a | b])]
    base, one, other, both = four.mean(axis=2)
    error = np.sqrt(2 * four.var(axis=2, ddof=1).mean(axis=0) / runs.shape[1])
    win = np.minimum(base - one, base - other) > at_least * error
    loss = both - np.minimum(one, other)
    return Spoilt(
        pairs=int(win.sum()),
        worse=int((win & (loss > 0)).sum()),
        clearly=int((win & (loss > CLEAR * error)).sum()),
    )


def share_of_best(means: Floats, row: int | NDArray[np.int64]) -> Floats:
    """The gain of recipes as a share of the best recipe's gain; below 0 is worse than the trunk.

    Raises:
        ValueError: no recipe is better than the trunk, so there is nothing to have a share of.
    """
    best = means[0] - means.min()
    if best <= 0:
        raise ValueError("no recipe is better than the trunk")
    return np.asarray((means[0] - means[row]) / best)


def within_guards(table: Table) -> NDArray[np.bool_]:
    """Which recipes lose no more than the margin on any guard, by means over seeds, (2**n,)."""
    kept = np.ones(len(table.y), dtype=bool)
    for objective in table.objectives:
        if objective.role == "guard":
            means = table.losses(objective.name).mean(axis=1)
            kept &= means <= means[0] + objective.margin
    return kept


def rank(means: Floats, row: int) -> int:
    """Place of a recipe among all, 1 for the best."""
    return int((means < means[row]).sum()) + 1


def all_winners(runs: Floats) -> int:
    """The recipe that merges every lone winner."""
    gains, _ = gains_alone(runs)
    return sum(1 << int(i) for i in np.flatnonzero(gains > 0))


def greedy(values: Floats, rng: np.random.Generator, passes: int) -> NDArray[np.int64]:
    """Where keep-if-lower ends: proposals in an order of chance, each tried once on what was kept.

    `values` (2**n,) is what the comparisons see; returns the recipes, shape (passes,).
    """
    n = proposals_of(values)
    kept = np.zeros(passes, dtype=np.int64)
    order = np.argsort(rng.random((passes, n)), axis=1)
    for place in range(n):
        tried = kept | 1 << order[:, place]
        kept = np.where(values[tried] < values[kept], tried, kept)
    return kept


def honest_gain_of_best(runs: Floats) -> float:
    """Gain of a recipe that was chosen on all seeds but one, on that one; mean over which one.

    The best of many recipes is best partly by luck, so its own mean promises too much. This value
    does not, and is a little too low: one seed less was there to choose by.
    """
    seeds = runs.shape[1]
    gains = []
    for seed in range(seeds):
        chosen = np.delete(runs, seed, axis=1).mean(axis=1).argmin()
        gains.append(runs[0, seed] - runs[chosen, seed])
    return float(np.mean(gains))


def best_by_order(means: Floats, highest: int) -> list[int]:
    """The recipe that looks best when only effects of up to 1, 2, ... `highest` are known."""
    return [int(model_up_to(means, order).argmin()) for order in range(1, highest + 1)]


def local_minima(means: Floats) -> int:
    """How many recipes no single proposal, added or taken out, would make better."""
    rows = np.arange(len(means))
    lower = [means[rows ^ 1 << i] < means for i in range(proposals_of(means))]
    return int((~np.any(lower, axis=0)).sum())


def helps_in(means: Floats) -> Floats:
    """Of all recipes without a proposal, the share that it makes better, shape (n,)."""
    rows = np.arange(len(means))
    found = []
    for i in range(proposals_of(means)):
        without = rows[rows >> i & 1 == 0]
        found.append((means[without | 1 << i] < means[without]).mean())
    return np.array(found)


def average_gains(means: Floats) -> Floats:
    """Each proposal's gain averaged over all recipes of the others, shape (n,)."""
    rows = np.arange(len(means))
    with_it = [rows >> i & 1 == 1 for i in range(proposals_of(means))]
    return np.array([means[~chosen].mean() - means[chosen].mean() for chosen in with_it])


@dataclass(frozen=True, kw_only=True)
class Noise:
    """Scatter over seeds."""

    sd_by_fifth: Floats
    """Pooled sd of the best fifth of the recipes, ..., of the worst, shape (5,)."""
    slope: float
    """Of the log of the variance on the log of the mean: 0 if noise is alike, 2 if proportional."""
    skewness: float
    """Pooled third central moment over the 1.5th power of the pooled variance; best fifth only."""
    shared: Floats
    """`walsh.shared_noise` of orders 0 to 3: above 1 where runs of one seed share luck."""


def noise(runs: Floats) -> Noise:
    """How noise depends on the recipe. Needs positive values and three seeds."""
    seeds = runs.shape[1]
    means, variances = runs.mean(axis=1), runs.var(axis=1, ddof=1)
    fifths = np.array_split(means.argsort(), 5)
    best = runs[fifths[0]] - means[fifths[0], None]
    third = (best**3).sum(axis=1).mean() * seeds / ((seeds - 1) * (seeds - 2))
    # Variances of few runs are wild and their logs are biased: pool twentieths before the log.
    ranked = np.array_split(means.argsort(), min(20, len(means)))
    slope, _ = np.polyfit(
        [np.log(means[part].mean()) for part in ranked],
        [np.log(variances[part].mean()) for part in ranked],
        1,
    )
    return Noise(
        sd_by_fifth=np.array([np.sqrt(variances[part].mean()) for part in fifths]),
        slope=float(slope),
        skewness=float(third / variances[fifths[0]].mean() ** 1.5),
        shared=shared_noise(runs)[:4],
    )
