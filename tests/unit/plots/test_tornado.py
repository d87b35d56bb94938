"""How far each assumption moves a result."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, strategies as st

from mainstem.plots.tornado import Bar, tornado
from tests.unit.plots import anything
from tests.unit.plots.reading import sane, texts


def bar(label: str, low: float, high: float) -> Bar:
    """One that moves a result from low to high."""
    return Bar(label=label, low=low, high=high, low_at="1", high_at="5", said="0.40 of 1")


def draw(*bars: Bar, base: float = 2.0) -> str:
    """A picture of them."""
    return tornado(
        bars, base=base, title="t", description="d", axis="margins", beside="share of the variance"
    )


def boxes(picture: str) -> list[tuple[float, float, float]]:
    """Left, top and width of each bar."""
    found = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="20', picture)
    return [(float(x), float(y), float(width)) for x, y, width in found]


def test_bars_reach_from_the_middle_to_either_end() -> None:
    """As long as the result is moved, the first on top, with their words."""
    picture = draw(bar("veto rate", 1.0, 4.0), bar("seeds", 1.5, 2.5))
    assert {"veto rate", "seeds", "1 to 5", "0.40 of 1", "margins"} <= set(texts(picture))
    found = boxes(picture)
    widths = [width for _, _, width in found]
    assert widths[0] == pytest.approx(2.0 * widths[1], rel=0.01)  # 4 - 2 and 2 - 1
    assert widths[2] == pytest.approx(widths[3], rel=0.01)
    assert found[0][1] < found[2][1]


def test_ends_on_one_side_are_both_seen() -> None:
    """The shorter one lies on the longer one."""
    found = boxes(draw(bar("budget", 3.0, 5.0)))
    assert found[0][2] > found[1][2] > 0.0
    assert found[0][0] == pytest.approx(found[1][0], abs=0.1)


def test_the_ends_differ_by_filling_too() -> None:
    """For whoever sees no colours."""
    picture = draw(bar("budget", 1.0, 5.0))
    assert set(re.findall(r'height="20.0" fill="(#\w+)"', picture)) == {
        "#ffffff",
        "#b34700",
    }


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=1, max_size=8))
def test_nothing_lies_outside(ends: list[tuple[float, float]]) -> None:
    """Whatever the numbers, equal ones too."""
    sane(draw(*(bar("x", low, high) for low, high in ends), base=ends[0][0]))


@given(anything.words)
def test_any_label_stays_inside(label: str) -> None:
    """Cut where it is too long."""
    sane(draw(bar(label, 1.0, 2.0)))
