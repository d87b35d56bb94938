"""Scales and the numbers at axes."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import assume, given, strategies as st

from mainstem.plots import axes

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
