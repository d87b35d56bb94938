from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.reference import Frontier, ReferenceId
from mainstem.engine import record as records
from mainstem.frontier.report import claim_of, report
from tests.unit.frontier.conftest import ELSEWHERE, FRONTIER, OTHER, THEIRS, bring, seen

if TYPE_CHECKING:
    from mainstem.frontier.report import World
    from tests.unit.engine.conftest import World as Simulated


def objective(found: dict[str, Any], name: str = "loss") -> dict[str, Any]:
    """One objective of a report."""
    (one,) = (row for row in found["objectives"] if row["objective"] == name)
    return one


def gain(mean: float) -> dict[str, Any]:
    """A confirmed gain as the ledger has it."""
    return {"mean": mean, "low": mean, "high": mean, "level": 0.9, "unit": ""}


def moved(was: World, count: int, gains: dict[str, Any]) -> World:
    """What is known, as if so many merges with these gains had led to the trunk."""
    entries, record = list(was.entries), was.record
    for number in range(count):
        last = number == count - 1
        body = {
            "campaign": "c1",
            "old": f"{number:040x}" if number else "f" * 40,
            "new": was.trunk if last else f"{number + 1:040x}",
            "recipe": [f"p{number}"],
            "commits": {},
            "gain": gains,
        }
        seq = len(entries) + 1
        entries.append(replace(entries[0], seq=seq, kind=records.MERGED, body=body))
        records.advance(record, entries[-1])
    return replace(was, entries=entries, record=record)


def test_before_anything_ran_there_is_something_to_say(world: Simulated) -> None:
    """References with what keeps them apart, and why there is no gap and no date."""
    found = report(seen(world))
    one = objective(found)
    assert (one["trunk"], one["gap"], one["reference"]) == (None, None, "theirs")
    assert one["forecast"]["date"] is None
    assert "`mainstem check` makes some" in one["forecast"]["why_none"]
    compared = {row["id"]: row["comparable"] for row in one["references"]}
    assert compared == {"theirs": True, "other": False}
    (other,) = (row for row in one["references"] if row["id"] == "other")
    assert [m["matter"] for m in other["mismatches"]] == ["harness"]
    assert [row["id"] for row in found["elsewhere"]] == ["elsewhere"]
    assert objective(found, "params")["references"] == []
    assert found["since"] is None


def test_the_gap_is_to_the_best_that_can_be_compared(world: Simulated) -> None:
    """In its unit and in margins; what is better and measured otherwise changes nothing."""
    world.propose("muon", "bad")
    world.integrate(budget=30)
    one = objective(report(seen(world)))
    assert one["trunk"]["mean"] == pytest.approx(2.0, abs=0.03)
    gap = one["gap"]
    assert gap["value"]["mean"] == pytest.approx(one["trunk"]["mean"] - 1.4)
    assert gap["in_margins"]["mean"] == pytest.approx(gap["value"]["mean"] / 0.05)
    assert gap["in_margins"]["unit"] == "margins"
    assert (gap["standing"], gap["spread_assumed"]) == ("behind", False)
    without = replace(FRONTIER, references=(THEIRS,))
    assert objective(report(seen(world, without)))["gap"] == gap
    (bad,) = (row for row in one["prospects"] if row["id"] == "bad")
    assert bad["closes"] < 0.01
    assert bad["closes_share"] == pytest.approx(bad["closes"] / gap["value"]["mean"])


def test_the_frontier_is_where_the_trunk_already_is(world: Simulated) -> None:
    """Ahead or level: the gap is closed, there is no date and nothing to close it."""
    world.propose("muon", "bad")
    world.integrate(budget=30)
    easy = replace(FRONTIER, references=(replace(THEIRS, value=2.5),))
    one = objective(report(seen(world, easy)))
    assert one["gap"]["standing"] == "ahead"
    assert one["forecast"]["why_none"] == "the gap is closed"
    assert one["prospects"] == []


def test_a_forecast_takes_three_merges(world: Simulated) -> None:
    """With fewer it says so; with more it is a date with its ends, the same each time."""
    world.propose("muon")
    world.integrate(budget=12)
    trunk_runs = report(seen(world))["trunk"]["runs"]
    assert trunk_runs > 1
    for count, why in ((0, "0 merges"), (1, "1 merge with"), (2, "2 merges with")):
        said = _forecast(world, count)
        assert said["date"] is None
        assert said["why_none"].startswith(why)
        assert said["merges"] == count
    said = _forecast(world, 5)
    assert said == _forecast(world, 5)
    assert said["why_none"] is None
    assert said["days"] == pytest.approx(10.0, abs=0.01)
    assert said["gained"] == pytest.approx(0.25)
    # 0.6 is left; half a merge a day of 0.05 each: 24 days or so.
    date = dt.date.fromisoformat(said["date"])
    assert dt.date(2024, 1, 25) < date < dt.date(2024, 2, 20)
    assert said["low"] < said["date"]
    assert said["high"] is None or said["high"] > said["date"]


def _forecast(world: Simulated, count: int) -> dict[str, Any]:
    """The forecast ten days after the record began, after so many merges that gained 0.05."""
    was = seen(world, now="2024-01-11T00:00:00Z")
    found = report(moved(was, count, {"loss": gain(0.05)}))
    assert len(found["merges"]) == count
    said: dict[str, Any] = objective(found)["forecast"]
    return said


def test_no_progress_is_said(world: Simulated) -> None:
    """A guard that was only lost on is not forecast to gain."""
    world.propose("muon")
    world.integrate(budget=12)
    on_params = replace(THEIRS, objective="params", metric="params", value=900.0)
    measured = {"params": replace(FRONTIER.measured["loss"], objective="params")}
    frontier = Frontier(references=(on_params,), measured=measured)
    one = objective(report(moved(seen(world, frontier), 3, {"params": gain(-5.0)})), "params")
    assert one["gap"]["standing"] == "behind"
    assert one["forecast"]["why_none"].startswith("no progress: the merges so far gained nothing")
    assert one["prospects"] == [], "nothing is merged for a guard"


def test_a_claim_is_what_the_source_states_else_the_gap(world: Simulated) -> None:
    """Else why there is none."""
    now = seen(world)
    assert claim_of(now, replace(OTHER, gain=0.07)) == 0.07
    assert "run `mainstem check`" in str(claim_of(now, THEIRS))
    world.propose("muon")
    world.integrate(budget=12)
    now = seen(world)
    gap = objective(report(now))["gap"]["value"]["mean"]
    assert claim_of(now, THEIRS) == pytest.approx(gap)
    assert "evaluated by <script>" in str(claim_of(now, OTHER))
    assert claim_of(now, replace(THEIRS, value=2.5)) == "the trunk is as good as its value already"


def test_claims_are_part_of_the_report(world: Simulated) -> None:
    """With their unit, which the ledger need not hold."""
    bring(world, "muon", 0.3)
    (row,) = report(seen(world))["claims"]
    assert (row["id"], row["reference"], row["status"]) == ("muon", "theirs", "claimed")
    assert row["unit"] == ""


def test_what_is_no_objective_is_listed_elsewhere(world: Simulated) -> None:
    """And under no objective."""
    frontier = Frontier(references=(replace(ELSEWHERE, id=ReferenceId("x")),))
    found = report(seen(world, frontier))
    assert all(one["references"] == [] for one in found["objectives"])
    (row,) = found["elsewhere"]
    assert (row["id"], row["comparable"], row["objective"]) == ("x", False, None)
