from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.campaign import Act
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.policy import play
from tests.unit.lab.worlds import game, three


@pytest.mark.parametrize(("budget", "merged"), [(60, {(0,), (1,)}), (3, {(0,), (1,), ()})])
def test_on_three_it_keeps_the_first_of_two_that_do_not_go_together(
    budget: int, merged: set[tuple[int, ...]]
) -> None:
    """Worked by hand: 0 then never 1 (2 - 3 < 0), or 1 first: then 0 is worth -1 and stays out.

    So what is merged hangs on the order; 2 loses in every order. Both orders are seen.
    """
    seen = {play(Greedy(), game(budget=budget), np.random.default_rng(k)).merged for k in range(20)}
    assert seen == merged


def test_runs_of_what_is_merged_become_the_trunks() -> None:
    """One seed: trunk and proposal at first, then one run a proposal, in any order of the three."""
    course = play(Greedy(seeds=1, more=0), game(budget=4), np.random.default_rng(0))
    assert [d.spent for d in course.decisions][:3] == [2, 3, 4]


def test_later_passes_take_more_seeds() -> None:
    """What was refused on two seeds is decided on three in the second pass."""
    course = play(Greedy(), game(three(noise=1.0), budget=30), np.random.default_rng(0))
    refused = [d.decision.runs for d in course.decisions if d.decision.act is Act.REFUSED]
    assert min(refused) == 2
    assert max(refused) > 2


def test_a_policy_that_cannot_be_is_refused() -> None:
    """With its values."""
    with pytest.raises(ValueError, match="seeds 0"):
        Greedy(seeds=0)
