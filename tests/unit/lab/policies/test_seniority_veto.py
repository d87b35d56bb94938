from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.organisation import Contributor
from mainstem.lab.policies.policy import play
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from tests.unit.lab.worlds import game, staffed, three

PEOPLE = tuple(Contributor(home="data", rank=rank) for rank in (1, 2))


def test_on_three_what_is_vetoed_never_comes_back() -> None:
    """Worked by hand: 0 is the junior's and vetoed for good; 1 is the senior's own and comes in."""
    staff = staffed(three(), *PEOPLE, authors=(0, 1, 0))
    for seed in range(6):
        course = play(SeniorityVeto(veto=1.0), game(staff=staff), np.random.default_rng(seed))
        assert course.merged == (1,)
        vetoes = [d for d in course.decisions if d.decision.act is Act.VETOED]
        assert [(d.decision.proposal, d.decision.by) for d in vetoes] in ([(0, 1)], [])


def test_nothing_is_vetoed_twice() -> None:
    """All are the junior's, and there are runs for many passes: what was vetoed is not tried."""
    staff = staffed(three(), *PEOPLE, authors=(0, 0, 0))
    course = play(SeniorityVeto(veto=1.0), game(staff=staff), np.random.default_rng(0))
    vetoed = [d.decision.proposal for d in course.decisions if d.decision.act is Act.VETOED]
    assert sorted(vetoed) == [0, 1]
    assert course.merged == ()


def test_a_veto_falls_as_often_as_its_chance() -> None:
    """Of the first that pass, all juniors': .33 of 120 or more, within 4 standard errors."""
    staff = staffed(three(), *PEOPLE, authors=(0, 0, 0))
    vetoed = passed = 0
    for seed in range(120):
        course = play(SeniorityVeto(), game(staff=staff, budget=12), np.random.default_rng(seed))
        decided = [d.decision.act for d in course.decisions if d.decision.by == 1]
        passed += len(decided)
        vetoed += decided.count(Act.VETOED)
    assert passed >= 120
    assert abs(vetoed / passed - 0.33) < 4.0 * np.sqrt(0.33 * 0.67 / passed)


def test_a_chance_above_one_is_refused() -> None:
    """With the value."""
    with pytest.raises(ValueError, match=r"veto 1\.5"):
        SeniorityVeto(veto=1.5)
