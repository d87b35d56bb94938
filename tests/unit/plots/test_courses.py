"""What was gained against what was spent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.plots import svg
from mainstem.plots.courses import Line, courses, reach
from tests.unit.plots.reading import sane, texts, ways


def line(name: str, *middle: float, band: float = 0.5) -> Line:
    """One that gains these amounts at 0, 10, 20, ..."""
    values = np.array(middle)
    return Line(
        name=name,
        spent=10.0 * np.arange(len(values)),
        middle=values,
        low=values - band,
        high=values + band,
    )


def draw(*lines: Line, ends: tuple[float, float] | None = None) -> str:
    """A picture of them."""
    return courses(
        lines,
        until=40.0,
        ends=ends or reach(lines),
        title="t",
        description="d",
        axis="runs",
        unit="gain, margins",
    )


def test_a_gain_stays_until_the_next_and_more_lies_higher() -> None:
    """Stairs, each step where it was spent."""
    picture = draw(line("collective", 0.0, 1.0, 3.0), line("silos", 0.0, 0.5, 0.5))
    assert {"collective", "silos", "runs", "gain, margins"} <= set(texts(picture))
    stairs = max(ways(picture, svg.style(0).colour), key=len)
    xs, ys = zip(*stairs, strict=True)
    assert len(stairs) == 5
    assert ys[0] == ys[1] > ys[2] == ys[3] > ys[4]
    assert xs[1] == xs[2]
    assert xs[4] - xs[2] == pytest.approx(xs[2] - xs[0], abs=0.2)


def test_a_band_is_drawn_where_it_is_known() -> None:
    """And a line without one has none."""
    with_band = draw(line("a", 0.0, 1.0, 2.0))
    without = draw(line("a", 0.0, 1.0, 2.0, band=np.nan))
    assert with_band.count("fill-opacity") == 1
    assert without.count("fill-opacity") == 0


def test_panels_with_the_same_ends_can_be_compared() -> None:
    """The same gain is as high in each, and what is beyond the ends is cut and not lost."""
    low, high = draw(line("a", 0.0, 1.0), ends=(-1.0, 4.0)), draw(line("b", 0.0, 9.0), ends=(-1, 4))
    first, second = (max(ways(p, svg.style(0).colour), key=len) for p in (low, high))
    assert first[0][1] == second[0][1]
    sane(high)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), st.floats(0.0, 1e5))
def test_nothing_lies_outside(values: list[float], band: float) -> None:
    """Whatever the numbers, one value alone and equal ones too."""
    sane(draw(line("a", *values, band=band), line("b", *reversed(values))))
