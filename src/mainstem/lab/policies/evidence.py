"""What the runs of a proposal on the trunk say, against the trunk's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import lt
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from mainstem.lab.campaign import Act, Decision

if TYPE_CHECKING:
    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """A proposal's runs against the trunk's.

    Attributes:
        proposal: Its place.
        mean: Difference of the means, shape (J,), in the objectives' units.
        se: Its standard error from the pooled variance of both arms, shape (J,); infinite while
            each arm has one run.
        degrees: Degrees of freedom of that variance.
        runs: Runs of the proposal.
        score: Sum of mean over margin of the objectives to improve.
        score_se: The score's standard error.
        breaks: Whether the mean of an objective is worse by more than its margin.
    """

    proposal: int
    mean: FloatArray
    se: FloatArray
    degrees: int
    runs: int
    score: float
    score_se: float
    breaks: bool

    def decision(self, act: Act, by: int | None = None) -> Decision:
        """A decision that rests on it."""
        return Decision(
            proposal=self.proposal,
            act=act,
            by=by,
            estimate=self.score,
            se=self.score_se,
            runs=self.runs,
        )

    def p_value(self, improves: BoolArray) -> float:
        """One-sided p-value that no objective to improve gains, by Student's t.

        The smallest over these objectives, times their number (Bonferroni). Without noise a
        difference above 0 is certain.
        """
        if self.degrees < 1:
            return 1.0
        means, ses = self.mean[improves].tolist(), self.se[improves].tolist()
        found = [
            1.0 - float(special.stdtr(self.degrees, _t(mean, se)))
            for mean, se in zip(means, ses, strict=True)
        ]
        return min(1.0, min(found) * len(found))


def _t(mean: float, se: float) -> float:
    """Student's t; without noise a difference is beyond all doubt, and none is none."""
    if se > 0.0:
        return mean / se
    return math.copysign(math.inf, mean) if mean else 0.0


def weigh(desk: Desk, proposal: int) -> Evidence | None:
    """Weighs all runs of the trunk with a proposal against all runs of the trunk.

    Returns:
        None where one of them never ran.
    """
    return compare(desk, proposal, desk.with_(proposal), desk.trunk)


def compare(desk: Desk, proposal: int, new: BoolArray, old: BoolArray) -> Evidence | None:
    """As `weigh`, of two recipes."""
    found = desk.difference(new, old)
    if found is None:
        return None
    mean, squares, a, b = found
    degrees = a + b - 2
    each = (1.0 / a + 1.0 / b) / degrees if degrees else math.inf
    se = np.sqrt(squares * each) if degrees else np.full_like(mean, np.inf)
    shown, errors = mean.tolist(), se.tolist()
    return Evidence(
        proposal=proposal,
        mean=mean,
        se=se,
        degrees=degrees,
        runs=a,
        score=sum(shown[j] / margin for j, margin in desk.improving),
        score_se=math.hypot(*(errors[j] / margin for j, margin in desk.improving)),
        breaks=any(map(lt, shown, desk.least)),
    )
