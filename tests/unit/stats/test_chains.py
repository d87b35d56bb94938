from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mainstem.stats import mixture
from mainstem.stats.chains import sample_each
from mainstem.stats.mixture import Data, Hyper, factors, grams, weigh


def sample(data: Data, rng: np.random.Generator) -> tuple[Hyper, list[np.ndarray]]:
    """Draws of one objective, alone."""
    return sample_each([data], [rng])[0]


def many_recipes(count: int, *, exact: bool = False) -> Data:
    """Data of so many distinct recipes of eight proposals."""
    rng = np.random.default_rng(count)
    places = rng.permutation(256)[:count]
    x = (places[:, None] >> np.arange(8) & 1).astype(np.float64)
    y = x @ rng.normal(size=8) + 0.5 * rng.normal(size=count)
    return weigh(x, (y - y.mean()) / y.std(), exact=exact)


def test_few_runs_of_many_proposals_are_not_explained_by_pairs_that_are_noise() -> None:
    """Forty runs of twenty proposals that simply add up: chains of a few sweeps see that."""
    shares = []
    for seed in range(6):
        rng = np.random.default_rng([41, seed])
        x = (rng.random((40, 20)) < 0.5).astype(np.float64)
        x[:5] = 0.0  # the trunk
        y = stats.zscore(x @ rng.normal(0.0, 1.0, 20) + rng.standard_normal(40))
        hyper, _ = sample(weigh(x, y, exact=False), rng)
        shares.append(hyper.pi[:, 1].mean())
    assert np.mean(shares) < 0.16  # 0.37 where all pairs are at work to begin with


def test_the_same_generator_gives_the_same_chains() -> None:
    """Nothing but the data and the generator drives them, and no two chains are alike."""
    data = many_recipes(20)
    one, other = (sample(data, np.random.default_rng(3))[0] for _ in range(2))
    for name, value in vars(one).items():
        assert np.array_equal(value, getattr(other, name))
    assert one.tau.shape == (mixture.DRAWS, 2)
    assert len(np.unique(one.tau[:, 0])) == mixture.DRAWS


@pytest.mark.parametrize("count", [mixture.SETTLED_RECIPES - 1, mixture.SETTLED_RECIPES])
def test_few_chains_or_many_give_as_many_draws_with_their_factors(count: int) -> None:
    """Each draw is another one, and comes with the factor of the covariance that it implies."""
    data = many_recipes(count)
    hyper, lowers = sample(data, np.random.default_rng(0))
    assert hyper.tau.shape == (mixture.DRAWS, 2)
    assert len(np.unique(hyper.noise_var)) == mixture.DRAWS
    for found, wanted in zip(lowers, factors(data, grams(data), hyper), strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-12)


@pytest.mark.parametrize("recipes", [30, 70])
def test_chains_beside_others_are_what_they_are_alone(recipes: int) -> None:
    """Whoever runs beside them, in whatever order: with noise and without, hidden or plain."""
    plain, exact = many_recipes(recipes), many_recipes(recipes, exact=True)
    rng = np.random.default_rng(8)
    noisy = Data(**{**vars(plain), "y": rng.standard_normal(recipes), "within": 0.5 * recipes})
    every = [exact, noisy, plain, exact]
    rngs = [np.random.default_rng(k) for k in range(4)]
    for k, (data, (hyper, lowers)) in enumerate(zip(every, sample_each(every, rngs), strict=True)):
        alone, roots = sample(data, np.random.default_rng(k))
        for name, value in vars(alone).items():
            np.testing.assert_allclose(getattr(hyper, name), value, rtol=1e-6)
        np.testing.assert_allclose(lowers, roots, rtol=1e-6, atol=1e-9)
