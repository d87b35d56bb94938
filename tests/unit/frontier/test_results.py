from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from mainstem.frontier.results import finite, text


@pytest.mark.parametrize("value", ["1", None, True, math.nan, math.inf, 10**400, [1]])
def test_what_is_no_finite_number_is_none(value: object) -> None:
    """A word, a boolean or what no float can hold."""
    assert finite(value) is None


@given(st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_stay_themselves(value: float) -> None:
    """As floats."""
    assert finite(value) == value


@given(st.text() | st.integers() | st.booleans() | st.none())
def test_any_value_is_a_line(value: object) -> None:
    """Printable, without blanks at its ends; empty where it is no text or number."""
    found = text(value)
    assert found.isprintable()
    assert found == found.strip()
