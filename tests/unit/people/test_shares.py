from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.people.shares import jain


def test_jain_of_equal_amounts_is_one_and_of_one_owner_the_least() -> None:
    """Equation 1 of Jain, Chiu and Hawe, by hand."""
    assert jain([3.0, 3.0, 3.0]) == pytest.approx(1.0)
    assert jain([5.0, 0.0, 0.0, 0.0]) == pytest.approx(0.25)
    assert jain([1.0, 2.0, 3.0]) == pytest.approx(36.0 / (3 * 14.0))
    assert jain([]) == jain([0.0, 0.0]) == 1.0


@given(st.lists(st.floats(0.0, 1e6), min_size=1, max_size=20), st.floats(1e-3, 1e3))
def test_jain_has_no_unit_and_stays_in_its_bounds(got: list[float], unit: float) -> None:
    """Between 1/n and 1; the same in seconds and in hours."""
    found = jain(got)
    assert 1.0 / len(got) - 1e-9 <= found <= 1.0 + 1e-9
    if sum(got) > 1e-3:
        assert jain([unit * amount for amount in got]) == pytest.approx(found)
