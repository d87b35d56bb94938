from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena.rungs.landscapes import SMALL, TOP, Measured
from arena.rungs.play import RungMeter, cost_to_keep, play

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits

TRUNK, FIRST, BOTH = np.array([0, 0]), np.array([1, 0]), np.array([1, 1])


def land(rng: np.random.Generator) -> Measured:
    """Two proposals that gain 1 and 3 at the top, without noise; a top run costs 3 small ones."""
    del rng
    top = np.array([5.0, 4.0, 2.0, 1.0])
    return Measured(np.stack([top[::-1], top])[:, :, None], (1, 3))


def small_then_top(meter: RungMeter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Two small runs, two top runs, and so on."""
    del budget, rng
    while True:
        for rung, said in ((SMALL, FIRST), (SMALL, TRUNK), (TOP, BOTH), (TOP, FIRST)):
            meter.evaluate(BOTH, rung, 0)
            yield said


def test_gains_are_counted_by_cost() -> None:
    """An entry a tick: a recommendation counts from the end of its run, not while that runs."""
    found = play(small_then_top, land, 8)
    assert found.gains["own"] == [0.25, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.25]
    assert found.runs == 4


def test_a_run_that_does_not_fit_the_budget_counts_for_nothing() -> None:
    """Its recommendation is dropped: the last one before it stands to the end."""
    found = play(small_then_top, land, 7)
    assert found.gains["own"] == [0.25, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    assert found.runs == 3


def test_before_the_first_run_has_ended_there_is_the_trunk() -> None:
    """A method that begins at the top has gained nothing while its first run goes on."""

    def at_top(meter: RungMeter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
        del budget, rng
        meter.evaluate(TRUNK, TOP, 0)
        yield BOTH

    assert play(at_top, land, 6).gains["own"] == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]


def test_the_meter_counts_every_run() -> None:
    """Rungs by their place, costs in ticks, values as the landscape gives them."""
    meter = RungMeter(land(np.random.default_rng(0)))
    assert meter.spent == 0
    assert meter.evaluate(BOTH, SMALL, 0) == 5.0
    assert meter.evaluate(BOTH, TOP, 0) == 1.0
    assert (meter.rungs, meter.ends, meter.spent) == ([0, 1], [1, 4], 4)


def test_cost_is_told_in_top_runs() -> None:
    """The first tick from which the gain stays, over what a top run takes; or never."""
    assert cost_to_keep([0.0, 1.0, 0.2, 0.95, 1.0, 0.96], 3) == pytest.approx(4 / 3)
    assert cost_to_keep([1.0, 0.9], 3) == math.inf


def test_a_method_that_skips_a_recommendation_is_refused() -> None:
    """It must recommend exactly once per run, and run something."""

    def silent(meter: RungMeter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
        del budget, rng
        meter.evaluate(TRUNK, SMALL, 0)
        meter.evaluate(TRUNK, SMALL, 0)
        yield TRUNK

    def idle(meter: RungMeter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
        del meter, budget, rng
        yield from ()

    with pytest.raises(RuntimeError, match="1 recommendations for 2 runs"):
        play(silent, land, 8)
    with pytest.raises(RuntimeError, match="ran nothing"):
        play(idle, land, 8)


def test_a_model_is_asked_as_well_where_it_is_wanted() -> None:
    """Every rule has a gain for every tick."""
    found = play(small_then_top, land, 40, modelled=True)
    assert set(found.gains) == {"own", "seen", "model"}
    assert all(len(gains) == 40 for gains in found.gains.values())
