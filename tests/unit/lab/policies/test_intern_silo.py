from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.organisation import Contributor
from mainstem.lab.policies.intern_silo import InternSilo
from mainstem.lab.policies.policy import play
from tests.unit.lab.worlds import game, staffed, three

PEOPLE = (
    Contributor(home="data", rank=2),
    Contributor(home="data", rank=1, student=True),
)


def test_on_three_a_students_work_waits_for_what_is_left_over() -> None:
    """Worked by hand: 0 is a student's; 1 comes in meanwhile, and beside it 0 loses.

    So the better of the two never comes in; where students may work from the start it can.
    """
    staff = staffed(three(), *PEOPLE, authors=(1, 0, 0))
    for seed in range(6):
        course = play(InternSilo(leftover=0.25), game(staff=staff), np.random.default_rng(seed))
        assert course.merged == (1,)
        tried = [d.spent for d in course.decisions if d.decision.proposal == 0]
        assert tried
        assert min(tried) > 45
    equal = InternSilo(leftover=1.0, small=None)
    seen = {play(equal, game(staff=staff), np.random.default_rng(k)).merged for k in range(9)}
    assert (0,) in seen


def test_components_that_are_not_small_are_not_theirs() -> None:
    """Data has two proposals: at `small` 1 a student's there is never tried."""
    staff = staffed(three(), *PEOPLE, authors=(1, 0, 0))
    course = play(InternSilo(leftover=1.0, small=1), game(staff=staff), np.random.default_rng(0))
    assert 0 not in {d.decision.proposal for d in course.decisions}


def test_a_share_above_one_is_refused() -> None:
    """With the value."""
    with pytest.raises(ValueError, match="leftover 2"):
        InternSilo(leftover=2.0)
