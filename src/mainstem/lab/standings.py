"""What many campaigns say of policies: shares of the best gain, differences, and who ends worse.

What a campaign is worth is the score (the sum of gain over margin of the objectives to improve) of
the trunk at its end. Over campaigns the figure is the *share* of all that there was to gain: the
sum of the scores over the sum of the best scores of recipes that keep every margin. A mean of
shares would hang on the few campaigns in which there is next to nothing to gain. *Worse than the
trunk* is a score below 0, or an objective lost by more than its margin.

A ratio's standard error is that of its residuals (Cochran 1977, *Sampling Techniques*, ch. 6):
r = sum y / sum x has the variance of y - r x, over n mean(x)^2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.compare import Outcome
    from mainstem.lab.landscapes.landscape import FloatArray


@dataclass(frozen=True, kw_only=True)
class Range:
    """An estimate and its interval.

    Attributes:
        mean: The estimate.
        low: Lower end.
        high: Upper end.
    """

    mean: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A policy's figures over campaigns.

    Attributes:
        policy: Its name.
        campaigns: How many.
        share: Share of all that there was to gain, with its t interval; where there are too many
            recipes to know the best, the mean score.
        behind: How much less than the reference in the same campaigns, in the same unit, with its
            t interval; below 0 where the policy is ahead. None of the reference itself.
        worse: Share of campaigns that ended worse than the trunk, with Clopper and Pearson's.
        merged: Mean number merged.
        time: Mean time.
    """

    policy: str
    campaigns: int
    share: Range
    behind: Range | None
    worse: Range
    merged: float
    time: float


def standings(outcomes: Sequence[Outcome], *, reference: str, level: float = 0.9) -> list[Standing]:
    """Every policy's figures, the best first.

    Args:
        outcomes: Of campaigns of one setting and seed. Policies may have played different numbers
            of campaigns; differences are of those that both played.
        reference: The policy that others are compared with.
        level: Of intervals.

    Raises:
        ValueError: The reference played none.
    """
    by_policy: dict[str, dict[int, Outcome]] = {}
    for outcome in outcomes:
        by_policy.setdefault(outcome.policy, {})[outcome.number] = outcome
    if reference not in by_policy:
        raise ValueError(f"{reference!r} played no campaign: there is nothing to compare with")
    found = [
        _standing(name, played, None if name == reference else by_policy[reference], level)
        for name, played in by_policy.items()
    ]
    return sorted(found, key=lambda s: -s.share.mean)


def _standing(
    name: str, played: dict[int, Outcome], other: dict[int, Outcome] | None, level: float
) -> Standing:
    scores = np.array([o.score for o in played.values()])
    behind = None
    if other is not None:
        both = sorted(played.keys() & other.keys())
        less = np.array([other[k].score - played[k].score for k in both])
        behind = ratio_interval(less, _best([played[k] for k in both]), level)
    return Standing(
        policy=name,
        campaigns=len(played),
        share=ratio_interval(scores, _best(list(played.values())), level),
        behind=behind,
        worse=share_interval(sum(o.worse for o in played.values()), len(played), level),
        merged=float(np.mean([o.merged for o in played.values()])),
        time=float(np.mean([o.time for o in played.values()])),
    )


def _best(outcomes: Sequence[Outcome]) -> FloatArray:
    """What there was to gain in each campaign; 1, the unit of a score, where that is not known."""
    return np.array([1.0 if o.best is None else o.best for o in outcomes])


def ratio_interval(values: FloatArray, of: FloatArray, level: float) -> Range:
    """The sum of values over the sum of what they are parts of, with Student's interval.

    Args:
        values: Shape (n,).
        of: Shape (n,), 0 or above.
        level: The interval's.

    Returns:
        Without bounds where fewer than two values are known, or nothing was to be had.
    """
    ratio = float(values.sum() / of.sum()) if of.any() else float("nan")
    if len(values) < 2 or not of.any():
        return Range(mean=ratio, low=float("-inf"), high=float("inf"))
    residuals = values - ratio * of
    se = float(np.sqrt(np.sum(residuals**2) / (len(values) - 1) / len(values)) / of.mean())
    half = se * float(special.stdtrit(len(values) - 1, 0.5 + 0.5 * level))
    return Range(mean=ratio, low=ratio - half, high=ratio + half)


def share_interval(hits: int, of: int, level: float) -> Range:
    """Clopper and Pearson's interval of a share (1934, Biometrika 26:404)."""
    tail = 0.5 * (1.0 - level)
    low = float(special.betaincinv(hits, of - hits + 1, tail)) if hits else 0.0
    high = float(special.betaincinv(hits + 1, of - hits, 1.0 - tail)) if hits < of else 1.0
    return Range(mean=hits / of, low=low, high=high)
