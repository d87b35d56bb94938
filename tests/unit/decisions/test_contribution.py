from __future__ import annotations

import numpy as np
import pytest

from mainstem import Objective
from mainstem.decisions.belief import Belief, believe
from mainstem.decisions.contribution import clashes, contributions, interval
from mainstem.decisions.problem import Problem, Result

GAINS = {"": 0.0, "a": 2.0, "b": 1.5, "c": 1.0, "ab": 0.5, "ac": 3.0, "bc": 2.5, "abc": 1.5}
"""a and b get in each other's way by 3; c adds 1 everywhere."""


@pytest.fixture(scope="module")
def belief() -> Belief:
    """All eight recipes, almost without noise; `size` grows by 0.4 margins with each member."""
    problem = Problem(
        proposals=tuple("abc"),
        objectives=(Objective("loss", margin=1.0), Objective("size", margin=1.0, role="guard")),
    )
    rng = np.random.default_rng(0)
    results = [
        Result(
            trial=None,
            recipe=frozenset(members),
            seed=seed,
            values={
                "loss": 9.0 - gain + 0.02 * rng.standard_normal(),
                "size": 1.0 + 0.4 * len(members) + 0.02 * rng.standard_normal(),
            },
        )
        for members, gain in GAINS.items()
        for seed in range(4)
    ]
    found = believe(problem, results)
    assert found is not None
    return found


def test_each_proposal_alone_and_next_to_the_best_set(belief: Belief) -> None:
    """The two differ exactly by interactions; a member is judged by leaving it out."""
    parts = contributions(belief, frozenset("ac"))
    assert [part.member for part in parts] == [True, False, True]
    alone = [part.alone[:, 0].mean() for part in parts]
    within = [part.within[:, 0].mean() for part in parts]
    assert alone == pytest.approx([2.0, 1.5, 1.0], abs=0.15)
    assert within == pytest.approx([2.0, -1.5, 1.0], abs=0.2)


def test_joined_is_the_best_set_together_with_the_proposal(belief: Belief) -> None:
    """A guard is judged on the whole set: three members break what two keep."""
    parts = contributions(belief, frozenset("ac"))
    assert parts[0].joined[:, 1].mean() == pytest.approx(-0.8, abs=0.15)
    assert parts[1].joined[:, 1].mean() == pytest.approx(-1.2, abs=0.15)
    # The whole gain of a and c is lost, and the guard's excess of 0.2 on top.
    assert parts[1].within_value.mean() == pytest.approx(-3.2, abs=0.3)
    assert parts[1].alone_gain.mean() == pytest.approx(1.5, abs=0.15)
    assert parts[1].within_gain.mean() == pytest.approx(-1.5, abs=0.2)


def test_clashes_are_interactions_with_each_member(belief: Belief) -> None:
    """B loses 3 next to a and nothing next to c; what a guard does is no part of it."""
    losses, ran = clashes(belief, frozenset("ac"), 1)
    assert losses.mean(0) == pytest.approx([-3.0, 0.0], abs=0.25)
    assert ran.tolist() == [True, True]
    losses, ran = clashes(belief, frozenset(), 1)
    assert (losses.shape[1], len(ran)) == (0, 0)


def test_intervals_are_central_quantiles() -> None:
    """The same share of draws on either side."""
    draws = np.linspace(0.0, 1.0, 1001)
    assert interval(draws, 0.8) == pytest.approx((0.5, 0.1, 0.9))
