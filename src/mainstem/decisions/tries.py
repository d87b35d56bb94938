"""What a few pairs of one branch and the trunk say, weighed as a candidate's would be.

Nothing is decided from them: a candidate gets fresh pairs. But whoever tried should see the same
figures that will decide, so the evidence is that of `confirm`, and the intervals are those that
hold at every look, because people look, run a few more pairs, and look again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.belief import fit_scale
from mainstem.decisions.confirm import Outcome, Pair, differences, judge, pairs_needed
from mainstem.decisions.estimates import of_pairs
from mainstem.stats import noise

if TYPE_CHECKING:
    from mainstem.decisions.belief import Scale
    from mainstem.decisions.confirm import Candidate, Test
    from mainstem.decisions.problem import Problem
    from mainstem.domain.verdict import Estimate


_LEAST_SD = 1e-9
"""In margins: differences that agree further are taken as if they spread by this."""


class Outlook(StrEnum):
    """What these pairs would be for a candidate."""

    ENOUGH = "enough"  # they would prove it
    LOSES = "loses"  # an objective is surely worse by more than its margin
    NO_GAIN = "no-gain"  # surely no objective to improve gains anything
    SMALL = "small"  # surely none gains as much as its margin, the smallest change that matters
    OPEN = "open"  # neither


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the pairs say of one objective.

    Attributes:
        test: The evidence, as a candidate's.
        margin: In the objective's unit.
        noise_sd: Run-to-run sd of either side, in its unit; None with one pair.
        difference_sd: Sd of the pairs' differences, in its unit; None with one pair. Where it is
            less than 1.4 times the other, a seed moves both sides alike.
        gain: The mean difference, above 0 is better, with its time-uniform interval.
    """

    test: Test
    margin: float
    noise_sd: float | None
    difference_sd: float | None
    gain: Estimate


@dataclass(frozen=True, kw_only=True)
class Missing:
    """About how many fresh pairs a candidate takes until it is proved; None: never, or unknown.

    Attributes:
        expected: If its gains are the means that were seen.
        fewest: If they are the upper ends of their intervals.
        most: If they are the lower ends.
    """

    expected: float | None
    fewest: float | None
    most: float | None


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What the pairs say in all.

    Attributes:
        seen: Per objective.
        outlook: What they would be for a candidate.
        missing: How many pairs that takes.
        threshold: The e-value that a margin needs.
        gain_threshold: The e-value that a gain needs.
    """

    seen: tuple[Seen, ...]
    outlook: Outlook
    missing: Missing
    threshold: float
    gain_threshold: float


def weigh(problem: Problem, pairs: tuple[Pair, ...], *, number: int) -> Weighed:
    """Weighs pairs of whose halves none failed.

    Args:
        problem: Objectives, alpha and level; its only proposal is the branch.
        pairs: In order, at least one.
        number: The number that the branch would have as a candidate.

    Raises:
        ValueError: A percentage margin of a metric whose mean on the trunk is 0.
    """
    arms = [[p.trunk.values or {} for p in pairs], [p.candidate.values or {} for p in pairs]]
    names = [o.name for o in problem.objectives]
    raw = np.array([[[values[name] for name in names] for values in arm] for arm in arms])
    scale = fit_scale(problem, raw[0])
    groups = np.repeat([0, 1], len(pairs))
    known = [noise.pooled(raw[:, :, j].ravel(), groups) for j in range(len(names))]
    candidate = judge(
        problem,
        number=number,
        recipe=frozenset(problem.proposals),
        baseline=frozenset(),
        pairs=pairs,
        scale=scale,
        exact=tuple(one.deterministic for one in known),
    )
    d = differences(problem, pairs, scale)
    seen = tuple(
        Seen(
            test=test,
            margin=float(scale.margin[j]),
            noise_sd=known[j].sd,
            difference_sd=float(d[:, j].std(ddof=1)) if len(pairs) > 1 else None,
            gain=of_pairs(problem, j, d[:, j], exact=test.exact),
        )
        for j, test in enumerate(candidate.tests)
    )
    return Weighed(
        seen=seen,
        outlook=_outlook(problem, seen, candidate),
        missing=_missing(problem, seen, scale, candidate.log_threshold),
        threshold=math.exp(candidate.log_threshold),
        gain_threshold=math.exp(candidate.log_threshold) * len(problem.improve),
    )


def _outlook(problem: Problem, seen: tuple[Seen, ...], candidate: Candidate) -> Outlook:
    """What the pairs would be for a candidate."""
    if candidate.outcome is Outcome.CONFIRMED:
        return Outlook.ENOUGH
    highs = [math.inf if one.gain.high is None else one.gain.high for one in seen]
    if any(high < -one.margin for high, one in zip(highs, seen, strict=True)):
        return Outlook.LOSES
    if all(highs[j] <= 0.0 for j in problem.improve):
        return Outlook.NO_GAIN
    if all(highs[j] < seen[j].margin for j in problem.improve):
        return Outlook.SMALL
    return Outlook.OPEN


def _missing(
    problem: Problem, seen: tuple[Seen, ...], scale: Scale, log_threshold: float
) -> Missing:
    """The pairs until a candidate with such gains is proved."""
    spreads = [0.0 if one.test.exact else one.difference_sd for one in seen]
    if any(spread is None for spread in spreads):
        return Missing(expected=None, fewest=None, most=None)
    # What a seed gives both sides alike leaves equal differences, and bets still take their pairs.
    spreads = [
        spread if one.test.exact else max(spread or 0.0, _LEAST_SD * one.margin)
        for spread, one in zip(spreads, seen, strict=True)
    ]
    # `pairs_needed` takes the sd of a run and makes that of a difference of it.
    sd = np.array(spreads, dtype=np.float64) / scale.margin / np.sqrt(2.0)

    def pairs(gains: list[float | None]) -> float | None:
        if any(gain is None for gain in gains):
            return None
        mean = np.array(gains, dtype=np.float64) / scale.margin
        needed = pairs_needed(mean, sd, improve=problem.improve, log_threshold=log_threshold)
        return needed if math.isfinite(needed) else None

    return Missing(
        expected=pairs([one.gain.mean for one in seen]),
        fewest=pairs([one.gain.high for one in seen]),
        most=pairs([one.gain.low for one in seen]),
    )
