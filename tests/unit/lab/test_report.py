"""A replay as JSON."""

from __future__ import annotations

import json

import pytest

from mainstem.lab.report import report, too_small
from tests.unit.lab import records


def test_the_report_holds_what_was_played() -> None:
    """Every way with gain, price, course and what was never run; and it is JSON."""
    found = report(records.question(), records.played(), stack="tiny", campaign="c1")
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    first, tests, vetoes = found["policies"]
    assert found["reference"] == first["name"] == "reference"
    assert first["price"] is None
    assert [row["campaigns"] for row in found["policies"]] == [9, 14, 14]
    played = records.played()
    assert tests["gain"]["mean"] == pytest.approx(played[1].final.mean())
    assert vetoes["price"]["mean"] == pytest.approx((played[0].final - played[2].final[:9]).mean())
    assert vetoes["price"]["campaigns"] == 9
    assert tests["course"][0] == {"runs": 0, "mean": 0.0, "low": 0.0, "high": 0.0}
    assert tests["course"][-1]["runs"] == found["budget"] == 24
    assert tests["course"][-1]["mean"] == pytest.approx(tests["gain"]["mean"], rel=1e-12)
    assert set(tests["objectives"]) == {"loss", "size"}
    assert 0.0 <= tests["extrapolated"]["trunks"] <= 1.0
    assert found["record"]["runs"] == 24
    assert found["record"]["too_small"] is None
    assert found["worlds"] == 6
    assert found["assumptions"] is None
    assert found["said"]


def test_a_record_that_is_too_small_says_why() -> None:
    """Too few recipes to tell the proposals apart, or too few runs of them."""
    assert too_small(records.recorded()) is None
    few = too_small(records.recorded(4))
    assert few == "it ran 2 recipes, and 4 proposals take 5 to be told apart"
    runs = too_small(records.recorded(7))
    assert runs == "it has 7 runs, and 4 proposals take 8 for a first look at each"
