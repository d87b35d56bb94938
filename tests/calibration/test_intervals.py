"""Does a 90% interval cover 90%? Simulated, with fixed seeds; tolerances from the binomial."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

import evidence as bench
from mainstem import Integrator, Objective
from mainstem.stats import evidence

LEVEL = 0.9
LANDSCAPES = 48
NAMES = tuple("abcdefgh")
PLACES = list(combinations(range(len(NAMES)), 2))
CUBE = np.array(list(product((0.0, 1.0), repeat=len(NAMES))))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95])
def test_confirmed_intervals_cover_at_every_look_at_once(level: float) -> None:
    """Gaussian differences, a look after each of 150 pairs: the truth is never outside in 90%.

    4,000 sequences, at other levels too; the bound is the 99% quantile of the binomial. That
    `confidence_interval` misses exactly when a look does is checked in the unit tests.
    """
    d = np.random.default_rng(21).standard_normal((4000, 150))  # the truth is 0
    n = np.arange(1, 151)
    mean = np.cumsum(d, axis=1) / n
    sd = np.sqrt(np.maximum(np.cumsum(d * d, axis=1) / n - mean**2, 0.0))
    half = np.array([evidence.half_width(int(k), level) for k in n[1:]])
    missed = np.sum(np.any(np.abs(mean[:, 1:]) > half * sd[:, 1:], axis=1))
    assert missed <= int(stats.binom.ppf(0.99, 4000, 1.0 - level))


@pytest.mark.parametrize("noise", ["normal", "t with 3 degrees", "gamma(4) against constant"])
def test_confirmed_intervals_cover_all_candidates_and_are_not_wide(noise: str) -> None:
    """At the end of 1,200 candidates of many true gains, merged or not, as the bench has them.

    88% or more hold the truth (2.5% of Monte-Carlo error allowed), and the mean width is at most
    1.6 times that of the t interval which takes the number of pairs for fixed.
    """
    found = bench.intervals(bench.NOISES[noise], 30)
    assert found["coverage"] >= 0.88 - 0.025
    assert found["width"] <= 1.6


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Shares of landscapes, or of effects, whose interval held the truth.

    Attributes:
        picked: One effect per landscape, picked in advance.
        every: All effects of all landscapes.
        chosen: The gain of the recipe that was recommended, where one was.
    """

    picked: float
    every: float
    chosen: float


def of_pairs(rng: np.random.Generator) -> np.ndarray:
    """Gains on the cube from main effects (sd 1.5) and half of the pairs (sd .75), noise 1."""
    main = rng.normal(0.0, 1.5, len(NAMES))
    pair = rng.normal(0.0, 0.75, len(PLACES)) * (rng.random(len(PLACES)) < 0.5)
    both = np.stack([CUBE[:, i] * CUBE[:, j] for i, j in PLACES], axis=1)
    return np.asarray(CUBE @ main + both @ pair)


def of_the_prior(rng: np.random.Generator) -> np.ndarray:
    """Gains on the cube drawn from the landscape's own prior, in sds of its noise."""
    n, count = len(NAMES), CUBE.sum(1)
    both = np.stack([CUBE[:, i] * CUBE[:, j] for i, j in PLACES], axis=1)
    f = np.zeros(len(CUBE))
    for features, counts, shares, mean_var in (
        (CUBE, count, (3.0, 2.0), 0.25),
        (both, count * (count - 1.0) / 2.0, (2.0, n - 1.0), 0.1),
    ):
        tau, pi = (2.0 / n) / rng.gamma(2.0), rng.beta(*shares)
        sds = np.sqrt(tau) * np.where(rng.random(features.shape[1]) < pi, 1.0, 0.12)
        f += features @ (sds * rng.standard_normal(len(sds)))
        f += counts * np.sqrt(mean_var * tau * pi) * rng.standard_normal()
    noise_var = 0.05 / rng.gamma(2.0)
    ratios = np.array([1e-4, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0])
    odds = stats.norm.pdf(np.log(ratios), np.log(0.3), 3.0)
    rest_var = noise_var * rng.choice(ratios, p=odds / odds.sum())
    step = np.exp(-rng.choice([1.5, 3.0, 6.0]) / n)
    correlation = step ** np.abs(CUBE[:, None] - CUBE[None]).sum(2)
    root = np.linalg.cholesky(correlation + 1e-9 * np.eye(len(CUBE)))
    f += np.sqrt(rest_var) * root @ rng.standard_normal(len(CUBE))
    return np.asarray((f - f[0]) / np.sqrt(noise_var))


KINDS = {"pairs": of_pairs, "prior": of_the_prior}


def covered(kind: str) -> Coverage:
    """Landscapes of a kind with noise 1, each after 40 adaptive trials in batches of four."""
    picked, every, chosen = [], [], []
    for number in range(LANDSCAPES):
        rng = np.random.default_rng([22, number])
        truth = {
            frozenset(n for n, on in zip(NAMES, row, strict=True) if on): float(gain)
            for row, gain in zip(CUBE, KINDS[kind](rng), strict=True)
        }
        integrator = Integrator(
            proposals=NAMES, objectives=[Objective("loss", margin=1.0)], seed=number, level=LEVEL
        )
        for _ in range(10):
            for trial in integrator.ask(4):
                loss = 10.0 - truth[trial.recipe] + float(rng.standard_normal())
                integrator.tell(trial, {"loss": loss})
        held = [e.low <= truth[e.proposals] <= e.high for e in integrator.effects(pairs=False)]
        picked.append(held[number % len(NAMES)])
        every.extend(held)
        best = integrator.recommend().recipe
        if best:
            estimate = integrator.gain(best)["loss"]
            assert estimate.low is not None
            assert estimate.high is not None
            chosen.append(estimate.low <= truth[best] <= estimate.high)
    return Coverage(
        picked=float(np.mean(picked)), every=float(np.mean(every)), chosen=float(np.mean(chosen))
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "picked", "every", "chosen"),
    [("pairs", 0.84, 0.88, 0.89), ("prior", 0.87, 0.87, 0.85)],
)
def test_posterior_intervals_cover_effects_and_fall_short_for_the_chosen_recipe(
    kind: str, picked: float, every: float, chosen: float
) -> None:
    """Nominal 90%, target 86 to 94; bounds are what is reached less three standard errors.

    What 200 other landscapes of each kind gave stands above. The standard errors of
    these 48: one effect per landscape, picked in advance, 5 points; all eight effects, 2.5 (effects
    of one landscape err together); the gain of the recommended recipe, 5.5. Two of six are **short
    of the target** (docs/statistics.md says why): this is why a merge rests on fresh pairs, whose
    interval is tested above.
    """
    coverage = covered(kind)
    assert coverage.picked >= picked - 3.0 * 0.05
    assert every - 3.0 * 0.025 <= coverage.every <= every + 3.0 * 0.025
    assert coverage.chosen >= chosen - 3.0 * 0.055
