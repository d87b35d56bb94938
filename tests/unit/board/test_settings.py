from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mainstem.board import settings
from mainstem.domain.stack import (
    DecisionSettings,
    Direction,
    Objective,
    Resources,
    Role,
    Rung,
    RunSettings,
)
from tests.unit.board import ledgers

if TYPE_CHECKING:
    from pathlib import Path


def test_objectives_in_words() -> None:
    """Those to improve first; a percentage as it was written while nothing was checked."""
    guarded = Objective("acc", margin=0.5, direction=Direction.MAXIMIZE, role=Role.GUARD)
    stack = replace(ledgers.STACK, objectives=(guarded, *ledgers.STACK.objectives))
    loss, acc, size = settings.objectives(stack, None)
    assert (loss["name"], loss["asked"]) == ("loss", "to improve: lower is better")
    assert (loss["margin"], loss["means"]) == ("0.03 nats", "the smallest gain that matters")
    assert acc["asked"] == "guarded: higher is better"
    assert size["margin"] == "10% of the trunk's mean"
    assert {one["noise"] for one in (loss, acc, size)} == {"not measured yet"}


def test_what_a_check_saw_stands_beside(tmp_path: Path) -> None:
    """A percentage resolved, and the noise in its own precision."""
    [check] = ledgers.record_of(tmp_path, [ledgers.checked(2.5, 2.6)]).checks
    loss, size = settings.objectives(ledgers.STACK, check["objectives"])
    assert loss["noise"] == "2.500 on average, sd 0.010 over seeds"
    assert size["noise"] == "1,000 on every seed"
    assert size["margin"] == "10% of the trunk's mean: 100"


def test_rungs_in_words() -> None:
    """Which one confirms, which are searched at, which nobody uses; and what a trial gets."""
    rungs = (
        Rung(name="tiny", cost=0.1),
        Rung(name="small", cost=0.3, parameters={"steps": 100, "wide": True}),
        Rung(
            name="big",
            resources=Resources(gpus=2, cpus=4, memory_bytes=8 * 10**9, time_s=3600.0),
        ),
    )
    chosen = DecisionSettings(search_rungs=("small",))
    found = settings.rungs(replace(ledgers.STACK, rungs=rungs, decisions=chosen))
    assert [(r["name"], r["role"]) for r in found] == [
        ("tiny", "is not used"),
        ("small", "searches"),
        ("big", "confirms"),
    ]
    assert found[1]["parameters"] == "steps 100, wide True"
    assert found[2]["resources"] == "4 cores, 2 accelerators, 8.0 GB of memory, 1 h 00 min"


def test_the_address_of_a_store_is_not_told() -> None:
    """It may hold a password: only the kind of store stands on a page."""
    stack = replace(ledgers.STACK, store="postgresql://ada:secret@db/x")
    told = dict(settings.facts(stack))
    assert told["Record"] == "PostgreSQL"
    assert "secret" not in str(told)
    assert dict(settings.facts(ledgers.STACK))["Record"] == "SQLite, in .mainstem"


def test_what_a_trial_may_do() -> None:
    """Network, variables and files, in words, whichever way they are set."""
    closed = dict(settings.facts(ledgers.STACK))
    assert closed["Network"] == "trials may not use it"
    assert closed["Private"] == "no file is kept from trials"
    run = RunSettings(network=True, env=("HF_HOME",), private=("held/**",), early_stopping=True)
    opened = dict(settings.facts(replace(ledgers.STACK, run=run)))
    assert opened["Network"] == "trials may use it"
    assert (opened["Passed on"], opened["Private"]) == ("HF_HOME", "held/**")
    assert opened["Ending early"] != closed["Ending early"]


def test_confinement_begins_with_its_profile() -> None:
    """Whatever order the record has, and with what a later version adds at the end."""
    found = settings.confinement({"new": "x", "not_enforced": "all", "profile": "none"})
    assert found == [("profile", "none"), ("not enforced", "all"), ("new", "x")]
    assert settings.confinement({}) == []
