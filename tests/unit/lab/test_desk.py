from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mainstem.lab.campaign import Act, Decision
from tests.unit.lab.worlds import desk, game, staffed, three


def rows(*recipes: str) -> np.ndarray:
    """Recipes of three proposals from strings such as `110`."""
    return np.array([[c == "1" for c in recipe] for recipe in recipes])


def test_values_differ_by_the_truth_and_hide_the_trunk() -> None:
    """Without noise differences of runs are the landscape's; the level is nobody's to know."""
    at = desk(game())
    values = at.run(rows("000", "100", "110", "001"))
    np.testing.assert_allclose(values[:, 0] - values[0, 0], [0.0, 2.0, 0.0, -1.0], atol=1e-9)
    assert abs(values[0, 0]) > 10.0


def test_runs_of_a_recipe_are_the_same_for_every_policy_of_a_campaign() -> None:
    """Common random numbers: the k-th run of a recipe is one value, in whatever order."""
    played = game(three(noise=1.0))
    first, second = desk(played, 1), desk(played, 2)
    first.run(rows("000", "000", "100"))
    first.run(rows("100", "000"))
    second.run(rows("100", "100", "000", "000", "000"))
    for recipe in rows("000", "100"):
        np.testing.assert_array_equal(first.runs_of(recipe), second.runs_of(recipe))
    assert len({*first.runs_of(rows("000")[0])[:, 0]}) == 3


def test_a_difference_is_that_of_all_runs() -> None:
    """Of seeds in turn, of seeds that somebody chose, and of some of both."""
    at = desk(game(three(noise=1.0)))
    base, first, second = rows("000", "100", "010")
    at.run(np.array([base, base, base, first, first]))
    at.run(np.array([second, second, first]), seeds=[9, 4, 7])
    at.run(np.array([second, first]))
    for new in (first, second):
        found = at.difference(new, base)
        assert found is not None
        means, squares, a, b = found
        ours, theirs = at.runs_of(new), at.runs_of(base)
        assert (a, b) == (len(ours), len(theirs)) == (at.count(new), 3)
        np.testing.assert_allclose(means, ours.mean(0) - theirs.mean(0))
        np.testing.assert_allclose(squares, a * ours.var(0) + b * theirs.var(0))
    assert at.difference(rows("001")[0], base) is None
    assert at.count_of({base.tobytes(), second.tobytes(), rows("001")[0].tobytes()}) == 6


def test_runs_whose_values_are_read_later_are_the_same_runs() -> None:
    """The same seeds, budget and time, and what came out is there to be read."""
    played = game(three(noise=1.0), budget=4)
    later, now = desk(played), desk(played)
    asked = rows("000", "000", "100", "000", "100")
    values = now.run(asked)
    assert later.carry_out(asked) == [0, 1, 0, 2]
    assert (later.spent, later.time) == (now.spent, now.time) == (4, 1.0)
    assert later.carry_out(asked) == []
    np.testing.assert_array_equal(later.runs_of(asked[0]), values[[0, 1, 3]])


@given(st.lists(st.integers(1, 9), max_size=12), st.integers(0, 20))
@settings(max_examples=50, deadline=None)
def test_no_more_runs_than_the_budget(batches: list[int], budget: int) -> None:
    """Whatever is asked for, so many run; what came back is what was spent."""
    at = desk(game(budget=budget))
    came = sum(len(at.run(np.zeros((m, 3), dtype=np.bool_))) for m in batches)
    assert came == at.spent == min(budget, sum(batches))


def test_the_course_is_the_truth_of_what_was_merged() -> None:
    """At each number of runs once: the state after all that happened there."""
    at = desk(game())
    at.decide([Decision(proposal=2, act=Act.REFUSED)])
    at.run(rows("100", "010", "001", "000", "000"))
    at.decide([Decision(proposal=0, act=Act.MERGED), Decision(proposal=1, act=Act.MERGED)])
    at.run(rows("110"))
    course = at.close()
    assert course.merged == (0, 1)
    np.testing.assert_array_equal(course.spent, [0, 5, 6])
    np.testing.assert_array_equal(course.time, [0.0, 2.0, 3.0])  # four slots
    np.testing.assert_allclose(course.gain[:, 0], [0.0, 0.0, 0.0], atol=1e-12)  # 2 + 1 - 3
    assert [(d.spent, d.component, d.decision.act) for d in course.decisions] == [
        (0, "optimizer", Act.REFUSED),
        (5, "data", Act.MERGED),
        (5, "data", Act.MERGED),
    ]


def test_a_share_of_the_budget_ends_with_its_block() -> None:
    """Within it no more runs than the share, and shares nest."""
    at = desk(game(budget=10))
    with at.within(4):
        at.run(np.zeros((9, 3), dtype=np.bool_))
        assert (at.spent, at.left) == (4, 0)
    with at.within(99), at.within(2):
        assert at.left == 2
    assert at.left == 6


def test_proposals_come_in_and_people_leave_with_time() -> None:
    """What has not come in is not there; waiting goes to the next arrival, and no further."""
    people = staffed(three())
    staff = replace(people, arrives=np.array([0.0, 3.0, 1.0]), leaves=np.array([2.0]))
    at = desk(game(staff=staff))
    assert (at.here.tolist(), at.present.tolist()) == ([True, False, False], [True])
    assert at.wait()
    assert (at.time, at.here.tolist()) == (1.0, [True, False, True])
    assert at.wait()
    assert at.present.tolist() == [False]
    assert not at.wait()


def test_a_wrong_merge_names_the_policys_fault() -> None:
    """Twice, or before it came in."""
    staff = replace(staffed(three()), arrives=np.array([0.0, 3.0, 1.0]))
    at = desk(game(staff=staff))
    at.decide([Decision(proposal=0, act=Act.MERGED)])
    with pytest.raises(ValueError, match="proposal 0 twice"):
        at.decide([Decision(proposal=0, act=Act.MERGED)])
    with pytest.raises(ValueError, match="proposal 1 before it came in"):
        at.decide([Decision(proposal=1, act=Act.MERGED)])
