from __future__ import annotations

import numpy as np
import pytest

from mainstem.stats import manyruns, mixture
from mainstem.stats.landscape import fit
from mainstem.stats.mixture import Data, Hyper, factors, grams, weigh
from mainstem.stats.posterior import ByRuns
from mainstem.stats.remainder import Roots

N = 65


def some_data(runs: int = 120, *, exact: bool = False) -> Data:
    """Noisy runs of random recipes of so many proposals that pairs have no features."""
    rng = np.random.default_rng(0)
    x = (rng.random((runs, N)) < 0.3).astype(np.float64)
    x = np.concatenate([x, x[:20]])
    return weigh(x, x @ rng.normal(size=N) * 0.2 + 0.3 * rng.normal(size=len(x)), exact=exact)


def some_hyper(chains: int = 2) -> Hyper:
    """Hyper-parameters without a remainder, other ones in each chain."""
    rng = np.random.default_rng(1)
    return Hyper(
        at_work=rng.random((chains, N)) < 0.5,
        tau=rng.uniform(0.01, 0.1, size=(chains, 2)),
        pi=rng.uniform(0.1, 0.9, size=(chains, 2)),
        rest_var=np.zeros(chains),
        rate=np.zeros(chains, dtype=np.int64),
        noise_var=rng.uniform(0.05, 0.2, size=chains),
    )


def by_effects(data: Data, hyper: Hyper) -> manyruns.ByEffects:
    """The posterior given hyper-parameters."""
    chains = manyruns.given_each(data, manyruns.products(data), hyper)
    return manyruns.ByEffects(hyper=hyper, chains=chains)


def test_the_posterior_is_that_through_the_covariance_of_the_runs() -> None:
    """Given hyper-parameters without a remainder both say the same of every effect on average."""
    data, hyper = some_data(), some_hyper()
    known = grams(data)
    runs = ByRuns(data=data, hyper=hyper, lowers=factors(data, known, hyper)).expected
    found = by_effects(data, hyper).expected
    assert found.theta == pytest.approx(runs.theta, abs=1e-9)
    assert found.constant == pytest.approx(runs.constant, abs=1e-9)
    assert found.pulls.shape == (3, 0)


def test_draws_have_the_moments_of_the_posterior_through_the_runs() -> None:
    """Means and variances of 4,000 draws of every effect by both ways, to five standard errors."""
    data, hyper = some_data(), some_hyper(1)
    runs = ByRuns(data=data, hyper=hyper, lowers=factors(data, grams(data), hyper))
    drawn = [
        posterior.paths(4_000, np.random.default_rng(seed), Roots(data.x))
        for seed, posterior in enumerate((by_effects(data, hyper), runs))
    ]
    ours, theirs = (np.concatenate([p.theta, p.constant], axis=2)[0] for p in drawn)
    error = np.sqrt((ours.var(0) + theirs.var(0)) / 4_000)
    assert np.all(np.abs(ours.mean(0) - theirs.mean(0)) < 5.0 * error)
    ratio = ours.var(0) / theirs.var(0)
    assert np.all(np.abs(np.log(ratio)) < 5.0 * np.sqrt(4.0 / 4_000))


def test_one_draw_of_the_effects_is_a_draw_of_their_posterior() -> None:
    """What is climbed has the posterior's mean: 500 draws, five standard errors."""
    data, hyper = some_data(), some_hyper(1)
    posterior = by_effects(data, hyper)
    rng = np.random.default_rng(0)
    drawn = np.array([posterior.drawn(0, rng).theta for _ in range(500)])
    error = drawn.std(0) / np.sqrt(500)
    assert np.all(np.abs(drawn.mean(0) - posterior.expected.theta) < 5.0 * error)


