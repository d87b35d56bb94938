"""What the bench of shares counts, and the flood of the target in a quick form."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import shares as bench
import simulated
from arena.landscapes import Pairwise
from simulated import Course

if TYPE_CHECKING:
    from pathlib import Path

FLOOD = bench.FLOODS["40 of 50"]


def course(gains: list[tuple[int, float]], sealed: dict[int, int] | None = None) -> Course:
    """What a campaign might have been."""
    return Course(trials=gains[-1][0], turns=[gains[-1][0]], sealed=sealed or {}, gains=gains)


def test_a_flood_of_forty_delays_nobody() -> None:
    """Its first turn is the campaign with one of the forty, to the trial; the others are decided.

    `make bench BENCH_ARGS=shares` plays 50 with a budget as well.
    """
    landscape = Pairwise(50, np.random.default_rng(3))
    flooded = simulated.play(landscape, bench.flooded(FLOOD, 0))
    alone = simulated.play(landscape, bench.alone(FLOOD, 0))
    assert len(alone.sealed) == 11
    assert flooded.turns == alone.turns
    assert flooded.gains == alone.gains
    assert bench.ratio(FLOOD, flooded, alone) == 1.0


def test_what_an_owner_files_is_spread_evenly() -> None:
    """Every proposal has one owner, and a flood is neither first nor last as a whole."""
    spread = bench.Spread(landscape="pairwise-12", filed=(6, 1, 5), repeats=1)
    assert [spread.owners.count(owner) for owner in range(3)] == [6, 1, 5]
    assert len({*spread.owners[:4]}) == len({*spread.owners[8:]}) == 2


@pytest.mark.parametrize(
    ("gains", "trials"),
    [
        ([(0, 0.0), (4, 0.95), (8, 0.2), (12, 0.9), (16, 1.0)], 12.0),
        ([(0, 0.0), (4, 1.0), (8, 0.89)], math.inf),
        ([(0, 1.0), (4, 1.0)], 0.0),
    ],
)
def test_a_gain_counts_from_when_it_is_kept(gains: list[tuple[int, float]], trials: float) -> None:
    """One that is lost again was not reached."""
    assert bench.trials_to_keep(course(gains)) == trials


def test_the_ratio_is_over_the_others_that_are_decided_without_the_flood() -> None:
    """The flood's own do not count; one that it keeps undecided waits for ever."""
    flood = replace(FLOOD, spread=bench.Spread(landscape="x", filed=(4, 1, 1, 1), repeats=1))
    others = [place for place, owner in enumerate(flood.spread.owners) if owner != 0]
    mine = flood.spread.owners.index(0)
    without = course([(50, 0.0)], {others[0]: 50, others[1]: 50, mine: 50})
    with_it = course([(90, 0.0)], {others[0]: 60, others[1]: 90, others[2]: 1, mine: 1})
    assert bench.ratio(flood, with_it, without) == pytest.approx(1.5)
    del with_it.sealed[others[1]], with_it.sealed[others[0]]
    assert bench.ratio(flood, with_it, without) == math.inf


def test_medians_are_compared_campaign_by_campaign() -> None:
    """The interval holds the ratio, and is a point where every campaign says the same."""
    found = bench.beside([100.0, 200.0, 400.0], [110.0, 220.0, 440.0])
    assert (found["plain"], found["shared"]) == (200.0, 220.0)
    assert found["low"] == found["ratio"] == found["high"] == pytest.approx(1.1)


def test_a_campaign_is_played_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is what was played; owners do not tell campaigns without shares apart."""
    played = course([(0, 0.0), (4, 1.0)], {3: 4})
    monkeypatch.setattr(simulated, "play", lambda *_: played)
    spread = bench.Spread(landscape="pairwise-12", filed=(10, 1, 1), repeats=1)
    assert bench.kept(tmp_path, spread, 0, bench.everything(spread, 0)) == played
    monkeypatch.delattr(simulated, "play")
    even = replace(spread, filed=(4, 4, 4))
    assert bench.kept(tmp_path, even, 0, bench.everything(even, 0)) == played
    with pytest.raises(AttributeError):
        bench.kept(tmp_path, spread, 1, bench.everything(spread, 1))


def test_tables_tell_both_figures_and_what_was_not_played() -> None:
    """A row for each, in Markdown; a gain that is never kept, and floods not played openly."""
    twice = bench.beside([100.0, 100.0], [200.0, 200.0])
    never = bench.beside([40.0, 40.0], [math.inf, math.inf])
    cell = {"beyond": 9, "waits": 0, "campaigns": 2, "trials": twice, "gain": never}
    delay = {"median": 1.0, "low": 1.0, "high": 1.05, "campaigns": 50}
    said = bench.table(
        {
            "cost": {"pairwise-12, flood": {**cell, "end": [1.0, 0.9]}},
            "flood": {"40 of 50": {"fair": delay, "open": None}},
        }
    )
    assert (
        "| pairwise-12, flood | 9 | 0 | 2 | 100, 200 | 2.00 (2.00 to 2.00) | 40, inf | "
        "inf (inf to inf) | 1.00, 0.90 |"
    ) in said
    assert "| 40 of 50 | 1.00 (1.00 to 1.05) | 50 |  |  |" in said
