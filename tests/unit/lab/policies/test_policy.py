from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from mainstem.lab.campaign import Act, Decision, Desk
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.policy import Policy, Whole, no_runs, play
from tests.unit.lab.worlds import drawn_game, game, staffed, three


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


def test_the_course_ends_at_the_truth_of_the_merged_set() -> None:
    """On drawn landscapes, after any number of runs within the budget."""
    for seed in range(5):
        played = drawn_game(seed)
        course = play(Greedy(), played, np.random.default_rng(seed))
        recipe = np.isin(np.arange(8), course.merged)[None]
        np.testing.assert_allclose(course.gain[-1], played.landscape.truth(recipe)[0])
        assert course.spent[-1] <= played.budget
