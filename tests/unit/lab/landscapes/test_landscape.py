from __future__ import annotations

import numpy as np
import pytest

from mainstem.domain.stack import Direction, Objective, Role
from mainstem.lab.landscapes.landscape import alone, breaks, in_blocks, margins, score

OBJECTIVES = (
    Objective("loss", margin=0.5),
    Objective("speed", margin=2.0, direction=Direction.MAXIMIZE),
    Objective("params", margin=10.0, role=Role.GUARD),
)


def test_the_score_sums_gains_in_margins_over_what_is_to_be_improved() -> None:
    """Guards do not count, and gain units are what they are whatever the direction."""
    gains = np.array([[1.0, 1.0, 99.0], [-0.5, 0.0, 0.0]])
    np.testing.assert_allclose(score(OBJECTIVES, gains), [2.5, -1.0])


def test_a_loss_beyond_any_margin_breaks() -> None:
    """A guard's and an improve objective's alike; a loss of just the margin does not."""
    gains = np.array([[9.0, 9.0, -10.5], [-0.6, 9.0, 0.0], [-0.5, -2.0, -10.0]])
    assert breaks(OBJECTIVES, gains).tolist() == [True, True, False]


def test_a_margin_in_percent_is_refused() -> None:
    """It names the objective."""
    with pytest.raises(ValueError, match="'loss'"):
        margins([Objective("loss", margin="1%")])


def test_components_in_blocks_are_as_even_as_can_be() -> None:
    """Neighbours share one."""
    assert in_blocks(5, ("a", "b")) == ("a", "a", "a", "b", "b")


def test_alone_is_one_each() -> None:
    """The identity."""
    assert alone(2).tolist() == [[True, False], [False, True]]
