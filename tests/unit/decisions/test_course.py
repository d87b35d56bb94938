from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem import Objective, Purpose, Trial
from mainstem.decisions import ask, budget as budgeting, course
from mainstem.decisions.belief import believe, rows
from mainstem.decisions.problem import Problem, Result
from mainstem.decisions.trials import Trials

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBLEM = Problem(
    proposals=("a", "b", "c"), objectives=(Objective("loss", margin=1.0),), budget=200, seed=3
)
TRUNK: frozenset[str] = frozenset()
GOOD = {"a": 5.0, "b": -3.0, "c": -3.0}
SUBTLE = {"a": 1.6, "b": -3.0, "c": -3.0}
"""A gain of a that is soon seen, and takes many pairs to be proved."""


def run(trial: Trial, gains: Mapping[str, float]) -> dict[str, float]:
    """What a trial measures: additive gains with noise of sd 0.5."""
    rng = np.random.default_rng([trial.seed, *sorted(map(ord, trial.recipe))])
    gain = sum(gains[p] for p in trial.recipe)
    return {"loss": 10.0 - gain + 0.5 * rng.standard_normal()}


def step(problem: Problem, known: Trials, k: int = 4) -> course.Step:
    """The next step, from the record alone."""
    return course.step(problem, known, believe(problem, known.acting), k)


def state_of(problem: Problem, known: Trials) -> course.State:
    """Where the campaign stands."""
    belief = believe(problem, known.acting)
    assert belief is not None
    return course.State(trials=known, belief=belief)


def asked(problem: Problem, known: Trials, k: int = 4) -> tuple[Trials, list[Trial]]:
    """The record after the next step's runs are asked for, and these."""
    trials = known.numbered(step(problem, known, k).asks, problem.seed)
    for trial in trials:
        known = known.ask(trial, problem.trunk)
    return known, trials


def played(
    problem: Problem, gains: Mapping[str, float], *, until: Purpose | None = None, k: int = 4
) -> tuple[Trials, list[list[Trial]]]:
    """The record at the end, or when runs for this purpose are asked and not told; all batches."""
    known, batches = Trials(), []
    while True:
        known, trials = asked(problem, known, k)
        if not trials:
            return known, batches
        batches.append(trials)
        if trials[-1].purpose is until:
            return known, batches
        for trial in trials:
            known = known.tell(trial, run(trial, gains), problem)


def confirming(gains: Mapping[str, float] = SUBTLE, **changes: Any) -> tuple[Problem, Trials]:
    """A campaign whose first two pairs have been asked and told."""
    problem = replace(PROBLEM, **changes)
    known, batches = played(problem, gains, until=Purpose.CONFIRM)
    for trial in batches[-1]:
        known = known.tell(trial, run(trial, gains), problem)
    return problem, known


def test_the_first_step_is_the_opening_and_single_proposals() -> None:
    """Nothing is compared before the trunk is known; slots beyond that are not idle."""
    recipes = [wanted.recipe for wanted in step(PROBLEM, Trials(), 5).asks]
    assert recipes[:3] == [TRUNK] * 3
    assert sorted(map(len, recipes[3:])) == [1, 1]
    assert len(step(PROBLEM, Trials(), 2).asks) == 2


def test_while_the_trunk_runs_one_waits() -> None:
    """No step and no end: its results may still come."""
    known, _ = asked(PROBLEM, Trials(), 3)
    assert step(PROBLEM, known) == course.Step()


def test_a_trunk_that_never_runs_ends_the_campaign() -> None:
    """There is nothing to compare with; one success is enough to go on."""
    known, trials = asked(PROBLEM, Trials(), 3)
    for trial in trials[:2]:
        known = known.tell(trial, None, PROBLEM)
    assert step(PROBLEM, known.tell(trials[2], None, PROBLEM)) == course.Step(ended=True)
    assert step(PROBLEM, known.tell(trials[2], {"loss": 1.0}, PROBLEM)).asks


