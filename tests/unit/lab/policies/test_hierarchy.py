from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.organisation import Contributor
from mainstem.lab.policies.hierarchy import Hierarchy
from mainstem.lab.policies.policy import play
from tests.unit.lab.worlds import game, staffed, three

PEOPLE = tuple(Contributor(home="data", rank=rank, judgement=0.0) for rank in (1, 2, 3, 4))


def test_on_three_rank_decides_which_of_two_comes_in() -> None:
    """Worked by hand: the higher rank's proposal is tried first and merged; the other then loses.

    Judges see no noise, so all approve what gains. The lowest of the two levels is asked first.
    """
    for authors, merged in (((0, 3, 1), (1,)), ((3, 0, 1), (0,))):
        staff = staffed(three(), *PEOPLE, authors=authors)
        course = play(Hierarchy(levels=2), game(staff=staff), np.random.default_rng(0))
        assert course.merged == merged
        first = [(d.decision.act, d.decision.by) for d in course.decisions[:3]]
        assert first == [(Act.APPROVED, 1), (Act.APPROVED, 2), (Act.MERGED, None)]


def test_one_refusal_ends_it() -> None:
    """On one run the opinion is all: the second level thinks ill of everything."""
    staff = staffed(three(), *PEOPLE, authors=(0, 0, 0))
    opinions = staff.opinions.copy()
    opinions[2] = -5.0
    staff = replace(staff, opinions=opinions)
    course = play(
        Hierarchy(levels=3, seeds=1), game(staff=staff, budget=4), np.random.default_rng(1)
    )
    assert course.merged == ()
    acts = [(d.decision.act, d.decision.by) for d in course.decisions if d.decision.proposal == 0]
    assert acts[:2] == [(Act.APPROVED, 1), (Act.REFUSED, 2)]


def test_no_level_is_refused() -> None:
    """With the value."""
    with pytest.raises(ValueError, match="levels 0"):
        Hierarchy(levels=0)
