"""How far a small rung of a table tells what the top one holds.

Every function takes runs of two rungs, each of shape (2**n, seeds), the lower the better
(`Table.losses`). Rank correlations are Spearman's over all recipes. Of means over seeds they are
too low, because noise moves ranks; and where recipes and rungs share seeds, luck that a seed gives
a recipe at both rungs makes them too high. Both are put right by Spearman's own correction with
different seeds throughout,

    r = mean over s != t of r(small_s, top_t)
        / sqrt(mean over s < t of r(small_s, small_t) * mean over s < t of r(top_s, top_t)),

what single runs of different seeds agree on between rungs, against what they agree on within each
(Spearman 1904). Intervals are of the bootstrap over recipes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from tables import findings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 1000
LEVEL = 0.9


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure with its bootstrap interval; all NaN where it cannot be worked out."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One proposal at both rungs.

    Attributes:
        alone: Gain on the trunk at the small rung and at the top.
        average: Gain on average over all recipes of the others, the same.
        alone_error, average_error: Standard errors of these, from the scatter over seeds, pooled
            over the proposals; NaN with one seed.
    """

    alone: tuple[float, float]
    average: tuple[float, float]
    alone_error: tuple[float, float]
    average_error: tuple[float, float]


def of_means(small: Floats, top: Floats) -> float:
    """Rank correlation of the means over seeds."""
    means = np.stack([small.mean(axis=1), top.mean(axis=1)], axis=1)
    return float(_agreement(means)[0, 1])


def corrected(small: Floats, top: Floats) -> float:
    """Rank correlation net of noise and of luck that rungs share; NaN with one seed.

    May come out a little above 1 where rungs agree as far as noise lets them.
    """
    seeds = small.shape[1]
    if seeds < 2:
        return math.nan
    agree = _agreement(np.hstack([small, top]))
    other = ~np.eye(seeds, dtype=bool)
    between = agree[:seeds, seeds:][other].mean()
    within = [agree[:seeds, :seeds][other].mean(), agree[seeds:, seeds:][other].mean()]
    return float(between / math.sqrt(within[0] * within[1])) if min(within) > 0.0 else math.nan


def with_interval(
    figure: Callable[[Floats, Floats], float], small: Floats, top: Floats, *, draws: int = DRAWS
) -> Interval:
    """A figure and the middle `LEVEL` of its bootstrap over recipes, always the same draws."""
    rng = np.random.default_rng(0)
    value = figure(small, top)
    if math.isnan(value):
        return Interval(value=value, low=value, high=value)
    rows = rng.integers(len(small), size=(draws, len(small)))
    drawn = [figure(small[chosen], top[chosen]) for chosen in rows]
    low, high = np.nanquantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value=value, low=float(low), high=float(high))


def best_part(small: Floats, top: Floats, share: float) -> tuple[Floats, Floats]:
    """The runs of the share of recipes that are best at the top: where a search ends up."""
    count = max(3, round(share * len(top)))
    rows = np.sort(top.mean(axis=1).argsort(kind="stable")[:count])
    return small[rows], top[rows]


def effects(small: Floats, top: Floats) -> list[Effect]:
    """Every proposal's gains at both rungs, in the order of their bits."""
    alone = [_with_errors(runs, _alone) for runs in (small, top)]
    average = [_with_errors(runs, findings.average_gains) for runs in (small, top)]
    return [
        Effect(
            alone=(alone[0][0][i], alone[1][0][i]),
            average=(average[0][0][i], average[1][0][i]),
            alone_error=(alone[0][1], alone[1][1]),
            average_error=(average[0][1], average[1][1]),
        )
        for i in range(findings.proposals_of(top))
    ]


def same_sign(values: tuple[float, float], errors: tuple[float, float]) -> str:
    """What the two rungs say of a sign: `keeps`, `turns`, or `unclear` within 2 standard errors."""
    if not all(
        abs(value) > findings.CLEAR * error for value, error in zip(values, errors, strict=True)
    ):
        return "unclear"
    return "keeps" if values[0] * values[1] > 0 else "turns"


def worth_at_top(small: Floats, top: Floats, best: int = 1) -> float:
    """The best gain at the top among the `best` recipes of the small rung, as a share of the best.

    Of means over seeds, so it is partly luck.
    """
    chosen = small.mean(axis=1).argsort(kind="stable")[:best]
    means = top.mean(axis=1)
    return float(np.max(findings.share_of_best(means, chosen)))


def place_of_best(small: Floats, top: Floats) -> int:
    """The place at the small rung of the recipe that is best at the top, 1 for the best."""
    return findings.rank(small.mean(axis=1), int(top.mean(axis=1).argmin()))


def _alone(means: Floats) -> Floats:
    return np.asarray(means[0] - means[1 << np.arange(findings.proposals_of(means))])


def _with_errors(runs: Floats, gains: Callable[[Floats], Floats]) -> tuple[Floats, float]:
    """Gains by the means over seeds, and the error of one: pooled scatter of each seed's gains."""
    value = gains(runs.mean(axis=1))
    seeds = runs.shape[1]
    if seeds < 2:
        return value, math.nan
    each = np.array([gains(runs[:, seed]) for seed in range(seeds)])
    return value, float(np.sqrt(each.var(axis=0, ddof=1).mean() / seeds))


def _agreement(values: Floats) -> Floats:
    """Rank correlations of the columns of values (recipes, columns); NaN where one is constant."""
    ranks = stats.rankdata(values, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.corrcoef(ranks.T))
