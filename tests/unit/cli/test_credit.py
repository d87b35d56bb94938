"""What `mainstem credit` prints of objectives on which nothing was gained."""

from __future__ import annotations

from typing import Any

import pytest

from mainstem.cli import credit
from mainstem.cli.output import console


def estimate(mean: float, low: float, high: float) -> dict[str, Any]:
    """An estimate as `credit` has it."""
    return {"mean": mean, "low": low, "high": high, "level": 0.9, "unit": "u"}


def divided(objective: str, total: dict[str, Any]) -> dict[str, Any]:
    """One objective, divided over one member that may have earned a lot or lost it."""
    value = {"id": "rope", "value": estimate(0.0, -1e6, 1e6), "percent": None}
    return {"objective": objective, "total": total, "members": [value], "people": []}


@pytest.mark.parametrize(
    ("total", "shown"),
    [
        (estimate(0.0, 0.0, 0.0), False),
        (estimate(0.0, -1.0, 1.0), True),
        (estimate(5.0, 5.0, 5.0), True),
    ],
)
def test_what_gained_exactly_nothing_is_named_and_not_divided(
    capsys: pytest.CaptureFixture[str], total: dict[str, Any], *, shown: bool
) -> None:
    """A gain that is not known well is something."""
    report = {
        "stack": "s",
        "trunk": {"commit": "c" * 40},
        "root": "r" * 40,
        "runs": 9,
        "members": ["rope"],
        "objectives": [divided("loss", estimate(0.1, 0.05, 0.2)), divided("size", total)],
        "in_all": None,
        "reproductions": [],
        "made_possible": [],
        "information": [],
    }
    credit._render(console(), report)
    said = capsys.readouterr().out
    assert ("nothing was gained or lost: size" in said) is not shown
    assert "loss" in said
