"""What the runs of a proposal on the trunk say, against the trunk's own."""

from __future__ import annotations

import math
from dataclasses import dataclass
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
        mean, se = self.mean[improves], self.se[improves]
        if self.degrees < 1:
            return 1.0
        t = np.divide(mean, se, out=np.copysign(np.full_like(mean, np.inf), mean), where=se > 0.0)
        t = np.where((se == 0.0) & (mean == 0.0), 0.0, t)
        p = 1.0 - special.stdtr(self.degrees, t)
        return float(min(1.0, p.min() * len(mean)))


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
    se = [math.sqrt(one * each) if degrees else math.inf for one in squares]
    return Evidence(
        proposal=proposal,
        mean=np.array(mean),
        se=np.array(se),
        degrees=degrees,
        runs=a,
        score=sum(mean[j] / margin for j, margin in desk.improving),
        score_se=math.hypot(*(se[j] / margin for j, margin in desk.improving)),
        breaks=any(one < -margin for one, margin in zip(mean, desk.margins, strict=True)),
    )
