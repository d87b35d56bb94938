from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy import stats

from mainstem.lab.compare import (
    Outcome,
    Setting,
    best_score,
    campaigns,
    cube,
    game,
    share_interval,
    standings,
    t_interval,
)
from mainstem.lab.landscapes.pairwise import pairwise
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.one_at_a_time import OneAtATime
from tests.unit.lab.policies.test_silos import crossed
from tests.unit.lab.worlds import three

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SETTING = Setting(name="pairwise", landscape=partial(pairwise, 6), budget=30)
WAYS = (Greedy(), OneAtATime())


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    """Of thirteen campaigns."""
    return campaigns(SETTING, WAYS, range(13), seed=5)


def backwards(function: Callable, arguments: Iterable) -> Iterator:
    """A map that works through its arguments from the end, as processes might."""
    known = list(arguments)
    done = [function(a) for a in reversed(known)]
    return iter(done[::-1])


def test_the_numbers_hang_on_seed_and_campaign_alone(outcomes: list[Outcome]) -> None:
    """In one go, one by one, from the end, or only some of them, by one policy or two."""
    assert campaigns(SETTING, WAYS, range(13), seed=5, mapper=backwards) == outcomes
    apart = [o for k in range(13) for o in campaigns(SETTING, WAYS, [k], seed=5)]
    assert apart == outcomes
    late = campaigns(SETTING, WAYS[1:], range(7, 13), seed=5)
    assert late == [o for o in outcomes if o.number >= 7 and o.policy == "one-at-a-time"]
    assert campaigns(SETTING, WAYS, range(13), seed=6) != outcomes


def test_campaigns_differ_and_their_landscapes_too() -> None:
    """No two of them are one game."""
    first, second = (game(SETTING, 5, k)[0].landscape for k in (0, 1))
    recipes = cube(6)
    assert not np.allclose(first.truth(recipes), second.truth(recipes))


def test_an_outcome_is_the_truth_at_the_end(outcomes: list[Outcome]) -> None:
    """No share is above 1, none spent more than the budget, and best is the campaign's own."""
    assert all(o.share <= 1.0 + 1e-12 for o in outcomes)
    assert max(o.spent for o in outcomes) <= 30
    assert outcomes[0].best == outcomes[1].best == best_score(game(SETTING, 5, 0)[0].landscape)


def test_the_best_keeps_every_margin() -> None:
    """On `three` {0} is best, at 2 gains of 4 margins; where all break a margin it is the trunk."""
    assert best_score(three()) == 4.0
    assert best_score(crossed()) == pytest.approx(1.6)  # (1 - .2) / .5
    assert cube(3).tolist() == [list(b[::-1]) for b in product([False, True], repeat=3)]


def outcome(policy: str, number: int, score: float, *, breaks: bool = False) -> Outcome:
    """With a best score of 10."""
    return Outcome(
        number=number,
        policy=policy,
        score=score,
        best=10.0,
        breaks=breaks,
        merged=1,
        spent=9,
        time=3.0,
    )


def test_differences_are_paired_within_campaigns() -> None:
    """The reference played two of three; who wins the others changes nothing of the difference."""
    played = [
        outcome("a", 0, 5.0),
        outcome("a", 1, 7.0),
        *(outcome("b", k, s) for k, s in enumerate((4.0, 4.0, -100.0))),
    ]
    best, last = standings(played, reference="a", level=0.8)
    assert (best.policy, best.behind, best.campaigns) == ("a", None, 2)
    assert last.behind is not None
    assert last.behind.mean == pytest.approx(0.2)
    expected = stats.t.interval(0.8, 1, 0.2, stats.sem([0.1, 0.3]))
    assert (last.behind.low, last.behind.high) == pytest.approx(expected)
    assert last.worse.mean == pytest.approx(1 / 3)


def test_worse_is_below_the_trunk_or_beyond_a_margin() -> None:
    """A gain that costs another objective too much is a loss."""
    assert outcome("a", 0, -0.1).worse
    assert outcome("a", 0, 5.0, breaks=True).worse
    assert not outcome("a", 0, 0.0).worse


def test_intervals_are_those_of_scipy() -> None:
    """Student's of a mean; the exact one of a share, also at none and all."""
    values = np.array([1.0, 2.0, 4.0, 4.5])
    found = t_interval(values, 0.95)
    assert (found.low, found.high) == pytest.approx(
        stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    )
    for hits in (0, 3, 20):
        exact = stats.binomtest(hits, 20).proportion_ci(0.9, method="exact")
        interval = share_interval(hits, 20, 0.9)
        assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high))
    assert t_interval(values[:1], 0.9).high == np.inf


def test_a_reference_that_did_not_play_is_an_error() -> None:
    """It is named."""
    with pytest.raises(ValueError, match="'collective'"):
        standings([outcome("a", 0, 1.0)], reference="collective")
