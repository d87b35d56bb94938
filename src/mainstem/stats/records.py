r"""Which wins of a leaderboard its own figures support: one record against the best before it.

A record claims to be better than everything before it. Its seeds say how far it may be believed:

.. math:: t = (g - \delta) \sqrt{n} / s,\quad g = \pm(\bar y - b)

with b the best value before it, taken as it stands, and delta the gain that is asked for. The
spread s is the record's own (n - 1 degrees of freedom) or pooled over all records with seeds. That
b is uncertain too, and is the luckiest of many, is left out here as it is in a contest's rule; the
tests of two samples put the first of these beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_RUNS = 1_000_000
"""No number of runs beyond this is looked for: a gain that needs more is none."""


@dataclass(frozen=True, kw_only=True)
class TTest:
    """A one-sided t-test of a gain.

    Attributes:
        t: The statistic; above 0 where the gain is larger than the one asked for.
        degrees: Its degrees of freedom; of two samples with spreads of their own not whole.
        p: Chance of a t as large or larger if the gain is only the one asked for.
    """

    t: float
    degrees: float
    p: float


def best_before(values: NDArray[np.float64], sign: float) -> NDArray[np.int64]:
    """The place of the best value before each; of equal ones the first; -1 before the first.

    Args:
        values: A value per record in the order in which they were set, shape (R,).
        sign: 1 where larger is better, -1 where smaller is.

    Returns:
        Shape (R,).
    """
    best = np.full(len(values), -1, dtype=np.int64)
    for at in range(1, len(values)):
        last = int(best[at - 1])
        better = last < 0 or sign * (values[at - 1] - values[last]) > 0.0
        best[at] = at - 1 if better else last
    return best


def one_sample(gain: float, wanted: float, sd: float, degrees: float, runs: int) -> TTest | None:
    """Whether a mean of some runs gains more than is asked for on a value that is taken as it is.

    Args:
        gain: Mean gain of the runs.
        wanted: The gain that is asked for.
        sd: Run-to-run standard deviation.
        degrees: Degrees of freedom of `sd`.
        runs: How many runs the mean is of.

    Returns:
        None where there is no spread to test against.
    """
    if not (sd > 0.0 and degrees > 0.0):
        return None
    return _test((gain - wanted) * math.sqrt(runs) / sd, degrees)


def welch(
    new: NDArray[np.float64], old: NDArray[np.float64], sign: float, wanted: float = 0.0
) -> TTest | None:
    """Whether one sample gains more on another than is asked for; spreads may differ (Welch 1947).

    Args:
        new: Runs of the record, shape (n,).
        old: Runs of the best before it, shape (m,).
        sign: 1 where larger is better, -1 where smaller is.
        wanted: The gain that is asked for.

    Returns:
        None with fewer than two runs on a side, or without any spread.
    """
    if min(len(new), len(old)) < 2:
        return None
    parts = [float(np.var(side, ddof=1)) / len(side) for side in (new, old)]
    total = sum(parts)
    if not total > 0.0:
        return None
    below = sum(v * v / (len(s) - 1) for v, s in zip(parts, (new, old), strict=True))
    gain = sign * (float(np.mean(new)) - float(np.mean(old)))
    return _test((gain - wanted) / math.sqrt(total), total * total / below)


def two_samples(
    gain: float, wanted: float, sd: float, degrees: float, runs: tuple[int, int]
) -> TTest | None:
    """As `one_sample`, with the uncertainty of the value before it, by the same spread.

    Args:
        gain: Difference of the means.
        wanted: The gain that is asked for.
        sd: Run-to-run standard deviation on both sides.
        degrees: Degrees of freedom of `sd`.
        runs: How many runs each mean is of.
    """
    if not (sd > 0.0 and degrees > 0.0):
        return None
    return _test((gain - wanted) / (sd * math.sqrt(sum(1.0 / n for n in runs))), degrees)


def runs_per_arm(gain: float, sd: float, *, alpha: float, power: float) -> int | None:
    """The fewest runs on each of two sides with which a t-test sees a gain.

    One-sided, with one spread on both sides that is estimated from these runs: 2n - 2 degrees of
    freedom, and the noncentral t distribution for its power.

    Args:
        gain: The true gain.
        sd: Run-to-run standard deviation, above 0.
        alpha: The test's level.
        power: Chance to see the gain.

    Returns:
        At least 2; None where there is no gain, or where `MOST_RUNS` are too few.
    """
    if not gain > 0.0:
        return None

    def enough(n: int) -> bool:
        degrees = 2.0 * n - 2.0
        bar = float(special.stdtrit(degrees, 1.0 - alpha))
        return float(special.nctdtr(degrees, gain / sd * math.sqrt(0.5 * n), bar)) <= 1.0 - power

    few, many = 1, 2
    while not enough(many):
        few, many = many, 2 * many
        if many > MOST_RUNS:
            return None
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


def _test(t: float, degrees: float) -> TTest:
    return TTest(t=t, degrees=degrees, p=float(special.stdtr(degrees, -t)))
