from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.organisation import Contributor
from mainstem.lab.policies.consensus import Consensus
from mainstem.lab.policies.policy import play
from tests.unit.lab.worlds import game, staffed, three

PEOPLE = tuple(Contributor(home="data", judgement=0.0) for _ in range(4))


@pytest.mark.parametrize(("needed", "merged"), [(1, (0,)), (2, (0,)), (3, ())])
def test_on_three_as_many_must_approve_as_are_needed(needed: int, merged: tuple[int, ...]) -> None:
    """Worked by hand, on one run, where opinions are all: two judges of three favour 0 alone."""
    staff = staffed(three(), *PEOPLE, authors=(0, 0, 0))
    opinions = np.full((4, 3), -1.0)
    opinions[[1, 3], 0] = 1.0
    staff = replace(staff, opinions=opinions)
    policy = Consensus(judges=3, needed=needed, seeds=1)
    course = play(policy, game(staff=staff, budget=4), np.random.default_rng(0))
    assert course.merged == merged
    votes = [d.decision for d in course.decisions if d.decision.proposal == 0]
    assert sorted((v.by, v.act) for v in votes if v.by is not None) == [
        (1, Act.APPROVED),
        (2, Act.REFUSED),
        (3, Act.APPROVED),
    ]


def test_judges_without_error_and_noise_keep_what_gains() -> None:
    """All see the same runs: one of 0 and 1 comes in, and never both."""
    staff = staffed(three(), *PEOPLE, authors=(0, 1, 2))
    seen = {play(Consensus(), game(staff=staff), np.random.default_rng(k)).merged for k in range(9)}
    assert seen == {(0,), (1,)}


def test_more_than_all_is_refused() -> None:
    """With the numbers."""
    with pytest.raises(ValueError, match="6 of 5"):
        Consensus(needed=6)
