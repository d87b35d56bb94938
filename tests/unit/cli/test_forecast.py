from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from mainstem.cli import forecast
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


def estimate(mean: float, spread: float) -> dict[str, Any]:
    """An 80% interval."""
    return {
        "mean": mean,
        "low": mean - spread,
        "high": mean + spread,
        "level": 0.8,
        "unit": "bits/byte",
    }


def value() -> dict[str, Any]:
    """What is predicted of a recipe."""
    return {"now": estimate(2.5, 0.01), "value": estimate(2.0, 0.1), "true": estimate(2.0, 0.1)}


def gain(outlook: str) -> dict[str, Any]:
    """What becomes of a gain."""
    return {
        "now": estimate(0.2, 0.02),
        "then": estimate(-0.1, 0.05),
        "margin": 0.02,
        "gains": 0.01,
        "gains_margin": 0.004,
        "outlook": outlook,
    }


REPORT: Mapping[str, Any] = {
    "stack": "tinylm",
    "trunk": "0123456789abcdef",
    "at": {"steps": 256.0},
    "level": 0.8,
    "fresh_runs": 3,
    "largest": {"steps": 32.0},
    "beyond": {"steps": 8.0},
    "rungs": [{"name": "s10", "scale": {"steps": 10.0}}],
    "recipes": [
        {
            "recipe": [],
            "is": ["trunk"],
            "rungs": 4,
            "rungs_needed": 4,
            "runs": 12,
            "span": {"steps": [10.0, 32.0]},
            "objectives": {"val_bpb": value()},
        },
        {
            "recipe": ["muon"],
            "is": ["best"],
            "rungs": 1,
            "rungs_needed": 4,
            "runs": 3,
            "span": {"steps": [32.0, 32.0]},
            "objectives": {},
        },
    ],
    "proposals": [
        {
            "id": "rope",
            "without": [],
            "rungs": 4,
            "rungs_needed": 4,
            "runs": 12,
            "span": {},
            "objectives": {"val_bpb": gain("turns")},
        },
        {
            "id": "muon",
            "without": [],
            "rungs": 1,
            "rungs_needed": 4,
            "runs": 3,
            "span": {},
            "objectives": {},
        },
    ],
}


def text(report: Mapping[str, Any], width: int = 80) -> str:
    """The report as a terminal of that width shows it."""
    out = Console(width=width, record=True, file=None, highlight=False, markup=False)
    with out.capture() as shown:
        forecast._render(out, report)
    return shown.get()


def test_it_says_extrapolation_out_loud_and_fits_80_columns() -> None:
    """How far beyond the largest run, which gain turns, and who has too few rungs."""
    found = text(REPORT)
    assert max(len(line) for line in found.splitlines()) <= 80
    flat = " ".join(found.split())
    assert "extrapolates 8-fold beyond the largest run (steps 32)" in flat
    assert "TURNS" in flat
    assert "best: muon 1 of 4 rungs" in flat
    assert "ran at 1 of 4" in flat
    assert "nothing here enters a verdict" in flat


def test_within_what_ran_it_does_not_claim_to_extrapolate() -> None:
    """A target below the largest run is no extrapolation."""
    found = text({**REPORT, "beyond": {"steps": 0.5}}, 100)
    assert "extrapolates" not in found
    assert "within what has run (steps 32 and below)" in found


def test_places_are_read() -> None:
    """Numbers as people write them."""
    assert forecast._at(["steps=3_200", "tokens=1e9"]) == {"steps": 3200.0, "tokens": 1e9}


@pytest.mark.parametrize("wrong", ["steps", "steps=", "=4", "steps=0", "steps=inf", "steps=many"])
def test_a_place_that_is_none_is_refused(wrong: str) -> None:
    """KEY=VALUE with a number above 0, nothing else."""
    with pytest.raises(UsageError, match="write KEY=VALUE"):
        forecast._at([wrong])
