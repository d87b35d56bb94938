from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mainstem.lab.campaign import Act, Decision
from mainstem.lab.policies.celebrity import Celebrity
from mainstem.lab.policies.consensus import Consensus
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.hierarchy import Hierarchy
from mainstem.lab.policies.intern_silo import InternSilo
from mainstem.lab.policies.mixture import Mixture
from mainstem.lab.policies.one_at_a_time import OneAtATime
from mainstem.lab.policies.policy import (
    Policy,
    Way,
    Whole,
    no_runs,
    play,
    side_by_side,
)
from mainstem.lab.policies.seniority_veto import SeniorityVeto
from mainstem.lab.policies.silos import Silos
from tests.unit.lab.worlds import drawn_game, game, staffed, three

if TYPE_CHECKING:
    from mainstem.lab.desk import Desk

CHEAP: tuple[Way, ...] = (
    Greedy(),
    OneAtATime(),
    OneAtATime(test="anytime", name="anytime"),
    Silos(),
    Silos(width=2, metric="own", checked=0, name="silos-own"),
    Hierarchy(),
    SeniorityVeto(),
    Celebrity(),
    InternSilo(leftover=0.4, small=None),
    Consensus(),
    Mixture(parts=((Silos(), 1.0), (Greedy(), 2.0))),
)


@dataclass
class Bold:
    """Runs each admitted proposal once and merges it whatever comes out: somebody's own policy."""

    name: str = "bold"
    tried: int = -1

    def admits(self, desk: Desk) -> np.ndarray:
        """All but the first."""
        return np.arange(desk.n) > 0

    def runs(self, desk: Desk) -> np.ndarray:
        """The next."""
        new = np.flatnonzero(desk.admitted & ~desk.trunk)
        self.tried = int(new[0]) if len(new) else -1
        return no_runs(desk) if self.tried < 0 else desk.with_(self.tried)[None]

    def merges(self, desk: Desk) -> list[Decision]:
        """It."""
        if self.tried < 0 or desk.trunk[self.tried]:
            return []
        return [Decision(proposal=self.tried, act=Act.MERGED)]


@dataclass
class Misshapen(Bold):
    """Asks for a recipe that is no row."""

    def runs(self, desk: Desk) -> np.ndarray:
        """One too flat."""
        return desk.trunk


def test_a_policy_of_ones_own_is_played() -> None:
    """Who is not admitted is never tried; each run is counted and decided after."""
    course = play(Bold(), game(), np.random.default_rng(0))
    assert isinstance(Bold(), Policy)
    assert not isinstance(Bold(), Whole)
    assert course.merged == (1, 2)
    assert course.spent.tolist() == [0, 1, 2]


def test_what_it_remembers_ends_with_the_campaign() -> None:
    """The policy that was handed in stays as it is, so a second campaign begins afresh."""
    policy = Greedy()
    first, second = (play(policy, game(), np.random.default_rng(5)) for _ in range(2))
    assert first.merged == second.merged
    assert policy == Greedy()


def test_time_goes_on_to_the_next_arrival() -> None:
    """Where there is nothing to try, nothing is spent."""
    staff = replace(staffed(three()), arrives=np.array([0.0, 9.0, 30.0]))
    course = play(Bold(), game(staff=staff), np.random.default_rng(0))
    assert course.merged == (1, 2)
    assert course.time.tolist() == [0.0, 10.0, 31.0]


def test_recipes_of_another_shape_are_the_policys_fault() -> None:
    """The error names the policy and the shape."""
    with pytest.raises(ValueError, match=r"'bold' asks for runs of shape \(3,\)"):
        play(Misshapen(), game(), np.random.default_rng(0))


def test_recipes_stand_side_by_side_as_often_as_is_wanted() -> None:
    """In order; one that has run often enough is left out."""
    trunk, new = np.array([False, False]), np.array([True, False])
    assert side_by_side((trunk, -2), (new, 1)).tolist() == [[True, False]]
    assert side_by_side((trunk, 2), (new, 1)).tolist() == [*[[False, False]] * 2, [True, False]]


@pytest.mark.parametrize("way", CHEAP, ids=lambda way: way.name)
@given(seed=st.integers(0, 2**20), budget=st.integers(0, 60))
@settings(max_examples=12, deadline=None)
def test_what_holds_for_every_policy(way: Way, seed: int, budget: int) -> None:
    """Within the budget, true to the merged set, the same again from the same seed.

    What is merged is merged once, and a decision names somebody who is there.
    """
    played = drawn_game(seed, budget=budget)
    course, again = (play(way, played, np.random.default_rng(seed)) for _ in range(2))
    assert course.spent[-1] <= budget
    assert (np.diff(course.spent) > 0).all()
    assert len(set(course.merged)) == len(course.merged)
    recipe = np.isin(np.arange(8), course.merged)[None]
    np.testing.assert_allclose(course.gain[-1], played.landscape.truth(recipe)[0])
    merged = [d.decision.proposal for d in course.decisions if d.decision.act is Act.MERGED]
    assert tuple(merged) == course.merged
    assert {d.decision.by for d in course.decisions} <= {None, *range(6)}
    assert again.decisions == course.decisions
    np.testing.assert_array_equal(again.gain, course.gain)


def test_what_others_played_before_changes_nothing() -> None:
    """A game that was played by all is the game that nobody has played."""
    used = drawn_game(7)
    for way in CHEAP:
        play(way, used, np.random.default_rng(1))
    for way in CHEAP:
        fresh = play(way, drawn_game(7), np.random.default_rng(1))
        assert play(way, used, np.random.default_rng(1)).decisions == fresh.decisions
