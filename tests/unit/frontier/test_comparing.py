from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from mainstem.domain.reference import Measured, Obtained, Reference, ReferenceId
from mainstem.domain.stack import Direction, Objective, Rung
from mainstem.frontier.comparing import Matter, best, mismatches, own_scale

LOSS = Objective("loss", margin=0.05, unit="nats")
RUNG = Rung(name="small", parameters={"steps": 100, "tied": True})
OURS = Measured(objective="loss", harness="eval.py", version="3", scale={"params": 1000})
THEIRS = Reference(
    id=ReferenceId("theirs"),
    objective="loss",
    metric="loss",
    value=2.0,
    unit="nats",
    date=dt.date(2026, 1, 2),
    source="doi:10.1234/x",
    obtained=Obtained.PUBLISHED,
    scale={"rung": "small", "steps": 100.0, "params": 1000, "tied": True},
    harness="eval.py",
    version="3",
)


def matters(one: Reference, measured: Measured | None = OURS) -> list[Matter]:
    """What keeps it from being compared."""
    return [found.matter for found in mismatches(one, LOSS, measured, RUNG)]


def test_what_is_measured_alike_is_compared() -> None:
    """The rung's own parameters count as our scale, and 100.0 steps are 100."""
    assert own_scale(RUNG, OURS) == {"rung": "small", "steps": 100, "tied": True, "params": 1000}
    assert matters(THEIRS) == []


@pytest.mark.parametrize(
    ("change", "matter", "said"),
    [
        ({"unit": "bits"}, Matter.UNIT, "it is in bits, ours in nats"),
        ({"unit": ""}, Matter.UNIT, "it is in no unit, ours in nats"),
        ({"harness": "lighteval"}, Matter.HARNESS, "evaluated by lighteval, ours by eval.py"),
        ({"harness": ""}, Matter.HARNESS, "its harness is not stated; ours is eval.py"),
        ({"version": "4"}, Matter.VERSION, "evaluated by version 4 of eval.py, ours by 3"),
        ({"version": ""}, Matter.VERSION, "a version not stated"),
        ({"scale": {}}, Matter.SCALE, "its scale is not stated"),
        ({"scale": {"steps": 101}}, Matter.SCALE, "run at steps 101, ours at 100"),
        ({"scale": {"tokens": 5}}, Matter.SCALE, "ours at one that is not stated"),
        ({"scale": {"tied": 1}}, Matter.SCALE, "run at tied 1, ours at true"),
        ({"scale": {"rung": "large"}}, Matter.SCALE, "run at rung large, ours at small"),
    ],
)
def test_one_difference_is_enough(change: dict[str, object], matter: Matter, said: str) -> None:
    """It is named with both sides' values; what is not stated is not taken to be the same."""
    (found,) = mismatches(replace(THEIRS, **change), LOSS, OURS, RUNG)
    assert found.matter is matter
    assert said in found.said


def test_every_difference_is_named() -> None:
    """Of another harness the version says nothing more."""
    other = replace(THEIRS, unit="x", harness="y", version="z", scale={"steps": 1, "params": 2})
    assert matters(other) == [Matter.UNIT, Matter.HARNESS, Matter.SCALE, Matter.SCALE]


def test_without_a_word_of_our_own_harness_nothing_is_compared() -> None:
    """And it is said what to write."""
    (found,) = mismatches(THEIRS, LOSS, None, RUNG)
    assert found.matter is Matter.HARNESS
    assert "add [measured.loss]" in found.said


def test_what_is_no_objective_is_not_compared() -> None:
    """Whatever else it states."""
    (found,) = mismatches(replace(THEIRS, objective="", metric="mmlu"), None, OURS, RUNG)
    assert found.matter is Matter.METRIC
    assert "mmlu" in found.said


def test_who_asks_for_the_result_alone_compares_every_scale() -> None:
    """Harness and version still have to be the same."""
    anywhere = replace(OURS, any_scale=True)
    assert matters(replace(THEIRS, scale={"params": 7}), anywhere) == []
    assert matters(replace(THEIRS, scale={}, version="4"), anywhere) == [Matter.VERSION]


def test_the_best_is_the_one_in_front() -> None:
    """By the objective's direction; of equal ones the first; of none, none."""
    ones = [replace(THEIRS, id=ReferenceId(f"r{v}"), value=v) for v in (2.0, 1.0, 3.0, 1.0)]
    accuracy = replace(LOSS, direction=Direction.MAXIMIZE)
    assert best(ones, LOSS) is ones[1]
    assert best(ones, accuracy) is ones[2]
    assert best([], LOSS) is None
