"""Does a 90% interval cover 90%? Simulated, with fixed seeds; tolerances from the binomial."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from mainstem import Integrator, Objective
from mainstem.stats import evidence

LEVEL = 0.9
LANDSCAPES = 48
NAMES = tuple("abcdefgh")
PLACES = list(combinations(range(len(NAMES)), 2))


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


def covered() -> Coverage:
    """Forty-eight landscapes of main effects (sd 1.5) and half of the pairs (sd .75), noise 1.

    Each after 40 adaptive trials in batches of four, without a confirmation pair by chance.
    """
    picked, every, chosen = [], [], []
    for number in range(LANDSCAPES):
        rng = np.random.default_rng([22, number])
        main = rng.normal(0.0, 1.5, len(NAMES))
        pair = rng.normal(0.0, 0.75, len(PLACES)) * (rng.random(len(PLACES)) < 0.5)

        def gain(recipe: frozenset[str], main: np.ndarray = main, pair: np.ndarray = pair) -> float:
            x = np.array([name in recipe for name in NAMES], dtype=np.float64)
            both = np.array([x[i] * x[j] for i, j in PLACES])
            return float(main @ x + pair @ both)

        integrator = Integrator(
            proposals=NAMES, objectives=[Objective("loss", margin=1.0)], seed=number, level=LEVEL
        )
        for _ in range(10):
            for trial in integrator.ask(4):
                loss = 10.0 - gain(trial.recipe) + float(rng.standard_normal())
                integrator.tell(trial, {"loss": loss})
        held = [
            e.low <= gain(e.proposals) <= e.high
            for e in integrator.effects()
            if len(e.proposals) == 1
        ]
        picked.append(held[number % len(NAMES)])
        every.extend(held)
        best = integrator.recommend().recipe
        if best:
            estimate = integrator.gain(best)["loss"]
            assert estimate.low is not None
            assert estimate.high is not None
            chosen.append(estimate.low <= gain(best) <= estimate.high)
    return Coverage(
        picked=float(np.mean(picked)), every=float(np.mean(every)), chosen=float(np.mean(chosen))
    )


@pytest.mark.slow
def test_posterior_intervals_cover_effects_and_fall_short_for_the_chosen_recipe() -> None:
    """Nominal 90%, target 86 to 94; bounds are what is reached less three standard errors.

    What 250 other landscapes gave, and the standard error of these 48:

    - one effect per landscape, picked in advance: 87% (4.3 points);
    - all eight effects: 89% (2 points, since effects of one landscape err together);
    - the gain of the recipe that is recommended: 82% (5.5 points), **short of the target**. Its
      errors centre on 0, but are 1.6 times as wide as its interval says. This is why a merge rests
      on fresh pairs, whose interval is tested above.
    """
    coverage = covered()
    assert coverage.picked >= 0.87 - 3.0 * 0.043
    assert 0.83 <= coverage.every <= 0.96
    assert coverage.chosen >= 0.82 - 3.0 * 0.055
