from __future__ import annotations

import itertools

import numpy as np

from mainstem.stats import growing, landscape, unwarped

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


def test_noise_is_that_of_runs_drawn_on_the_warped_scale() -> None:
    """Of 4,000 runs of each recipe, drawn where their noise is the same and read back as gains."""
    rng = np.random.default_rng(9)
    x = np.repeat(CUBE, 2, axis=0)
    gains = -np.expm1(x.sum(1)) + 0.1 * rng.standard_normal(len(x))
    warped = landscape.fit(x, gains, rng)
    level = warped.to_compressed(warped.mean(CUBE))
    runs = level + 0.02 * warped.warp.scale * rng.standard_normal((4000, 16))
    drawn = warped.warp.inverse(runs).var(0) / np.square(0.02 * warped.warp.scale)
    found = unwarped.noise_beside(warped, x, gains) / growing.noise(warped, x, gains)
    np.testing.assert_allclose(found[::2], drawn, rtol=0.12)
    assert found.max() > 4.0


def test_runs_that_went_terribly_wrong_are_not_believed_like_the_others() -> None:
    """Two changes that are harmless alone gave -40 and -100 together, beside a third and a fourth.

    What all four do has not run. With one noise for all the interval is sure of a loss as large as
    those two; with the noise of so bad a recipe it is not.
    """
    rng = np.random.default_rng(10)
    bad = (CUBE[:, 0] * CUBE[:, 1] == 1.0) & (CUBE.sum(1) == 3.0)
    few = np.concatenate([np.repeat(CUBE[CUBE[:, :2].sum(1) < 2.0], 2, axis=0), CUBE[bad]])
    gains = 0.5 * few.sum(1) + 0.3 * rng.standard_normal(len(few))
    gains[-2:] = -40.0, -100.0
    warped = landscape.fit(few, gains, np.random.default_rng(11))
    ends = np.stack([np.zeros(4), np.ones(4)])

    def high(noise: np.ndarray | None) -> float:
        model = unwarped.fit(few, gains, np.random.default_rng(12), noise=noise)
        drawn = model.draw(ends, 512, np.random.default_rng(13))
        return float(np.quantile(drawn[:, 1] - drawn[:, 0], 0.95))

    assert high(None) < -40.0 < high(unwarped.noise_beside(warped, few, gains))
