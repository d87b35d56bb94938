from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import optimize, stats

from mainstem.stats import landscape
from mainstem.stats.landscape import Hyper, Landscape, fit, kernel

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=4)))


def truth(x: np.ndarray) -> np.ndarray:
    """A small landscape with main effects, a pair and a triple; 0 on the trunk."""
    pairs = -1.5 * x[:, 0] * x[:, 1]
    return x @ np.array([1.0, 0.8, -0.6, 0.2]) + pairs + 0.4 * x[:, 1] * x[:, 2] * x[:, 3]


def noisy_runs(runs: int, *, sd: float = 0.3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Random recipes, most of them replicated, and their noisy gains."""
    rng = np.random.default_rng(seed)
    x = CUBE[rng.integers(0, 10, size=runs)]
    return x, truth(x) + sd * rng.standard_normal(runs)


def some_hyper(seed: int) -> np.ndarray:
    """Logs of hyper-parameters for four proposals."""
    rng = np.random.default_rng(seed)
    return rng.normal([-1.0, -1.0, -1.0, -1.0, -2.0, -2.0, -0.5, -2.0], 0.7)


def sufficient(x: np.ndarray, y: np.ndarray) -> landscape._Data:
    """The data as the fit keeps them: means over replicates and the scatter within."""
    recipes, index, counts = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    means = np.bincount(index.ravel(), weights=y) / counts
    within = float(np.sum((y - means[index.ravel()]) ** 2))
    return landscape._Data(
        x=recipes, y=means, counts=counts.astype(np.float64), within=within, runs=len(y)
    )


def test_the_kernel_counts_shared_members_shared_pairs_and_differences() -> None:
    """Against the sum in the docstring, term by term."""
    hyper = landscape._unpack(some_hyper(0))
    a, b = np.array([1.0, 1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0, 1.0])
    mains = sum(hyper.main_var[i] * a[i] * b[i] for i in range(4))
    pairs = sum(a[i] * a[j] * b[i] * b[j] for i, j in itertools.combinations(range(4), 2))
    rest = hyper.rest_var * np.prod(
        [np.exp(-hyper.rest_rate) if a[i] != b[i] else 1.0 for i in range(4)]
    )
    expected = 4.0 + mains + hyper.pair_var * pairs + rest
    assert kernel(hyper, a[None], b[None])[0, 0] == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(5))
def test_the_kernel_is_a_covariance(seed: int) -> None:
    """Symmetric, and no combination of recipes has a negative variance."""
    k = kernel(landscape._unpack(some_hyper(seed)), CUBE, CUBE)
    assert np.array_equal(k, k.T)
    assert np.linalg.eigvalsh(k).min() > -1e-10


def test_the_posterior_is_the_textbook_one_over_single_runs() -> None:
    """Dense conditioning on every run by itself gives the same mean and covariance.

    So means over replicates are all that the posterior needs.
    """
    x, gains = noisy_runs(30)
    model = fit(x, gains)
    y = (model.warp.forward(gains) - model.shift) / model.scale
    cross = kernel(model.hyper, CUBE, x)
    solved = np.linalg.inv(kernel(model.hyper, x, x) + model.hyper.noise_var * np.eye(len(x)))
    mean, cov = model.posterior(CUBE)
    assert mean == pytest.approx(cross @ solved @ y, abs=1e-5)
    assert cov == pytest.approx(
        kernel(model.hyper, CUBE, CUBE) - cross @ solved @ cross.T, abs=1e-5
    )
    assert model.mean(CUBE) == pytest.approx(mean, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_the_log_posterior_is_the_density_of_every_single_run(seed: int) -> None:
    """Differences of the fitted criterion are those of prior times multivariate normal density."""
    x, y = noisy_runs(25, seed=seed)
    prior = landscape._prior(4, 0.4, 7)
    data = sufficient(x, y)

    def dense(log_hyper: np.ndarray) -> float:
        hyper = landscape._unpack(log_hyper)
        cov = kernel(hyper, x, x) + hyper.noise_var * np.eye(len(x))
        density = stats.multivariate_normal.logpdf(y, cov=cov)
        return float(density + stats.norm.logpdf(log_hyper, prior.mean, prior.sd).sum())

    one, other = some_hyper(seed), some_hyper(seed + 100)
    ours = [landscape._negative_log_posterior(h, data, prior)[0] for h in (one, other)]
    assert ours[0] - ours[1] == pytest.approx(dense(other) - dense(one), abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_the_gradient_is_that_of_finite_differences(seed: int) -> None:
    """A wrong gradient still converges somewhere; only this notices."""
    x, y = noisy_runs(25, seed=seed)
    data, prior = sufficient(x, y), landscape._prior(4, None, 0)
    at = some_hyper(seed)
    _, gradient = landscape._negative_log_posterior(at, data, prior)

    def value(log_hyper: np.ndarray) -> float:
        return landscape._negative_log_posterior(log_hyper, data, prior)[0]

    h = 1e-5
    steps = h * np.eye(len(at))
    central = [(value(at + step) - value(at - step)) / (2.0 * h) for step in steps]
    assert gradient == pytest.approx(central, rel=1e-4, abs=1e-4)


def test_the_fit_is_a_mode() -> None:
    """No other start within the bounds finds a better place nearby."""
    x, gains = noisy_runs(40)
    model = fit(x, gains)
    y = (model.warp.forward(gains) - model.shift) / model.scale
    data, prior = sufficient(x, y), landscape._prior(4, None, 0)
    hyper = model.hyper
    found = np.log(
        [*hyper.main_var, hyper.pair_var, hyper.rest_var, hyper.rest_rate, hyper.noise_var]
    )
    better = optimize.minimize(
        lambda h: landscape._negative_log_posterior(h, data, prior)[0],
        found,
        method="Nelder-Mead",
        options={"maxiter": 800},
    )
    assert landscape._negative_log_posterior(found, data, prior)[0] - better.fun < 0.01


def test_deterministic_data_are_interpolated() -> None:
    """Where the metric has no noise, the posterior passes through what was seen."""
    x = CUBE[:11]
    model = fit(x, truth(x), noise_sd=0.0, noise_degrees=6)
    assert model.to_gain(model.mean(x)) == pytest.approx(truth(x), abs=0.01)
    _, cov = model.posterior(x)
    assert np.sqrt(np.diag(cov).max()) < 0.02


def test_the_order_of_runs_does_not_matter() -> None:
    """Results act in trial order, and the landscape does not care."""
    x, gains = noisy_runs(30)
    order = np.random.default_rng(3).permutation(30)
    one, other = fit(x, gains), fit(x[order], gains[order])
    assert one.mean(CUBE) == pytest.approx(other.mean(CUBE), abs=1e-4)


@pytest.mark.parametrize("factor", [1e-4, 37.0])
def test_the_landscape_follows_the_unit(factor: float) -> None:
    """Margins of any size: effects scale with the unit they are measured in."""
    x, gains = noisy_runs(30)
    one, other = fit(x, gains), fit(x, factor * gains)
    scaled = factor * one.to_gain(one.mean(CUBE))
    assert other.to_gain(other.mean(CUBE)) == pytest.approx(scaled, rel=1e-3, abs=1e-3 * factor)
    assert other.noise_sd == pytest.approx(factor * one.noise_sd, rel=1e-3)


def test_the_noise_is_found() -> None:
    """From scatter alone, within a fifth with 80 runs; a noise known from elsewhere is believed."""
    x, gains = noisy_runs(80, sd=0.5, seed=2)
    assert fit(x, gains).noise_sd == pytest.approx(0.5, rel=0.2)
    few_x, few = noisy_runs(5, sd=0.5, seed=5)
    assert fit(few_x, few, noise_sd=0.5, noise_degrees=200).noise_sd == pytest.approx(0.5, rel=0.2)


def test_the_landscape_learns_pairs_and_triples() -> None:
    """With data on most of the cube, the interaction of two is found with its sign and size."""
    x = np.repeat(CUBE, 3, axis=0)
    gains = truth(x) + 0.1 * np.random.default_rng(0).standard_normal(len(x))
    f = (model := fit(x, gains)).to_gain(model.mean(CUBE))
    place = {tuple(row): i for i, row in enumerate(CUBE)}
    both, a, b = place[1, 1, 0, 0], place[1, 0, 0, 0], place[0, 1, 0, 0]
    assert f[both] - f[a] - f[b] + f[place[0, 0, 0, 0]] == pytest.approx(-1.5, abs=0.3)


def test_draws_have_the_posterior_s_moments_and_its_order() -> None:
    """Means and covariances of many draws, within four standard errors, above the bend."""
    x, gains = noisy_runs(30)
    model = fit(x, gains + 20.0)  # far above the bend the warp is the identity
    assert model.warp.bend == 0.0
    mean, cov = model.posterior(CUBE)
    draws = model.draw(CUBE, 20_000, np.random.default_rng(0))
    error = 4.0 * model.scale * np.sqrt(np.diag(cov) / 20_000)
    assert np.all(np.abs(draws.mean(0) - model.to_gain(mean)) < error + 1e-6)
    sampled = np.cov(draws.T) / model.scale**2
    assert sampled == pytest.approx(cov, abs=5.0 * cov.max() / np.sqrt(20_000) + 1e-4)


def test_one_run_is_enough_for_a_posterior() -> None:
    """After the first run of the trunk there is a state of knowledge, wide and finite."""
    model: Landscape = fit(np.zeros((1, 3)), np.zeros(1))
    draws = model.draw(np.eye(3), 50, np.random.default_rng(0))
    assert np.all(np.isfinite(draws))
    assert draws.std() > 0.0


def test_a_singular_covariance_still_has_a_root() -> None:
    """The same recipe twice, or a recipe known exactly, is no error."""
    hyper = Hyper(main_var=np.ones(2), pair_var=0.1, rest_var=0.1, rest_rate=1.0, noise_var=0.1)
    x = np.array([[1.0, 0.0], [1.0, 0.0]])
    cov = kernel(hyper, x, x)
    root = landscape._root(cov)
    assert root @ root.T == pytest.approx(cov, abs=1e-4)
    assert landscape._root(np.zeros((2, 2))) == pytest.approx(np.zeros((2, 2)), abs=1e-6)
