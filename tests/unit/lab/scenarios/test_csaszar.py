"""How many must agree."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from scipy.stats import binom

from mainstem.lab.scenarios import csaszar


@given(st.floats(0.0, 1.0), st.integers(1, 12), st.data())
def test_the_tail_is_the_binomials(p: float, screeners: int, data: st.DataObject) -> None:
    """Against scipy, for any number of screeners and any threshold."""
    threshold = data.draw(st.integers(0, screeners))
    expected = binom.sf(threshold - 1, screeners, p)
    assert csaszar.passes(p, threshold, screeners) == pytest.approx(expected, abs=1e-9)


def test_each_step_trades_one_error_for_the_other() -> None:
    """Strictly, from any one to all; with mirrored screeners the ends mirror each other."""
    steps = range(1, csaszar.SCREENERS + 1)
    commissions = [csaszar.commission(c) for c in steps]
    omissions = [csaszar.omission(c) for c in steps]
    assert commissions == sorted(commissions, reverse=True)
    assert omissions == sorted(omissions)
    assert commissions[0] == pytest.approx(omissions[-1])
