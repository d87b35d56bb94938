from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.stats import multiplicity

values = st.lists(st.floats(1e-6, 1.0), min_size=1, max_size=5)


def test_holms_own_arithmetic() -> None:
    """.01 times 4, .02 times 3, then no less than before."""
    found = multiplicity.holm(np.array([0.03, 0.01, 0.9, 0.02]))
    assert found == pytest.approx([0.06, 0.04, 0.9, 0.06])


@given(values, st.data())
def test_it_is_the_closed_weighted_bonferroni_test(p: list[float], data: st.DataObject) -> None:
    """Adjusted p: the largest Bonferroni p of any set of questions that holds this one."""
    weights = data.draw(st.lists(st.floats(0.1, 9.0), min_size=len(p), max_size=len(p)))
    closed = np.zeros(len(p))
    for size in range(1, len(p) + 1):
        for chosen in itertools.combinations(range(len(p)), size):
            total = sum(weights[k] for k in chosen)
            bonferroni = min(1.0, *(p[k] / weights[k] * total for k in chosen))
            for k in chosen:
                closed[k] = max(closed[k], bonferroni)
    assert multiplicity.holm(np.array(p), np.array(weights)) == pytest.approx(closed)


def test_a_question_without_weight_is_refused() -> None:
    """Nothing can be said of a question that has no share of the error rate."""
    with pytest.raises(ValueError, match="above 0"):
        multiplicity.holm(np.array([0.1, 0.2]), np.array([1.0, 0.0]))
