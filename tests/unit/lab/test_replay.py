"""Every way of working on a recorded landscape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem import Objective
from mainstem.lab.campaign import Act, Decision
from mainstem.lab.organisation import Organisation
from mainstem.lab.policies.evidence import compare
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.policy import no_runs
from mainstem.lab.replay import Entrant, replay, tasks, worth
from tests.unit.lab import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mainstem.lab.desk import Desk
    from mainstem.lab.landscapes.landscape import BoolArray
    from mainstem.lab.replay import Played, Task


def test_everybody_plays_as_often_as_asked_and_never_spends_more() -> None:
    """Courses begin at nothing, and hold one number for each point of the grid."""
    found = records.played()
    grid = records.question().grid
    assert grid[0] == 0
    assert grid[-1] == 24
    assert [(one.name, len(one.final)) for one in found] == [
        ("reference", 9),
        ("one-at-a-time", 14),
        ("seniority-veto", 14),
    ]
    for one in found:
        assert one.worth.shape == (len(one.final), len(grid))
        assert np.all(one.worth[:, 0] == 0.0)
        assert np.all((one.backed >= 0.0) & (one.backed <= 1.0))


def test_the_order_of_tasks_changes_no_number() -> None:
    """Played backwards, as a process that is late would have it, all is the same."""

    def backwards(play: Callable[[Task], Played], asked: Iterable[Task]) -> list[Played]:
        return [play(task) for task in reversed(list(asked))]

    again = replay(records.question(), backwards)
    for one, other in zip(records.played(), again, strict=True):
        assert np.array_equal(one.worth, other.worth)
        assert np.array_equal(one.backed, other.backed)


def test_who_else_plays_changes_no_number() -> None:
    """A way's campaigns are its own, whoever is compared with it; another seed is another world."""
    alone = replace(records.question(), entrants=records.question().entrants[1:2])
    (one,) = replay(alone, map)
    assert np.array_equal(one.worth, records.played()[1].worth)
    (other,) = replay(replace(alone, seed=5), map)
    assert not np.array_equal(one.worth, other.worth)


@dataclass
class Runner:
    """Runs the first proposal until nothing is left, and merges it if that looks good."""

    name: str

    def admits(self, desk: Desk) -> BoolArray:
        """Everybody."""
        return desk.here

    def runs(self, desk: Desk) -> BoolArray:
        """The trunk and the first proposal."""
        return np.array([desk.trunk, desk.with_(0)]) if not desk.trunk[0] else no_runs(desk)

    def merges(self, desk: Desk) -> list[Decision]:
        """If its mean is better by what chance decides."""
        found = compare(desk, 0, desk.with_(0), desk.trunk)
        good = desk.left == 0 and found is not None and found.score > 7.3
        return [Decision(proposal=0, act=Act.MERGED)] if good and not desk.trunk[0] else []


def test_campaigns_of_one_number_are_one_game() -> None:
    """World and noise are the same for all: who takes the same steps ends at the same place."""
    ways = tuple(Entrant(way=Runner(name), campaigns=12) for name in ("a", "b"))
    first, second = replay(replace(records.question(), entrants=ways, budget=2), map)
    assert np.array_equal(first.worth, second.worth)
    assert 0 < np.count_nonzero(first.merged) < 12  # the noise did decide


def test_a_veto_of_everything_merges_only_what_seniors_propose() -> None:
    """Its trunks gain less than the tests without it."""
    _, tests, vetoes = records.played()
    assert vetoes.merged.mean() < tests.merged.mean()
    assert vetoes.final.mean() < tests.final.mean()


def test_costly_ways_come_first_and_alone() -> None:
    """So that no process waits long at the end; all campaigns of a world share its landscape."""
    asked = list(tasks(records.question()))
    assert [task.games for task in asked[:9]] == [((c, (0,)),) for c in range(9)]
    assert [task.world for task in asked[9:]] == list(range(6))
    assert asked[9].games == ((0, (1, 2)), (6, (1, 2)), (12, (1, 2)))


def test_a_trunk_that_really_ran_is_told_from_one_that_never_did() -> None:
    """Who merges nothing ends with the trunk, which ran, and all of whose runs are backed."""
    nobody = Organisation(contributors=records.question().organisation.contributors)
    idle = replace(
        records.question(),
        organisation=nobody,
        entrants=(Entrant(way=Greedy(name="none"), campaigns=3),),
        budget=1,
    )
    (one,) = replay(idle, map)
    assert one.ran.tolist() == [True] * 3
    assert one.backed.tolist() == [1.0] * 3


@pytest.mark.parametrize(
    ("gains", "wanted"),
    [
        ((0.2, 0.0), 2.0),
        ((0.2, -4.9), 2.0),  # a guard within its margin costs nothing
        ((0.2, -7.5), -0.5),  # one that is lost by half a margin too much is a loss
        ((-0.3, 0.0), -5.0),  # so is an objective to improve: -3, and two margins too much
    ],
)
def test_what_a_trunk_is_worth(gains: tuple[float, float], wanted: float) -> None:
    """The sum of gain over margin of what is to be improved, unless a margin is broken."""
    objectives = (Objective("loss", margin=0.1), Objective("size", margin=5.0, role="guard"))
    assert worth(objectives, np.array(gains)) == pytest.approx(wanted)
