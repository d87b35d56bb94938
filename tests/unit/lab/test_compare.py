from __future__ import annotations

from functools import partial
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.lab.compare import (
    Outcome,
    Setting,
    best_score,
    campaigns,
    cube,
    game,
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
    """No score is above the campaign's best, and none spent more than the budget."""
    assert all(o.best is not None and (o.breaks or o.score <= o.best + 1e-9) for o in outcomes)
    assert max(o.spent for o in outcomes) <= 30
    assert outcomes[0].best == outcomes[1].best == best_score(game(SETTING, 5, 0)[0].landscape)


def test_the_best_keeps_every_margin() -> None:
    """On `three` {0} is best, at 2 gains of 4 margins; where all break a margin it is the trunk."""
    assert best_score(three()) == 4.0
    assert best_score(crossed()) == pytest.approx(1.6)  # (1 - .2) / .5
    assert cube(3).tolist() == [list(b[::-1]) for b in product([False, True], repeat=3)]
