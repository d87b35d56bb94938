from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.domain.stack import Direction, Objective
from mainstem.lab.campaign import Act
from mainstem.lab.landscapes.pairwise import Pairwise
from mainstem.lab.landscapes.table import Table
from mainstem.lab.policies.policy import play
from mainstem.lab.policies.silos import Silos
from tests.unit.lab.worlds import game, staffed, three


def crossed() -> Table:
    """Two components: 0 gains 1 on `a` and loses .2 on `b`, 1 the other way; together both lose 3.

    Recipes: trunk, {0}, {1}, {0, 1}; margins are .5.
    """
    return Table(
        gains=np.array([[0.0, 0.0], [1.0, -0.2], [-0.2, 1.0], [-3.0, -3.0]]),
        sds=np.zeros((4, 2)),
        components=("data", "optimizer"),
        objectives=(
            Objective("a", margin=0.5, direction=Direction.MAXIMIZE),
            Objective("b", margin=0.5, direction=Direction.MAXIMIZE),
        ),
    )


def test_on_three_a_team_sees_its_own_part() -> None:
    """Worked by hand: 0 and 1 are one team's, which keeps one of them; 2 loses in the other."""
    seen = {play(Silos(), game(), np.random.default_rng(k)).merged for k in range(9)}
    assert seen == {(0,), (1,)}


def test_parts_that_do_not_fit_are_found_out_by_the_check() -> None:
    """Both teams keep theirs; together they lose, so one part comes in: the better, of equals one.

    Unchecked, both are merged. A single team of both components sees the second lose at once.
    """
    checked = play(Silos(), game(crossed()), np.random.default_rng(0))
    assert checked.merged in ((0,), (1,))
    assert [d.decision.act for d in checked.decisions].count(Act.APPROVED) == 2
    unchecked = play(Silos(checked=0), game(crossed()), np.random.default_rng(0))
    assert unchecked.merged == (0, 1)
    assert unchecked.gain[-1].tolist() == [-3.0, -3.0]
    wide = play(Silos(width=2), game(crossed()), np.random.default_rng(0))
    assert len(wide.merged) == 1
    assert [d.decision.act for d in wide.decisions].count(Act.APPROVED) == 1


def test_a_metric_of_ones_own_is_blind_to_the_others() -> None:
    """With `own` the first team looks at `a` and the second at `b`.

    A team of the shared score refuses a proposal that breaks the other's margin.
    """
    table = crossed()
    gains = table.gains.copy()
    gains[1] = [1.0, -0.9]
    broken = Table(**{**vars(table), "gains": gains})
    own = play(Silos(metric="own"), game(broken), np.random.default_rng(0))
    shared = play(Silos(), game(broken), np.random.default_rng(0))
    approved = [
        {d.decision.proposal for d in c.decisions if d.decision.act is Act.APPROVED}
        for c in (own, shared)
    ]
    assert approved == [{0, 1}, {1}]


def test_budgets_go_by_proposals_and_all_is_spent_in_the_end() -> None:
    """Two of three proposals are data's; what teams leave over checks the whole."""
    course = play(Silos(), game(three(noise=1.0), budget=61), np.random.default_rng(3))
    assert course.spent[-1] >= 60


def test_teams_wait_for_what_comes_in() -> None:
    """2 comes in when the others are done: it is tried before the whole is put together."""
    land = Pairwise(**{**vars(three()), "main": np.array([-2.0, -1.0, 1.0])})
    staff = replace(staffed(land), arrives=np.array([0.0, 0.0, 50.0]))
    course = play(Silos(), game(land, staff=staff), np.random.default_rng(0))
    assert course.merged == (2,)
    assert course.time[-1] > 50.0


def test_no_such_metric_is_refused() -> None:
    """With those that there are."""
    with pytest.raises(ValueError, match="shared or own"):
        Silos(metric="fame")
