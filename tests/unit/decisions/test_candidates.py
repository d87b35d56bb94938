from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem import Objective, Purpose, Trial
from mainstem.decisions import budget as budgeting, candidates
from mainstem.decisions.belief import Belief, believe
from mainstem.decisions.confirm import Candidate, Outcome, Test as Evidence
from mainstem.decisions.problem import Problem
from mainstem.decisions.trials import Trials

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PROBLEM = Problem(
    proposals=("a", "b", "c"),
    objectives=(Objective("loss", margin=1.0), Objective("size", margin=1.0, role="guard")),
)
GAINS = {"a": 8.0, "b": 0.0, "c": 1.0}


def run(trial: Trial) -> dict[str, float]:
    """What a trial measures: additive gains of the loss with noise, a size that never changes."""
    rng = np.random.default_rng([trial.seed, *sorted(map(ord, trial.recipe))])
    gain = sum(GAINS[p] for p in trial.recipe)
    return {"loss": 10.0 - gain + rng.standard_normal(), "size": 5.0}


def go_on(
    known: Trials,
    *recipes: str,
    trunk: str = "",
    purpose: Purpose = Purpose.SEARCH,
    run: Callable[[Trial], Mapping[str, float] | None] = run,
) -> Trials:
    """The record after these have been asked against a trunk and told, one seed for all."""
    seed = len(known.asked)
    for recipe in recipes:
        trial = Trial(len(known.asked) + 1, frozenset(recipe), seed, None, purpose)
        known = known.ask(trial, frozenset(trunk)).tell(trial, run(trial), PROBLEM)
    return known


def pairs(known: Trials, recipe: str, count: int, *, trunk: str = "") -> Trials:
    """The record after so many confirmation pairs."""
    for _ in range(count):
        known = go_on(known, trunk, recipe, trunk=trunk, purpose=Purpose.CONFIRM)
    return known


def opened() -> Trials:
    """The record after three runs of the trunk."""
    return go_on(go_on(go_on(Trials(), ""), ""), "")


def belief_of(known: Trials, *, trunk: str = "") -> Belief:
    """What the results say, with this recipe as the trunk."""
    belief = believe(replace(PROBLEM, trunk=frozenset(trunk)), known.acting)
    assert belief is not None
    return belief


def standing(**changes: object) -> Candidate:
    """A candidate on the first trunk that is in the middle of its confirmation."""
    known = {
        "number": 1,
        "recipe": frozenset("a"),
        "baseline": frozenset(),
        "pairs": (),
        "tests": (),
        "outcome": Outcome.RUNNING,
        "log_threshold": 3.5,
    }
    return Candidate(**{**known, **changes})  # type: ignore[arg-type]  # a dict of keywords has one type


def test_candidates_are_numbered_by_their_first_pair() -> None:
    """One that comes back keeps its number, so that the thresholds spend alpha once."""
    known = pairs(pairs(pairs(opened(), "a", 1), "ab", 1), "a", 1)
    assert candidates.order(known) == [
        (frozenset("a"), frozenset()),
        (frozenset("ab"), frozenset()),
    ]
    trunk: frozenset[str] = frozenset()
    assert [candidates.number(known, frozenset(r), trunk) for r in ("a", "ab", "c")] == [1, 2, 3]
    found = candidates.judged(belief_of(known), known)
    assert [(c.number, len(c.pairs)) for c in found] == [(1, 2), (2, 1)]
    assert found[1].log_threshold - found[0].log_threshold == pytest.approx(np.log(4.0))


def test_pairs_against_an_older_trunk_say_nothing_about_the_present_one() -> None:
    """A set that gained through a, now in the trunk, is another candidate with pairs of its own.

    Otherwise b, which does nothing, would be merged on what a did: a false merge.
    """
    known = pairs(opened(), "ab", 8)
    belief = belief_of(known)
    assert candidates.confirmed(belief, candidates.judged(belief, known)) is not None
    for _ in range(3):
        known = go_on(known, "a", trunk="a")
    known = pairs(known, "ab", 3, trunk="a")
    belief = belief_of(known, trunk="a")
    first, second = found = candidates.judged(belief, known)
    assert (first.number, first.baseline, len(first.pairs)) == (1, frozenset(), 8)
    assert (second.number, second.baseline, len(second.pairs)) == (2, frozenset("a"), 3)
    assert first.outcome is Outcome.CONFIRMED
    assert candidates.confirmed(belief, found) is None


def test_half_a_pair_is_no_evidence() -> None:
    """A candidate is known from its first arm on, and is judged by whole pairs only."""
    known = go_on(pairs(opened(), "a", 2), "a", purpose=Purpose.CONFIRM)
    (found,) = candidates.judged(belief_of(known), known)
    assert len(found.pairs) == 2


def test_search_runs_are_nobody_s_pairs() -> None:
    """Search data never decide, however many there are."""
    known = opened()
    for _ in range(10):
        known = go_on(known, "", "a")
    assert candidates.judged(belief_of(known), known) == []


def test_a_recipe_is_exact_only_after_runs_of_its_own() -> None:
    """A constant trunk does not make a candidate constant: three runs that agree do."""
    known = opened()
    for runs in range(1, 5):
        known = go_on(known, "a")
        exact = candidates.exact_at(belief_of(known), frozenset("a"))
        assert exact == (False, runs >= 3)
    assert candidates.exact_at(belief_of(known), frozenset("b")) == (False, False)


def test_a_crash_in_confirmation_closes_a_recipe_for_good() -> None:
    """It ran before, so nothing else keeps it from being the favourite again."""

    def crashing(trial: Trial) -> dict[str, float] | None:
        return None if "a" in trial.recipe else run(trial)

    known = go_on(go_on(opened(), "a"), "", "a", purpose=Purpose.CONFIRM, run=crashing)
    found = candidates.judged(belief_of(known), known)
    assert candidates.crashed(found) == [frozenset("a")]
    assert candidates.closed(found[0], frozenset())
    assert candidates.closed(found[0], frozenset("b"))


def test_a_candidate_is_closed_on_the_trunk_that_it_was_compared_with() -> None:
    """Confirmed, blocked by an exact guard, or out of pairs; against another trunk it is open."""
    broken = Evidence(
        objective="size",
        exact=True,
        log_gain=0.0,
        log_margin=0.0,
        gains=False,
        keeps=False,
        breaks=True,
        skewness=None,
    )
    most: tuple[object, ...] = (None,) * budgeting.MOST_PAIRS
    for closed in (
        standing(outcome=Outcome.CONFIRMED),
        standing(tests=(broken,)),
        standing(pairs=most),
    ):
        assert candidates.closed(closed, frozenset())
        assert not candidates.closed(closed, frozenset("b"))
    assert not candidates.closed(standing(pairs=most[1:]), frozenset())


def test_of_two_confirmed_candidates_the_more_valuable_stands() -> None:
    """Whichever came first."""
    known = opened()
    for _ in range(4):
        known = go_on(go_on(go_on(known, "a"), "c"), "ac")
    belief = belief_of(known)
    both = [
        standing(recipe=frozenset("a"), outcome=Outcome.CONFIRMED),
        standing(recipe=frozenset("c"), outcome=Outcome.CONFIRMED),
    ]
    for found in (both, both[::-1]):
        best = candidates.confirmed(belief, found)
        assert best is not None
        assert best.recipe == frozenset("a")
    assert candidates.confirmed(belief, both[1:]) is both[1]
    assert candidates.confirmed(belief, [standing()]) is None
