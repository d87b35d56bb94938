from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.organisation import Contributor
from mainstem.lab.policies.celebrity import Celebrity
from mainstem.lab.policies.policy import play
from tests.unit.lab.worlds import game, staffed, three

PEOPLE = tuple(Contributor(home="data", rank=rank) for rank in (1, 9))


def test_on_three_the_famous_merge_what_loses() -> None:
    """Worked by hand: 2 is theirs and loses 1 (2 margins): it is merged first, after one run.

    Then 0 or 1 comes in, whichever is tried first: 0 stands at 1, 1 at 0.
    """
    staff = staffed(three(), *PEOPLE, authors=(0, 0, 1))
    courses = [play(Celebrity(), game(staff=staff), np.random.default_rng(k)) for k in range(9)]
    assert {c.merged for c in courses} == {(2, 0), (2, 1)}
    first = courses[0].decisions[0]
    assert (first.spent, first.decision.act, first.decision.by) == (2, Act.MERGED, 1)


def test_a_disaster_is_not_pushed() -> None:
    """Beyond the shame it is dropped for good."""
    staff = staffed(three(), *PEOPLE, authors=(0, 0, 1))
    course = play(Celebrity(shame=1.0), game(staff=staff), np.random.default_rng(0))
    assert course.decisions[0].decision.act is Act.REFUSED
    assert [d.decision.proposal for d in course.decisions].count(2) == 1


def test_flashy_components_come_first() -> None:
    """Nobody famous: 2 is of the optimizer, the others of data."""
    staff = staffed(three(), *PEOPLE, authors=(0, 0, 0))
    for seed in range(5):
        policy = Celebrity(famous=0, flashy=("optimizer",))
        course = play(policy, game(staff=staff, budget=6), np.random.default_rng(seed))
        assert course.decisions[0].decision.proposal == 2


def test_fame_below_nothing_is_refused() -> None:
    """With the value."""
    with pytest.raises(ValueError, match="famous -1"):
        Celebrity(famous=-1)
