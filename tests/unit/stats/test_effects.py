from __future__ import annotations

import itertools

import numpy as np
import pytest

from mainstem.stats.effects import MOST_PAIRED, Effects, distinct

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=4)))


def test_features_are_members_pairs_and_counts_in_that_order() -> None:
    """Against the definition, recipe by recipe, with sets."""
    found = Effects(n=4).of(CUBE)
    for row, features in zip(CUBE, found, strict=True):
        members = set(np.flatnonzero(row))
        singles = [float(i in members) for i in range(4)]
        pairs = [float({i, j} <= members) for i, j in itertools.combinations(range(4), 2)]
        counts = [len(members), len(list(itertools.combinations(members, 2)))]
        assert features.tolist() == [*singles, *pairs, *counts]


@pytest.mark.parametrize("n", [1, 2, 5, MOST_PAIRED, MOST_PAIRED + 1])
def test_the_layout_fits_the_features(n: int) -> None:
    """As many columns as it says; pairs are those that vanish on every single proposal."""
    effects = Effects(n=n)
    assert effects.of(np.eye(n)).shape == (n, effects.size)
    assert effects.size == n + effects.pairs + 2
    assert effects.is_pair.shape == (n + effects.pairs,)
    assert effects.is_pair.sum() == effects.pairs
    vanish = ~effects.of(np.eye(n))[:, :-2].any(0)
    assert np.array_equal(vanish, effects.is_pair)


def test_the_trunk_is_the_origin() -> None:
    """Every effect is beyond the trunk."""
    assert not Effects(n=5).of(np.zeros((1, 5))).any()


def test_many_proposals_have_no_feature_per_pair() -> None:
    """Beyond the bound the counts and mains are all there is, and the remainder has the rest."""
    effects = Effects(n=MOST_PAIRED + 1)
    assert not effects.paired
    assert effects.pairs == 0
    assert Effects(n=MOST_PAIRED).pairs == MOST_PAIRED * (MOST_PAIRED - 1) // 2


def test_distinct_rows_are_those_of_numpy() -> None:
    """Rows in the same order, and which of them each row is; nine proposals take two bytes."""
    x = np.random.default_rng(0).integers(0, 2, size=(60, 9)).astype(np.float64)
    x = np.concatenate([x, x[::3]])
    expected = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    for ours, theirs in zip(distinct(x), expected, strict=True):
        assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("n", [1, 5, MOST_PAIRED + 1])
def test_a_form_gives_the_sum_of_all_effects(n: int) -> None:
    """As features times effects, with the counts' effects in it."""
    rng = np.random.default_rng(n)
    x = rng.integers(0, 2, size=(20, n)).astype(np.float64)
    effects = Effects(n=n)
    theta = rng.normal(size=effects.size)
    assert effects.form(theta).at(x) == pytest.approx(effects.of(x) @ theta)
