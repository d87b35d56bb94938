"""Fame: the famous push their own ideas, and whoever wants credit works where it is to be had.

What the `famous` highest ranks propose comes first and is merged after one run whatever it shows,
short of a disaster (`shame`). The others' proposals are tested one at a time, those of flashy
components first, then by their authors' ranks: attention follows standing (Merton 1968, Science
159:56; Azoulay, Fons-Rosen and Graff Zivin 2019, American Economic Review 109:2889, on how stars
hold their fields; Huber et al. 2022, PNAS 119:e2205779119, on one text under a famous name). Which
components are flashy, how many are famous and what is a disaster are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Act
from mainstem.lab.policies.one_at_a_time import OneAtATime

if TYPE_CHECKING:
    from mainstem.lab.campaign import Decision
    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray, IntArray
    from mainstem.lab.policies.evidence import Evidence


@dataclass(kw_only=True)
class Celebrity(OneAtATime):
    """The famous first, on one run.

    Attributes:
        famous: How many of those present are famous, by rank.
        flashy: Components where credit is to be had; others are worked on later.
        shame: In margins of any objective: a first run that loses more than that is not pushed.
        name: What it is called in tables.

    Raises:
        ValueError: Famous or shame is below 0.
    """

    famous: int = 1
    flashy: tuple[str, ...] = ("architecture", "optimizer")
    shame: float = 10.0
    name: str = "celebrity"
    _known: dict[bytes, BoolArray] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.famous < 0 or not self.shame >= 0.0:
            raise ValueError(f"famous {self.famous}, shame {self.shame}: 0 or above")

    def order(self, desk: Desk, places: IntArray) -> list[int]:
        """The famous, then flashy components, then ranks; by chance among equals."""
        mixed = [int(p) for p in desk.rng.permutation(places)]
        ranks, authors = desk.staff.ranks, desk.staff.authors
        pushed = self._pushed(desk)
        return sorted(
            mixed,
            key=lambda p: (
                not pushed[p],
                desk.components[p] not in self.flashy,
                -int(ranks[authors[p]]),
            ),
        )

    def runs(self, desk: Desk) -> BoolArray:
        """One run of what is pushed, and of the trunk; the others are tested."""
        rows = super().runs(desk)
        if self._at is None or not self._pushed(desk)[self._at]:
            return rows
        trunk = [] if desk.count(desk.trunk) else [desk.trunk]
        return np.array([*trunk, desk.with_(self._at)])

    def judged(self, desk: Desk, evidence: Evidence) -> list[Decision]:
        """Merged by its author if they are famous, else by the test."""
        if not self._pushed(desk)[evidence.proposal]:
            return super().judged(desk, evidence)
        disaster = bool(np.any(evidence.mean < -self.shame * desk.margins))
        if disaster:
            self.drop(evidence.proposal)
        author = int(desk.staff.authors[evidence.proposal])
        return [evidence.decision(Act.REFUSED if disaster else Act.MERGED, author)]

    def _pushed(self, desk: Desk) -> BoolArray:
        """Which proposals are of somebody famous who is present, shape (n,)."""
        present = desk.present
        key = present.tobytes()
        if key not in self._known:
            ranks = np.where(present, desk.staff.ranks, np.iinfo(np.int64).min)
            first = np.argsort(-ranks.astype(np.float64), kind="stable")[: self.famous]
            self._known[key] = np.isin(desk.staff.authors, first[present[first]])
        return self._known[key]
