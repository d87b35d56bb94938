"""Does a 90% interval cover 90%? Simulated, with fixed seeds; tolerances from the binomial."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import evidence as bench
import intervals
import played
from mainstem.stats import evidence, mixture
from mainstem.stats.warp import fit_warp
from tests.calibration import kept


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


@pytest.mark.parametrize(
    ("kind", "picked", "every", "chosen"),
    [("pairs", 0.84, 0.88, 0.89), ("the model's own prior", 0.87, 0.88, 0.9)],
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
    world = intervals.KINDS[kind].world
    ended = [played.restored(world(k), k, one) for k, one in enumerate(kept.campaigns(kind))]
    found = intervals.shares([intervals.holds(world(k), one) for k, one in enumerate(ended)])
    assert found["picked"] >= picked - 3.0 * 0.05
    assert every - 3.0 * 0.025 <= found["every"] <= every + 3.0 * 0.025
    assert found["chosen"] >= chosen - 3.0 * 0.055


def test_games_of_the_prior_have_the_noise_that_the_fit_expects() -> None:
    """A prior of the noise that moves on without them makes games of another kind."""
    assert intervals.PRIOR_NOISE == mixture._NOISE


def test_warped_games_are_the_same_games_with_their_losses_stretched() -> None:
    """By the very warp that the fit finds in their runs; above its bend nothing is changed."""
    plain = intervals.of_the_prior(np.random.default_rng(5))
    rng = np.random.default_rng(5)
    warped = intervals.of_the_prior(rng, warped=True)
    assert np.array_equal(plain.level, warped.level)
    gains, above = warped.warp.inverse(warped.level), warped.level >= warped.warp.bend
    assert 0 < above.sum() < len(above)
    assert np.array_equal(gains[above], plain.level[above])
    assert np.all(gains[~above] < plain.level[~above])

    again = np.random.default_rng(5)
    intervals.of_the_prior(again)
    runs = warped.warp.inverse(plain.level + again.standard_normal(len(plain.level)))
    found = fit_warp(runs)
    assert (found.bend, found.scale) == pytest.approx((warped.warp.bend, warped.warp.scale))


def test_noise_of_a_warped_game_is_stretched_with_its_losses() -> None:
    """One noise on the scale of the landscape; a run of a bad recipe moves more than the trunk."""
    found = intervals.of_the_prior(np.random.default_rng(5), warped=True)
    world = intervals.drawn(lambda _: found)(0)
    worst = int(np.argmin(found.level))
    bad = frozenset(place for place in range(8) if worst >> (7 - place) & 1)
    assert world.gain(bad) == pytest.approx(found.warp.inverse(found.level).min())
    stretch = found.warp.stretch(np.array(world.gain(bad)))
    spread = np.std([world.run(bad, 0) for _ in range(400)])
    assert spread == pytest.approx(float(stretch), rel=0.2)
