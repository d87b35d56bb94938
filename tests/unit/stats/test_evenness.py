from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.stats import evenness

shares = st.lists(st.floats(0.0, 1e300), min_size=1, max_size=12).map(np.array)


@pytest.mark.parametrize(("k", "n"), [(1, 5), (3, 4), (4, 4), (1, 1)])
def test_k_of_n_that_share_evenly_have_k_over_n(k: int, n: int) -> None:
    """Jain's own reading of the index."""
    assert evenness.jain(np.repeat([2.5, 0.0], [k, n - k])) == pytest.approx(k / n)


@given(shares, st.floats(1e-3, 1e3))
def test_it_lies_between_one_of_n_and_all_and_knows_no_unit(x: np.ndarray, unit: float) -> None:
    """1/n to 1, whatever the unit and the order; None only where there is nothing."""
    found = evenness.jain(x)
    if found is None:
        assert not x.any()
        return
    assert 1.0 / len(x) - 1e-12 <= found <= 1.0 + 1e-12
    assert evenness.jain(x[::-1] * min(unit, 1.0)) == pytest.approx(found) or x.max() < 1e-300


@pytest.mark.parametrize("wrong", [-1.0, np.nan, np.inf])
def test_what_is_no_share_is_refused(wrong: float) -> None:
    """A negative or missing share is an error, not a number."""
    with pytest.raises(ValueError, match="finite number of 0 or above"):
        evenness.jain(np.array([1.0, wrong]))
