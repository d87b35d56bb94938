from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special, stats

from mainstem.stats import logistic


def data(seed: int, rows: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Three columns, an intercept first, and outcomes of a logistic model."""
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(rows), rng.normal(size=rows), rng.random(rows) < 0.5])
    return x, rng.random(rows) < special.expit(x @ [-0.5, 0.8, 0.7])


def loss(beta: np.ndarray, x: np.ndarray, y: np.ndarray, penalty: float) -> float:
    """Minus the log likelihood, written down anew; the penalty is 0 or .5."""
    p = special.expit(x @ beta)
    likelihood = np.sum(stats.bernoulli.logpmf(y, p))
    return -float(likelihood + penalty * np.log(np.linalg.det(x.T @ np.diag(p * (1.0 - p)) @ x)))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("firth", [False, True])
def test_the_fit_is_what_a_general_optimiser_finds(seed: int, firth: bool) -> None:
    """Coefficients and log likelihood agree with scipy.optimize on the same function."""
    x, y = data(seed)
    oracle = optimize.minimize(loss, np.zeros(3), (x, y, 0.5 * firth), method="BFGS", tol=1e-9)
    found = logistic.fit(x, y, firth=firth)
    assert found.coefficients == pytest.approx(oracle.x, abs=1e-4)
    assert found.log_likelihood == pytest.approx(-oracle.fun, abs=1e-8)


@pytest.mark.parametrize("counts", [(3, 9, 7, 5), (0, 6, 4, 4), (1, 1, 1, 1)])
def test_firths_estimate_of_two_by_two_is_haldanes(counts: tuple[int, int, int, int]) -> None:
    """A saturated model with the penalty adds one half to every count (Haldane, Anscombe)."""
    y = np.repeat([True, False, True, False], counts)
    group = np.repeat([0.0, 0.0, 1.0, 1.0], counts)
    a, b, c, d = (count + 0.5 for count in counts)
    found = logistic.fit(np.column_stack([np.ones(len(y)), group]), y)
    assert found.coefficients[1] == pytest.approx(np.log(c * b / (d * a)), abs=1e-6)


@pytest.mark.parametrize("firth", [False, True])
def test_the_ends_of_an_interval_are_just_not_rejected(firth: bool) -> None:
    """At both ends, the others fitted anew by scipy, the profile has fallen by half of 2.71."""
    x, y = data(9)
    found = logistic.profile_interval(x, y, 2, 0.9, firth=firth)
    assert found.low < found.value < found.high
    best = -logistic.fit(x, y, firth=firth).log_likelihood
    for end in (found.low, found.high):
        profile = optimize.minimize(
            lambda b, end=end: loss(np.array([*b, end]), x, y, 0.5 * firth), np.zeros(2)
        )
        assert profile.fun - best == pytest.approx(0.5 * stats.chi2.ppf(0.9, 1), abs=1e-4)


def test_separation_leaves_the_likelihood_unbounded_and_firths_penalty_does_not() -> None:
    """Where one group is all merged the plain interval has no upper end; the penalised one has."""
    x = np.column_stack([np.ones(20), np.arange(20) >= 12])
    y = np.arange(20) % 3 == 0
    y[12:] = True
    plain = logistic.profile_interval(x, y, 1, 0.9, firth=False)
    assert plain.high == np.inf
    assert 0.0 < plain.low < plain.value
    penalised = logistic.profile_interval(x, y, 1, 0.9)
    assert 0.0 < penalised.low < penalised.value < penalised.high < 20.0
