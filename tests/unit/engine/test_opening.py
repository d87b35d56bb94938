"""A moving world: proposals arrive, branches are pushed again, the trunk moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.domain.errors import NothingToDoError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import World


EFFECTS = {"muon": 0.3, "rope": 0.2, "polish": 0.1, "bad": -0.4, "late": -0.2}


def measured(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
    """Some win and bad loses, late only until polish is there; each recipe has its own noise."""
    noise = np.random.default_rng([seed, *"".join(sorted(content)).encode()]).normal(0.0, 0.02)
    gain = sum(EFFECTS.get(p, 0.0) for p in content) + 0.4 * ({"late", "polish"} <= content)
    return {"loss": 2.0 - gain + noise, "params": 1000.0}


@pytest.fixture
def world(world: World) -> World:
    """A world in which the arms of a pair differ by noise."""
    world.outcome = measured
    return world


def test_what_is_filed_while_a_campaign_runs_is_taken_in_by_the_next_call(world: World) -> None:
    """No trial of before is lost or asked again: for the newcomer they are runs without it."""
    world.propose("muon", "bad")
    stopped = world.integrate(budget=60, die_after=7)
    assert stopped.died
    world.propose("rope")
    found = world.integrate(budget=60)
    assert found.campaign.id == "c1"
    before = stopped.asks()
    assert found.asks()[: len(before)] == before
    assert not any("rope" in recipe for _, recipe, _, _ in before)
    assert len(found.campaign.finished) == len(found.asks())
    assert len(stopped.ran) + len(found.ran) == len(found.asks())
    assert found.verdicts() == {"muon": "merge", "rope": "merge", "bad": "shelve"}


def test_a_merged_trunk_inherits_every_run_of_before(world: World) -> None:
    """Runs that hold the merged set are runs on the new trunk, the others runs without it."""
    world.propose("muon", "bad")
    first = world.integrate(budget=40)
    assert world.merge() == ["muon"]
    world.propose("rope")
    second = world.integrate(budget=40)
    assert second.campaign.id == "c2"
    asked = first.campaign.asked()
    for row, before in zip(second.campaign.inherited, asked, strict=True):
        assert row["trial"] == before.name
        assert {*row["recipe"], "muon"} - {*row["without"]} == before.trial.recipe
        assert row["values"] == first.campaign.finished[before.name].values
    assert second.campaign.batches[0][0].trial.recipe  # a trunk that never ran opens a campaign
    assert second.verdicts()["rope"] == "merge"
    found = second.state.integrator
    assert found.recommend().recipe - found.held == {"rope"}
    assert not any("muon" in a.trial.recipe for a in second.campaign.asked())


def test_what_a_proposal_did_beside_the_old_trunk_counts_on_the_new_one(world: World) -> None:
    """A shelved one is known from its runs of before the merge, most of which lack the set."""
    world.propose("muon", "bad", "rope")
    world.integrate(budget=60)
    assert set(world.merge()) == {"muon", "rope"}
    world.propose("polish")
    opened = world.integrate(budget=4)
    lacking = [row for row in opened.campaign.inherited if row["without"]]
    assert any(row["recipe"] == ["bad"] for row in lacking)
    found = opened.state.integrator
    known = found.gain({"bad"} | found.held)["loss"]
    assert known.high < -0.2
    assert known.high - known.low < 0.2
    assert not any(asked.trial.recipe == {"bad"} for asked in opened.campaign.asked())


def test_a_shelved_proposal_is_judged_again_on_a_trunk_that_moved(world: World) -> None:
    """Left out of the merge it stays open; next to what is filed later it gains, and is merged."""
    world.propose("late", "muon")
    first = world.integrate(budget=40)
    assert first.verdicts() == {"late": "shelve", "muon": "merge"}
    assert world.merge() == ["muon"]
    world.propose("polish")
    second = world.integrate(budget=60)
    assert second.campaign.id == "c2"
    assert second.campaign.proposals == ["late", "polish"]
    assert second.campaign.verdicts["late"]["kind"] == "merge"  # type: ignore[index]  # an id
    assert world.merge() == ["late", "polish"]


def test_a_branch_pushed_again_starts_without_evidence_and_is_asked_in_its_place(
    world: World,
) -> None:
    """The old version keeps its trials and is asked no more; the new one is judged by its own."""
    world.trees.changes = {"bad@2": frozenset({"rope"})}
    world.propose("muon", "bad")
    first = world.integrate(budget=30)
    assert first.verdicts()["bad"] == "shelve"
    world.propose("bad", push=1)
    found = world.integrate(budget=80)
    assert found.campaign.id == "c1"
    before, after = first.asks(), found.asks()[len(first.asks()) :]
    assert found.asks()[: len(before)] == before
    assert after
    assert not any("bad" in recipe for _, recipe, _, _ in after)
    assert not any("bad@2" in recipe for _, recipe, _, _ in before)
    assert found.verdicts()["bad@2"] == "merge"
    assert set(found.campaign.verdicts) == {"muon", "bad", "bad@2"}
    assert world.merge() == ["muon", "bad@2"]


def test_a_batch_that_was_asked_before_the_push_is_finished(world: World) -> None:
    """Its trials stay with the old version; the course goes on from there without it."""
    world.trees.changes = {"bad@2": frozenset({"rope"})}
    world.propose("muon", "bad")
    stopped = world.integrate(budget=40, die_after=6)
    world.propose("bad", push=1)
    found = world.integrate(budget=40)
    before = stopped.asks()
    assert found.asks()[: len(before)] == before
    assert {name for name, *_ in before} <= set(found.campaign.finished)
    assert not any("bad" in recipe for _, recipe, _, _ in found.asks()[len(before) :])
    assert world.integrate(budget=40).ran == []


def test_a_confirmed_set_with_a_member_that_was_pushed_again_is_not_merged(world: World) -> None:
    """Nobody wants the old version any more; the next call confirms a set with the new one."""
    world.trees.changes = {"muon@2": frozenset({"muon", "polish"})}
    world.propose("muon", "bad")
    assert world.integrate(budget=40).state.integrator.recommend().confirmed
    world.propose("muon", push=1)
    with pytest.raises(NothingToDoError, match=r"not stand any more: muon \(now muon@2\)"):
        world.plan_merge()
    found = world.integrate(budget=100)
    assert found.state.integrator.recommend().recipe == {"muon@2"}
    assert world.merge() == ["muon@2"]


def test_a_merged_proposal_that_is_pushed_again_is_a_new_one_on_the_new_trunk(
    world: World,
) -> None:
    """What is merged stays merged; the new version is judged by what it adds to that."""
    world.trees.changes = {"muon@2": frozenset({"muon", "rope"})}
    world.propose("muon", "bad")
    world.integrate(budget=40)
    world.merge()
    world.propose("muon", push=1)
    found = world.integrate(budget=60)
    assert found.record.superseded == {}
    assert found.campaign.proposals == ["bad", "muon@2"]
    assert found.verdicts() == {"muon": "merge", "bad": "shelve", "muon@2": "merge"}


def test_another_proposal_with_the_files_of_a_superseded_one_goes_on(world: World) -> None:
    """The search knows both by the first; that one is left, the other is still wanted."""
    world.trees.changes = {"twin": frozenset({"muon"}), "muon@2": frozenset({"noise"})}
    world.propose("muon", "twin", "bad")
    world.integrate(budget=12)
    world.propose("muon", push=1)
    found = world.integrate(budget=60)
    assert "muon" in found.state.integrator.recommend().recipe
    assert found.verdicts()["muon"] == "shelve"
    assert any("muon" in recipe for _, recipe, _, _ in found.asks()[12:])
