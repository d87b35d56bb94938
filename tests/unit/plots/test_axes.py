"""Scales and the numbers at axes."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import assume, given, strategies as st

from mainstem.plots import axes, svg
from tests.unit.plots import anything
from tests.unit.plots.reading import sane

reals = st.floats(-1e6, 1e6)


@given(reals, reals)
def test_steps_are_round_and_inside(low: float, high: float) -> None:
    """Two to six of them, equally far apart, none outside."""
    assume(high - low > 1e-3)
    found = axes.steps(low, high)
    span = high - low
    assert 2 <= len(found) <= 6
    assert all(low - 1e-6 * span <= value <= high + 1e-6 * span for value in found)
    gaps = [b - a for a, b in itertools.pairwise(found)]
    assert max(gaps) == pytest.approx(min(gaps))
    digits = f"{gaps[0]:.6e}".split("e", maxsplit=1)[0].rstrip("0").rstrip(".")
    assert digits in {"1", "2", "5"}


@given(st.floats(1e-3, 1.0), st.floats(1.5, 1e3))
def test_decades_are_round_and_few(low: float, high: float) -> None:
    """Inside, and no more than asked for where powers of ten are few enough."""
    found = axes.decades(low, high)
    assert found
    assert len(found) <= 9
    assert all(low * 0.999 <= value <= high * 1.001 for value in found)
    assert found == sorted(found)


def test_decades_by_hand() -> None:
    """1, 2, 5; then thirds; then powers."""
    assert axes.decades(0.5, 10.0) == [0.5, 1.0, 2.0, 5.0, 10.0]
    assert axes.decades(0.01, 100.0) == pytest.approx(
        [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0]
    )


def test_a_bent_scale_keeps_its_ends() -> None:
    """And equal factors are equal distances on a logarithmic one."""
    at = axes.bent(math.log, 0.1, 10.0, 100.0, 300.0)
    assert (at(0.1), at(1.0), at(10.0)) == pytest.approx((100.0, 200.0, 300.0))


def test_numbers_are_short() -> None:
    """With a true minus sign and thousands apart."""
    assert [axes.short(v) for v in (-2.0, 0.25, 12000.0)] == ["\N{MINUS SIGN}2", "0.25", "12,000"]


@given(st.lists(anything.numbers, max_size=5), st.floats(0.0, 0.5))
def test_a_span_has_room_for_whatever_is_a_number(values: list[float], room: float) -> None:
    """Two ends that differ, also of nothing, of equal values and of the largest ones."""
    low, high = axes.span([*values, None], room=room)
    assert low < high
    assert math.isfinite(high - low)
    known = [max(-axes.FAR, min(axes.FAR, v)) for v in values if math.isfinite(v)]
    assert all(low <= value <= high for value in known)
    assert len(axes.steps(low, high)) <= 6


@given(anything.numbers)
def test_what_is_held_stays_on_the_axis(value: float) -> None:
    """At the nearer end if it lies beyond; whatever is no number at the start."""
    at = axes.held(axes.linear(0.0, 1.0, 300.0, 100.0), 300.0, 100.0)
    assert 100.0 <= at(value) <= 300.0
    if 0.0 <= value <= 1.0:
        assert at(value) == pytest.approx(300.0 - 200.0 * value)


def test_numbers_that_lie_close_are_told_apart() -> None:
    """Six digits are enough for most axes, and more stand there where they are not."""
    assert axes.shorts([0.0, 0.5, 1.0]) == ["0", "0.5", "1"]
    assert axes.shorts([2.3100001, 2.3100002]) == ["2.3100001", "2.3100002"]


@given(st.lists(anything.words, max_size=5), anything.words)
def test_whatever_an_axis_and_a_legend_say_stays_inside(names: list[str], title: str) -> None:
    """Cut where there is no room."""
    frame = axes.Frame(left=80.0, top=120.0, right=340.0, bottom=300.0)
    at = axes.linear(0.0, 1.0, frame.left, frame.right)
    up = axes.linear(0.0, 1.0, frame.bottom, frame.top)
    parts = [
        *axes.legend(frame, names),
        *axes.across(frame, at, [0.0, 1.0], title),
        *axes.up(frame, up, [0.0, 1.0], title),
    ]
    sane(svg.picture(title, title, 430, 360, parts))


@given(st.lists(anything.words, max_size=4))
def test_a_margin_is_as_wide_as_the_longest_label(labels: list[str]) -> None:
    """At most as wide as there is room."""
    assert axes.margin(labels, 200.0) <= 200.0
    assert axes.margin(["mm", "m"], 200.0) == axes.margin(["mm"], 200.0)
    assert axes.room(labels, 100.0, 300.0) == max(100.0, axes.room(labels, 0.0, 300.0))


@pytest.mark.parametrize(
    ("value", "low", "high", "said"),
    [
        (0.0138, -0.05, 0.07, "+0.014 [\N{MINUS SIGN}0.050, +0.070]"),
        (-1.0, None, None, "\N{MINUS SIGN}1"),
        (1.0, 0.0, math.inf, "+1 [0, -]"),
        (1e-12, -1e-3, 1e-3, "0 [\N{MINUS SIGN}0.0010, +0.0010]"),
        (1e-12, 1e-12, 1e-12, "+1e-12 [+1e-12, +1e-12]"),
        (3e20, 1e20, 5e20, "+3e+20 [+1e+20, +5e+20]"),
        (math.nan, 0.0, 1.0, "- [0, +1.00]"),
        (5.0, 5.0, 5.0, "+5 [+5, +5]"),
        (5.5, 5.5, 5.5, "+5.5000 [+5.5000, +5.5000]"),
        (123456.0, 121000.0, 126000.0, "+123,500 [+121,000, +126,000]"),
    ],
)
def test_numbers_are_as_precise_as_their_interval(
    value: float, low: float | None, high: float | None, said: str
) -> None:
    """Two digits of its half width, as in tables; what is exact is not rounded away."""
    assert axes.interval(value, low, high) == said


@given(anything.numbers, anything.maybe, anything.maybe, anything.maybe)
def test_any_number_is_short(
    value: float, low: float | None, high: float | None, at: float | None
) -> None:
    """However large or narrow; an end is as precise as what its interval is of."""
    assert len(axes.precise(value, low, high, at=at)) <= 22
    assert axes.interval(value, low, high).startswith(axes.precise(value, low, high))
