from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.policies.in_turn import InTurn
from mainstem.lab.policies.policy import play
from tests.unit.lab.worlds import game, staffed, three

if TYPE_CHECKING:
    from mainstem.lab.campaign import Decision
    from mainstem.lab.desk import Desk
    from mainstem.lab.policies.evidence import Evidence


@dataclass(kw_only=True)
class Never(InTurn):
    """Refuses everything."""

    name: str = "never"

    def judged(self, desk: Desk, evidence: Evidence) -> list[Decision]:
        """No; and never again the last one."""
        assert desk.count(desk.trunk) >= evidence.runs
        if evidence.proposal == 2:
            self.drop(2)
        return [evidence.decision(Act.REFUSED)]


def test_runs_of_later_passes_are_added_while_the_trunk_stands() -> None:
    """Two seeds each: after a pass of all three the next is decided on four.

    What was dropped is never tried again.
    """
    course = play(Never(seeds=2), game(budget=40), np.random.default_rng(0))
    runs = [(d.decision.proposal, d.decision.runs) for d in course.decisions]
    assert [r for p, r in runs if p == 0][:3] == [2, 4, 6]
    assert [r for p, r in runs if p == 2] == [2]
    assert course.spent[1] == 4  # two of the trunk, two of the proposal


def test_who_comes_in_first_is_tried_first() -> None:
    """And nobody before they came in; who was refused waits for the end of the pass."""
    staff = replace(staffed(three()), arrives=np.array([2.0, 0.0, 1.0]))
    course = play(Never(seeds=1), game(staff=staff, budget=30), np.random.default_rng(0))
    order = list(dict.fromkeys(d.decision.proposal for d in course.decisions))
    assert order == [1, 2, 0]


def test_no_seeds_is_refused() -> None:
    """With the value."""
    with pytest.raises(ValueError, match="seeds 0"):
        Never(seeds=0)
