from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays

from mainstem.stats.pareto import front, front_probability

# Few levels, so that ties are common.
points = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 4)),
    elements=st.integers(-2, 2).map(float),
)


def dominated(point: np.ndarray, others: np.ndarray) -> bool:
    """By the definition, one rival at a time."""
    return any(
        all(theirs >= ours for theirs, ours in zip(other, point, strict=True))
        and any(theirs > ours for theirs, ours in zip(other, point, strict=True))
        for other in others
    )


@given(points)
def test_the_front_is_what_nothing_dominates(gains: np.ndarray) -> None:
    """Against the definition, point by point; ties are all kept."""
    assert front(gains).tolist() == [not dominated(point, gains) for point in gains]


@given(points)
def test_the_front_is_never_empty_and_holds_the_best_of_each_objective(gains: np.ndarray) -> None:
    """Something is always unbeaten; so is the best sum."""
    on_front = front(gains)
    assert on_front[int(np.argmax(gains.sum(1)))]


def test_the_probability_is_the_share_of_draws() -> None:
    """Of four draws the second recipe is unbeaten in three."""
    draws = np.array([[[1.0], [2.0]], [[1.0], [2.0]], [[1.0], [1.0]], [[3.0], [1.0]]])
    assert front_probability(draws) == pytest.approx([0.5, 0.75])
