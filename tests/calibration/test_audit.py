"""Does the audit keep its error rate, find what was planted, and cover it?

Quick forms, with fixed seeds, of what `make bench BENCH_ARGS=audit` simulates.
"""

from __future__ import annotations

import numpy as np
import pytest

import audit as bench
from mainstem.stats.audit import Question

HISTORIES = 40
FAIR = [name for name, cell in bench.CELLS.items() if cell.planted is None and cell.claimed]


def test_the_bound_is_the_target() -> None:
    """Of 500 unbiased histories at most 37 may have a false alarm."""
    assert bench.most(500) == 37


@pytest.mark.parametrize("merit", bench.MERITS)
@pytest.mark.parametrize("name", ["fair", "fair, nearly a bar", "fair, 40 decisions"])
def test_fair_organisations_are_called_fair(name: str, merit: float) -> None:
    """At most 6 of 40 histories have any false alarm: the 99% bound of 5%."""
    assert name in FAIR
    found = bench.audited(bench.CELLS[name], merit, HISTORIES)
    assert found["alarms"] <= bench.most(HISTORIES)


@pytest.mark.parametrize("merit", bench.MERITS)
def test_a_planted_odds_ratio_of_four_is_found_and_covered(merit: float) -> None:
    """Of 40 histories 26 or more find it, 32 or more intervals hold it, as wide as likelihood's.

    Where 80% find it and 90% hold it, the 1% quantiles are 26 and 31.
    """
    found = bench.audited(bench.CELLS["seniors' odds times 4"], merit, HISTORIES)
    assert found["said"][str(Question.SENIORITY)] >= 26
    assert found["cover"] * HISTORIES >= 32
    assert found["width"] <= bench.GOAL_WIDTH


def test_the_count_can_fail() -> None:
    """Given what was measured later instead, groups of different merit make bias of nothing."""
    cell = bench.CELLS["fair, audited by a later measurement"]
    found = bench.audited(cell, bench.MERIT, HISTORIES)
    assert found["alarms"] > bench.most(HISTORIES)


def test_an_organisation_merges_as_often_as_it_is_said_to() -> None:
    """The base rate is 30% with and without bias and merit, half of the decisions are seniors'."""
    for cell in bench.CELLS.values():
        for merit in bench.MERITS:
            organisation = bench.replace(cell.organisation, merit=merit)
            own = [bench.history(organisation, number).decisions for number in range(30)]
            merged = np.concatenate([d.merged for d in own])
            error = np.sqrt(0.21 / len(merged))
            assert abs(merged.mean() - bench.BASE_RATE) < 4.0 * error
            assert all(d.senior is not None and d.senior.mean() == 0.5 for d in own)
