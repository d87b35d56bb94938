"""What a verdict's line keeps of the evidence that stood behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.engine import record as records
from mainstem.engine.evidence import evidence_again
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.verdicts import closing
from mainstem.engine.views.proposals import gains

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.engine.ports import Entry
    from tests.unit.engine.conftest import World


def verdict_lines(world: World) -> list[Entry]:
    """The lines of verdicts, in order."""
    ledger = world.ledger()
    found = list(ledger.entries(kinds=[records.VERDICT]))
    ledger.close()
    return found


def test_a_verdict_keeps_what_is_shown_when_it_is_written(world: World) -> None:
    """Gains alone, margins as numbers, and trials; a twin has those of the first of its tree."""
    world.trees.changes = {"again": frozenset({"muon"})}
    world.propose("muon", "bad", "again")
    found = world.integrate(budget=16)
    kept = {line.body["proposal"]: line.body["evidence"] for line in verdict_lines(world)}
    assert set(kept) == {"muon", "bad", "again"}
    for proposal, evidence in kept.items():
        alone, _ = gains(found.state, proposal)
        assert evidence["gain"].keys() == {"loss", "params"}
        for name, one in evidence["gain"].items():
            assert {end: one[end] for end in ("mean", "low", "high")} == {
                end: alone[name][end] for end in ("mean", "low", "high")
            }
    assert kept["muon"]["gain"]["loss"]["margin"] == 0.05
    assert kept["muon"]["gain"]["params"]["margin"] == pytest.approx(50.0)
    assert [one["role"] for one in kept["bad"]["gain"].values()] == ["improve", "guard"]
    assert kept["muon"]["belongs"] > 0.9
    assert kept["bad"]["belongs"] < 0.1
    assert kept["again"] == kept["muon"]
    runs = [a.trial.recipe for a, _ in found.campaign.ended_trials()]
    assert kept["bad"]["trials"] == sum("bad" in recipe for recipe in runs) > 0


def test_a_killed_campaign_keeps_the_same_evidence(make: Callable[..., World]) -> None:
    """To the last bit: nothing but results stands behind it."""

    def kept(world: World) -> dict[str, Any]:
        return {line.body["proposal"]: line.body["evidence"] for line in verdict_lines(world)}

    calm, killed = make("calm"), make("killed")
    for world in (calm, killed):
        world.propose("muon", "bad")
    calm.integrate(budget=12)
    killed.integrate(budget=12, die_after=6)
    killed.integrate(budget=12)
    assert kept(killed) == kept(calm)


def test_what_nobody_audits_is_decided_alike_and_keeps_none(make: Callable[..., World]) -> None:
    """The same lines, word by word, but for the evidence."""

    def said(world: World) -> list[dict[str, Any]]:
        return [{k: v for k, v in e.body.items() if k != "evidence"} for e in verdict_lines(world)]

    asked, passing = make("asked"), make("passing")
    passing.audited = False
    for world in (asked, passing):
        world.propose("muon", "bad")
        world.integrate(budget=12)
    assert said(passing) == said(asked) != []
    assert not any("evidence" in line.body for line in verdict_lines(passing))
    assert all("evidence" in line.body for line in verdict_lines(asked))


def test_evidence_that_was_not_kept_is_worked_out_again(world: World) -> None:
    """From the lines before the verdicts, to the last bit; not under other settings."""
    world.propose("muon", "bad")
    world.integrate(budget=12)
    lines = verdict_lines(world)
    ledger = world.ledger()
    before = fold(entry for entry in ledger.entries() if entry.seq < lines[0].seq)
    ledger.close()
    campaign = before.latest()
    assert campaign is not None
    again = evidence_again(world.stack, before, campaign)
    assert again == {line.body["proposal"]: line.body["evidence"] for line in lines}
    other = replace(world.stack, command="python other.py --seed {seed}")
    assert evidence_again(other, before, campaign) == {}


def test_evidence_alone_writes_no_line(world: World) -> None:
    """Also none for lines of a ledger that kept no evidence yet."""
    world.propose("muon", "bad")
    world.integrate(budget=12)
    ledger = world.ledger()
    record = fold(ledger.entries())
    ledger.close()
    campaign = record.latest()
    assert campaign is not None
    state = restore(world.stack, record, campaign)
    assert closing(campaign, state) == []
    for proposal, body in campaign.verdicts.items():
        old = {key: value for key, value in body.items() if key != "evidence"}
        campaign.verdicts[proposal] = old
    assert closing(campaign, state) == []
    campaign.verdicts.clear()
    assert len(closing(campaign, state)) == 2
