from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, strategies as st

from mainstem import Objective, Purpose, Trial
from mainstem.decisions.problem import Ask, Problem
from mainstem.decisions.trials import Trials, clean, fresh_seed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROBLEM = Problem(
    proposals=("a", "b"),
    objectives=(Objective("loss", margin=1.0), Objective("size", margin=1.0, role="guard")),
)
TRUNK: frozenset[str] = frozenset()
FINE = {"loss": 1.0, "size": 2.0}


def search(*recipes: str) -> list[Trial]:
    """Search trials of these recipes, numbered and seeded from 1."""
    return [Trial(i, frozenset(recipe), i) for i, recipe in enumerate(recipes, start=1)]


def pair(first: int, recipe: str, seed: int, *, trunk: str = "") -> list[Trial]:
    """The trunk's and the candidate's arm, numbered from `first`."""
    arms = enumerate((trunk, recipe), start=first)
    return [Trial(i, frozenset(r), seed, None, Purpose.CONFIRM) for i, r in arms]


def record(trials: Sequence[Trial], told: Sequence[Trial] = (), *, trunk: str = "") -> Trials:
    """A record in which these were asked against a trunk, and those of `told` told in order."""
    known = Trials()
    for trial in trials:
        known = known.ask(trial, frozenset(trunk))
    for trial in told:
        known = known.tell(trial, FINE, PROBLEM)
    return known


def numbers(trials: Sequence[Trial]) -> list[int]:
    """Their numbers."""
    return [trial.id for trial in trials]


# ---- what acts


@given(order=st.permutations(range(5)), told=st.integers(0, 5))
def test_results_act_up_to_the_first_that_is_missing(order: list[int], told: int) -> None:
    """In trial order, whatever the order of the tells; the rest waits."""
    trials = search("", "", "a", "b", "ab")
    known = record(trials, [trials[i] for i in order[:told]])
    missing = min(set(range(5)) - set(order[:told]), default=5)
    assert [result.trial for result in known.acting] == list(range(1, missing + 1))
    assert numbers(known.waiting) == list(range(missing + 1, 6))
    assert numbers(known.pending) == sorted(i + 1 for i in order[told:])


@given(order=st.permutations(range(4)))
def test_the_order_of_tells_leaves_no_trace(order: list[int]) -> None:
    """Two slots that finish in another order leave the same record behind."""
    trials = search("", "a", "b", "ab")
    assert record(trials, [trials[i] for i in order]) == record(trials, trials)


def test_an_observed_run_acts_after_what_was_asked_before_it() -> None:
    """At once while earlier ones run, and in its place when they have been told."""
    trials = search("", "a", "b")
    known = record(trials[:2]).observe("b", 9, FINE, PROBLEM).ask(trials[2], TRUNK)
    assert [(r.trial, r.seed) for r in known.acting] == [(None, 9)]
    for trial in reversed(trials):
        known = known.tell(trial, FINE, PROBLEM)
    assert [(r.trial, r.seed) for r in known.acting] == [(1, 1), (2, 2), (None, 9), (3, 3)]


def test_a_void_trial_has_no_turn() -> None:
    """It cannot run, so those after it do not wait for it."""
    trials = search("", "a", "b")
    known = record(trials, trials[1:])
    assert known.acting == ()
    known = known.take_back(trials[0])
    assert [result.trial for result in known.acting] == [2, 3]
    assert known.waiting == known.pending == ()
    assert known.spent == 2


def test_a_record_never_changes() -> None:
    """Each event gives another one: whoever holds the old one sees what it saw."""
    trials = search("", "a")
    old = record(trials, trials[:1])
    before = (old.acting, old.pending, old.spent)
    old.tell(trials[1], None, PROBLEM)
    old.take_back(trials[1])
    old.observe("a", 7, FINE, PROBLEM)
    assert (old.acting, old.pending, old.spent) == before == (old.acting[:1], (trials[1],), 2)


# ---- asking


def test_trials_out_of_their_row_are_refused() -> None:
    """A gap in the record is a fault of the record."""
    with pytest.raises(ValueError, match="trial 2 does not follow trial 0"):
        Trials().ask(search("", "a")[1], TRUNK)


def test_pairs_share_a_seed_and_nothing_else_does() -> None:
    """Asks of one pair number have one seed; it is new even to runs that nobody asked for."""
    asks = [Ask(recipe=frozenset("a"))]
    asks += [
        Ask(recipe=frozenset(r), purpose=Purpose.CONFIRM, pair=p) for p in (0, 1) for r in ("", "a")
    ]
    one, *arms = Trials().numbered(asks, seed=3)
    assert numbers([one, *arms]) == [1, 2, 3, 4, 5]
    assert [t.recipe for t in (one, *arms)] == [ask.recipe for ask in asks]
    assert arms[0].seed == arms[1].seed != arms[2].seed == arms[3].seed
    assert one.seed not in {t.seed for t in arms}
    known = Trials().observe("a", one.seed, FINE, PROBLEM)
    assert known.numbered(asks[:1], seed=3)[0].seed != one.seed
    assert Trials().numbered(asks, seed=4)[0].seed != one.seed


