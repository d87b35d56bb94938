"""A hierarchy: so many levels must approve, and who ranks higher is heard first.

A project is taken if every screener in a row approves (Sah and Stiglitz 1986, American Economic
Review 76:716): errors of commission fall, those of omission rise with each level. The screeners are
the highest ranks that are present, the lowest of them first; each sees the runs and has an opinion
of their own (`judging`). Proposals are tried in order of their authors' ranks.
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
    from mainstem.lab.landscapes.landscape import IntArray
    from mainstem.lab.policies.evidence import Evidence


@dataclass(kw_only=True)
class Hierarchy(InTurn):
    """All levels must approve.

    Attributes:
        seeds: Runs of a proposal before it is judged; with 2 hierarchies gained most in trials of 1
            to 3 on the landscapes of docs/lab.md.
        levels: How many; where fewer are present than that, as many as are.
        confidence: How many times as precise as they are people take their opinions for.
        name: What it is called in tables.

    Raises:
        ValueError: There is no level, or confidence is not above 0.
    """

    seeds: int = 2
    levels: int = 3
    confidence: float = 1.0
    name: str = "hierarchy"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.levels < 1 or not self.confidence > 0.0:
            raise ValueError(
                f"levels {self.levels}, confidence {self.confidence}: at least one level, "
                "and confidence above 0"
            )

    def order(self, desk: Desk, places: IntArray) -> list[int]:
        """By the author's rank, by chance among equals."""
        mixed = desk.rng.permutation(places)
        ranks = desk.staff.ranks[desk.staff.authors[mixed]]
        return [int(p) for p in mixed[np.argsort(-ranks, kind="stable")]]

    def judged(self, desk: Desk, evidence: Evidence) -> list[Decision]:
        """Up the levels until somebody refuses."""
        author = int(desk.staff.authors[evidence.proposal])
        if evidence.breaks:
            return [evidence.decision(Act.REFUSED)]
        found = []
        for judge in reversed(seniors(desk, author)[: self.levels]):
            approves = belief(desk, judge, evidence, confidence=self.confidence) > 0.0
            found.append(evidence.decision(Act.APPROVED if approves else Act.REFUSED, judge))
            if not approves:
                return found
        return [*found, evidence.decision(Act.MERGED)]
