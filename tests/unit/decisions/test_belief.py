from __future__ import annotations

import itertools

import numpy as np
import pytest

from mainstem import Objective
from mainstem.decisions.belief import Belief, believe, charitable, recipe_of, rows
from mainstem.decisions.problem import Problem, Result

LOSS = Objective("loss", margin=0.5)
SPEED = Objective("speed", margin=2.0, direction="maximize")
SIZE = Objective("size", margin=1.0, role="guard")


def result(members: str, loss: float | None, *, seed: int = 0, **more: float) -> Result:
    """A finished run; a loss of None is a crash."""
    values = None if loss is None else {"loss": loss, **more}
    return Result(trial=None, recipe=frozenset(members), seed=seed, values=values)


def belief_of(problem: Problem, *results: Result) -> Belief:
    """What these results say."""
    belief = believe(problem, results)
    assert belief is not None
    return belief


def test_recipes_are_rows_in_the_order_of_proposing() -> None:
    """And back; no name decides a place."""
    order = ("z", "a", "m")
    x = rows([frozenset(), frozenset("mz")], order)
    assert x.tolist() == [[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]]
    assert [recipe_of(row, order) for row in x] == [frozenset(), frozenset("mz")]


def test_nothing_is_believed_before_the_trunk_has_run() -> None:
    """There is nothing to compare with, however much else has run."""
    problem = Problem(proposals=("a",), objectives=(LOSS,))
    assert believe(problem, [result("a", 2.0), result("", None)]) is None


def test_gains_are_in_margins_and_above_zero_is_better() -> None:
    """Whatever the direction and unit of an objective."""
    problem = Problem(proposals=("a",), objectives=(LOSS, SPEED))
    belief = belief_of(problem, result("", 3.0, speed=10.0), result("a", 2.0, speed=7.0))
    assert belief.gains.tolist() == [[0.0, 0.0], [2.0, -1.5]]


def test_a_margin_in_percent_is_fixed_by_the_first_three_runs_of_the_trunk() -> None:
    """It never drifts with later runs, while the trunk's mean may."""
    problem = Problem(proposals=("a",), objectives=(Objective("loss", margin="10%"),))
    first = [result("", v, seed=s) for s, v in enumerate((1.0, 2.0, 3.0))]
    later = [*first, result("", 100.0, seed=9)]
    assert belief_of(problem, *first).scale.margin == pytest.approx([0.2])
    assert belief_of(problem, *later).scale.margin == pytest.approx([0.2])
    assert belief_of(problem, *later).scale.trunk == pytest.approx([26.5])


def test_a_margin_in_percent_of_nothing_is_refused() -> None:
    """Ten percent of 0 would accept nothing and guard nothing: the message says what to give."""
    problem = Problem(proposals=("a",), objectives=(Objective("loss", margin="10%"),))
    with pytest.raises(ValueError, match=r"margin of 'loss' is 10% .* give it as a number"):
        believe(problem, [result("", 0.0)])


def test_the_value_sums_what_is_to_be_improved() -> None:
    """In margins; a guard adds nothing while it holds."""
    problem = Problem(proposals=("a",), objectives=(LOSS, SPEED, SIZE))
    belief = belief_of(problem, result("", 3.0, speed=1.0, size=1.0))
    assert belief.value(np.array([2.0, 0.5, 3.0])) == pytest.approx(2.5)
    assert belief.value(np.array([2.0, -0.5, -1.0])) == pytest.approx(1.5)


@pytest.mark.parametrize("gains", [[9.0, 0.0, -1.5], [9.0, -1.5, 0.0], [-1.5, 9.0, 0.0]])
def test_a_broken_margin_is_worth_less_than_the_trunk(gains: list[float]) -> None:
    """However much is gained elsewhere; every objective is guarded, improve ones too."""
    problem = Problem(proposals=("a",), objectives=(LOSS, SPEED, SIZE))
    belief = belief_of(problem, result("", 3.0, speed=1.0, size=1.0))
    assert belief.value(np.array(gains)) == pytest.approx(-0.5)


