"""What replayed campaigns say: what every way gains, and what it costs against a reference.

Two intervals, which answer two questions. Of one campaign: the middle 90% of campaigns, in which
stands both what the record leaves open of the landscape and the luck of staff and runs. Of the
mean: how well so many campaigns fix it, by Student's t over the means of worlds, because campaigns
of one world have it in common.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats.noise import mean_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.landscapes.landscape import FloatArray, IntArray
    from mainstem.lab.replay import Replayed

LEVEL = 0.9
"""Coverage of both intervals."""

_TIE = 1e-9
"""The same recipe by two ways is the same number but for rounding."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """A number of campaigns.

    Attributes:
        mean: Over all of them.
        low: Where the lowest twentieth ends.
        high: Where the highest twentieth begins.
        mean_low: Lower end of the mean's interval; None of a single world.
        mean_high: Its upper end.
    """

    mean: float
    low: float
    high: float
    mean_low: float | None
    mean_high: float | None


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a way costs against the reference, in margins: above 0 the reference gains more.

    Attributes:
        spread: Of the differences, campaign by campaign.
        ahead: Share of campaigns in which the reference ends ahead; a tie counts half.
        campaigns: Campaigns that both played.
    """

    spread: Spread
    ahead: float
    campaigns: int

    @property
    def decided(self) -> bool:
        """Whether the mean is on one side of 0, as far as so many campaigns say."""
        low, high = self.spread.mean_low, self.spread.mean_high
        return low is not None and high is not None and (low > 0.0 or high < 0.0)


def spread(values: FloatArray, world: IntArray) -> Spread:
    """A number of campaigns, and the worlds in which they were played, shape (N,), N at least 1."""
    low, high = np.quantile(values, [0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL])
    _, index, counts = np.unique(world, return_inverse=True, return_counts=True)
    means = np.bincount(index, weights=values) / counts
    mean = float(values.mean())
    _, mean_low, mean_high = mean_interval(means, LEVEL)
    if mean_low is not None and mean_high is not None:
        off = mean - float(means.mean())  # worlds that were played more often count more
        mean_low, mean_high = mean_low + off, mean_high + off
    return Spread(
        mean=mean, low=float(low), high=float(high), mean_low=mean_low, mean_high=mean_high
    )


def price(reference: Replayed, other: Replayed) -> Price:
    """What a way costs against the reference: same worlds, staff and noise, campaign by campaign.

    Both have at least one campaign; those that only one played are left out.
    """
    both = min(len(reference.final), len(other.final))
    differences = reference.final[:both] - other.final[:both]
    tied = np.abs(differences) <= _TIE
    ahead = np.mean((differences > 0.0) & ~tied) + 0.5 * np.mean(tied)
    return Price(
        spread=spread(differences, reference.world[:both]), ahead=float(ahead), campaigns=both
    )


def reached(reference: Replayed, other: Replayed, grid: Sequence[int] | IntArray) -> int | None:
    """After how many runs the reference is on average where the other ends; None: never."""
    both = min(len(reference.final), len(other.final))
    course, goal = reference.worth[:both].mean(axis=0), float(other.final[:both].mean())
    there = np.flatnonzero(course >= goal)
    return int(grid[there[0]]) if len(there) else None
