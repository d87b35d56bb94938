"""A veto of rank: what a test has proved may still be refused by whoever ranks highest.

Proposals are tested one at a time; one that passes goes to the highest rank present. If that person
outranks the author, they veto it with the chance `veto`, for good and whatever the runs say. Their
own and their peers' they let pass. The default is what status alone did to one text under review:
48% of reviewers rejected it without a name, 65% under the name of a novice (Huber et al. 2022, PNAS
119:e2205779119), so .33 of what would have been accepted was lost: (1 - .48) (1 - .33) = .35.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.lab.campaign import Act
from mainstem.lab.policies.judging import outranking
from mainstem.lab.policies.one_at_a_time import OneAtATime

if TYPE_CHECKING:
    from mainstem.lab.campaign import Decision
    from mainstem.lab.desk import Desk
    from mainstem.lab.policies.evidence import Evidence

VETO = 0.33
"""What a novice's name costs (Huber et al. 2022)."""


@dataclass(kw_only=True)
class SeniorityVeto(OneAtATime):
    """A test, and then a veto.

    Attributes:
        veto: Chance that the highest rank vetoes what has passed and is of a lower rank.
        name: What it is called in tables.

    Raises:
        ValueError: The chance is outside 0 to 1.
    """

    veto: float = VETO
    name: str = "seniority-veto"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.veto <= 1.0:
            raise ValueError(f"veto {self.veto} is a chance: from 0 to 1")

    def judged(self, desk: Desk, evidence: Evidence) -> list[Decision]:
        """The test's word, then the highest rank's."""
        if not self.passes(desk, evidence):
            return [evidence.decision(Act.REFUSED)]
        above = outranking(desk, int(desk.staff.authors[evidence.proposal]))
        if not above:
            return [evidence.decision(Act.MERGED)]
        if desk.rng.random() < self.veto:
            self.drop(evidence.proposal)
            return [evidence.decision(Act.VETOED, above[0])]
        return [evidence.decision(Act.APPROVED, above[0]), evidence.decision(Act.MERGED)]