def test_impossible_recipes_are_those_with_a_conflict_or_a_guilty_set() -> None:
    """Conflicts of one, two and three proposals, and a set that is known to crash."""
    problem = Problem(
        proposals=tuple("abcdef"),
        objectives=(LOSS,),
        conflicts=frozenset({frozenset("a"), frozenset("bc"), frozenset("bde")}),
    )
    belief = belief_of(
        problem, result("", 1.0), result("e", 1.0), result("f", 1.0), result("ef", None)
    )
    cube = np.array(list(itertools.product((0.0, 1.0), repeat=6)))
    for row, possible in zip(cube, belief.possible(cube), strict=True):
        recipe = recipe_of(row, problem.proposals)
        bad = any(set(s) <= recipe for s in ("a", "bc", "bde", "ef"))
        assert possible == (not bad), recipe


def test_a_recipe_that_crashed_once_and_ran_once_is_no_suspect() -> None:
    """A crash that does not repeat is bad luck."""
    problem = Problem(proposals=("a",), objectives=(LOSS,))
    belief = belief_of(problem, result("", 1.0), result("a", None), result("a", 0.5, seed=1))
    assert belief.crashes.guilty == ()
    assert belief.possible(np.array([[1.0]])).all()


def test_crashes_stay_out_of_the_means() -> None:
    """A failed trial is never a number."""
    problem = Problem(proposals=("a", "b"), objectives=(LOSS,))
    results = [result("", 1.0), result("", 1.1, seed=1), result("b", 0.5)]
    with_crash = belief_of(problem, *results, result("a", None))
    assert np.array_equal(with_crash.gains, belief_of(problem, *results).gains)
    assert with_crash.runs == 4


def test_the_same_draws_for_the_same_state_and_tag() -> None:
    """Draws depend on the seed, the number of results and the tag, and on nothing else."""
    problem = Problem(proposals=("a", "b"), objectives=(LOSS,), seed=5)
    results = [result("", 1.0), result("a", 0.5)]
    x = np.eye(2)
    one, again = (belief_of(problem, *results).draw_gains(x, 1) for _ in range(2))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, belief_of(problem, *results).draw_gains(x, 2))


def test_how_draws_lie_in_memory_changes_no_value() -> None:
    """To the last digit, and values lie by draw: means over them are the same numbers too."""
    problem = Problem(proposals=("a", "b"), objectives=(LOSS, SPEED, SIZE))
    runs = [
        result(members, loss, speed=5.0 * loss, size=2.0 * len(members) - loss)
        for members, loss in (("", 3.0), ("a", 2.0), ("b", 3.5), ("ab", 2.2))
    ]
    belief = belief_of(problem, *runs)
    x = np.array(list(itertools.product((0.0, 1.0), repeat=2)))
    drawn = belief.draw_gains(x, 1, compressed=True)
    value, same = belief.value(drawn), belief.value(np.ascontiguousarray(drawn))
    assert np.array_equal(value, same)
    assert value.flags.c_contiguous
    assert 0 < np.count_nonzero((drawn < -1.0).any(-1)) < value.size


def test_the_trunk_gains_nothing_over_itself() -> None:
    """In every draw, not only on average."""
    problem = Problem(proposals=("a", "b"), objectives=(LOSS,), trunk=frozenset("a"))
    belief = belief_of(problem, result("a", 1.0), result("a", 1.2, seed=1), result("ab", 0.7))
    assert np.abs(belief.draw_gains(np.array([[1.0, 0.0]]), 1)).max() < 1e-2
    assert belief.free.tolist() == [False, True]


def test_risk_takes_from_gains_and_never_makes_a_loss_smaller() -> None:
    """A recipe that may crash is worth less than one that runs, good or bad."""
    value, runs = np.array([2.0, 2.0, -2.0, -2.0]), np.array([1.0, 0.5, 1.0, 0.5])
    assert Belief.risked(value, runs) == pytest.approx([2.0, 0.5, -2.0, -2.5])


