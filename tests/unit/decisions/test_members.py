from __future__ import annotations

import numpy as np
import pytest

from mainstem import Integrator, Objective
from mainstem.decisions import members
from mainstem.decisions.belief import Belief, believe
from mainstem.decisions.problem import Problem, Result
from mainstem.domain.trunk import MemberState, TrunkMember

LOSS = Objective("loss", margin=1.0)
SIZE = Objective("size", margin=1.0, role="guard", unit="MB")
EFFECTS = {"a": 3.0, "b": 3.0, "ab": -3.0, "c": 2.0, "d": 0.0}
"""a and b do the same work, c does its own, d none."""

SIZES = {"c": 0.0, "d": -3.0}
"""Without d the model is 3 MB larger: it keeps the guard."""


def runs(*recipes: str, guarded: bool = False, times: int = 4) -> list[Result]:
    """Runs of each recipe, noise sd 0.3; the guard's losses only where they are wanted."""
    out = []
    for seed in range(times):
        for recipe in recipes:
            noise = np.random.default_rng([seed, *map(ord, recipe)]).standard_normal(2)
            gain = sum(g for held, g in EFFECTS.items() if set(held) <= set(recipe))
            size = 5.0 + guarded * sum(SIZES.get(p, 0.0) for p in recipe)
            values = {"loss": 10.0 - gain + 0.3 * noise[0], "size": size + 0.1 * noise[1]}
            out.append(Result(trial=None, recipe=frozenset(recipe), seed=seed, values=values))
    return out


def crashed(recipe: str) -> Result:
    """A run that crashed."""
    return Result(trial=None, recipe=frozenset(recipe), seed=0, values=None)


def believed(results: list[Result], trunk: str) -> Belief:
    """What these runs say about four proposals, some of which are in the trunk."""
    problem = Problem(
        proposals=tuple("abcd"), objectives=(LOSS, SIZE), trunk=frozenset(trunk), seed=1
    )
    belief = believe(problem, results)
    assert belief is not None
    return belief


def judged(results: list[Result], trunk: str) -> dict[str, TrunkMember]:
    """Each member of the trunk by its proposal."""
    return {m.proposal: m for m in members.members(believed(results, trunk))}


ALONE = ("", "a", "b", "c", "d", "ab", "ac", "bc")
WHOLE = (*ALONE, "abc", "abcd", "abd", "acd", "bcd")


def test_a_member_whose_work_a_later_merge_does_is_dead_weight() -> None:
    """First a gained three margins; since b is merged too it adds nothing, and c still its two."""
    before = judged(runs(*ALONE), "ac")
    assert {p: m.state for p, m in before.items()} == dict.fromkeys("ac", MemberState.EARNS)
    after = judged(runs(*ALONE, "abc"), "abc")
    assert after["c"].state is MemberState.EARNS
    assert after["a"].state is MemberState.DEAD_WEIGHT
    adds = after["a"].adds["loss"]
    assert adds.low is not None
    assert adds.high is not None
    assert adds.low <= 0.0 <= adds.high < 1.0
    assert after["c"].adds["loss"].mean == pytest.approx(2.0, abs=0.6)


def test_of_two_that_do_the_same_work_only_one_may_go() -> None:
    """Each is dead weight beside the other; without both the trunk would lose three margins."""
    belief = believed(runs(*WHOLE, times=8), "abcd")
    found = members.members(belief)
    dead = [m.proposal for m in found if m.state is MemberState.DEAD_WEIGHT]
    assert dead == ["a", "b", "d"]
    together = members.removable(belief, found)
    assert "d" in together
    assert len(set(together) & {"a", "b"}) == 1


def test_a_passenger_that_keeps_a_guard_earns_its_place() -> None:
    """Though d gains nothing, without it the guard would lose three times what is tolerated."""
    found = judged(runs(*WHOLE, guarded=True, times=8), "abcd")["d"]
    assert found.state is MemberState.EARNS
    assert found.adds["size"].mean == pytest.approx(3.0, abs=0.5)
    assert judged(runs(*WHOLE, times=8), "abcd")["d"].state is MemberState.DEAD_WEIGHT


def test_without_a_run_that_leaves_it_out_there_is_no_evidence() -> None:
    """No figure is made up: the prior knows nothing of this proposal."""
    found = judged(runs("a", "ab", "ac", "abc"), "abc")["a"]
    assert found == TrunkMember(proposal="a", state=MemberState.UNKNOWN)


def test_what_no_run_shows_beside_a_later_merge_is_not_settled() -> None:
    """No run holds b without a, so what a does beside b is a guess, however sure it looks."""
    found = judged(runs("", "a", "c", "ac", "ab", "abc"), "abc")["a"]
    assert found.state is MemberState.UNSETTLED
    assert found.unmet == ("b",)
    assert found.runs_without == 8
    assert found.runs_without_it_alone == 0
    assert found.matters is not None
    settled = judged(runs("", "a", "c", "ac", "ab", "abc", "bc"), "abc")["a"]
    assert settled.unmet == ()
    assert settled.runs_without_it_alone == 4


def test_a_trunk_that_crashes_without_a_member_needs_it() -> None:
    """As b mends what c breaks: no mean says so, the crash does."""
    found = judged([*runs("", "a", "b", "ab", "abc"), crashed("ac")], "abc")["b"]
    assert found.matters == 1.0
    assert found.state is MemberState.EARNS


def test_the_library_tells_it_after_the_trunk_moved() -> None:
    """Runs from before `move_trunk` count, and nothing is said before the trunk has run."""
    integrator = Integrator(proposals="abcd", objectives=[LOSS, SIZE])
    assert integrator.members() == []
    assert integrator.removable() == ()
    for run in runs(*ALONE, "abc"):
        integrator.observe(run.recipe, run.seed, run.values)
    assert integrator.members() == []
    integrator.move_trunk("abc")
    states = {m.proposal: m.state for m in integrator.members()}
    assert states["a"] is states["b"] is MemberState.DEAD_WEIGHT
    assert states["c"] is MemberState.EARNS
    assert len(integrator.removable()) == 1
