from __future__ import annotations

from typing import Any

import pytest

from mainstem.frontier import words


def estimate(mean: float, low: float | None, high: float | None) -> dict[str, Any]:
    """An estimate as the report has it."""
    return {"mean": mean, "low": low, "high": high, "level": 0.9, "unit": "nats"}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (estimate(0.12345, 0.1, 0.15), "0.123 [0.100, 0.150]"),
        (estimate(0.12345, None, None), "0.1235"),
        (estimate(3.0, 3.0, 3.0), "3"),
        (estimate(0.35, 0.35 - 1e-12, 0.35 + 1e-12), "0.35"),
        (estimate(123456.0, 123000.0, 124000.0), "123,456 [123,000, 124,000]"),
        (estimate(-0.001, -0.2, 0.2), "0 [-0.20, 0.20]"),
    ],
)
def test_numbers_have_the_digits_that_their_intervals_allow(
    found: dict[str, Any], said: str
) -> None:
    """Two of the spread, five of the number at most, and one number where the ends look alike."""
    assert words.estimate(found) == said


@pytest.mark.parametrize(
    ("count", "said"), [(0.005, "7 minutes"), (0.5, "12.0 hours"), (40.4, "40 days")]
)
def test_times_have_a_unit_that_fits(count: float, said: str) -> None:
    """A record of an hour has no days."""
    assert words.days(count) == said


def objective(**keys: Any) -> dict[str, Any]:
    """One objective of a report."""
    reference = {
        "id": "theirs",
        "value": 1.4,
        "unit": "nats",
        "spread": 0.02,
        "standard_error": None,
        "seeds": 1,
        "obtained": "published",
    }
    gap = {
        "value": estimate(0.6, 0.5, 0.7),
        "in_margins": estimate(12.0, 10.0, 14.0),
        "standing": "behind",
        "spread_assumed": False,
    }
    forecast = {"date": None, "why_none": "the gap is closed"}
    base = {
        "objective": "loss",
        "unit": "nats",
        "trunk": estimate(2.0, 1.9, 2.1),
        "references": [reference],
        "reference": "theirs",
        "gap": gap,
        "forecast": forecast,
    }
    return base | keys


def test_the_gap_is_said_first_with_what_it_means() -> None:
    """In the unit and in margins; then the trunk, the reference and the forecast."""
    gap, trunk, best, forecast = words.standing(objective())
    assert gap == "gap: 0.60 [0.50, 0.70] nats, 12.0 [10.0, 14.0] margins: the trunk is behind"
    assert trunk == "trunk: 2.00 [1.90, 2.10] nats"
    assert best.startswith("best that can be compared: theirs, 1.4 nats (sd 0.02, 1 seed); publ")
    assert forecast == "forecast: none: the gap is closed"


def test_a_forecast_says_its_pace_and_its_doubt() -> None:
    """An upper end that is not known is named, and that gains get rarer too."""
    forecast = {
        "date": "2026-03-01",
        "low": "2026-02-01",
        "high": None,
        "merges": 4,
        "gained": 0.2,
        "days": 40.0,
    }
    said = words.standing(objective(forecast=forecast))[-1]
    assert said == (
        "forecast: 2026-03-01 [2026-02-01, no bound] at the present pace (4 merges gained 0.2 nats "
        "in 40 days); later if gains get rarer, as they do"
    )


def test_what_is_not_known_is_not_made_up() -> None:
    """No trunk, no reference, an assumed spread: each is said."""
    assert words.standing(objective(gap=None, trunk=None))[0].startswith(
        "gap: not known, as no run"
    )
    none = words.standing(objective(gap=None, reference=None))
    assert none[0] == "gap: none of the references can be compared"
    assumed = {**objective()["gap"], "spread_assumed": True}
    assert (
        "no spread is stated, so the trunk's is taken" in words.standing(objective(gap=assumed))[0]
    )


def test_the_trend_names_merges_with_their_gains() -> None:
    """The last one first; a forced one was not measured; of many the rest is counted."""
    merges = [
        {"at": f"2026-01-0{day}T00:00:00Z", "recipe": ["a", "b"], "gain": {}, "forced": ["a"]}
        for day in range(1, 7)
    ]
    merges[-1]["gain"] = {"loss": estimate(0.1, 0.05, 0.15)}
    said = words.trend({"merges": merges}, objective())
    assert said[0] == "trend: 2026-01-06, a + b: gained 0.100 [0.050, 0.150] nats"
    assert said[1] == "trend: 2026-01-05, a + b: forced, not measured"
    assert said[-1] == "trend: 2 more before"
    assert words.trend({"merges": []}, objective()) == []


def test_a_prospect_that_never_ran_says_so() -> None:
    """And one that cannot be proved has no cost."""
    row = {
        "id": "muon",
        "verdict": "open",
        "gain": estimate(0.1, -0.1, 0.3),
        "closes_share": 0.25,
        "cost": None,
        "per_cost": None,
        "runs": 0,
    }
    assert words.prospect(row) == [
        "muon",
        "open (never ran)",
        "0.10 [-0.10, 0.30]",
        "25%",
        "-",
        "-",
    ]


def test_the_runs_behind_a_claim_are_named() -> None:
    """Every one of them, by what they were for."""
    row = {"id": "muon", "runs": {"search": ["c1.1"], "confirmation": [], "failed": ["c1.3"]}}
    assert words.runs(row) == "muon: search c1.1; failed c1.3"
    assert words.runs({"id": "muon", "runs": {"search": []}}) == "muon: no run"


def test_what_is_made_up_says_so_wherever_its_value_stands() -> None:
    """Nobody takes it for a result."""
    (row,) = objective()["references"]
    assert words.value(row) == "1.4 nats (sd 0.02, 1 seed)"
    assert words.value({**row, "obtained": "made"}) == "1.4 nats (sd 0.02, 1 seed, made up)"
