from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import Conflict
from mainstem.engine.overriding import override
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views.credit import credit, evidence, made_possible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import World


def enabled(content: frozenset[str], seed: int) -> Mapping[str, float] | str:
    """Muon gains; rope loses by itself and gains more than that beside muon."""
    noise = np.random.default_rng([seed, *"".join(sorted(content)).encode()]).normal(0.0, 0.004)
    gain = 0.3 * ("muon" in content) - 0.2 * ("rope" in content)
    gain += 0.5 * ({"muon", "rope"} <= content)
    return {"loss": 2.0 - gain + noise, "params": 1000.0}


def report(world: World, *, learnt: bool = False) -> dict[str, Any]:
    """What `credit` says of the ledger as it stands; everything is of one group."""
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    campaign = record.latest()
    state = restore(world.stack, record, campaign) if learnt and campaign is not None else None
    tree = world.trees.tree(world.trunk, [])
    assert not isinstance(tree, Conflict)
    return credit(
        world.stack,
        record,
        state,
        world.trees,
        trunk=world.trunk,
        tree=tree,
        owners={p: {0: 1.0} for p in record.proposals},
    )


@pytest.fixture
def merged(world: World) -> World:
    """Muon and rope are merged together; bad is not."""
    world.outcome = enabled
    world.propose("muon", "rope", "bad")
    world.integrate(budget=40)
    assert world.merge() == ["muon", "rope"]
    return world


def test_what_was_learnt_is_what_runs_taught_and_no_veto(world: World) -> None:
    """A veto or a withdrawal changes what is merged, and nothing of what is known."""
    world.propose("muon", "bad")
    world.integrate(budget=16)
    before = report(world, learnt=True)["information"]
    assert {row["id"]: row["belongs"] > 0.5 for row in before} == {"muon": True, "bad": False}
    for kind in (OverrideKind.VETO, OverrideKind.WITHDRAW):
        ledger = world.ledger()
        said = {"reason": "so", "by": "token", "price": lambda _record, _proposal: None}
        override(ledger, fold(ledger.entries()), "muon", kind, **said)
        ledger.close()
        assert report(world, learnt=True)["information"] == before


def test_before_the_first_merge_every_account_is_empty(world: World) -> None:
    """There is a report, and nothing to divide."""
    world.propose("muon")
    world.integrate(budget=8)
    found = report(world)
    assert found["objectives"] == found["reproductions"] == found["made_possible"] == []
    assert found["in_all"] is None


def test_all_objectives_to_improve_are_divided_together_in_margins(merged: World) -> None:
    """With one of them it is that one's division by its margin; guards are left out."""
    found = report(merged)
    loss = found["objectives"][0]
    assert found["in_all"]["of"] == ["loss"]
    assert found["in_all"]["total"]["unit"] == "margins"
    for member, in_all in zip(loss["members"], found["in_all"]["members"], strict=True):
        assert in_all["value"]["mean"] == pytest.approx(member["value"]["mean"] / 0.05)
        assert in_all["percent"] == pytest.approx(member["percent"])


def test_a_member_that_turned_a_loss_into_a_gain_is_named(merged: World) -> None:
    """Muon made rope possible, not the other way about, and bad is in no row."""
    (row,) = report(merged)["made_possible"]
    assert (row["by"], row["id"], row["merges_only_with"]) == ("muon", "rope", False)
    assert row["probability"]["loss"] > 0.9
    assert row["probability"].keys() == {"loss"}


def test_what_git_cannot_merge_without_another_is_named(merged: World) -> None:
    """Whatever the runs say of it."""
    merged.trees.needs = {"muon": "rope"}
    rows = {(row["by"], row["id"]): row for row in report(merged)["made_possible"]}
    assert rows["rope", "muon"]["merges_only_with"]
    assert not rows.get(("muon", "rope"), {}).get("merges_only_with", False)


def test_repeats_and_fresh_pairs_are_counted(merged: World) -> None:
    """Against the trials of the ledger; a run on a seed of its own is a repeat."""
    ledger = merged.ledger()
    (campaign,) = fold(ledger.entries()).campaigns.values()
    ledger.close()
    held = [asked.trial for asked, _ in campaign.ended_trials() if "rope" in asked.trial.recipe]
    row = next(r for r in report(merged)["reproductions"] if r["id"] == "rope")
    assert row["runs"] == len(held)
    assert row["repeats"] == len(held) - len({trial.recipe for trial in held}) > 0
    assert row["pairs"] == sum(trial.purpose == "confirm" for trial in held) > 0


def test_the_same_change_filed_again_is_a_reproduction_and_a_new_version_is_not(
    world: World,
) -> None:
    """Twin changes what rope changes; a version of rope itself is no second proposal."""
    world.outcome = enabled
    world.trees.changes = {"twin": frozenset({"rope"}), "rope@2": frozenset({"rope"})}
    world.propose("muon", "rope", "twin")
    world.integrate(budget=40)
    assert world.merge() == ["muon", "rope"]
    world.propose("rope", push=1)
    rows = {row["id"]: row["same_tree"] for row in report(world)["reproductions"]}
    assert rows == {"muon": [], "rope": [{"id": "twin", "sealed": True}]}


def test_a_run_that_is_of_two_recipes_is_one_run(world: World) -> None:
    """A twin of the trunk's member, in the next campaign, has the trunk's tree."""
    world.outcome = enabled
    world.propose("muon")
    world.integrate(budget=24)
    world.merge()
    world.trees.changes = {"twin": frozenset({"muon"})}
    world.propose("twin", "rope")
    world.integrate(budget=16)
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    finished = sum(len(c.finished) for c in record.campaigns.values())
    tree = world.trees.tree(world.trunk, [])
    assert not isinstance(tree, Conflict)
    found = evidence(world.stack, record, world.trees, trunk=world.trunk, tree=tree)
    assert len(found.runs) > len(found.trials) == report(world)["runs"] == finished
    alone = {a.name for a in record.campaigns["c2"].asked() if a.trial.recipe == {"twin"}}
    assert alone
    assert {run.recipe for run in found.trials if run.trial in alone} == {frozenset({"muon"})}


def test_on_other_code_nobody_made_anything_possible(merged: World) -> None:
    """A trunk that was moved by hand has no members."""
    merged.trunk = type(merged.trunk)("f" * 40)
    ledger = merged.ledger()
    record = fold(ledger.entries())
    ledger.close()
    tree = merged.trees.tree(merged.trunk, [])
    assert not isinstance(tree, Conflict)
    found = evidence(merged.stack, record, merged.trees, trunk=merged.trunk, tree=tree)
    assert made_possible(found) == []
