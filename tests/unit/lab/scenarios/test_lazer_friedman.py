"""Full networks and rings."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.scenarios import lazer_friedman
from mainstem.lab.scenarios.kauffman import Neighbours


@pytest.mark.parametrize(
    ("ahead", "round_"),
    [
        ([-1.0, -1.0, 1.0, 1.0], 2),
        ([0.0, 1.0, -0.1, 1.0], 3),
        ([1.0, 1.0], 0),
        ([-1.0, -1.0, -1.0], 2),
        ([0.0, 1.0, 1.0], 1),
    ],
)
def test_a_crossing_is_the_last_one(ahead: list[float], round_: int) -> None:
    """From there on it stays above 0; a difference that never does crosses at the very end."""
    assert lazer_friedman.crossing(np.array(ahead)) == round_


def test_full_is_faster_and_ends_lower_where_there_are_many_peaks() -> None:
    """Six landscapes: by two standard errors at round 5, and the other way at round 100."""
    found = lazer_friedman.courses(5, Neighbours.RANDOM, np.random.default_rng(10), 6)
    for at, sign in ((5, 1.0), (100, -1.0)):
        gap = sign * (found.full - found.ring)[:, at]
        assert gap.mean() > 2.0 * gap.std(ddof=1) / np.sqrt(6)


def test_where_there_is_one_peak_all_find_it() -> None:
    """K = 0: both networks have 1, and the full one is there first."""
    found = lazer_friedman.courses(0, Neighbours.ADJACENT, np.random.default_rng(11), 3)
    assert found.full[:, -1] == pytest.approx(np.ones(3))
    assert found.ring[:, -1] == pytest.approx(np.ones(3))
    assert np.all(found.full[:, 10] > found.ring[:, 10])
