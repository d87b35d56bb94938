"""A/B tests: one proposal at a time, k seeds, a test.

As online experiments are run (Kohavi, Tang and Xu 2020, *Trustworthy Online Controlled
Experiments*, Cambridge) and as contests ask for: a change is merged if it is significant at `level`
and its mean is worse by no margin. Two tests:

- `student`: Student's one-sided t of all runs against the trunk's, the smallest p of the objectives
  to improve times their number. A second pass adds runs and tests again; so do people, and what
  that costs is part of what is measured.
- `anytime`: Mainstem's own confirmation (`decisions.confirm`), proposals in the place of recipes:
  anytime-valid evidence of pairs, guards proved as well, alpha = `level` spent over all that were
  ever tried.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mainstem.lab.campaign import Act
from mainstem.lab.policies.in_turn import InTurn
from mainstem.lab.policies.proof import proved

if TYPE_CHECKING:
    from mainstem.lab.campaign import Decision
    from mainstem.lab.desk import Desk
    from mainstem.lab.policies.evidence import Evidence

TESTS = ("student", "anytime")


@dataclass(kw_only=True)
class OneAtATime(InTurn):
    """A proposal is merged if it is significantly better.

    Attributes:
        level: Of the test: .05 by convention; a contest of 2026 asked for .01, later for .25.
        test: `student` or `anytime`.
        name: What it is called in tables.

    Raises:
        ValueError: The level is not between 0 and 1, or there is no such test.
    """

    level: float = 0.05
    test: str = "student"
    name: str = "one-at-a-time"
    _numbers: dict[bytes, int] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 < self.level < 1.0 or self.test not in TESTS:
            raise ValueError(
                f"level {self.level}, test {self.test!r}: a level lies between 0 and 1, "
                f"and the tests are {', '.join(TESTS)}"
            )

    def judged(self, desk: Desk, evidence: Evidence) -> list[Decision]:
        """Merges it or not."""
        passes = self.passes(desk, evidence)
        return [evidence.decision(Act.MERGED if passes else Act.REFUSED)]

    def passes(self, desk: Desk, evidence: Evidence) -> bool:
        """Whether the test says that it is better."""
        if self.test == "student":
            return not evidence.breaks and evidence.p_value(desk.improves) <= self.level
        recipe = desk.with_(evidence.proposal)
        number = self._numbers.setdefault(recipe.tobytes(), len(self._numbers) + 1)
        return proved(desk, recipe, desk.trunk, number=number, alpha=self.level)
