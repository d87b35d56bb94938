"""A committee: of n judges at least m must approve.

Between one who is enough and all who must (Sah and Stiglitz 1988, Economic Journal 98:451): a
higher threshold trades errors of commission for errors of omission (Csaszar 2012, Organization
Science 23:1). Judges are drawn by lot for each proposal from those present, the author aside; each
sees the runs and has an opinion of their own (`judging`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Act
from mainstem.lab.policies.in_turn import InTurn
from mainstem.lab.policies.judging import belief, seniors

if TYPE_CHECKING:
    from mainstem.lab.campaign import Decision
    from mainstem.lab.desk import Desk
    from mainstem.lab.policies.evidence import Evidence


@dataclass(kw_only=True)
class Consensus(InTurn):
    """At least `needed` of `judges` approve.

    Attributes:
        seeds: Runs of a proposal before it is judged; with 2 committees gained most in trials of 1
            to 3 on the landscapes of docs/lab.md.
        judges: How many are asked; all there are where there are fewer.
        needed: How many must approve; of fewer judges all, where there are fewer than that.
        confidence: How many times as precise as they are people take their opinions for.
        name: What it is called in tables.

    Raises:
        ValueError: Needed is not between 1 and the judges, or confidence is not above 0.
    """

    seeds: int = 2
    judges: int = 5
    needed: int = 3
    confidence: float = 1.0
    name: str = "consensus"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 1 <= self.needed <= self.judges or not self.confidence > 0.0:
            raise ValueError(
                f"{self.needed} of {self.judges} judges, confidence {self.confidence}: "
                "at least one and at most all must approve, and confidence is above 0"
            )

    def judged(self, desk: Desk, evidence: Evidence) -> list[Decision]:
        """Everybody's vote, and what follows."""
        if evidence.breaks:
            return [evidence.decision(Act.REFUSED)]
        asked = seniors(desk, int(desk.staff.authors[evidence.proposal]))
        panel = [asked[int(k)] for k in np.sort(desk.rng.permutation(len(asked))[: self.judges])]
        votes = [belief(desk, j, evidence, confidence=self.confidence) > 0.0 for j in panel]
        found = [
            evidence.decision(Act.APPROVED if vote else Act.REFUSED, judge)
            for judge, vote in zip(panel, votes, strict=True)
        ]
        passes = sum(votes) >= min(self.needed, len(panel))
        return [*found, evidence.decision(Act.MERGED if passes else Act.REFUSED)]
