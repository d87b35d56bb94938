from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.campaign import Act, Decision
from tests.unit.lab.worlds import desk, game


def test_gain_at_reads_the_step_before() -> None:
    """Between two steps the trunk is what it was."""
    at = desk(game())
    at.run(np.array([[True, False, False], [False] * 3]))
    at.decide([Decision(proposal=0, act=Act.MERGED)])
    at.run(np.array([[True, False, False]] * 2))
    course = at.close()
    assert [course.gain_at(k)[0] for k in (0, 1, 2, 3, 99)] == [0.0, 0.0, 2.0, 2.0, 2.0]


def test_a_campaign_without_a_slot_is_refused() -> None:
    """With the values."""
    with pytest.raises(ValueError, match="slots 0"):
        game(slots=0)
