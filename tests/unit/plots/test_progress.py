"""A value that moves in steps beside levels."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.plots import svg
from mainstem.plots.progress import Level, progress
from tests.unit.plots.reading import sane, texts, ways


def draw(*steps: tuple[float, float], levels: tuple[float, ...] = (), until: float = 10.0) -> str:
    """A picture of them."""
    return progress(
        "trunk",
        steps,
        [Level(name=f"level {k}", value=value) for k, value in enumerate(levels)],
        until=until,
        ends=(steps[-1][1] - 0.1, steps[-1][1] + 0.1),
        title="t",
        description="d",
        axis="days",
        unit="loss, nats",
    )


def test_a_value_stays_until_it_moves() -> None:
    """Stairs: level until the next step, and the last value to the end."""
    picture = draw((0.0, 3.0), (4.0, 2.0), levels=(1.0,))
    stairs = max(ways(picture, svg.style(0).colour), key=len)
    xs, ys = zip(*stairs, strict=True)
    assert len(stairs) == 4
    assert ys[0] == ys[1] < ys[2] == ys[3], "lower values lie further down"
    assert xs[1] == xs[2]
    assert xs[1] - xs[0] == pytest.approx(0.4 * (xs[3] - xs[0]), abs=0.3)


def test_levels_are_named_and_lie_where_their_values_are() -> None:
    """Each with a style of its own; a level at the value of a step is as high as it."""
    picture = draw((0.0, 3.0), (4.0, 2.0), levels=(2.0, 1.0))
    assert {"trunk", "level 0", "level 1", "days", "loss, nats"} <= set(texts(picture))
    stairs = max(ways(picture, svg.style(0).colour), key=len)
    across = [way for way in ways(picture, svg.style(1).colour) if way[-1][0] - way[0][0] > 100]
    (level,) = (way for way in across if way[0][1] > 100)
    assert level[0][1] == pytest.approx(stairs[-1][1], abs=0.2)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5),
    st.lists(st.floats(-1e6, 1e6), max_size=4),
    st.floats(1e-3, 1e5),
)
def test_nothing_lies_outside(values: list[float], levels: list[float], until: float) -> None:
    """Whatever the numbers, one value alone and equal ones too."""
    steps = [(until * k / len(values), value) for k, value in enumerate(values)]
    sane(draw(*steps, levels=tuple(levels), until=until))
