from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import special, stats

from mainstem.stats import mixture
from mainstem.stats.mixture import Data, Hyper, covariances, factors, grams, weigh

N = 3
RECIPES = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [1, 1, 1]], dtype=np.float64
)
COUNTS = np.array([3, 1, 2, 1, 1, 2, 1])
RUNS = np.repeat(RECIPES, COUNTS, axis=0)
SPIKE, CONSTANT_VAR = 0.12, 4.0
MEANS = (0.25, 0.1)
RATES = np.array([1.5, 3.0, 6.0])
RATIOS = np.array([1e-4, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
LEVELS = np.array([1e-4, 1e-3, 0.01, 0.03, 0.1, 0.3, 1.0])


def ratio_prior() -> np.ndarray:
    """Prior probability of each ratio of remainder to noise."""
    density = stats.norm.pdf(np.log(RATIOS), np.log(0.3), 3.0)
    return np.asarray(density / density.sum())


def one_chain(rng: np.random.Generator, n: int = N) -> Hyper:
    """A draw of the hyper-parameters from the prior that the module's docstring states."""
    pairs = n * (n - 1) // 2
    tau = stats.invgamma.rvs(2.0, scale=2.0 / n, size=2, random_state=rng)
    pi = np.array([rng.beta(3.0, 2.0), rng.beta(2.0, n - 1.0)])
    at_work = rng.random(n + pairs) < np.repeat(pi, [n, pairs])
    noise_var = float(stats.invgamma.rvs(0.5, scale=0.005, random_state=rng))
    return Hyper(
        at_work=at_work[None],
        tau=tau[None],
        pi=pi[None],
        rest_var=np.array([noise_var * rng.choice(RATIOS, p=ratio_prior())]),
        rate=np.array([rng.integers(3)]),
        noise_var=np.array([noise_var]),
    )


def repeated(hyper: Hyper, chains: int) -> Hyper:
    """The same chain many times."""
    return Hyper(**{name: np.repeat(value, chains, axis=0) for name, value in vars(hyper).items()})


def features(x: np.ndarray) -> np.ndarray:
    """Mains, pairs and counts, written out; shape (T, p)."""
    places = itertools.combinations(range(x.shape[1]), 2)
    pairs = [x[:, i] * x[:, j] for i, j in places]
    count = x.sum(1)
    return np.column_stack([x, *pairs, count, count * (count - 1.0) / 2.0])


def effect_sds(hyper: Hyper, n: int = N) -> np.ndarray:
    """Prior sd of every feature of the first chain, shape (p,)."""
    tau, pi, at_work = hyper.tau[0], hyper.pi[0], hyper.at_work[0]
    each = np.sqrt(np.repeat(tau, [n, n * (n - 1) // 2])) * np.where(at_work, 1.0, SPIKE)
    return np.concatenate([each, np.sqrt(tau * pi * MEANS)])


def rest_correlation(x: np.ndarray, rate: int) -> np.ndarray:
    """Correlation of the remainder, product by product, shape (T, T)."""
    step = np.exp(-RATES[rate] / x.shape[1])
    return np.prod(np.where(x[:, None] != x[None], step, 1.0), axis=2)


def dense(hyper: Hyper, x: np.ndarray) -> np.ndarray:
    """Covariance of single runs of recipes x without their noise, shape (T, T)."""
    phi = features(x) * effect_sds(hyper, x.shape[1])
    return CONSTANT_VAR + phi @ phi.T + hyper.rest_var[0] * rest_correlation(x, int(hyper.rate[0]))


def simulated(hyper: Hyper, rng: np.random.Generator) -> np.ndarray:
    """Single runs drawn from the model under the first chain's hyper-parameters, shape (T,)."""
    theta = effect_sds(hyper) * rng.standard_normal(N + 5)
    root = np.linalg.cholesky(rest_correlation(RECIPES, int(hyper.rate[0])))
    rest = np.sqrt(hyper.rest_var[0]) * root @ rng.standard_normal(len(RECIPES))
    f = 2.0 * rng.standard_normal() + features(RECIPES) @ theta + rest
    noise = np.sqrt(hyper.noise_var[0]) * rng.standard_normal(len(RUNS))
    return np.asarray(np.repeat(f, COUNTS) + noise)


def some_data(seed: int = 0) -> tuple[np.ndarray, Data]:
    """Single runs, and what the sampler keeps of them."""
    y = np.random.default_rng(seed).normal(size=len(RUNS))
    return y, weigh(RUNS, y, exact=False)


def whole(lower: np.ndarray) -> np.ndarray:
    """A symmetric matrix of which only the lower triangle is given."""
    return np.tril(lower) + np.tril(lower, -1).T


def test_means_over_replicates_are_weighted_by_the_root_of_the_runs() -> None:
    """Two runs of one recipe and one of another, by hand."""
    x = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    data = weigh(x, np.array([1.0, 5.0, 3.0]), exact=False)
    root = np.sqrt(2.0)
    assert data.x.tolist() == [[0.0, 1.0], [1.0, 0.0]]
    assert data.weight.tolist() == [1.0, root]
    assert data.y == pytest.approx([5.0, 2.0 * root])
    assert data.features == pytest.approx(np.array([[0, 1, 0, 1, 0], [root, 0, 0, root, 0]]))
    assert (data.within, data.runs) == (2.0, 3)


@pytest.mark.parametrize("seed", range(4))
def test_the_covariance_is_that_of_the_means_of_single_runs(seed: int) -> None:
    """Averaging single runs recipe by recipe, from features written out."""
    hyper = one_chain(np.random.default_rng(seed))
    _, data = some_data()
    average = np.array([(row == RUNS).all(1) for row in data.x]) / data.weight[:, None]
    single = dense(hyper, RUNS) + hyper.noise_var[0] * np.eye(len(RUNS))
    found = whole(next(covariances(data, grams(data), hyper, hyper.variances(data.effects))))
    assert found == pytest.approx(average @ single @ average.T, rel=1e-9, abs=1e-12)
    factor = factors(data, grams(data), hyper)[0]
    assert factor @ factor.T == pytest.approx(found, rel=1e-9, abs=1e-12)


def test_weighted_means_and_scatter_hold_all_that_single_runs_say() -> None:
    """Log likelihoods of two settings differ as those of every single run do."""
    y, data = some_data()
    ours, textbook = [], []
    for seed in (0, 1):
        hyper = one_chain(np.random.default_rng(seed))
        s2, spare = hyper.noise_var[0], len(RUNS) - len(RECIPES)
        means = stats.multivariate_normal.logpdf(
            data.y,
            cov=whole(next(covariances(data, grams(data), hyper, hyper.variances(data.effects)))),
        )
        ours.append(means - 0.5 * spare * np.log(s2) - 0.5 * data.within / s2)
        cov = dense(hyper, RUNS) + s2 * np.eye(len(RUNS))
        textbook.append(stats.multivariate_normal.logpdf(y, cov=cov))
    assert ours[0] - ours[1] == pytest.approx(textbook[0] - textbook[1], rel=1e-8)


def test_runs_of_unequal_noise_count_for_what_they_say() -> None:
    """Log likelihoods of two settings differ as those of single runs with their own noise do."""
    y, _ = some_data()
    noise = np.exp(np.random.default_rng(5).normal(size=len(RUNS)))
    data, known = weigh(RUNS, y, exact=False, noise=noise), len(RUNS) - len(RECIPES)
    ours, textbook = [], []
    for seed in (0, 1):
        hyper = one_chain(np.random.default_rng(seed))
        s2 = hyper.noise_var[0]
        variances = hyper.variances(data.effects)
        cov = whole(next(covariances(data, grams(data), hyper, variances)))
        means = stats.multivariate_normal.logpdf(data.y, cov=cov)
        ours.append(means - 0.5 * known * np.log(s2) - 0.5 * data.within / s2)
        cov = dense(hyper, RUNS) + s2 * np.diag(noise)
        textbook.append(stats.multivariate_normal.logpdf(y, cov=cov))
    assert ours[0] - ours[1] == pytest.approx(textbook[0] - textbook[1], rel=1e-8)


def z_scores(draws: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Distance of the draws' means, shape (S, ...), from what is expected, in standard errors."""
    error = draws.std(0, ddof=1) / np.sqrt(len(draws))
    return np.asarray((draws.mean(0) - expected) / error)


@pytest.mark.parametrize("seed", range(2))
def test_effects_are_drawn_from_their_textbook_posterior(seed: int) -> None:
    """Mean and covariance by precisions over single runs (the remainder is part of the noise).

    Forty-five moments of 2,000 draws: none further off than 4.5 standard errors.
    """
    hyper = one_chain(np.random.default_rng(seed))
    y, data = some_data(seed)
    chains = 2_000
    theta, constant = mixture._effects(
        data, grams(data), repeated(hyper, chains), np.random.default_rng(seed)
    )
    drawn = np.column_stack([theta, constant])
    phi = np.column_stack([features(RUNS), np.ones(len(RUNS))])
    rest = hyper.rest_var[0] * rest_correlation(RUNS, int(hyper.rate[0]))
    noise = np.linalg.inv(rest + hyper.noise_var[0] * np.eye(len(RUNS)))
    prior = np.append(effect_sds(hyper) ** -2.0, 1.0 / CONSTANT_VAR)
    cov = np.linalg.inv(phi.T @ noise @ phi + np.diag(prior))
    mean = cov @ phi.T @ noise @ y
    assert np.abs(z_scores(drawn, mean)).max() < 4.5
    away = drawn - mean
    assert np.abs(z_scores(away[:, :, None] * away[:, None, :], cov)).max() < 4.5


def moments_of_what_works(
    theta: np.ndarray, drift: float, group: int, n: int
) -> tuple[np.ndarray, float, float]:
    """Probability of being at work, E log tau and E pi given a group's effects, by quadrature.

    What is at work is summed out: every effect is a mixture of two normals given tau and pi.
    """
    log_tau, pi = np.linspace(-9.0, 7.0, 321), (np.arange(400) + 0.5) / 400
    tau, share = np.exp(log_tau)[:, None], pi[None, :]
    a, b = ((3.0, 2.0), (2.0, max(n - 1.0, 1.0)))[group]
    density = stats.invgamma.logpdf(tau, 2.0, scale=2.0 / n) + log_tau[:, None]
    density = density + stats.beta.logpdf(share, a, b)
    density = density + stats.norm.logpdf(drift, 0.0, np.sqrt(MEANS[group] * tau * share))
    works = []
    for effect in theta:
        wide = np.log(share) + stats.norm.logpdf(effect, 0.0, np.sqrt(tau))
        narrow = np.log1p(-share) + stats.norm.logpdf(effect, 0.0, SPIKE * np.sqrt(tau))
        density = density + np.logaddexp(wide, narrow)
        works.append(special.expit(wide - narrow))
    weight = np.exp(density - density.max())
    weight /= weight.sum()
    chances = np.array([float((weight * w).sum()) for w in works])
    return chances, float(weight.sum(1) @ log_tau), float(weight.sum(0) @ pi)


@pytest.mark.parametrize(
    ("n", "drift"), [(1, (0.5, 0.5)), (3, (0.1, -0.05)), (3, (-3.0, 2.0)), (65, (0.3, 0.02))]
)
def test_what_works_is_drawn_given_the_effects_and_their_counts(
    n: int, drift: tuple[float, float]
) -> None:
    """Repeated with the effects held, 4,000 chains end where quadrature says, to 4.5 errors.

    A strong mean effect says that effects are large, or many: so do the counts' priors. With one
    proposal there is no pair, with 65 none has a feature: what is known of them is by the counts.
    """
    chains = 4_000
    effects = mixture.Effects(n=n)
    rng = np.random.default_rng(n)
    each = rng.normal(size=effects.size - 2) * np.where(rng.random(effects.size - 2) < 0.5, 1, 0.1)
    theta = np.concatenate([each, drift])
    start = Hyper(
        at_work=np.ones((chains, len(each)), dtype=np.bool_),
        tau=np.full((chains, 2), 0.5),
        pi=np.full((chains, 2), 0.5),
        rest_var=np.ones(chains),
        rate=np.zeros(chains, dtype=np.int64),
        noise_var=np.ones(chains),
    )
    for _ in range(40):
        at_work, tau, pi = mixture.what_works(effects, np.tile(theta, (chains, 1)), start, rng)
        start = replace(start, at_work=at_work, tau=tau, pi=pi)
    for group, members in enumerate((~effects.is_pair, effects.is_pair)):
        chances, log_tau, share = moments_of_what_works(each[members], drift[group], group, n)
        assert abs(z_scores(pi[:, group], np.array(share))) < 4.5
        assert abs(z_scores(np.log(tau[:, group]), np.array(log_tau))) < 4.5
        error = np.sqrt(chances * (1.0 - chances) / chains) + 1e-4
        assert np.all(np.abs(at_work[:, members].mean(0) - chances) < 4.5 * error)


def test_the_remainder_and_the_noise_are_drawn_with_the_noise_integrated_out() -> None:
    """Probability of every decay and ratio, and E log noise, by quadrature over single runs.

    What the effects leave of every run by itself has a multivariate normal density, so means,
    weights and scatter within replicates are checked with it. 20,000 chains.
    """
    y, data = some_data(5)
    log_noise = np.linspace(-12.0, 9.0, 211)
    density = np.empty((3, len(RATIOS), len(log_noise)))
    for rate, (level, ratio) in itertools.product(range(3), enumerate(RATIOS)):
        relative = ratio * rest_correlation(RUNS, rate) + np.eye(len(RUNS))
        for at, noise_var in enumerate(np.exp(log_noise)):
            density[rate, level, at] = stats.multivariate_normal.logpdf(y, cov=noise_var * relative)
    density += np.log(ratio_prior())[None, :, None] + log_noise
    density += stats.invgamma.logpdf(np.exp(log_noise), 0.5, scale=0.005)
    weight = np.exp(density - density.max())
    weight /= weight.sum()

    chains = 20_000
    rest_var, rates, noise_var = mixture._rest_and_noise(
        data, grams(data), np.tile(data.y, (chains, 1)), np.random.default_rng(0)
    )
    ratios = np.argmin(np.abs(np.log((rest_var / noise_var)[:, None] / RATIOS)), axis=1)
    chances = weight.sum(2)
    shares = np.zeros_like(chances)
    np.add.at(shares, (rates, ratios), 1.0 / chains)
    error = np.sqrt(chances * (1.0 - chances) / chains) + 1e-5
    assert np.all(np.abs(shares - chances) < 4.5 * error)
    for rate in range(3):
        expected = np.array(float(weight[rate].sum(0) @ log_noise) / weight[rate].sum())
        assert abs(z_scores(np.log(noise_var[rates == rate]), expected)) < 4.5


def test_the_remainder_of_a_metric_without_noise_is_drawn_by_its_density() -> None:
    """Probability of every decay and variance from the multivariate normal density of the rest."""
    y = np.random.default_rng(6).normal(size=len(RECIPES)) * 0.3
    data = weigh(RECIPES, y, exact=True)
    log_density = np.array(
        [
            [
                stats.multivariate_normal.logpdf(
                    data.y, cov=level * rest_correlation(data.x, rate) + 1e-8 * np.eye(len(y))
                )
                for level in LEVELS
            ]
            for rate in range(3)
        ]
    )
    chances = special.softmax(log_density)
    chains = 20_000
    rest_var, rates, noise_var = mixture._rest_and_noise(
        data, grams(data), np.tile(data.y, (chains, 1)), np.random.default_rng(0)
    )
    assert set(noise_var) == {1e-8}
    levels = np.argmin(np.abs(np.log(rest_var[:, None] / LEVELS)), axis=1)
    shares = np.zeros_like(chances)
    np.add.at(shares, (rates, levels), 1.0 / chains)
    error = np.sqrt(chances * (1.0 - chances) / chains) + 1e-5
    assert np.all(np.abs(shares - chances) < 4.5 * error)


def statistics(hyper: Hyper) -> np.ndarray:
    """What Geweke's test compares, per chain: first and second moments and some products."""
    log_tau, pi, works = np.log(hyper.tau), hyper.pi, hyper.at_work
    log_noise, log_rest = np.log(hyper.noise_var), np.log(hyper.rest_var)
    return np.column_stack(
        [
            log_tau,
            log_tau**2,
            pi,
            pi**2,
            works[:, :N].mean(1),
            works[:, N:].mean(1),
            works[:, 0] & works[:, 1],
            works[:, 0] & works[:, N],
            log_noise,
            log_noise**2,
            log_rest,
            log_rest**2,
            hyper.rate == 0,
            hyper.rate == 2,
            log_tau * pi,
            log_tau[:, 0] * log_noise,
            log_rest * log_noise,
        ]
    )


def test_sweeps_leave_prior_times_likelihood_as_it_is() -> None:
    """Geweke 2004: hyper-parameters from the prior, data given them, then sweeps given the data.

    If every conditional is right, the hyper-parameters still have the prior's law. The mean change
    of 22 moments over 1,500 repetitions of 8 chains is 0 within four standard errors.
    """
    rng = np.random.default_rng(1)
    changes = []
    for _ in range(1_500):
        start = one_chain(rng)
        data = weigh(RUNS, simulated(start, rng), exact=False)
        known, hyper = grams(data), repeated(start, 8)
        for _ in range(3):
            hyper = mixture.sweep(data, known, hyper, rng)
        changes.append(statistics(hyper).mean(0) - statistics(start)[0])
    assert np.abs(z_scores(np.array(changes), np.zeros(22))).max() < 4.0


def test_chains_start_from_as_many_pairs_as_the_prior_expects_and_other_ones_each() -> None:
    """Mains are all at work to begin with; no pair is in every chain."""
    effects = mixture.Effects(n=20)
    data = weigh(np.eye(20), np.arange(20.0), exact=False)
    begun = mixture.start(data, 400)
    thin = mixture.thinned(effects, begun, np.random.default_rng(3))
    mains, pairs = thin.at_work[:, :20], thin.at_work[:, 20:]
    assert mains.all()
    assert pairs.mean() == pytest.approx(2.0 / 21.0, abs=0.005)
    assert pairs.mean(0).max() < 0.18  # none is at work in all
    assert np.array_equal(thin.tau, begun.tau)


@pytest.mark.parametrize(("noise", "hidden"), [(0.4, True), (0.06, False), (0.0, False)])
def test_effects_hide_where_replicates_scatter_like_the_rest(*, noise: float, hidden: bool) -> None:
    """Standardised responses; without replicates, or with few recipes, nothing is known yet."""
    rng = np.random.default_rng(5)
    x = np.repeat((rng.random((20, 6)) < 0.5).astype(np.float64), 3, axis=0)
    y = stats.zscore(x @ rng.standard_normal(6)) + noise * rng.standard_normal(60)
    assert mixture.hides(weigh(x, y, exact=False)) is hidden
    assert not mixture.hides(weigh(x[::3], y[::3], exact=False))
    assert not mixture.hides(weigh(x[:15], y[:15], exact=False))
