from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.stats.warp import Warp, fit_warp

gains = st.lists(st.floats(min_value=-1e4, max_value=1e4), min_size=1, max_size=30).map(np.array)
warps = st.builds(
    Warp,
    bend=st.floats(min_value=-100.0, max_value=0.0),
    scale=st.floats(min_value=0.1, max_value=100.0),
    floor=st.just(-np.inf),
)


@given(warps, gains)
def test_inverse_undoes_forward(warp: Warp, y: np.ndarray) -> None:
    """Effects are reported in the objective's own unit, so nothing may be lost on the way."""
    back = warp.inverse(warp.forward(y))
    assert back == pytest.approx(y, rel=1e-8, abs=1e-8)


@given(warps, gains)
def test_the_order_is_kept(warp: Warp, y: np.ndarray) -> None:
    """Better stays better."""
    assert np.all(np.diff(warp.forward(np.sort(y))) >= 0.0)


@given(warps, gains)
def test_the_good_side_is_kept_and_the_bad_side_compressed(warp: Warp, y: np.ndarray) -> None:
    """Above the bend nothing changes; below it the distance to the bend only shrinks."""
    warped = warp.forward(y)
    good = y >= warp.bend
    assert np.array_equal(warped[good], y[good])
    assert np.all(warped[~good] >= y[~good] - 1e-9)
    assert np.all(warped[~good] <= warp.bend)


def test_the_warp_is_smooth_at_the_bend() -> None:
    """The slope is 1 on both sides: an effect across the bend is no artefact of it."""
    warp = Warp(bend=-2.0, scale=3.0, floor=-np.inf)
    h = 1e-6
    below, above = warp.forward(np.array([-2.0 - h, -2.0 + h]))
    assert (-2.0 - below) / h == pytest.approx(1.0, abs=1e-5)
    assert (above + 2.0) / h == pytest.approx(1.0, abs=1e-5)


@given(gains)
def test_nothing_is_much_worse_than_the_worst_seen(y: np.ndarray) -> None:
    """A posterior draw far out is a terrible recipe, not an overflow, and all data come back.

    The floor is one unit of compression below the worst: e times as far below the bend, and
    e - 1 scales more.
    """
    warp = fit_warp(y)
    assert warp.inverse(warp.forward(y)) == pytest.approx(y, rel=1e-8, abs=1e-8)
    depth = warp.bend - min(warp.bend, float(y.min()))
    lowest = warp.bend - np.e * depth - (np.e - 1.0) * warp.scale
    far = warp.inverse(np.array([-1e300, -1e9]))
    assert far == pytest.approx(np.full(2, lowest), rel=1e-6)


def test_the_bend_is_the_median_but_stays_half_a_scale_below_the_trunk() -> None:
    """Neither gains nor the trunk's own noise are compressed; the scale is the robust spread."""
    assert fit_warp(np.array([1.0, 2.0, 3.0])).bend == pytest.approx(-0.5 * 1.4826)
    fitted = fit_warp(np.array([-50.0, -40.0, -30.0, 0.0, 1.0]))
    assert fitted.bend == -30.0
    assert fitted.scale == pytest.approx(1.4826 * 20.0)


def test_a_few_very_bad_runs_among_many_alike_still_differ() -> None:
    """The standard deviation bounds the bite where most runs are alike.

    With the robust spread of .15 alone, losses of 10 and 20 would be .1 apart and look the same.
    """
    y = np.array([0.0, 0.1, -0.1, 0.2, -0.1, 0.1, 0.0, -10.0, -20.0])
    warp = fit_warp(y)
    assert warp.scale == pytest.approx(y.std())
    bad, worse = warp.forward(np.array([-10.0, -20.0]))
    assert bad - worse > 2.0


@pytest.mark.parametrize("y", [[0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0, -9.0]])
def test_the_scale_is_above_zero_for_any_data(y: list[float]) -> None:
    """Equal gains have no spread, and still a warp."""
    assert fit_warp(np.array(y)).scale > 0.0


@given(gains, st.floats(min_value=0.01, max_value=100.0))
def test_the_warp_follows_the_unit(y: np.ndarray, factor: float) -> None:
    """Another unit gives the same picture, scaled."""
    one, other = fit_warp(y), fit_warp(factor * y)
    if np.ptp(y) < 1e-3:
        return  # without spread the scale is a convention
    assert other.forward(factor * y) == pytest.approx(factor * one.forward(y), rel=1e-6, abs=1e-6)
