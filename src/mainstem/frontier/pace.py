"""When the trunk will be where a reference is, if it goes on as it has: first passage, simulated.

The trunk moves by merges. They come as a Poisson process of unknown rate, and each gains what those
before it have gained, a normal of unknown mean and sd: a compound process, whose first passage of
the gap is the forecast. Numbered as in `forecast`:

1. rate: Gamma(m + 1/2, T) after m merges in T days (Jeffreys 1946);
2. sd^2: (m - 1) s^2 / chi^2_{m-1}, mean: N(mean of gains, sd^2 / m) (Jeffreys; Gelman et al., 3.2);
3. gap: its posterior;
4. merges are drawn until their sum passes the gap; k merges take Gamma(k, rate) days. Where the
   mean is not above 0 there is no progress to go on with: that future never comes there.

So the interval holds what is not known of rate, mean and gap, and chance itself. It does not know
that gains get rarer as a recipe gets better: a forecast here is early rather than late, and says
so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.frontier.gaps import LEVEL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.frontier.gaps import Gap

LEAST_MERGES = 3
"""Fewer merges say nothing of how much their gains differ."""

MOST_MERGES = 300
"""A gap that takes more merges than this is out of reach."""

_DRAWS = 4000


@dataclass(frozen=True, kw_only=True)
class Passage:
    """When a gap will be closed at the present pace, in days from now.

    Attributes:
        median: Half of the futures are there by then; None if half never are.
        low: 5% are there by then; None as above.
        high: 95% are there by then; None as above.
        level: The probability of the interval.
        never: The share of futures that make no progress, or are not there within `MOST_MERGES`.
    """

    median: float | None
    low: float | None
    high: float | None
    level: float
    never: float


def forecast(
    gains: NDArray[np.float64], *, days: float, gap: Gap, rng: np.random.Generator
) -> Passage:
    """When the gap is closed, if merges go on to come and to gain as they have.

    Args:
        gains: What each merge gained, in the gap's unit, shape (m,), at least `LEAST_MERGES`.
        days: How long that took, from the start of the record to now, above 0.
        gap: What is left; its noise must be known.
        rng: For the draws.

    Raises:
        ValueError: Too few merges, no time, or a gap without its noise.
    """
    m = len(gains)
    if m < LEAST_MERGES or not days > 0.0 or gap.parts is None:
        raise ValueError(f"{m} merges in {days} days to a gap of {gap.value}: no forecast")
    rate = rng.gamma(m + 0.5, 1.0 / days, _DRAWS)
    sd = np.sqrt((m - 1) * np.var(gains, ddof=1) / rng.chisquare(m - 1, _DRAWS))
    mean = np.mean(gains) + sd / math.sqrt(m) * rng.standard_normal(_DRAWS)
    left = np.full(_DRAWS, gap.value.mean)
    for scale, df in gap.parts:
        z = rng.standard_normal(_DRAWS) if math.isinf(df) else rng.standard_t(df, _DRAWS)
        left += scale * z
    took = _merges(mean, sd, left, rng)
    there = np.isfinite(took)
    in_days = np.full(_DRAWS, np.inf)
    some = there & (took > 0.0)
    in_days[some] = rng.gamma(took[some], 1.0 / rate[some])
    in_days[there & (took == 0.0)] = 0.0
    median, low, high = (
        _or_none(float(np.quantile(in_days, q, method="inverted_cdf")))
        for q in (0.5, 0.5 * (1.0 - LEVEL), 0.5 * (1.0 + LEVEL))
    )
    never = float(1.0 - there.mean())
    return Passage(median=median, low=low, high=high, level=LEVEL, never=never)


def _merges(
    mean: NDArray[np.float64],
    sd: NDArray[np.float64],
    left: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """How many merges each future takes to close its gap, shape (S,); inf for too many or none."""
    took = np.full(len(left), np.inf)
    took[left <= 0.0] = 0.0
    far = np.zeros(len(left))
    moves = mean > 0.0
    for merge in range(1, MOST_MERGES + 1):
        going = np.flatnonzero(np.isinf(took) & moves)
        if not len(going):
            break
        far[going] += mean[going] + sd[going] * rng.standard_normal(len(going))
        took[going[far[going] >= left[going]]] = merge
    return took


def _or_none(days: float) -> float | None:
    return days if math.isfinite(days) else None
