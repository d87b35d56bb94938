from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as arrays

from mainstem.stats import pareto

# Few levels, so that ties are common.
points = arrays.arrays(
    np.float64,
    st.tuples(st.integers(1, 12), st.integers(1, 4)),
    elements=st.integers(-2, 2).map(float),
)


def dominated(point: np.ndarray, others: np.ndarray, by: float = 0.0) -> bool:
    """By the definition, one rival at a time: better by more than `by` on one objective."""
    return any(
        all(theirs >= ours for theirs, ours in zip(other, point, strict=True))
        and any(theirs > ours + by for theirs, ours in zip(other, point, strict=True))
        for other in others
    )


@given(points)
def test_the_front_is_what_nothing_dominates(gains: np.ndarray) -> None:
    """Against the definition, point by point; ties are all kept."""
    assert pareto.front(gains).tolist() == [not dominated(point, gains) for point in gains]


@given(points)
def test_the_front_is_never_empty_and_holds_the_best_of_each_objective(gains: np.ndarray) -> None:
    """Something is always unbeaten; so is the best sum."""
    assert pareto.front(gains)[int(np.argmax(gains.sum(1)))]


@given(points)
def test_unbeaten_is_what_nothing_beats_by_a_margin(gains: np.ndarray) -> None:
    """Against the definition; what is on the front is unbeaten, and near equals of it may be."""
    unbeaten = pareto.unbeaten(gains)
    assert unbeaten.tolist() == [not dominated(point, gains, by=1.0) for point in gains]
    assert np.all(unbeaten[pareto.front(gains)])


@given(points)
def test_few_recipes_cover_all_and_none_of_them_another(gains: np.ndarray) -> None:
    """All are within a margin of one of them on every objective, and the first is one of them."""
    taken = pareto.covering(gains)
    assert taken[0] == 0
    for point in gains:
        assert any(np.all(gains[i] >= point - 1.0) for i in taken)
    for earlier, later in itertools.combinations(taken, 2):
        assert np.any(gains[later] > gains[earlier] + 1.0)


@given(points)
def test_in_order_of_falling_sums_what_covers_is_on_the_front(gains: np.ndarray) -> None:
    """No near equal takes the place of what dominates it."""
    falling = gains[np.argsort(-gains.sum(1), kind="stable")]
    assert np.all(pareto.front(falling)[pareto.covering(falling)])


def test_the_probability_is_the_share_of_draws() -> None:
    """Beaten by a margin in one draw, outside its constraints in another: unbeaten in two of four.

    What is outside beats nobody: in the last draw the first is beaten by none that counts.
    """
    draws = np.array([[[1.0], [2.5]], [[1.0], [1.9]], [[3.0], [1.0]], [[1.0], [3.0]]])
    within = np.array([[True, True], [True, True], [True, True], [True, False]])
    share = pareto.front_probability(draws, within)
    assert share == pytest.approx([0.75, 0.5])
    nothing = np.zeros_like(within)
    assert pareto.front_probability(draws, nothing) == pytest.approx([0.0, 0.0])


@given(points)
def test_the_hypervolume_is_counted_cell_by_cell(gains: np.ndarray) -> None:
    """Unit cells from one margin below the trunk that a point or the trunk dominates, less one."""
    objectives = gains.shape[1]
    every = np.concatenate([gains, np.zeros((1, objectives))])
    cells = itertools.product(range(-1, 2), repeat=objectives)  # lower corners
    count = sum(bool(np.any(np.all(every >= np.array(cell) + 1.0, axis=1))) for cell in cells)
    assert pareto.hypervolume(gains) == pytest.approx(count - 1)


def test_the_hypervolume_of_one_objective_is_the_best_gain_over_the_trunk() -> None:
    """In margins; the trunk, what loses, and nothing at all add 0."""
    assert pareto.hypervolume(np.array([[0.4], [2.5], [-3.0]])) == pytest.approx(2.5)
    assert pareto.hypervolume(np.array([[-0.5]])) == pytest.approx(0.0)
    assert pareto.hypervolume(np.empty((0, 2))) == pytest.approx(0.0)
    assert pareto.unbeaten(np.empty((0, 2))).tolist() == []
