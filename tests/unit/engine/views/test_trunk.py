from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem.domain.proposal import CommitId, Conflict
from mainstem.domain.stack import Objective
from mainstem.engine.record import fold
from mainstem.engine.views.trunk import stale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import World


def overlapping(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
    """Muon gains, adam gains more, and with both muon adds nothing."""
    noise = np.random.default_rng([seed, *"".join(sorted(content)).encode()]).normal(0.0, 0.004)
    gain = 0.3 * ("muon" in content) + 0.5 * ("adam" in content) - 0.4 * ("bad" in content)
    gain -= 0.3 * ({"muon", "adam"} <= content)
    return {"loss": 2.0 - gain + noise, "params": 1000.0}


def report(world: World) -> dict[str, Any]:
    """What `show --stale` says of the ledger as it stands."""
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    tree = world.trees.tree(world.trunk, [])
    assert not isinstance(tree, Conflict)
    return stale(world.stack, record, world.trees, trunk=world.trunk, tree=tree)


def members(world: World) -> dict[str, Any]:
    """The same, by member."""
    return {m["id"]: m for m in report(world)["members"]}


@pytest.fixture
def merged_twice(world: World) -> World:
    """First muon is merged, then adam, which was filed later."""
    world.outcome = overlapping
    world.propose("muon", "bad")
    world.integrate(budget=24)
    world.merge()
    world.propose("adam")
    world.integrate(budget=24)
    assert world.merge() == ["adam"]
    return world


def test_before_the_first_merge_there_is_no_member(world: World) -> None:
    """The report is there, and empty."""
    world.propose("muon")
    world.integrate(budget=8)
    found = report(world)
    assert found["members"] == found["removable_together"] == []


def test_runs_of_before_a_merge_count_on_the_trunk_of_today(merged_twice: World) -> None:
    """The first campaign's runs without muon speak of it; that none of them holds adam is said."""
    found = members(merged_twice)
    ledger = merged_twice.ledger()
    first = fold(ledger.entries()).campaigns["c1"]
    ledger.close()
    without = [a for a, _ in first.ended_trials() if "muon" not in a.trial.recipe]
    assert found["muon"]["runs_without"] == len(without) > 0
    assert found["muon"]["runs_without_it_alone"] == 0
    assert (found["muon"]["state"], found["muon"]["unmet"]) == ("not settled", ["adam"])
    assert "no run leaves it out beside adam" in found["muon"]["reason"]
    assert found["adam"]["state"] == "earns its place"
    assert found["adam"]["adds"]["loss"]["mean"] == pytest.approx(0.2, abs=0.05)


def test_a_branch_that_was_cut_after_a_merge_leaves_nothing_out(world: World) -> None:
    """It brings the merged one along: the trunk's own runs are none without that one."""
    world.outcome = overlapping
    world.propose("muon", "bad")
    first = world.integrate(budget=24)
    world.merge()
    world.trees.changes = {"adam": frozenset({"adam", "muon"})}
    world.propose("adam")
    world.integrate(budget=24)
    assert world.merge() == ["adam"]
    without = [a for a, _ in first.campaign.ended_trials() if "muon" not in a.trial.recipe]
    assert members(world)["muon"]["runs_without"] == len(without) > 0


def test_a_proposal_that_takes_a_merged_one_back_says_what_that_still_does(
    merged_twice: World,
) -> None:
    """Its tree is the trunk without the member, so its runs are runs of that."""
    world = merged_twice
    world.trees.undone = {"undo": "muon"}
    world.propose("undo")
    world.integrate(budget=12)
    found = report(world)
    muon = found["members"][0]
    assert (muon["id"], muon["state"], muon["unmet"]) == ("muon", "dead weight", [])
    assert muon["runs_without_it_alone"] >= 1
    assert muon["adds"]["loss"]["high"] < 0.5 * found["margins"]["loss"]
    assert found["removable_together"] == ["muon"]


def test_what_git_cannot_take_out_is_said(merged_twice: World) -> None:
    """A later merge may need an earlier one's lines; the report goes on without that tree."""
    merged_twice.trees.needs = {"adam": "muon"}
    found = members(merged_twice)
    assert found["muon"]["conflict"] == ["train.py"]
    assert found["adam"]["conflict"] is None


def test_on_other_code_or_with_other_settings_there_is_no_evidence(merged_twice: World) -> None:
    """A trunk that was moved by hand, or another margin: earlier runs answer another question."""
    world = merged_twice
    objectives = (Objective("loss", margin=0.1), *world.stack.objectives[1:])
    other = replace(world, stack=replace(world.stack, objectives=objectives))
    assert {m["state"] for m in members(other).values()} == {"no evidence"}
    assert "today's settings" in members(other)["muon"]["reason"]
    world.trunk = CommitId("f" * 40)
    assert {m["state"] for m in members(world).values()} == {"no evidence"}
    assert "moved by other means" in members(world)["muon"]["reason"]
