from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views import show
from mainstem.engine.views.listing import Weighed, listing, runs

if TYPE_CHECKING:
    from conftest import Campaigned, World
    from mainstem.engine.record import Record


@pytest.fixture
def run(world: World) -> Campaigned:
    """A campaign that has ended, with a verdict of each."""
    world.propose("muon", "bad", "rope")
    return world.integrate(budget=8)


def shown(world: World, record: Record) -> dict[str, Any]:
    """What weighing says, as it is kept in a file."""
    state = restore(world.stack, record, record.campaigns["c1"])
    found = show(world.stack, record, record.latest(), state, trunk=world.trunk)
    return dict(json.loads(json.dumps(found)))


def listed(world: World, record: Record, weighed: Weighed | None) -> dict[str, Any]:
    """What lines say, over what was weighed."""
    campaign = record.latest()
    assert campaign is not None
    found = listing(world.stack, record, campaign, weighed, trunk=world.trunk)
    return dict(json.loads(json.dumps(found)))


def test_over_a_weighing_of_the_same_lines_it_is_that_weighing(
    world: World, run: Campaigned
) -> None:
    """Key for key, but for the date that it bears."""
    whole = shown(world, run.record)
    found = listed(world, run.record, Weighed(line=run.record.seq, report=whole))
    done = len(run.campaign.finished)
    assert found.pop("weighed") == {"line": run.record.seq, "trials": done, "since": 0}
    assert whole.pop("weighed") is None
    assert found == whole


def test_with_nothing_weighed_it_says_what_verdicts_say(world: World, run: Campaigned) -> None:
    """Kinds, reasons, and the gains that stood beside them; nothing else is made up."""
    found = listed(world, run.record, None)
    assert found["weighed"] == {"line": None, "trials": 0, "since": len(run.campaign.finished)}
    assert (found["best"], found["front"], found["trunk"]["objectives"]) == (None, [], {})
    whole = {p["id"]: p for p in shown(world, run.record)["proposals"]}
    kept = run.campaign.verdicts
    for row in found["proposals"]:
        own = kept[row["id"]]
        assert (row["verdict"], row["reason"]) == (own["kind"], own["reason"])
        assert row["gain"].keys() == own["evidence"]["gain"].keys() == {"loss", "params"}
        assert row["gain"] == whole[row["id"]]["gain"]  # it ended there: the same evidence
        assert row["gain_in_best"] is None
        assert row["trials"] == whole[row["id"]]["trials"]


def test_what_came_since_is_listed_with_figures_of_then(world: World, run: Campaigned) -> None:
    """A new proposal has none; what a person decides is seen at once, and seen off again."""
    whole = shown(world, run.record)
    line = run.record.seq
    world.propose("late")
    ledger = world.ledger()
    said = {"reason": "no licence", "by": "0" * 16, "campaign": "c1", "price": None}
    ledger.append([("override", {"proposal": "muon", "kind": "veto", **said})])
    vetoed = fold(ledger.entries())
    ledger.append([("override", {"proposal": "muon", "kind": "lift", **said})])
    lifted = fold(ledger.entries())
    ledger.close()
    then = {p["id"]: p for p in whole["proposals"]}
    rows = {
        p["id"]: p for p in listed(world, vetoed, Weighed(line=line, report=whole))["proposals"]
    }
    assert rows["late"]["gain"] == {}
    assert "no trial yet" in rows["late"]["reason"]
    assert rows["muon"]["reason"] == "vetoed: no licence"
    assert rows["muon"]["gain"] == then["muon"]["gain"]
    assert rows["bad"] == then["bad"]
    after = listed(world, lifted, Weighed(line=line, report=whole))["proposals"]
    assert {p["id"]: p for p in after}["muon"] == then["muon"]


def test_a_later_verdict_line_stands_over_what_was_weighed(world: World, run: Campaigned) -> None:
    """The weighing was of an earlier line: the line's word is the newer one."""
    whole = shown(world, run.record)
    for row in whole["proposals"]:
        row["verdict"], row["reason"] = "open", "as it stood in mid-campaign"
    told = frozenset({"muon"})
    found = listed(world, run.record, Weighed(line=3, report=whole, told=told))["proposals"]
    by_id = {p["id"]: p for p in found}
    assert by_id["muon"]["verdict"] == run.campaign.verdicts[run.campaign.proposals[0]]["kind"]
    assert by_id["rope"]["reason"] == "as it stood in mid-campaign"


def test_a_weighing_of_another_campaign_says_nothing_of_this_one(
    world: World, run: Campaigned
) -> None:
    """Its trunk was another."""
    other = {**shown(world, run.record), "campaign": "c0"}
    found = listed(world, run.record, Weighed(line=9, report=other))
    assert found == listed(world, run.record, None)
    assert found["weighed"]["line"] is None


def test_while_nothing_is_decided_it_says_so(world: World) -> None:
    """No verdict line yet, and nothing weighed; earlier runs are counted too."""
    world.propose("muon", "bad")
    run = world.integrate(budget=8, die_after=2)
    assert {p["reason"] for p in listed(world, run.record, None)["proposals"]} == {
        "no verdict is written down yet"
    }
    assert runs(run.campaign) == len(run.campaign.finished) + len(run.campaign.inherited)
    assert runs(None) == 0
