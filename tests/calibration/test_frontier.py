"""Do intervals of gaps and forecasts cover what they say?

Quick forms, with fixed seeds, of what `make bench BENCH_ARGS=frontier` simulates.
"""

from __future__ import annotations

import pytest

import frontier as bench


@pytest.mark.parametrize("name", bench.GAPS)
def test_the_interval_of_a_gap_covers_it(name: str) -> None:
    """Both sides drawn anew each time; of 400 worlds the 99% bound of 90% holds it."""
    assert bench.gaps_held(bench.GAPS[name], 400) >= bench.least(400)


@pytest.mark.parametrize("name", ["8 days", "25 days"])
def test_the_forecast_covers_the_day_when_the_gap_is_closed(name: str) -> None:
    """In worlds as it assumes them; of 100 the 99% bound of 90% holds it."""
    assert bench.paces_held(bench.PACES[name], 100)["held"] >= bench.least(100)


def test_where_gains_shrink_the_forecast_is_early() -> None:
    """What it says of itself: later if gains get rarer. Where they do, it misses on that side."""
    found = bench.paces_held(bench.PACES["25 days, gains shrink by 8% a merge"], 40)
    assert found["early"] == 0
    assert found["late"] > 10
