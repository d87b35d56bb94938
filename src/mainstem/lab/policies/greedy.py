"""Keep if lower: each proposal is tried on the trunk, and stays if its mean is better.

The habit of merge trains and of loops that edit a training script, run it and keep what lowers the
loss; as a search it is the hill climbing of Kauffman and Levin (1987, J. Theor. Biol. 128:11) and
Levinthal (1997, Management Science 43:934), where climbers see no noise.

In its fairest form, which is that of the arena: the trunk's runs are kept, the runs of a proposal
that was merged become the trunk's, and each pass over what is not merged takes one seed more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.campaign import Act, Decision
from mainstem.lab.policies.evidence import Evidence, weigh
from mainstem.lab.policies.policy import no_runs, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray


@dataclass(kw_only=True)
class Greedy:
    """Keeps what is better on average.

    Attributes:
        seeds: Runs of each recipe in the first pass; 2 in the arena.
        more: How many more in each pass after that.
        name: What it is called in tables.

    Raises:
        ValueError: Seeds are below 1, or more below 0.
    """

    seeds: int = 2
    more: int = 1
    name: str = "greedy"
    _queue: list[int] = field(default_factory=list, init=False, repr=False)
    _pass: int = field(default=0, init=False, repr=False)
    _at: int | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.seeds < 1 or self.more < 0:
            raise ValueError(f"seeds {self.seeds}, more {self.more}: no such greedy policy")

    def admits(self, desk: Desk) -> BoolArray:
        """Whatever has come in."""
        return desk.here

    def runs(self, desk: Desk) -> BoolArray:
        """The next proposal on the trunk, and the trunk as often."""
        self._at = self._next(desk)
        if self._at is None:
            return no_runs(desk)
        wanted = self.seeds + self.more * (self._pass - 1)
        recipe = desk.with_(self._at)
        trunk = wanted - desk.count(desk.trunk)
        return side_by_side((desk.trunk, trunk), (recipe, max(1, wanted - desk.count(recipe))))

    def merges(self, desk: Desk) -> Sequence[Decision]:
        """Merges it if its score is better and no objective's mean is lost by more than a margin.

        A proposal whose runs the budget did not pay for in full is left as it is.
        """
        place, self._at = self._at, None
        if place is None:
            return []
        evidence = weigh(desk, place)
        if evidence is None:
            return []
        return [self._decision(evidence)]

    def _decision(self, evidence: Evidence) -> Decision:
        keeps = evidence.score > 0.0 and not evidence.breaks
        return evidence.decision(Act.MERGED if keeps else Act.REFUSED)

    def _next(self, desk: Desk) -> int | None:
        """The next of this pass, or the first of the next one; None: nothing to try."""
        open_ = desk.admitted & ~desk.trunk
        still = open_.tolist()
        self._queue = [place for place in self._queue if still[place]]
        if not self._queue:
            self._queue = [int(p) for p in desk.rng.permutation(np.flatnonzero(open_))]
            self._pass += 1
        return self._queue.pop(0) if self._queue else None