def test_a_step_is_a_function_of_its_arguments() -> None:
    """Asked twice it says the same, and it leaves the record alone."""
    known, batches = played(PROBLEM, SUBTLE, until=Purpose.CONFIRM)
    again, repeated = played(PROBLEM, SUBTLE, until=Purpose.CONFIRM)
    assert (known, batches) == (again, repeated)
    problem, known = confirming()
    assert step(problem, known) == step(problem, known)


def test_a_whole_course_searches_confirms_settles_and_ends() -> None:
    """In this order: no search for the best goes on between the pairs; the end is said once."""
    known, batches = played(PROBLEM, GOOD)
    purposes = [trial.purpose for batch in batches for trial in batch]
    first, last = (
        purposes.index(Purpose.CONFIRM),
        len(purposes) - purposes[::-1].index(Purpose.CONFIRM),
    )
    assert first >= budgeting.least_search(3)
    assert set(purposes[first:last]) == {Purpose.CONFIRM}
    assert step(PROBLEM, known) == course.Step(ended=True)


@pytest.mark.parametrize("k", [4, 20])
def test_a_batch_of_any_size_leaves_the_pairs_that_prove_a_gain(k: int) -> None:
    """Of 44 runs twenty have searched and twenty more would: then nothing could be proved."""
    known, _ = played(replace(PROBLEM, budget=44), SUBTLE, k=k)
    assert len(known.asked) <= 44
    pairs = [trial for trial in known.asked if trial.purpose is Purpose.CONFIRM]
    assert len(pairs) >= 8


def test_confirmation_waits_for_its_pairs() -> None:
    """No look at half of the arms, and not the end either."""
    known, batches = played(PROBLEM, SUBTLE, until=Purpose.CONFIRM)
    assert step(PROBLEM, known) == course.Step()
    known = known.tell(batches[-1][0], run(batches[-1][0], SUBTLE), PROBLEM)
    assert step(PROBLEM, known) == course.Step()


