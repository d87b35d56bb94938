from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mainstem.stats.populations import DRIFT_SPREAD, PRIOR, WIDE, Learner


def sampled(rates: np.ndarray, drift: float, sd: float = 0.1, seed: int = 0) -> list[np.ndarray]:
    """What chains would give of recipes whose data place exponent and drift that well."""
    rng = np.random.default_rng(seed)
    return [
        np.column_stack(
            [
                rate + sd * rng.standard_normal(800),
                rng.standard_normal(800),
                drift + sd * rng.standard_normal(800),
            ]
        )
        for rate in rates
    ]


def test_the_density_is_that_of_a_normal_with_a_common_mean() -> None:
    """Against scipy: exponents of two recipes are as alike as an uncertain mean makes them."""
    together = PRIOR.rate_spread**2 * np.eye(2) + PRIOR.rate_sd**2
    dense = stats.multivariate_normal([PRIOR.rate] * 2, together)
    walk = stats.norm(PRIOR.drift, PRIOR.drift_sd)
    a, b = (np.array([[-1.0, 0.3]]), np.array([-2.0])), (np.array([[0.2, -3.0]]), np.array([-6.0]))
    found = PRIOR.log_density(*a) - PRIOR.log_density(*b)
    expected = dense.logpdf(a[0]) + walk.logpdf(a[1]) - dense.logpdf(b[0]) - walk.logpdf(b[1])
    assert found[0] == pytest.approx(float(np.squeeze(expected)))


def test_draws_have_the_moments_of_the_density() -> None:
    """Correlation of two recipes' exponents and the spread of drift, within 4 standard errors."""
    rates, drift = PRIOR.draw(np.random.default_rng(1), 20_000, 2)
    wide = PRIOR.rate_spread**2 + PRIOR.rate_sd**2
    assert np.var(rates[:, 0]) == pytest.approx(wide, rel=4.0 * np.sqrt(2.0 / 20_000))
    assert np.corrcoef(rates.T)[0, 1] == pytest.approx(PRIOR.rate_sd**2 / wide, abs=0.03)
    assert np.std(drift) == pytest.approx(PRIOR.drift_sd, rel=0.03)
    turns = PRIOR.turns(np.random.default_rng(2), 20_000)
    assert (turns.mean(), turns.std()) == pytest.approx((PRIOR.drift, PRIOR.drift_sd), rel=0.03)


def test_nobody_else_is_the_prior() -> None:
    """One recipe by itself is forecast with what was believed beforehand."""
    only = Learner(sampled(np.array([0.0]), -1.0), 1)
    assert only.without({0}) == PRIOR
    assert Learner([], 1).without(()) == PRIOR


def test_recipes_teach_the_mean_the_spread_and_the_drift() -> None:
    """Twenty recipes around a steeper exponent, with strong drift: each is found again."""
    rates = np.log(0.6) + 0.25 * np.random.default_rng(3).standard_normal(20)
    found = Learner(sampled(rates, np.log(0.4)), 1).without(())
    assert found.rate == pytest.approx(rates.mean(), abs=3.0 * 0.25 / np.sqrt(20))
    assert found.rate_spread == pytest.approx(0.25, abs=0.12)
    assert found.drift == pytest.approx(np.log(0.4), abs=0.3)
    assert found.drift_sd < 0.6 * PRIOR.drift_sd
    assert found.drift_sd >= DRIFT_SPREAD


def test_what_says_nothing_teaches_nothing() -> None:
    """Draws of the wide prior itself leave the population where it was."""
    rng = np.random.default_rng(5)
    draws = []
    for _ in range(5):
        rates, drift = WIDE.draw(rng, 4000, 1)
        draws.append(np.column_stack([rates, np.zeros(4000), drift]))
    found = Learner(draws, 1).without(())
    assert found.rate == pytest.approx(PRIOR.rate, abs=0.1)
    assert found.rate_sd == pytest.approx(PRIOR.rate_sd, rel=0.1)
    assert found.drift == pytest.approx(PRIOR.drift, abs=0.25)


def test_a_recipe_does_not_teach_itself() -> None:
    """Left out, an odd one does not move what it is forecast with."""
    draws = sampled(np.array([-1.0, -1.2, 1.5]), -3.0)
    assert Learner(draws, 1).without({2}) == Learner(draws[:2], 1).without(())
    assert Learner(draws, 1).without(()).rate > Learner(draws, 1).without({2}).rate
