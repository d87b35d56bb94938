from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from mainstem.lab.landscapes.pairwise import pairwise


def test_the_truth_is_the_sum_written_out() -> None:
    """Over members and over pairs of members, one by one; the trunk is 0."""
    land = pairwise(6, np.random.default_rng(4))
    recipes = np.random.default_rng(1).random((30, 6)) < 0.5
    recipes[0] = False
    for recipe, found in zip(recipes, land.truth(recipes), strict=True):
        members = np.flatnonzero(recipe)
        expected = sum(land.main[i] for i in members)
        expected += sum(land.pair[i, j] for i, j in combinations(members, 2))
        assert found[0] == pytest.approx(expected, abs=1e-12)


def test_a_drawn_one_has_the_shares_that_it_was_asked_for() -> None:
    """Of 400 proposals .4 help and .3 harm; 1.5 pairs each, which mostly get in the way."""
    land = pairwise(400, np.random.default_rng(0))
    assert np.mean(land.main > 0.0) == pytest.approx(0.4, abs=0.08)
    assert np.mean(land.main < 0.0) == pytest.approx(0.3, abs=0.08)
    pairs = land.pair[land.pair != 0.0]
    assert len(pairs) / 400 == pytest.approx(1.5, abs=0.2)
    assert pairs.mean() == pytest.approx(-0.3, abs=0.16)
    assert np.tril(land.pair).any() == np.False_


def test_noise_is_the_same_everywhere() -> None:
    """And a landscape that cannot be is refused."""
    land = pairwise(3, np.random.default_rng(0), noise=0.7)
    assert land.noise_sd(np.ones((2, 3), dtype=np.bool_)).tolist() == [[0.7], [0.7]]
    with pytest.raises(ValueError, match="helpful 2"):
        pairwise(3, np.random.default_rng(0), helpful=2.0)