def test_it_applies_where_runs_are_many_and_pairs_have_no_features(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More recipes than features and than the limit, and never where every pair is learnt."""
    data = some_data()
    assert not manyruns.applies(data)
    monkeypatch.setattr(manyruns, "MOST_RUNS", 100)
    assert manyruns.applies(data)
    few = some_data(60)
    monkeypatch.setattr(manyruns, "MOST_RUNS", 10)
    assert not manyruns.applies(few)  # 67 features
    paired = weigh(data.x[:, :5], data.y, exact=False)
    assert not manyruns.applies(paired)


@pytest.mark.parametrize("exact", [False, True])
def test_effects_are_found_among_many_runs(monkeypatch: pytest.MonkeyPatch, *, exact: bool) -> None:
    """Two proposals matter, one pair does: mains are found, the pair counts as noise, exact or not.

    A least-squares effect has an error of .1 here; four of them are allowed.
    """
    monkeypatch.setattr(manyruns, "MOST_RUNS", 100)
    rng = np.random.default_rng(0)
    x = (rng.random((400, N)) < 0.3).astype(np.float64)
    gains = 3.0 * x[:, 4] + 2.0 * x[:, 40] + x[:, 7] * x[:, 9]
    gains = gains if exact else gains + 0.5 * rng.standard_normal(400)
    model = fit(x, gains + 10.0, np.random.default_rng(7), exact=exact)
    assert model.chains == manyruns.CHAINS
    assert not len(model.seen)
    f = model.to_gain(model.mean(np.concatenate([np.zeros((1, N)), np.eye(N)])))
    effects = f[1:] - f[0]
    assert effects[[4, 40]] == pytest.approx([3.0, 2.0], abs=0.4)
    assert np.abs(np.delete(effects, [4, 7, 9, 40])).max() < 0.4
    draws = model.draw(x[:5], 64, np.random.default_rng(0))
    assert draws.shape == (64, 5)
    assert np.all(draws.std(0) < 1.0)


def prior_draw(rng: np.random.Generator, chains: int) -> Hyper:
    """Hyper-parameters from the prior, the same in every chain; three proposals."""
    tau = 1.0 / rng.gamma(2.0, 1.5, size=2)  # inverse gamma (2, 2 / 3)
    pi = np.array([rng.beta(3.0, 2.0), rng.beta(2.0, 2.0)])
    return Hyper(
        at_work=np.tile(rng.random(6) < np.repeat(pi, 3), (chains, 1)),
        tau=np.tile(tau, (chains, 1)),
        pi=np.tile(pi, (chains, 1)),
        rest_var=np.zeros(chains),
        rate=np.zeros(chains, dtype=np.int64),
        noise_var=np.full(chains, 1.0 / rng.gamma(0.5, 200.0)),
    )


def moments(hyper: Hyper) -> np.ndarray:
    """What is compared, averaged over chains."""
    log_tau, log_noise = np.log(hyper.tau), np.log(hyper.noise_var)[:, None]
    works = [hyper.at_work[:, :3].mean(1), hyper.at_work[:, 3:].mean(1)]
    parts = [log_tau, log_tau**2, hyper.pi, hyper.pi**2, log_noise, log_noise**2]
    return np.column_stack([*parts, *works]).mean(0)


def test_sweeps_leave_prior_times_likelihood_as_it_is() -> None:
    """Geweke 2004: hyper-parameters from the prior, data given them, then sweeps given the data.

    The mean change of 12 moments over 600 repetitions is 0 within four standard errors.
    """
    rng = np.random.default_rng(1)
    x = rng.integers(0, 2, size=(14, 3)).astype(np.float64)
    changes = []
    for _ in range(600):
        start = prior_draw(rng, 4)
        features = mixture.Effects(n=3).of(x)
        theta = rng.standard_normal(8) * np.sqrt(start.variances(mixture.Effects(n=3))[0])
        y = features @ theta + 2.0 * rng.standard_normal()
        y += np.sqrt(start.noise_var[0]) * rng.standard_normal(len(x))
        data, hyper = weigh(x, y, exact=False), start
        known = manyruns.products(data)
        for _ in range(3):
            hyper = manyruns._sweep(data, known, hyper, rng)
        changes.append(moments(hyper) - moments(start))
    away = np.array(changes)
    assert np.all(np.abs(away.mean(0)) < 4.0 * away.std(0, ddof=1) / np.sqrt(len(away)))
