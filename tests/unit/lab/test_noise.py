from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mainstem.lab.noise import Noise


@pytest.fixture(scope="module")
def noise() -> Noise:
    """Of 70 proposals: more than a word has bits."""
    return Noise(70, np.random.default_rng(3))


def test_a_run_is_what_it_is_in_any_order(noise: Noise) -> None:
    """Rows computed together, alone or backwards are the same to the last bit."""
    recipes = np.random.default_rng(0).random((40, 70)) < 0.5
    seeds = np.arange(40) % 7
    together = noise.normals(recipes, seeds, 3)
    backwards = noise.normals(recipes[::-1], seeds[::-1], 3)[::-1]
    alone = [noise.normals(recipes[k : k + 1], seeds[k : k + 1], 3)[0] for k in range(40)]
    np.testing.assert_array_equal(together, backwards)
    np.testing.assert_array_equal(together, alone)


def test_runs_are_standard_normal_and_independent(noise: Noise) -> None:
    """By Kolmogorov-Smirnov, over recipes that differ by one member and over seeds; p > .001.

    Correlations between seeds, neighbours and objectives are within 4.5 standard errors of 0.
    """
    recipes = np.tri(70, dtype=np.bool_)
    grid, seeds = np.repeat(recipes, 300, axis=0), np.tile(np.arange(300), 70)
    drawn = noise.normals(grid, seeds, 2).reshape(70, 300, 2)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 0.001
    for left, right in (
        (drawn[:-1], drawn[1:]),
        (drawn[:, :-1], drawn[:, 1:]),
        (drawn[..., 0], drawn[..., 1]),
    ):
        r = np.corrcoef(left.ravel(), right.ravel())[0, 1]
        assert abs(r) < 4.5 / np.sqrt(left.size)


def test_another_campaign_has_other_noise(noise: Noise) -> None:
    """The generator is the key."""
    other = Noise(70, np.random.default_rng(4))
    trunk = np.zeros((1, 70), dtype=np.bool_)
    seeds = np.zeros(1, dtype=np.int64)
    assert noise.normals(trunk, seeds, 1) != other.normals(trunk, seeds, 1)
    assert len({*noise.level(5), *other.level(5)}) == 10


def test_the_first_seeds_together_are_what_they_are_alone(noise: Noise) -> None:
    """To the last bit."""
    recipes = np.random.default_rng(0).random((6, 70)) < 0.5
    first = noise.first(recipes, 5, 2)
    for seed in range(5):
        alone = noise.normals(recipes, np.full(6, seed), 2)
        np.testing.assert_array_equal(first[:, seed], alone)
