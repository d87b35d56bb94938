from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.noise import Noise
from mainstem.lab.runs import Runs, sums
from tests.unit.lab.worlds import three


def test_a_run_is_truth_and_noise_whenever_it_is_asked_for() -> None:
    """Of early seeds, which are worked out ahead, and of late ones; alone or with others."""
    land, noise = three(noise=0.5), Noise(3, np.random.default_rng(8))
    recipes = np.array([[True, False, True], [False, False, False], [True, False, True]])
    seeds = [2, 11, 30]
    expected = land.truth(recipes) + 0.5 * noise.normals(recipes, np.array(seeds), 1)
    np.testing.assert_allclose(Runs(land, noise).gains(recipes, seeds), expected)
    one_by_one = Runs(land, noise)
    alone = [one_by_one.gains(recipes[k : k + 1], [seeds[k]])[0] for k in (2, 0, 1)]
    np.testing.assert_array_equal(alone, expected[[2, 0, 1]])


def test_the_level_is_far_from_the_truth() -> None:
    """So that a policy that takes 0 for the trunk's value is soon found out."""
    levels = [Runs(three(), Noise(3, np.random.default_rng(k))).level[0] for k in range(200)]
    assert np.std(levels) == pytest.approx(1000.0 * 0.5, rel=0.2)


def test_sums_of_runs_are_those_of_the_runs() -> None:
    """Of the first, the first two and so on, also beyond the seeds that are worked out ahead."""
    runs = Runs(three(noise=0.5), Noise(3, np.random.default_rng(8)))
    recipe = np.array([[True, False, False]])
    runs.learn(recipe, [recipe[0].tobytes()])
    for count in (1, 2, 7, 20, 3):
        values = np.array(runs.gains(np.repeat(recipe, count, axis=0), range(count)))
        first, mean, within, squares, share = runs.summed(recipe[0].tobytes(), count)
        np.testing.assert_array_equal(first, values[0])
        np.testing.assert_allclose(first + mean, values.mean(0))
        np.testing.assert_allclose(within, len(values) * values.var(0), atol=1e-12)
        np.testing.assert_array_equal(within, squares - share)


def test_runs_without_noise_scatter_by_nothing_at_all() -> None:
    """Exactly, far from 0 too, or a test would take rounding for evidence."""
    within = sums(np.full((2, 9, 3), 1000.1))[..., 2, :]
    assert not within.any()