@pytest.mark.parametrize(("k", "runs"), [(1, 1), (2, 2), (3, 2), (7, 6)])
def test_pairs_are_whole(k: int, runs: int) -> None:
    """Trunk and candidate of one pair number; for an ask of one, the candidate's arm."""
    problem, known = confirming()
    asks = step(problem, known, k).asks
    assert len(asks) == runs
    assert all(wanted.purpose is Purpose.CONFIRM for wanted in asks)
    candidate = frozenset("a")
    assert [wanted.recipe for wanted in asks] == (
        [candidate] if k == 1 else [TRUNK, candidate] * (k // 2)
    )
    assert [wanted.pair for wanted in asks] == ([0] if k == 1 else [i // 2 for i in range(runs)])


def test_the_last_trial_of_a_budget_is_no_pair() -> None:
    """Half a pair proves nothing: with one trial left it ends instead."""
    problem, known = confirming()
    short = replace(problem, budget=known.spent + 1)
    assert course.room(short, known, 4) == 1
    assert step(short, known, 1) == course.Step(ended=True)
    assert len(step(replace(problem, budget=known.spent + 2), known, 2).asks) == 2


def test_what_can_no_longer_be_run_gets_no_more_pairs() -> None:
    """A candidate that conflicts, or lacks what the trunk has, is left in mid-confirmation."""
    problem, known = confirming()
    assert all(wanted.purpose is Purpose.CONFIRM for wanted in step(problem, known).asks)
    for change in (
        {"conflicts": frozenset({frozenset("a")})},
        {"trunk": frozenset("c")},
    ):
        asks = step(replace(problem, **change), known).asks  # type: ignore[arg-type]  # either field
        assert not any(
            wanted.purpose is Purpose.CONFIRM and wanted.recipe == {"a"} for wanted in asks
        )


def test_a_moved_trunk_is_opened_before_anything_else() -> None:
    """Up to three runs of it, and no single proposals beside them: the search knows better now."""
    problem, known = confirming()
    moved = replace(problem, trunk=frozenset("c"))
    ran = sum(trial.recipe == {"c"} for trial in known.asked)
    assert [wanted.recipe for wanted in step(moved, known, 8).asks] == [frozenset("c")] * (3 - ran)
    assert ran < 3


def test_a_candidate_against_another_trunk_is_not_in_confirmation() -> None:
    """Even where the moved trunk is part of it: its pairs would start anew."""
    problem, known = confirming({"a": 1.6, "b": 1.6, "c": -3.0})
    running = course.confirming(state_of(problem, known))
    assert running is not None
    assert running.recipe == {"a", "b"}
    assert course.confirming(state_of(replace(problem, trunk=frozenset("a")), known)) is None


@pytest.mark.parametrize(
    ("worth", "promise", "stuck", "expected"),
    [
        (0.01, (0.02, 0.01), False, ["bc", "ac", "a"]),  # the search promises nothing
        (0.5, (0.1, 0.05), True, ["bc", "ac", "a"]),  # or found nothing for long
        (0.5, (0.6, 0.7), False, ["bc", "ac", "a"]),  # they promise more than the search
        (0.5, (0.6, 0.1), False, ["bc", "a", "b"]),  # one of them does
        (0.5, (0.1, 0.05), False, ["bc", "a", "b"]),  # every fourth run at least
        (0.5, (0.01, 0.005), True, ["a", "b"]),  # not worth a run
        (0.01, (0.01, 0.005), True, []),
    ],
)
def test_pairs_that_never_met_are_tried_before_a_budget_is_left(
    worth: float,
    promise: tuple[float, ...],
    stuck: bool,
    expected: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By what they promise beside what the search does."""
    known, batches = Trials(), played(PROBLEM, GOOD, until=Purpose.CONFIRM)[1][:-1]
    for trial in (trial for batch in batches for trial in batch):
        known = known.ask(trial, TRUNK).tell(trial, run(trial, GOOD), PROBLEM)
    state = state_of(PROBLEM, known)
    best = favourite(state, 5.0)

    def asks(*words: str) -> tuple[ask.Ask, ...]:
        return tuple(ask.Ask(recipe=frozenset(word)) for word in words)

    unseen = ask.Strangers(asks=asks("bc", "ac"), promise=promise)
    found = ask.Search(asks=asks("a", "b"), worth=worth, narrows=False)
    monkeypatch.setattr(course, "_stuck", lambda _: stuck)
    monkeypatch.setattr(ask, "second_look", lambda *_: unseen)
    monkeypatch.setattr(ask, "search", lambda *_: found)
    asked = ["".join(sorted(wanted.recipe)) for wanted in course._search(state, best, 4)]
    assert asked[: len(expected)] == expected
    assert bool(asked) == bool(expected)
    endless = course._search(state_of(replace(PROBLEM, budget=None), known), best, 4)
    assert endless == (found.asks if worth > 0.1 else ())


@pytest.mark.parametrize(
    ("later", "stuck"),
    [
        ([("ab", 10.3), ("ac", 8.0)], False),
        ([("ab", 10.3), ("ac", 8.0), ("c", -3.0)], True),  # a near-tie is no news
        ([("ab", 13.0), ("ac", 8.0), ("c", -3.0)], False),
    ],
)
def test_a_search_is_stuck_once_n_runs_found_nothing_better_by_a_margin(
    later: list[tuple[str, float]], *, stuck: bool
) -> None:
    """Counted after the first run of what is about as good as the best."""
    gains = [("", 0.0), ("", 0.0), ("a", 10.0), *later]
    results = [
        Result(trial=None, recipe=frozenset(recipe), seed=0, values={"loss": 50.0 - gain})
        for recipe, gain in gains
    ]
    belief = believe(PROBLEM, results)
    assert belief is not None
    assert course._stuck(belief) is stuck


def favourite(state: course.State, value: float) -> ask.Favourite:
    """A favourite that is surely good, of so much value."""
    return ask.Favourite(row=state.belief.x[0], value=value, probability=1.0, mean=np.ones(1))


def test_a_closed_candidate_is_not_worth_pairs_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is the favourite still; another recipe is."""
    state = state_of(*confirming())
    best = favourite(state, 9.0)
    assert course._worthy(state, best, frozenset("a"))
    monkeypatch.setattr(budgeting, "MOST_PAIRS", 2)
    assert not course._worthy(state, best, frozenset("a"))
    assert course._worthy(state, best, frozenset("b"))


@pytest.mark.parametrize(("more", "worthy"), [(0.9, False), (1.1, True)])
def test_a_second_candidate_promises_a_margin_more(more: float, *, worthy: bool) -> None:
    """Than the one that is confirmed, or it would be confirmed for nothing."""
    state = state_of(PROBLEM, played(PROBLEM, GOOD)[0])
    row = rows([frozenset("a")], PROBLEM.proposals)[0]
    value = ask.assess(state.belief, row).value + more
    assert course._worthy(state, favourite(state, value), frozenset("ab")) is worthy


def test_confirmation_does_not_start_while_search_runs() -> None:
    """When what is left is just what it takes: it waits for the last results of the search."""
    known, batches = Trials(), played(PROBLEM, GOOD, until=Purpose.CONFIRM)[1][:-1]
    for trial in (trial for batch in batches for trial in batch):
        known = known.ask(trial, TRUNK).tell(trial, run(trial, GOOD), PROBLEM)
    short = replace(PROBLEM, budget=known.spent + 14)
    assert {wanted.purpose for wanted in step(short, known).asks} == {Purpose.CONFIRM}
    running = Trial(len(known.asked) + 1, frozenset("b"), 1)
    short = replace(short, budget=known.spent + 15)
    assert step(short, known.ask(running, TRUNK)) == course.Step()


def test_a_candidate_out_of_pairs_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gain too small for its noise is not tried for ever."""
    problem, known = confirming()
    monkeypatch.setattr(budgeting, "MOST_PAIRS", 2)
    assert not any(wanted.purpose is Purpose.CONFIRM for wanted in step(problem, known).asks)


def test_a_confirmed_recipe_gets_no_more_pairs() -> None:
    """It is proved; what is left settles the verdicts of the others."""
    known, _ = played(PROBLEM, GOOD)
    state = state_of(PROBLEM, known)
    assert state.confirmed is not None
    assert state.confirmed.recipe == {"a"}
    assert course.confirming(state) is None


@pytest.mark.parametrize(("budget", "left"), [(None, 4), (9, 4), (2, 1), (1, 0)])
def test_room_is_what_the_budget_leaves(budget: int | None, left: int) -> None:
    """Void trials cost nothing, everything else does."""
    problem = replace(PROBLEM, budget=budget)
    known, trials = asked(PROBLEM, Trials(), 2)
    assert course.room(problem, known.take_back(trials[0]), 4) == left


def seen(problem: Problem, *recipes: str) -> course.State:
    """Where a campaign stands after three observed runs of the trunk and of each recipe."""
    known = Trials()
    for seed in range(3):
        for recipe in ("", *recipes):
            values = run(Trial(1, frozenset(recipe), seed, None, Purpose.SEARCH), GOOD | {"b": 4.0})
            known = known.observe(recipe, seed, values, problem)
    return state_of(problem, known)


@pytest.mark.parametrize(
    ("recipes", "budget", "purpose"),
    [
        (("a", "b"), 200, Purpose.SEARCH),  # ab is good by what a and b are
        (("a", "b"), 16, Purpose.CONFIRM),  # no more is left than the pairs take
        (("a", "b", "c", "ab"), 200, Purpose.CONFIRM),
    ],
)
def test_a_favourite_runs_itself_before_its_first_pair(
    recipes: tuple[str, ...], budget: int, purpose: Purpose
) -> None:
    """One run of it may say otherwise for a sixteenth of what the pairs cost."""
    state = seen(replace(PROBLEM, budget=budget), *recipes)
    row = rows([frozenset("ab")], PROBLEM.proposals)[0]
    asks = course._confirm(state, ask.assess(state.belief, row), 8.0, 4).asks
    assert {a.purpose for a in asks} == {purpose}
    assert asks[-1].recipe == frozenset("ab")
