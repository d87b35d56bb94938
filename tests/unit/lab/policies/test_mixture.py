from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.mixture import Mixture
from mainstem.lab.policies.one_at_a_time import OneAtATime
from mainstem.lab.policies.policy import Whole, play
from mainstem.lab.policies.silos import Silos
from tests.unit.lab.worlds import drawn_game, game


def test_on_three_each_part_goes_on_from_the_trunk_before() -> None:
    """Worked by hand: greedy brings in 0 or 1 in its half, and the test finds nothing to add."""
    mixed = Mixture(parts=((Greedy(), 1.0), (OneAtATime(), 1.0)))
    assert isinstance(mixed, Whole)
    seen = {play(mixed, game(), np.random.default_rng(k)).merged for k in range(9)}
    assert seen == {(0,), (1,)}


def test_each_part_spends_its_share() -> None:
    """Weights 3 and 1 of 40 runs: the first decision of the test comes after 30."""
    mixed = Mixture(parts=((Greedy(), 3.0), (OneAtATime(), 1.0)))
    course = play(mixed, drawn_game(1, budget=40), np.random.default_rng(0))
    by_rule = [d.spent for d in course.decisions]
    assert course.spent[-1] <= 40
    alone = play(Greedy(), drawn_game(1, budget=30), np.random.default_rng(0))
    assert by_rule[: len(alone.decisions)] == [d.spent for d in alone.decisions]
    assert any(spent > 30 for spent in by_rule)


def test_mixtures_nest() -> None:
    """And never spend more than there is."""
    inner = Mixture(parts=((Silos(), 1.0), (Greedy(), 1.0)))
    course = play(
        Mixture(parts=((inner, 2.0), (Greedy(), 1.0))), drawn_game(2), np.random.default_rng(0)
    )
    assert course.spent[-1] <= 50


def test_a_weight_of_nothing_is_refused() -> None:
    """And a mixture of nothing."""
    with pytest.raises(ValueError, match="above 0"):
        Mixture(parts=((Greedy(), 0.0),))
