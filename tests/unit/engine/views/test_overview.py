from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views import show, status, why

if TYPE_CHECKING:
    from conftest import World


def seen(world: World, **progress: Any) -> dict[str, Any]:
    """What `status` says of the ledger as it stands."""
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    return status(record, record.latest(), None, progress=progress)


def test_a_trunk_that_stopped_the_campaign_is_told_until_it_runs(world: World) -> None:
    """The trial, the cause and the words; gone with the first trial of the trunk that succeeds."""
    world.propose("muon", "bad")
    good = world.outcome
    world.outcome = lambda content, seed: good(content, seed) if content else {"params": 1.0}
    with pytest.raises(UsageError):
        world.integrate(budget=20)
    told = seen(world)
    assert not told["ended"]
    assert told["trunk_failure"]["trial"] == "c1.3"  # the newest trial of the trunk ends first
    assert told["trunk_failure"]["cause"] == "metric-missing"
    assert "loss" in told["trunk_failure"]["detail"]
    world.outcome = good
    world.integrate(budget=20)
    assert seen(world)["trunk_failure"] is None


def test_a_failed_trial_of_a_proposal_is_no_failure_of_the_trunk(world: World) -> None:
    """Where the trunk has run, whatever fails is evidence."""
    world.propose("muon", "bad")
    good = world.outcome
    world.outcome = lambda content, seed: good(content, seed) if not content else "Traceback"
    world.integrate(budget=8)
    assert seen(world)["trunk_failure"] is None


def test_what_runs_is_what_a_working_process_said(world: World) -> None:
    """Without one nothing runs and no time is left; with one its words are handed on."""
    world.propose("muon", "bad")
    world.integrate(budget=8, die_after=4)
    still = seen(world)
    assert (still["pid"], still["running"], still["queued"], still["eta_s"]) == (None, [], 0, None)
    works = seen(world, pid=7, slots=2, running=["c1.5"], queued=3)
    assert (works["pid"], works["running"], works["queued"]) == (7, ["c1.5"], 3)
    assert works["eta_s"] == pytest.approx((8 - works["spent"]) * 1.0 / 2)


def test_before_the_first_campaign_there_is_nothing_but_proposals(world: World) -> None:
    """Every key is there all the same."""
    world.propose("muon")
    told = seen(world)
    assert told["campaign"] is None
    assert told["trunk_failure"] is None
    (muon,) = told["proposals"]
    assert (muon["id"], muon["verdict"], muon["merged"]) == ("muon", "open", False)
    assert muon["superseded_by"] is None


def test_a_proposal_whose_branch_was_proposed_again_is_named_with_its_new_version(
    world: World,
) -> None:
    """In `status`, `show` and `why`: it keeps its trials, and the reader is led on."""
    world.propose("muon", "bad")
    found = world.integrate(budget=12)
    world.propose("muon", push=1)
    later = {p["id"]: p["superseded_by"] for p in seen(world)["proposals"]}
    assert later == {"muon": "muon@2", "bad": None, "muon@2": None}
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    state = restore(world.stack, record, record.campaigns["c1"])
    shown = show(world.stack, record, record.latest(), state, trunk=world.trunk)["proposals"]
    assert [p["superseded_by"] for p in shown] == ["muon@2", None, None]
    assert "superseded by muon@2" in shown[0]["reason"]
    assert shown[0]["trials"] == sum("muon" in recipe for _, recipe, _, _ in found.asks())
    assert shown[2]["trials"] == 0
    old, new = (why(world.stack, record, record.latest(), state, p) for p in ("muon", "muon@2"))
    assert (old["follows"], old["superseded_by"], new["follows"]) == (None, "muon@2", "muon")
    assert any(e["about"] == "alone" for e in old["evidence"])
    assert not any("muon@2" in e["recipe"] for e in new["evidence"])
