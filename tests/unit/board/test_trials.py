from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.board.trials import CHECK, State, listed, takes
from mainstem.engine import record as records
from tests.unit.board import ledgers

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.engine.record import Record


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """A campaign in the middle: a check before it, six trials, four of them over."""
    return ledgers.record_of(
        tmp_path,
        [
            ledgers.checked(2.5, 2.6, 2.5),
            ledgers.proposal("late", 2, "data"),
            ledgers.proposal("early", 1, "optimizer"),
            ledgers.opened("early", "late"),
            ledgers.asked(
                {"n": 1, "recipe": ["late", "early"]},
                {"n": 2, "recipe": []},
                {"n": 3, "recipe": ["late"], "tree": None},
                {"n": 4, "recipe": ["early"]},
            ),
            ledgers.ended("c1.1", 2.4, wall_s=10.0),
            ledgers.ended("c1.2", failure=("exit", "exit code 1")),
            ledgers.ended("c1.4", 2.4, wall_s=30.0, stopped_at=8, curves={"loss": [[1, 9.0]]}),
            ledgers.asked({"n": 5, "recipe": ["late"]}, {"n": 6, "recipe": ["early"]}),
        ],
    )


def test_every_trial_in_the_order_of_asking(record: Record) -> None:
    """Runs of `check` come first, with what is known of them."""
    rows = listed(record, ["c1.5"])
    assert [row.trial for row in rows] == [
        "k1.1",
        "k1.2",
        "k1.3",
        *(f"c1.{n}" for n in range(1, 7)),
    ]
    assert [row.state for row in rows[3:]] == [
        State.SUCCEEDED,
        State.FAILED,
        State.VOID,
        State.SUCCEEDED,
        State.RUNNING,
        State.WAITING,
    ]
    assert {row.purpose for row in rows[:3]} == {CHECK}
    assert {(row.campaign, row.host, row.recipe) for row in rows[:3]} == {("", "kite", ())}


def test_a_recipe_is_in_the_order_of_proposing(record: Record) -> None:
    """As everywhere: not in that of names."""
    assert listed(record)[3].recipe == ("early", "late")


def test_what_a_trial_left(record: Record) -> None:
    """Values or a failure, its time, and a curve where it reported one."""
    one, failed, _, early, running, _ = listed(record, ["c1.5"])[3:]
    assert one.values == {"loss": 2.4, "size": 1000.0}
    assert (one.wall_s, one.host) == (10.0, "kite")
    assert failed.failure == {"cause": "exit", "what": "exit code 1"}
    assert (early.stopped_at, early.curves) == (8, {"loss": [(1, 9.0)]})
    assert (running.wall_s, running.host, running.values) == (None, "", None)


def test_a_trunk_that_does_not_run_has_failed(tmp_path: Path) -> None:
    """Its result stands in no campaign: nothing was decided from it."""
    failure = {"cause": "exit", "what": "exit code 3"}
    body = {"campaign": "c1", "trial": "c1.1", "values": None, "failure": failure}
    record = ledgers.record_of(
        tmp_path,
        [
            ledgers.opened(),
            ledgers.asked({"n": 1, "recipe": []}),
            (records.TRUNK_FAILED, body),
        ],
    )
    [row] = listed(record)
    assert (row.state, row.failure) == (State.FAILED, failure)
    [again] = listed(record, ["c1.1"])
    assert again.state is State.RUNNING


def test_how_long_a_trial_takes(record: Record) -> None:
    """By whole ones that succeeded; those that failed or ended early say nothing of it."""
    found = takes(listed(record))["small"]
    assert (found.median_s, found.low_s, found.high_s, found.runs) == (9.0, 9.0, 10.0, 4)
    assert takes([]) == {}


def test_an_empty_record_has_no_trials(tmp_path: Path) -> None:
    """Before anything ran."""
    assert listed(ledgers.record_of(tmp_path, [])) == []
