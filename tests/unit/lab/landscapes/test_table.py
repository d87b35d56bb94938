from __future__ import annotations

import numpy as np
import pytest

from mainstem.domain.stack import Objective, Role
from mainstem.lab.landscapes.table import NEAR, from_runs

OBJECTIVES = (
    Objective("loss", margin=0.1),
    Objective("params", margin=10.0, role=Role.GUARD),
)


def runs(n: int, seeds: int, rng: np.random.Generator) -> np.ndarray:
    """A loss whose noise grows with it, and a count that has none."""
    loss = rng.normal(5.0, 1.0, 2**n)
    y = np.empty((2**n, seeds, 2))
    y[..., 0] = loss[:, None] + 0.1 * np.exp(loss - 5.0)[:, None] * rng.normal(size=(2**n, seeds))
    y[..., 1] = rng.integers(1, 9, 2**n)[:, None]
    return y


def test_the_truth_is_the_mean_over_seeds_as_a_gain() -> None:
    """Against the trunk's, both objectives minimised; bit i of a row is proposal i."""
    y = runs(3, 4, np.random.default_rng(0))
    land = from_runs(y, components=("a", "b", "a"), objectives=OBJECTIVES)
    recipe = np.array([[True, False, True], [False, True, False]])
    expected = y[0].mean(axis=0) - y[[5, 2]].mean(axis=1)
    np.testing.assert_allclose(land.truth(recipe), expected)
    assert not land.truth(np.zeros((1, 3), dtype=np.bool_)).any()


def test_noise_is_that_of_recipes_of_about_the_same_value() -> None:
    """Of 1,024 recipes with three seeds: off by less than .15 of the sd on average.

    A pool of 64 variances of 2 degrees has a standard error of .0625 of the sd, and sds differ
    within a pool; a recipe's own three runs are off by .38 (chi with 2 degrees).
    """
    y = runs(10, 3, np.random.default_rng(1))
    land = from_runs(y, components=("a",) * 10, objectives=OBJECTIVES)
    expected = 0.1 * np.exp(y[..., 0].mean(axis=1) - 5.0)
    assert np.mean(np.abs(land.sds[:, 0] / expected - 1.0)) < 0.15
    assert np.mean(np.abs(y[..., 0].std(axis=1, ddof=1) / expected - 1.0)) > 0.3


def test_what_has_no_noise_stays_without() -> None:
    """Exactly: an objective counts as deterministic only if runs agree to the last bit."""
    y = runs(7, 3, np.random.default_rng(2))
    land = from_runs(y, components="abcdefg", objectives=OBJECTIVES)
    assert not land.sds[:, 1].any()


def test_a_small_table_is_pooled_whole() -> None:
    """Fewer recipes than a pool holds: one sd for all."""
    y = runs(2, 3, np.random.default_rng(2))
    assert len(y) < NEAR
    land = from_runs(y, components="ab", objectives=OBJECTIVES)
    pooled = np.sqrt(y[..., 0].var(axis=1, ddof=1).mean())
    np.testing.assert_allclose(land.sds[:, 0], pooled)


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (np.ones((8, 3, 1)), "8, 3, 1"),
        (np.ones((8, 1, 2)), "two seeds"),
        (np.full((8, 2, 2), np.nan), "finite"),
    ],
)
def test_runs_that_are_no_table_are_refused(y: np.ndarray, said: str) -> None:
    """With the shape that it has."""
    with pytest.raises(ValueError, match=said):
        from_runs(y, components="abc", objectives=OBJECTIVES)