def test_a_seed_that_was_used_is_drawn_again() -> None:
    """From the campaign's seed and the trial's number alone, so the same one comes back."""
    first = fresh_seed(0, 1, set())
    second = fresh_seed(0, 1, {first})
    assert len({first, second, fresh_seed(0, 2, set()), fresh_seed(1, 1, set())}) == 4
    assert fresh_seed(0, 1, {first}) == second


def test_the_other_arm_of_a_half_asked_pair_is_the_trunk_with_its_seed() -> None:
    """One by one the candidate's arm comes first, and then this one, exactly once."""
    half = Trial(2, frozenset("a"), 50, None, Purpose.CONFIRM)
    known = record([*search(""), half])
    other = known.other_arm(TRUNK)
    assert other == Trial(3, TRUNK, 50, None, Purpose.CONFIRM)
    assert known.ask(other, TRUNK).other_arm(TRUNK) is None


def test_no_other_arm_where_it_would_prove_nothing() -> None:
    """After a search trial, a whole pair, a void arm, or a trunk that has moved."""
    half = Trial(1, frozenset("ab"), 50, None, Purpose.CONFIRM)
    assert Trials().other_arm(TRUNK) is None
    assert record(search("a")).other_arm(TRUNK) is None
    assert record(pair(1, "a", 50)).other_arm(TRUNK) is None
    assert record([half]).take_back(half).other_arm(TRUNK) is None
    assert record([half]).other_arm(frozenset("a")) is None


def test_the_trunk_of_its_time_tells_a_candidate_s_arm() -> None:
    """The trunk's own arm is none, even after the trunk has moved on."""
    known = record(pair(1, "ab", 50, trunk="a"), trunk="a")
    assert [known.is_candidate_arm(t) for t in known.asked] == [False, True]
    assert known.baseline(2) == frozenset("a")
    assert not record(search("a")).is_candidate_arm(search("a")[0])


# ---- telling


def test_the_same_tell_twice_does_nothing_and_another_one_is_refused() -> None:
    """A repeated delivery is harmless; a changed result is a fault."""
    trials = search("", "a")
    known = record(trials, trials[:1]).tell(trials[1], None, PROBLEM)
    assert known.tell(trials[0], {"size": 2.0, "loss": 1.0}, PROBLEM) is known
    assert known.tell(trials[1], None, PROBLEM) is known
    for changed in ({"loss": 1.5, "size": 2.0}, None):
        with pytest.raises(ValueError, match="trial 1 was told before with another result"):
            known.tell(trials[0], changed, PROBLEM)


def test_only_trials_asked_here_can_be_told() -> None:
    """Another seed, another recipe or another number is another trial."""
    (trial,) = search("a")
    known = record([trial])
    for foreign in (
        replace(trial, id=9),
        replace(trial, id=0),
        replace(trial, seed=trial.seed + 1),
        replace(trial, recipe=TRUNK),
    ):
        with pytest.raises(ValueError, match=f"trial {foreign.id} was not asked for here"):
            known.tell(foreign, FINE, PROBLEM)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"loss": 1.0}, r"missing \['size'\]"),
        ({"loss": 1.0, "size": 1.0, "speed": 2.0}, r"unknown \['speed'\]"),
        ({"loss": math.nan, "size": 1.0}, "loss is nan; tell None"),
        ({"loss": 1.0, "size": -math.inf}, "size is -inf; tell None"),
        ({"loss": 1.0, "size": None}, "size is None, not a number"),
    ],
)
def test_values_that_are_no_measurement_are_refused(
    values: Mapping[str, float], message: str
) -> None:
    """Missing, unknown, not finite: each is named, told or observed."""
    (trial,) = search("")
    for take in (
        lambda: clean(PROBLEM, values),
        lambda: record([trial]).tell(trial, values, PROBLEM),
        lambda: Trials().observe("a", 1, values, PROBLEM),
    ):
        with pytest.raises(ValueError, match=message):
            take()


def test_values_are_kept_in_the_order_of_the_objectives() -> None:
    """As plain floats, so that what is compared later is what was measured."""
    kept = clean(PROBLEM, {"size": 2, "loss": 1})
    assert list((kept or {}).items()) == [("loss", 1.0), ("size", 2.0)]
    assert clean(PROBLEM, None) is None


# ---- taking back


def test_a_void_arm_takes_the_other_arm_along() -> None:
    """Half a pair proves nothing and costs nothing; another pair stays."""
    trials = [*pair(1, "a", 50), *pair(3, "a", 51)]
    known = record(trials).take_back(trials[0])
    assert known.void == {1, 2}
    assert known.spent == 2
    assert known.take_back(trials[1]) is known


def test_an_arm_that_was_told_stays_when_the_other_is_taken_back() -> None:
    """It has been paid for, and its number keeps its turn."""
    trials = pair(1, "a", 50)
    assert record(trials, trials[:1]).take_back(trials[1]).void == {2}


def test_what_is_not_pending_cannot_be_taken_back() -> None:
    """A told trial has its result; a foreign one was never here."""
    trials = search("", "a")
    known = record(trials, trials[:1])
    for wrong in (trials[0], Trial(7, TRUNK, 1), replace(trials[1], seed=8)):
        with pytest.raises(ValueError, match=f"trial {wrong.id} is not pending here"):
            known.take_back(wrong)
