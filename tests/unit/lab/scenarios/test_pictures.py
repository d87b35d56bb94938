"""Curves by round."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.lab.scenarios import pictures
from mainstem.plots import svg
from tests.unit.plots.reading import outside, texts, ways


def draw(*lines: list[float], error: float = 0.1) -> str:
    """A picture of them."""
    of = {f"line {k}": (np.array(line), np.full(len(line), error)) for k, line in enumerate(lines)}
    return pictures.curves(of, title="t", description="d", axis="round", unit="score")


def test_lines_are_named_and_lie_where_their_values_are() -> None:
    """Higher values lie further up; a line of one style crosses that of the other."""
    picture = draw([0.0, 0.5, 1.0], [1.0, 0.5, 0.0])
    assert {"line 0", "line 1", "round", "score"} <= set(texts(picture))
    first, second = (max(ways(picture, svg.style(k).colour), key=len) for k in (0, 1))
    assert [y for _, y in first] == [y for _, y in reversed(second)]
    assert first[0][1] > first[1][1] > first[2][1]


def test_a_band_goes_along_below_and_back_above() -> None:
    """Two standard errors to each side: its area ends where it began, across and not along."""
    picture = draw([1.0, 1.0, 1.0], error=0.25)
    (area,) = re.findall(r'<path d="M([^"]*) Z" fill="#0072b2" fill-opacity', picture)
    points = [tuple(map(float, pair.split())) for pair in area.split(" L")]
    xs, ys = zip(*points, strict=True)
    assert list(xs[:3]) == list(reversed(xs[3:]))
    assert len(set(ys[:3])) == len(set(ys[3:])) == 1
    (line,) = (y for _, y in ways(picture, svg.style(0).colour)[-1][:1])
    assert ys[0] - line == pytest.approx(line - ys[3], abs=0.2)


@given(
    st.lists(st.floats(0.0, 1e6), min_size=2, max_size=6),
    st.lists(st.floats(0.0, 1e6), min_size=2, max_size=6),
    st.floats(0.0, 1e6),
)
def test_nothing_lies_outside(one: list[float], two: list[float], error: float) -> None:
    """Whatever the values, nothing but zeros too, and bands wider than the values."""
    assert outside(draw(one, two, error=error)) == []
