from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.components import CLOSED, MERGED, NONE, standing
from mainstem.engine import record as records
from tests.unit.board import ledgers

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.board.components import Component
    from mainstem.engine.record import Record


def estimate(mean: float, half: float = 0.01, unit: str = "nats") -> dict[str, Any]:
    """An ESTIMATE."""
    return {"mean": mean, "low": mean - half, "high": mean + half, "level": 0.9, "unit": unit}


CREDIT: dict[str, Any] = {
    "objectives": [
        {
            "objective": "loss",
            "total": estimate(0.6),
            "members": [
                {"id": "lr", "value": estimate(0.2)},
                {"id": "both", "value": estimate(0.4, 0.1)},
            ],
        }
    ]
}


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """Two are merged, one is shelved, one superseded, one touches nothing."""
    return ledgers.record_of(
        tmp_path,
        [
            ledgers.proposal("lr", 1, "optimizer"),
            ledgers.proposal("both", 2, "optimizer", "data"),
            ledgers.proposal("mix", 3, "data"),
            ledgers.proposal("docs", 4),
            ledgers.proposal("mix@2", 5, "data", follows="mix"),
            (records.PROPOSAL_WITHDRAWN, {"id": "mix", "by": "mix@2"}),
            ledgers.opened("lr", "both", "docs", "mix@2"),
            ledgers.asked(
                {"n": 1, "recipe": []},
                {"n": 2, "recipe": ["lr"]},
                {"n": 3, "recipe": ["lr", "both"]},
                {"n": 4, "recipe": ["mix@2", "docs"]},
            ),
            *(ledgers.ended(f"c1.{n}", 2.0) for n in range(1, 5)),
            ledgers.verdict("lr", "merge"),
            ledgers.verdict("both", "merge"),
            ledgers.verdict("mix@2", "shelve"),
            ledgers.over("lr", "both"),
            ledgers.merged("lr", "both"),
        ],
    )


def by_name(record: Record, credit: dict[str, Any] | None = None) -> dict[str, Component]:
    """Components by name."""
    found, _ = standing(ledgers.STACK, record, credit)
    return {one.name: one for one in found}


def test_where_the_work_is(record: Record) -> None:
    """Proposals by where they are; a component that nobody touched is there too."""
    found = by_name(record)
    assert list(found) == ["optimizer", "data", "inference", NONE]
    assert found["optimizer"].states == {MERGED: ["lr", "both"]}
    assert found["data"].states == {MERGED: ["both"], CLOSED: ["mix"], "shelve": ["mix@2"]}
    assert found[NONE].states == {"open": ["docs"]}
    assert {n: one.work for n, one in found.items()} == {
        "optimizer": "idle",
        "data": "idle",
        "inference": "never",
        NONE: "open",
    }


def test_trials_are_spent_in_equal_parts(record: Record) -> None:
    """Over proposals of a recipe and over components of each; with the trunk's it is all."""
    found, alone = standing(ledgers.STACK, record, None)
    spent = {one.name: one.trials for one in found}
    # c1.2 on lr; half of c1.3 on lr, a quarter each on both's two; half of c1.4 on each.
    assert spent == {"optimizer": 1.75, "data": 0.75, "inference": 0.0, NONE: 0.5}
    assert alone == 1.0
    assert sum(spent.values()) + alone == 4.0


def test_gains_sum_to_what_was_gained(record: Record) -> None:
    """A proposal of two components counts half for each; one alone keeps its interval."""
    found = by_name(record, CREDIT)
    optimizer, data = found["optimizer"].gains["loss"], found["data"].gains["loss"]
    assert math.isclose(optimizer.mean + data.mean, 0.6)
    assert math.isclose(optimizer.mean, 0.4)
    assert optimizer.whole is None
    assert [(p.proposal, p.part) for p in optimizer.parts] == [("lr", 1.0), ("both", 0.5)]
    assert data.whole is None  # half of both's interval is not known
    assert optimizer.said == "+0.400"
    assert "loss" not in found["inference"].gains


def test_a_component_with_one_merged_proposal_has_its_interval(record: Record) -> None:
    """As `mainstem credit` says it."""
    [division] = CREDIT["objectives"]
    only = {"objectives": [{**division, "members": division["members"][:1]}]}
    gain = by_name(record, only)["optimizer"].gains["loss"]
    assert gain.whole == estimate(0.2)


def test_a_campaign_that_runs_has_open_work(tmp_path: Path) -> None:
    """A verdict of an earlier campaign does not stand while a later one asks again."""
    record = ledgers.record_of(
        tmp_path,
        [
            ledgers.proposal("mix", 1, "data"),
            ledgers.opened("mix"),
            ledgers.verdict("mix", "shelve"),
            ledgers.over(),
            ledgers.opened("mix", campaign="c2"),
        ],
    )
    assert by_name(record)["data"].states == {"open": ["mix"]}