def spoiled(*more: Result) -> Belief:
    """Three good proposals and a fourth; d beside one of them spoils the run of all."""
    problem = Problem(proposals=tuple("abcd"), objectives=(LOSS,))
    values = {"": 50.0, "a": 45.0, "b": 45.0, "c": 45.0, "d": 51.0, "abc": 35.0, "abcd": 66.0}
    runs = [result(r, v + 0.01 * seed, seed=seed) for r, v in values.items() for seed in range(2)]
    return belief_of(problem, *runs, *more)


def test_a_spoiled_run_is_a_crash_to_the_charitable() -> None:
    """It says that one set in it is guilty, and nothing of what the others do."""
    belief = spoiled()
    kind = charitable(belief)
    everything, without_a = rows(["abcd", "bcd"], belief.problem.proposals)  # type: ignore[list-item]  # words are sets
    assert not np.any(np.all(kind.x == everything, axis=1))
    assert len(kind.gains) == len(kind.x) == len(belief.x) - 2
    assert kind.crashes.failures == ((0, 1, 2, 3),)
    assert not belief.crashes.failures
    assert 0.2 < kind.crashes.runs(without_a[None])[0] < 0.8
    assert kind.mean_gains(without_a[None])[0, 0] == pytest.approx(18.0, abs=3.0)
    assert belief.mean_gains(without_a[None])[0, 0] < 10.0


def test_a_guard_without_noise_knows_what_it_was_in_a_spoiled_run() -> None:
    """Every run of a recipe has the same size, also one that something else spoiled."""
    values = {"": 50.0, "a": 45.0, "b": 45.0, "ab": 66.0}
    sizes = {"": 9.0, "a": 9.0, "b": 9.0, "ab": 12.0}
    runs = [
        result(members, loss + 0.01 * seed, seed=seed, size=sizes[members])
        for members, loss in values.items()
        for seed in range(3)
    ]
    belief = belief_of(Problem(proposals=tuple("ab"), objectives=(SIZE, LOSS)), *runs)
    kind, both = charitable(belief), np.ones((1, 2))
    assert kind.landscapes[0] is belief.landscapes[0]
    kind_size, kind_loss = kind.mean_gains(both)[0]
    size, loss = belief.mean_gains(both)[0]
    assert kind_size == pytest.approx(size)
    assert size < -1.0
    assert kind_loss > 0.0 > loss


def test_what_turns_out_fine_leaves_one_to_blame() -> None:
    """Once d is fine beside b and c, its pair with a is guilty."""
    kind = charitable(spoiled(result("bcd", 41.0), result("bcd", 41.02, seed=1)))
    assert kind.crashes.guilty == ((0, 3),)


def test_a_run_that_is_neither_spoiled_nor_fine_clears_nobody() -> None:
    """A bad proposal beside the guilty pair: no worse than it alone, and no proof of innocence."""
    with_bad = [result("e", 62.0), result("ade", 60.0)]
    problem = Problem(proposals=tuple("abcde"), objectives=(LOSS,))
    values = {"": 50.0, "a": 45.0, "b": 45.0, "c": 45.0, "d": 51.0, "abc": 35.0, "abcd": 66.0}
    runs = [result(recipe, value) for recipe, value in values.items()]
    kind = charitable(belief_of(problem, *runs, *with_bad))
    assert len(kind.x) == len(runs) + len(with_bad) - 1
    guilt = dict(zip(kind.crashes.sets, kind.crashes.guilt, strict=True))
    assert guilt[0, 3] == pytest.approx(guilt[1, 3])


def test_the_sum_of_bad_parts_is_not_spoiled() -> None:
    """Nor is a bad proposal alone; the belief stays as it is."""
    problem = Problem(proposals=tuple("ab"), objectives=(LOSS,))
    values = {"": 50.0, "a": 55.0, "b": 57.0, "ab": 62.5}
    belief = belief_of(problem, *[result(recipe, value) for recipe, value in values.items()])
    assert charitable(belief) is belief
