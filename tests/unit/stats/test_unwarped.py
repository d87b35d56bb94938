from __future__ import annotations

import itertools

import numpy as np

from mainstem.stats import landscape, unwarped

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=4)))


def test_where_nothing_is_compressed_it_is_the_landscape() -> None:
    """All runs are above the bend: the same draws from the same generator."""
    gains = CUBE @ [1.0, 0.5, 0.2, 0.0] + 0.1 * np.random.default_rng(1).standard_normal(16) ** 2
    fits = (one(CUBE, gains, np.random.default_rng(2)) for one in (landscape.fit, unwarped.fit))
    first, second = (model.draw(CUBE, 64, np.random.default_rng(3)) for model in fits)
    np.testing.assert_array_equal(first, second)


def test_losses_that_add_up_are_added_up() -> None:
    """Of four changes that lose 3 each no more than two ran together; all lose 12 together.

    The warped landscape is sure that they lose far more.
    """
    few = CUBE[CUBE.sum(1) <= 2]
    x = np.concatenate([few, few, np.zeros((6, 4))])
    gains = -3.0 * x.sum(1) + 0.3 * np.random.default_rng(4).standard_normal(len(x))

    def interval(model: landscape.Landscape) -> np.ndarray:
        drawn = model.draw(np.stack([np.zeros(4), np.ones(4)]), 512, np.random.default_rng(5))
        return np.quantile(drawn[:, 1] - drawn[:, 0], [0.05, 0.95])

    low, high = interval(unwarped.fit(x, gains, np.random.default_rng(6)))
    assert low < -12.0 < high < -6.0
    assert interval(landscape.fit(x, gains, np.random.default_rng(6)))[1] < -12.0


def test_a_constant_response_is_a_constant() -> None:
    """There is no spread to divide by."""
    model = unwarped.fit(CUBE, np.full(16, 2.0), np.random.default_rng(7), exact=True)
    drawn = model.draw(CUBE, 32, np.random.default_rng(8))
    np.testing.assert_allclose(drawn, 2.0, atol=1e-3)
