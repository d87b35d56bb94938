from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mainstem.stats import growing, landscape
from mainstem.stats.posterior import ByRuns

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=5)))


def runs(seed: int, growth: float) -> tuple[np.ndarray, np.ndarray]:
    """Sixty runs of half of the cube, of noise that grows by so much per unit of loss."""
    rng = np.random.default_rng(seed)
    x = CUBE[rng.integers(0, 16, size=60) * 2]
    loss = x @ np.array([1.5, 1.0, 1.0, 0.5, 0.5])
    return x, -loss + 0.15 * np.exp(0.5 * growth * loss) * rng.standard_normal(60)


def fitted(x: np.ndarray, gains: np.ndarray) -> landscape.Landscape:
    """The landscape that decides, with one noise for all."""
    return landscape.fit(x, gains, np.random.default_rng(1))


def test_growths_are_weighed_by_the_density_of_single_runs() -> None:
    """Their covariance from features written out, each run with its own noise."""
    x, gains = runs(0, 1.0)
    model = fitted(x, gains)
    assert isinstance(model.posterior, ByRuns)
    y = (model.warp.forward(gains) - model.shift) / model.scale
    phi, every = model.effects.of(x), model.hyper.variances(model.effects)
    worse = model.mean(x).mean() - model.mean(x)
    apart = np.abs(x[:, None] - x[None]).sum(2)
    logs = np.empty((4, 8, 6))
    for chain in range(8):
        decay = np.array([1.5, 3.0, 6.0])[model.hyper.rate[chain]] / 5.0
        f = (
            4.0
            + (phi * every[chain]) @ phi.T
            + model.hyper.rest_var[chain] * np.exp(-decay * apart)
        )
        for g, growth in enumerate((0.0, 0.5, 1.0, 1.5)):
            for s, scale in enumerate(np.exp([-2.0, -1.4, -0.8, -0.2, 0.4, 1.0])):
                noise = model.hyper.noise_var[chain] * scale * np.exp(growth * worse)
                logs[g, chain, s] = stats.multivariate_normal.logpdf(y, cov=f + np.diag(noise))
    density = np.exp(logs - logs.max()).sum((1, 2)) * [0.5, 1 / 6, 1 / 6, 1 / 6]
    assert growing.weigh(model, x, gains) == pytest.approx(density / density.sum(), rel=1e-6)


def test_noise_that_grows_is_told_from_noise_that_does_not() -> None:
    """Eight landscapes of each kind, on average; a single one may be mistaken."""

    def found(growth: float) -> float:
        each = [runs(seed, growth) for seed in range(8)]
        return float(np.mean([growing.weigh(fitted(*one), *one) @ growing.GROWTHS for one in each]))

    assert found(0.0) < 0.3
    assert found(1.5) > 0.8


def test_the_worse_a_recipe_the_noisier_and_the_trunk_is_one() -> None:
    """By the level that is expected, whatever the runs came out as."""
    x, gains = runs(2, 1.5)
    model = fitted(x, gains)
    noise = growing.noise(model, x, gains)
    assert noise[~x.any(1)] == pytest.approx(1.0)
    order = np.argsort(-model.mean(x))
    assert np.all(np.diff(noise[order]) >= 0.0)
    assert noise.max() > 4.0


def test_without_a_covariance_of_the_runs_all_have_the_same_noise() -> None:
    """As of tens of thousands of runs; here the posterior is hidden behind another class."""
    x, gains = runs(3, 1.5)
    model = fitted(x, gains)
    hidden = replace(model, posterior=_Hidden(model.posterior))
    assert growing.noise(hidden, x, gains).tolist() == [1.0] * len(x)


class _Hidden:
    """A posterior that is not one through the covariance of the runs."""

    def __init__(self, posterior: object) -> None:
        self._posterior = posterior

    def __getattr__(self, name: str) -> object:
        return getattr(self._posterior, name)
