from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.integrator import Integrator
from mainstem.lab.campaign import Act, Game
from mainstem.lab.desk import Desk
from mainstem.lab.policies.collective import Collective
from mainstem.lab.policies.greedy import Greedy
from mainstem.lab.policies.mixture import Mixture
from mainstem.lab.policies.policy import play
from mainstem.wiring.lab_ledgers import passing_ledger
from tests.unit.lab.worlds import drawn_game, game, three

if TYPE_CHECKING:
    from mainstem.lab.campaign import Course

COLLECTIVE = Collective(open_ledger=passing_ledger)


@pytest.fixture(scope="module")
def played() -> Game:
    """Three proposals with noise of half a margin, and runs enough to prove what gains."""
    return game(three(noise=0.25), budget=30)


@pytest.fixture(scope="module")
def course(played: Game) -> Course:
    """The collective's."""
    return play(COLLECTIVE, played, np.random.default_rng(4))


def test_on_three_it_merges_the_best_of_all(course: Course) -> None:
    """Worked by hand: of eight recipes {0} is the best; 1 spoils it and 2 loses."""
    assert course.merged == (0,)
    assert course.gain[-1, 0] == pytest.approx(2.0)
    refused = {d.decision.proposal for d in course.decisions if d.decision.act is Act.REFUSED}
    assert refused >= {1, 2}


def test_it_stays_within_the_budget_and_its_time_is_counted(course: Course, played: Game) -> None:
    """Four at once: no batch takes less than a run, and no time less than a quarter of the runs."""
    assert course.spent[-1] <= played.budget
    assert course.spent[-1] / 4 <= course.time[-1] <= course.spent[-1]


def test_who_proposed_what_changes_nothing(course: Course, played: Game) -> None:
    """Other authors, ranks and opinions: the same runs, the same merges."""
    other = replace(
        played.staff, authors=np.array([0, 0, 0]), opinions=-9.0 * played.staff.opinions
    )
    again = play(COLLECTIVE, replace(played, staff=other), np.random.default_rng(4))
    assert again.merged == course.merged
    np.testing.assert_array_equal(again.spent, course.spent)
    assert [d.decision for d in again.decisions] == [d.decision for d in course.decisions]


def test_it_asks_what_the_integrator_asks() -> None:
    """An `Integrator` of one's own, told the same values, asks for the same recipes in order.

    The first campaign of a desk, of 16 runs: nothing is decided by then.
    """
    played = drawn_game(3, n=5, budget=16)
    desk = Desk(played, np.random.default_rng(9))
    asked: list[tuple[bytes, int]] = []
    run = desk.run

    def noted(recipes: np.ndarray, seeds: object = None) -> np.ndarray:
        asked.extend(zip((r.tobytes() for r in recipes), seeds, strict=True))  # type: ignore[call-overload]  # the collective gives seeds
        return run(recipes, seeds)  # type: ignore[arg-type]  # as above

    desk.run = noted  # type: ignore[method-assign,assignment]  # a spy
    COLLECTIVE.play(desk)
    names = [f"p{k:04d}" for k in range(5)]
    seed = int(np.random.default_rng(9).integers(2**31))
    own = Integrator(proposals=names, objectives=desk.objectives, seed=seed, budget=16)
    other = Desk(played, np.random.default_rng(9))
    expected: list[tuple[bytes, int]] = []
    while trials := own.ask(4):
        recipes = np.array([[name in t.recipe for name in names] for t in trials])
        values = other.run(recipes, [t.seed for t in trials])
        expected += [(r.tobytes(), t.seed) for r, t in zip(recipes, trials, strict=True)]
        for trial, value in zip(trials, values, strict=True):
            own.tell(trial, {"gain": float(value[0])})
    assert asked == expected


def test_it_goes_on_where_another_policy_left_the_trunk() -> None:
    """As a part of a mixture: what greedy merged stays, and is in every recipe that runs."""
    mixed = Mixture(parts=((Greedy(), 1.0), (COLLECTIVE, 2.0)))
    played = game(three(noise=0.25), budget=30)
    found = play(mixed, played, np.random.default_rng(1))
    alone = play(Greedy(), replace(played, budget=10), np.random.default_rng(1))
    assert found.merged[: len(alone.merged)] == alone.merged
    assert found.spent[-1] <= 30


def test_what_comes_in_later_joins_the_campaign() -> None:
    """Nothing is there at first: it waits. 0 comes first, 2 later, 1 long after; 0 is merged."""
    played = game(three(noise=0.25), budget=50)
    staff = replace(played.staff, arrives=np.array([5.0, 1e9, 12.0]))
    found = play(COLLECTIVE, replace(played, staff=staff), np.random.default_rng(2))
    assert {8, 16} < {*found.spent.tolist()}  # eight runs for one, eight more for the second
    assert found.merged == (0,)
    assert found.time[-1] > 12.0
    assert 2 in {d.decision.proposal for d in found.decisions}


def test_without_proof_it_merges_what_is_recommended() -> None:
    """Of 12 runs nothing is proved, and with the proof nothing is merged; the favourite gains."""
    played = game(three(noise=0.25), budget=12)
    unproved = Collective(open_ledger=passing_ledger, proof=False)
    assert play(COLLECTIVE, played, np.random.default_rng(4)).merged == ()
    assert play(unproved, played, np.random.default_rng(4)).gain[-1, 0] > 0.0
