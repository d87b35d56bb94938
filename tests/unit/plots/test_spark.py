"""Tiny lines among words."""

from __future__ import annotations

from hypothesis import given, strategies as st

from mainstem.plots import svg
from mainstem.plots.spark import spark
from tests.unit.plots import anything
from tests.unit.plots.reading import sane, ways


def test_it_rises_and_falls_with_its_values() -> None:
    """From left to right, equally far apart; what is no number is left out."""
    (way,) = ways(spark([1.0, 3.0, float("nan"), 2.0], label="x"), svg.style(0).colour)
    xs, ys = zip(*way, strict=True)
    assert xs[2] - xs[1] > 1.9 * (xs[1] - xs[0])
    assert ys[1] < ys[2] < ys[0]


def test_a_screen_reader_hears_its_label() -> None:
    """As text, whatever it holds."""
    assert 'role="img" aria-label="&lt;b&gt;"' in spark([1.0, 2.0], label="<b>")


@given(st.lists(anything.numbers, max_size=6), anything.words)
def test_anything_has_a_sane_picture(values: list[float], label: str) -> None:
    """Nothing, one, equal ones."""
    sane(spark(values, label=label))
