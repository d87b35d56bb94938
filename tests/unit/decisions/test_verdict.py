from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem import Integrator, Objective, VerdictKind
from mainstem.decisions.verdict import spoilers

if TYPE_CHECKING:
    from collections.abc import Callable


def test_what_is_confirmed_is_merged_and_what_loses_is_shelved(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """The reason names the pairs, the partners and what each adds."""
    found = campaign(world({"a": 2.0, "b": 3.0, "c": -2.0, "d": -1.0}), "abcd")
    verdicts = found.verdicts()
    assert found.recommend().confirmed
    assert verdicts["a"].kind is verdicts["b"].kind is VerdictKind.MERGE
    pairs = len(found.candidates()[-1].pairs)
    assert f"{pairs} fresh pairs confirmed" in verdicts["a"].reason
    assert verdicts["a"].others == ("b",)
    assert verdicts["c"].kind is verdicts["d"].kind is VerdictKind.SHELVE
    assert "no gain given the best set" in verdicts["c"].reason


def test_a_broken_guard_is_named(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """The proposal gains, and is shelved because of what it costs elsewhere."""
    truth = world({"a": 3.0, "b": 2.0, "c": -1.0}, guards={"size": {"a": -4.0}})
    verdicts = campaign(truth, "abc").verdicts()
    assert verdicts["a"].kind is VerdictKind.SHELVE
    assert "breaks the guard size" in verdicts["a"].reason
    assert "where -1.0 is tolerated" in verdicts["a"].reason
    assert verdicts["b"].kind is VerdictKind.MERGE


def test_a_spoiled_proposal_is_reworked_against_a_named_other(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """A and b both win alone and lose together: the weaker is told by whom it is spoiled.

    Named first: with single runs and noise of half a margin another pair may look as if it lost one
    (one of sixteen campaigns with other seeds).
    """
    truth = world({"a": 4.0, "b": 2.5, "ab": -5.0, "c": 1.5, "d": -2.0})
    verdicts = campaign(truth, "abcd").verdicts()
    assert verdicts["a"].kind is verdicts["c"].kind is VerdictKind.MERGE
    assert verdicts["b"].kind is VerdictKind.REWORK
    assert verdicts["b"].others[0] == "a"
    assert "spoiled, beyond the sum of the two, by a (-" in verdicts["b"].reason


def test_a_conflict_with_the_best_set_is_reworked(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """Good, but git cannot merge it with a member of what is merged."""
    found = campaign(world({"a": 4.0, "b": 2.5, "c": 1.5}), "abc", conflicts=("ab",))
    verdict = found.verdicts()["b"]
    assert verdict.kind is VerdictKind.REWORK
    assert verdict.others == ("a",)
    assert "git cannot merge it with a" in verdict.reason


def test_a_conflict_with_the_trunk_is_reworked_without_a_run(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """Nothing can be measured, and the author is told what to do."""
    verdict = campaign(world({"a": 2.0, "b": 9.0}), "ab", conflicts=("b",)).verdicts()["b"]
    assert verdict.kind is VerdictKind.REWORK
    assert verdict.reason == "conflicts with the trunk: rebase it"


def test_a_proposal_that_crashes_alone_is_broken(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """And nothing else is blamed for it."""
    verdicts = campaign(world({"a": 2.0, "c": 1.5}, guilty=("b",)), "abc").verdicts()
    assert (verdicts["b"].kind, verdicts["b"].reason) == (VerdictKind.BROKEN, "crashes alone")
    assert verdicts["a"].kind is verdicts["c"].kind is VerdictKind.MERGE


def test_a_pair_that_crashes_together_is_broken_with_the_other_named(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """The better of the two is merged; the other runs alone, but not next to it."""
    truth = world({"a": 4.0, "b": 2.0, "c": 1.5, "d": -1.0}, guilty=("ab",))
    verdicts = campaign(truth, "abcd").verdicts()
    assert verdicts["a"].kind is VerdictKind.MERGE
    assert verdicts["b"].kind is VerdictKind.BROKEN
    assert verdicts["b"].others == ("a",)
    assert verdicts["b"].reason == "runs alone, but crashes together with a"


def test_a_passenger_is_called_one(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """A member of the confirmed set whose own part cannot be told from nothing: its why says so."""
    found = campaign(world({"a": 2.0, "b": 3.0, "c": -2.0, "d": 0.1}), "abcd")
    verdicts = found.verdicts()
    assert verdicts["d"].kind is VerdictKind.MERGE
    assert "a passenger: its own part cannot be told from nothing" in verdicts["d"].reason
    assert "a passenger" not in verdicts["b"].reason


def test_a_member_that_pays_for_another_is_said_to_keep_the_guard(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """It costs a little of the main objective; without it the set would break a guard."""
    guards = {"bytes": {"a": -3.0, "b": 4.0}}
    reason = campaign(world({"a": 8.0, "b": -1.0}, guards=guards), "ab").verdicts()["b"].reason
    assert "in the set that" in reason
    assert "keeps the guard bytes: without it -" in reason


def test_a_little_gain_that_is_not_sure_is_no_win_that_somebody_spoils(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """B gains a fifth of a margin alone, if anything, and loses beside a: shelved, not reworked."""
    truth = world({"a": 5.0, "b": 0.2, "ab": -3.0, "c": 1.5})
    assert campaign(truth, "abc").verdicts()["b"].kind is VerdictKind.SHELVE


def test_everything_is_open_until_the_trunk_has_run() -> None:
    """The first answer is that there is none yet."""
    found = Integrator(proposals="ab", objectives=[Objective("loss", margin=1.0)])
    assert [v.kind for v in found.verdicts().values()] == [VerdictKind.OPEN] * 2
    assert "waits for the trunk" in found.verdicts()["a"].reason


def test_members_of_the_best_set_are_open_until_it_is_confirmed(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """Search data never decide: however good it looks, it waits for fresh pairs."""
    found = campaign(world({"a": 5.0, "b": 4.0}), "ab", budget=12)
    assert not found.recommend().confirmed
    assert found.recommend().recipe == frozenset("ab")
    assert {v.kind for v in found.verdicts().values()} == {VerdictKind.OPEN}
    assert "not confirmed yet" in found.verdicts()["a"].reason


def test_what_cannot_be_told_is_open_and_says_undecided(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """Six noisy runs say little: no verdict is made up."""
    verdicts = campaign(world({"a": 0.5, "b": 0.5, "c": 0.5}, sd=3.0), "abc", budget=6).verdicts()
    assert any(v.kind is VerdictKind.OPEN and "undecided" in v.reason for v in verdicts.values())
    assert {v.kind for v in verdicts.values()} <= {VerdictKind.OPEN, VerdictKind.SHELVE}


def test_proposals_of_the_trunk_have_no_verdict(
    world: Callable[..., object], campaign: Callable[..., Integrator]
) -> None:
    """What is merged is decided."""
    found = campaign(world({"a": 3.0, "b": -1.0}), "ab")
    found.move_trunk({"a"})
    assert set(found.verdicts()) == {"b"}


@pytest.mark.parametrize(
    ("means", "named"),
    [
        ([-0.4, -3.0], [1]),
        ([-0.9, -0.5], []),
        ([2.0, 1.0], []),
        ([-1.5, -2.0], [1, 0]),  # two may both spoil: the worse one first
    ],
)
def test_spoilers_are_named_only_if_they_are_clear(means: list[float], named: list[int]) -> None:
    """Each costs a margin or more on average, and the pair has run by itself."""
    draws = np.array(means) + 0.3 * np.random.default_rng(0).standard_normal((200, 2))
    assert spoilers(draws, np.array([True, True])) == named
    assert spoilers(draws, np.array([False, False])) == []


def test_nobody_spoils_where_there_is_no_member_or_no_certainty() -> None:
    """An empty set, or a loss that may as well be a gain."""
    assert spoilers(np.empty((50, 0)), np.empty(0, dtype=np.bool_)) == []
    wild = -1.1 + 5.0 * np.random.default_rng(0).standard_normal((400, 1))
    assert spoilers(wild, np.array([True])) == []
