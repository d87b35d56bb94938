"""Does a 90% interval cover 90%? Simulated, with fixed seeds; tolerances from the binomial."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from mainstem import Integrator, Objective
from mainstem.stats import evidence

LEVEL = 0.9
LANDSCAPES = 48
NAMES = tuple("abcdefgh")
PLACES = list(combinations(range(len(NAMES)), 2))
CUBE = np.array(list(product((0.0, 1.0), repeat=len(NAMES))))


def test_confirmed_intervals_cover_at_every_look_at_once() -> None:
    """Gaussian differences, a look after each of 40 pairs: the truth is never outside in 90%.

    At most 30 of 200 campaigns may miss at any look (the 99% bound at 10%); that the interval
    misses exactly when the process passes its threshold is checked where it does, and at the end.
    """
    rng = np.random.default_rng(21)
    bar = float(np.log(2.0 / (1.0 - LEVEL)))
    missed = 0
    for _ in range(200):
        d = rng.standard_normal(40)  # the truth is 0
        looks = [
            k
            for k in range(2, 41)
            if max(evidence.log_t_process(d[:k]), evidence.log_t_process(-d[:k])) >= bar
        ]
        missed += bool(looks)
        for k in {40, *looks[:1]}:
            low, high = evidence.confidence_interval(d[:k], LEVEL)
            inside = (low is None or low <= 0.0) and (high is None or high >= 0.0)
            assert inside == (k not in looks)
    assert missed <= int(stats.binom.ppf(0.99, 200, 1.0 - LEVEL))


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
