"""The engine's simulated world, and the frontier seen from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.proposal import Conflict
from mainstem.domain.reference import (
    Claim,
    Frontier,
    Measured,
    Obtained,
    Reference,
    ReferenceId,
)
from mainstem.engine.proposing import propose
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.frontier.report import World as Seen
from tests.unit.engine.conftest import World, branch, make_world

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

THEIRS = Reference(
    id=ReferenceId("theirs"),
    objective="loss",
    metric="loss",
    value=1.4,
    unit="",
    spread=0.02,
    seeds=3,
    scale={"rung": "default"},
    harness="eval.py",
    version="1",
    date=dt.date(2023, 12, 1),
    source="https://example.org/theirs",
    obtained=Obtained.PUBLISHED,
)
OTHER = replace(THEIRS, id=ReferenceId("other"), value=0.5, harness="<script>x</script>")
ELSEWHERE = replace(THEIRS, id=ReferenceId("elsewhere"), objective="", metric="mmlu")
FRONTIER = Frontier(
    references=(THEIRS, OTHER, ELSEWHERE),
    measured={"loss": Measured(objective="loss", harness="eval.py", version="1")},
)


def seen(world: World, frontier: Frontier = FRONTIER, now: str = "2024-03-01T00:00:00Z") -> Seen:
    """What a report is made from, of a world as it stands."""
    ledger = world.ledger()
    entries = list(ledger.entries())
    ledger.close()
    record = fold(entries)
    campaign = record.latest()
    tree = world.trees.tree(world.trunk, [])
    assert not isinstance(tree, Conflict)
    return Seen(
        stack=world.stack,
        frontier=frontier,
        record=record,
        entries=entries,
        latest=(campaign, campaign and restore(world.stack, record, campaign)),
        trunk=world.trunk,
        tree=tree,
        now=now,
    )


def bring(world: World, proposal: str, gain: float) -> None:
    """Proposes a branch that brings a reference here and claims so much of it."""
    claim = Claim(reference=ReferenceId("theirs"), objective="loss", gain=gain)
    ledger = world.ledger()
    record = fold(ledger.entries())
    says: dict[str, Any] = {"claim": f"loss +{gain}", "reference": claim}
    propose(ledger, world.trees, record, [branch(proposal)], trunk=world.trunk, **says)
    ledger.close()


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world with one objective to improve and one guard."""
    return make_world(tmp_path / "world")


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], World]:
    """Makes worlds, each in a folder of its own."""
    return lambda name: make_world(tmp_path / name)
