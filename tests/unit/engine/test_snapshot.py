from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from mainstem.engine.campaign_record import CampaignRecord
from mainstem.engine.record import Record, advance, fold
from mainstem.engine.snapshot import snapshot

if TYPE_CHECKING:
    from conftest import World
    from mainstem.engine.ports import Entry

_MUTABLE = (dict, list, set)


@pytest.fixture
def lines(world: World) -> list[Entry]:
    """A ledger with campaigns, a conflict, a merge, a new version and a late result."""
    world.trees.conflicting = [frozenset({"rope", "wide"})]
    world.propose("muon", "old", "rope", "wide")
    world.integrate(budget=24)
    world.merge()
    world.propose("rope", push=1)
    world.integrate(budget=16)
    ledger = world.ledger()
    last = [e for e in ledger.entries() if e.kind == "trial-finished"][-1]
    ledger.append([("trial-late", {**last.body, "values": {"loss": 9.0, "params": 1.0}})] * 2)
    found = list(ledger.entries())
    ledger.close()
    return found


def test_a_copy_stays_as_it_is_and_its_original_goes_on(lines: list[Entry]) -> None:
    """At every line of the ledger, both ways about."""
    record = Record()
    for at, line in enumerate(lines):
        kept = snapshot(record)
        advance(record, line)
        assert kept == fold(lines[:at])
        again = snapshot(kept)
        advance(again, line)
        assert again == record
        assert kept == fold(lines[:at])


def test_no_container_is_shared(lines: list[Entry]) -> None:
    """A field that is added to a record and forgotten here would be."""
    record = fold(lines)
    kept = snapshot(record)
    pairs: list[tuple[object, object]] = [(record, kept)]
    pairs += [(record.campaigns[name], kept.campaigns[name]) for name in record.campaigns]
    seen = set()
    for one, other in pairs:
        assert isinstance(one, Record | CampaignRecord)
        for field in dataclasses.fields(one):
            value = getattr(one, field.name)
            if isinstance(value, _MUTABLE) and field.name not in {"rungs", "planned"}:
                assert value is not getattr(other, field.name), field.name
                seen.add(field.name)
    assert {"proposals", "late", "conflicts", "judged", "finished"} <= seen
