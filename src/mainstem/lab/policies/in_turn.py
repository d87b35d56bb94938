"""Proposals in turn, each on so many seeds against the trunk: what most rival policies share.

Who goes first and who decides what on the evidence differs from policy to policy; these are the two
hooks. A pass tries everything that is open once. In a later pass a proposal whose trunk has moved
meanwhile is tried anew on the moved one; else its new runs are added to those it has. The trunk
runs as often as the proposal, and its runs are kept; those of a proposal that is merged are the
moved trunk's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.policies.evidence import weigh
from mainstem.lab.policies.policy import no_runs, side_by_side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.lab.campaign import Decision
    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray, IntArray
    from mainstem.lab.policies.evidence import Evidence


@dataclass(kw_only=True)
class InTurn:
    """One proposal after the other.

    Attributes:
        seeds: Runs of a proposal before it is decided; 3 were the habit of a public contest.

    Raises:
        ValueError: Seeds are below 1.
    """

    seeds: int = 3
    _queue: list[int] = field(default_factory=list, init=False, repr=False)
    _at: int | None = field(default=None, init=False, repr=False)
    _out: set[int] = field(default_factory=set, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise ValueError(f"seeds {self.seeds}: a proposal takes at least one run")

    # ---- what differs

    def order(self, desk: Desk, places: IntArray) -> Sequence[int]:
        """The order of a pass over these proposals; as they come in, by chance among equals."""
        mixed = desk.rng.permutation(places)
        return [int(p) for p in mixed[np.argsort(desk.staff.arrives[mixed], kind="stable")]]

    def judged(self, desk: Desk, evidence: Evidence) -> list[Decision]:
        """What is decided on the evidence."""
        raise NotImplementedError

    # ---- what does not

    def admits(self, desk: Desk) -> BoolArray:
        """Whatever has come in."""
        return desk.here

    def runs(self, desk: Desk) -> BoolArray:
        """The next proposal on the trunk, and the trunk as often."""
        self._at = self._next(desk)
        if self._at is None:
            return no_runs(desk)
        recipe = desk.with_(self._at)
        wanted = desk.count(recipe) + self.seeds
        trunk = wanted - desk.count(desk.trunk)
        return side_by_side((desk.trunk, trunk), (recipe, self.seeds))

    def merges(self, desk: Desk) -> list[Decision]:
        """What is decided of the proposal that has just run."""
        place, self._at = self._at, None
        evidence = None if place is None else weigh(desk, place)
        return [] if evidence is None else self.judged(desk, evidence)

    def drop(self, proposal: int) -> None:
        """Never tries it again."""
        self._out.add(proposal)

    def _next(self, desk: Desk) -> int | None:
        open_ = desk.admitted & ~desk.trunk
        if self._out:
            open_[list(self._out)] = False
        still = open_.tolist()
        self._queue = [place for place in self._queue if still[place]]
        if not self._queue and True in still:
            self._queue = list(self.order(desk, np.flatnonzero(open_)))
        return self._queue.pop(0) if self._queue else None
