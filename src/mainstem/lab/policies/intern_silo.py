"""Students at the edge: what is left over of the compute, small components, and merged last.

Everybody else's proposals are tested one at a time. Students' proposals wait until all but
`leftover` of the budget is spent, and only those of components with at most `small` proposals are
ever tried: peripheral work first, as apprentices are given it (Lave and Wenger 1991, *Situated
Learning*, Cambridge, describe the pattern and defend it as a way in). Both numbers are assumptions.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.policies.one_at_a_time import OneAtATime

if TYPE_CHECKING:
    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray, IntArray


@dataclass(kw_only=True)
class InternSilo(OneAtATime):
    """Students last, in small components.

    Attributes:
        leftover: Share of the budget in which students' proposals may be tried.
        small: Proposals that a component may have for students to work there; None: any.
        name: What it is called in tables.

    Raises:
        ValueError: The share is outside 0 to 1, or small is below 0.
    """

    leftover: float = 0.1
    small: int | None = 3
    name: str = "intern-silo"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0.0 <= self.leftover <= 1.0 or (self.small is not None and self.small < 0):
            raise ValueError(
                f"leftover {self.leftover}, small {self.small}: a share, and a number of proposals"
            )

    def admits(self, desk: Desk) -> BoolArray:
        """Students' proposals late, and of small components only."""
        of_students = desk.staff.students[desk.staff.authors]
        late = desk.spent >= (1.0 - self.leftover) * desk.budget
        if not late:
            return np.asarray(desk.here & ~of_students)
        size = Counter(desk.components)
        fits = np.array([self.small is None or size[c] <= self.small for c in desk.components])
        return np.asarray(desk.here & (~of_students | fits))

    def order(self, desk: Desk, places: IntArray) -> list[int]:
        """Students' first once their time has come: it is short, and the others had theirs."""
        mixed = [int(p) for p in desk.rng.permutation(places)]
        students = desk.staff.students[desk.staff.authors]
        return sorted(mixed, key=lambda p: not students[p])
