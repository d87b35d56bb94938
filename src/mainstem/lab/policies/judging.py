"""People who decide: who is asked, and what they believe after they have seen the runs.

A judge has an opinion from before, whose error they know, and the runs. They put the two together
as a careful scientist would: each weighted by its precision. That is the fairest reading of a
hierarchy or a committee; `confidence` above 1 makes them as sure of themselves as people are found
to be (overprecision: 90% intervals that hold half of the time, Moore and Healy 2008, Psychological
Review 115:502, so that the precision is taken for 5.9 times what it is).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mainstem.lab.desk import Desk
    from mainstem.lab.policies.evidence import Evidence


def belief(desk: Desk, judge: int, evidence: Evidence, *, confidence: float = 1.0) -> float:
    """The gain that somebody expects of a proposal, in score, after its runs.

    Args:
        desk: The campaign.
        judge: Who.
        evidence: The runs.
        confidence: How many times as precise as they are they take their opinions for.
    """
    opinion = float(desk.staff.opinions[judge, evidence.proposal])
    opinion_var = float(desk.staff.opinion_sd[judge]) ** 2 / confidence
    runs_var = evidence.score_se**2
    if np.isinf(runs_var):
        return opinion
    both = runs_var + opinion_var
    if both == 0.0:
        return evidence.score
    return (evidence.score * opinion_var + opinion * runs_var) / both


def seniors(desk: Desk, author: int) -> list[int]:
    """Who is present, the author aside, the highest rank first; of equals the first named."""
    present = [int(c) for c in np.flatnonzero(desk.present) if c != author]
    ranks = desk.staff.ranks
    return sorted(present, key=lambda c: (-int(ranks[c]), c))


def outranking(desk: Desk, author: int) -> list[int]:
    """Those of `seniors` whose rank is above the author's."""
    ranks = desk.staff.ranks
    return [c for c in seniors(desk, author) if ranks[c] > ranks[author]]
