from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.landscapes.pairwise import Pairwise
from mainstem.lab.policies.one_at_a_time import OneAtATime
from mainstem.lab.policies.policy import play
from tests.unit.lab.worlds import game, three


@pytest.mark.parametrize("test", ["student", "anytime"])
def test_on_three_it_merges_the_first_of_two(test: str) -> None:
    """Worked by hand, without noise: whichever of 0 and 1 is tried first; the other then loses."""
    policy = OneAtATime(test=test)
    seen = {play(policy, game(), np.random.default_rng(k)).merged for k in range(12)}
    assert seen == {(0,), (1,)}


def test_each_try_takes_k_seeds_and_the_trunk_as_many() -> None:
    """Three and three, then three for each; a merged proposal's runs are the moved trunk's."""
    course = play(OneAtATime(), game(budget=12), np.random.default_rng(0))
    assert [d.spent for d in course.decisions] == [6, 9, 12]
    assert {d.decision.runs for d in course.decisions} == {3}


def test_a_proposal_without_effect_passes_as_often_as_the_level_says() -> None:
    """First tries at level .2 where nothing does anything: 40 of 200, within 4 errors."""
    land = Pairwise(**{**vars(three(noise=1.0)), "main": np.zeros(3), "pair": np.zeros((3, 3))})
    passed = 0
    for seed in range(200):
        played = game(land, budget=6, seed=seed)
        course = play(OneAtATime(level=0.2), played, np.random.default_rng(seed))
        passed += course.decisions[0].decision.act is Act.MERGED
    assert abs(passed - 40) < 4.0 * np.sqrt(200 * 0.2 * 0.8)


def test_a_test_that_does_not_exist_is_refused() -> None:
    """With those that do."""
    with pytest.raises(ValueError, match="student, anytime"):
        OneAtATime(test="vibes")
