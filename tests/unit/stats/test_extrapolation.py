from __future__ import annotations

import numpy as np
import pytest

from mainstem.stats import extrapolation
from mainstem.stats.extrapolation import Outlook, forecasts, interval, outlook
from mainstem.stats.populations import PRIOR
from mainstem.stats.scaling import RATES, Joint, Runs, ladder

STEPS = np.array([10.0, 20.0, 40.0, 80.0])
TARGET = np.array([640.0])


def runs(law: tuple[float, float, float], *, sd: float = 0.01, seed: int = 0) -> Runs:
    """Three seeds a rung, whose noise is the same for every law."""
    floor, size, rate = law
    rng = np.random.default_rng(seed)
    values = np.repeat(floor + size * STEPS**-rate, 3) + sd * rng.standard_normal(12)
    return Runs(scales=np.repeat(STEPS, 3)[:, None], values=values, seeds=np.tile(np.arange(3), 4))


def test_the_walk_agrees_with_quadrature() -> None:
    """Quantiles by a grid over exponent, noise and drift, to .12 of the 80% interval's width.

    Over twelve walks the interval is 1.02 as wide as the grid's (sd .06), and the worst quantile
    has an sd of .055: the bound is two of these.
    """
    one = ladder(runs((2.0, 6.0, 0.5)))
    joint = Joint([one], TARGET)
    axes = (
        np.linspace(*RATES, 122)[1:-1],
        np.linspace(-2.0, 2.0, 25),
        np.linspace(PRIOR.drift - 5.0, PRIOR.drift + 5.0, 25),
    )
    grid = np.column_stack([x.ravel() for x in np.meshgrid(*axes, indexing="ij")])
    log = joint.log_likelihood(grid) - 0.5 * grid[:, 1] ** 2
    log += PRIOR.log_density(grid[:, :1], grid[:, 2])
    odds = np.exp(log - log.max())
    rng = np.random.default_rng(1)
    mean, variance = joint.given(grid, PRIOR.turns(rng, len(grid)))
    pick = rng.choice(len(grid), 20_000, p=odds / odds.sum())
    sds = np.sqrt(np.maximum(variance[pick, 0, 0], 0.0))
    exact = one.centre + one.unit * (mean[pick, 0] + sds * rng.standard_normal(20_000))
    found = extrapolation.fit([one], TARGET, np.random.default_rng(2))
    low, high = np.quantile(exact, [0.1, 0.9])
    for place in (0.1, 0.5, 0.9):
        near = np.quantile(found.then, place) - np.quantile(exact, place)
        assert abs(near) < 0.12 * (high - low)
    assert found.fresh.std() >= found.then.std() * 0.98


def test_the_same_seed_gives_the_same_forecast_and_seeds_of_runs_have_no_order() -> None:
    """Deterministic given a generator; runs in another order change nothing."""
    own = runs((2.0, 6.0, 0.5))
    order = np.random.default_rng(4).permutation(12)
    other = Runs(scales=own.scales[order], values=own.values[order], seeds=own.seeds[order])
    a, b = (forecasts([one], TARGET, np.random.default_rng(3))[0][0].fresh for one in (own, other))
    assert np.allclose(a, b, rtol=1e-6)


def test_a_pair_knows_its_difference_better_than_two_apart() -> None:
    """With and without, paired by seed: the gain is narrower than two forecasts side by side."""
    without, with_it = runs((2.0, 6.0, 0.5), sd=0.05), runs((1.8, 6.0, 0.5), sd=0.05)
    alone, both = forecasts([without, with_it], TARGET, np.random.default_rng(5), pairs=[(0, 1)])
    gain = both[0].then[:, 0] - both[0].then[:, 1]
    apart = np.hypot(alone[0].then.std(), alone[1].then.std())
    assert gain.std() < 0.8 * apart
    middle, low, high = interval(gain, 0.8)
    assert low <= 0.2 <= high
    assert abs(middle - 0.2) < 0.15


def test_more_fresh_runs_are_forecast_more_narrowly() -> None:
    """The mean of three hundred runs is known almost as well as the true value."""
    one = [ladder(runs((2.0, 6.0, 0.5), sd=0.2))]
    few, many = (extrapolation.fit(one, TARGET, np.random.default_rng(6), runs=n) for n in (1, 300))
    assert few.fresh.std() > many.fresh.std()


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        (0.5, 0.4, Outlook.HOLDS),
        (0.5, 0.0, Outlook.VANISHES),
        (0.5, -0.4, Outlook.TURNS),
        (-0.5, 0.4, Outlook.TURNS),
        (0.0, 0.4, Outlook.HOLDS),
        (0.02, 0.0, Outlook.UNKNOWN),
        (0.5, 0.1, Outlook.UNKNOWN),
    ],
)
def test_outlooks_are_what_their_definitions_say(
    now: float, then: float, expected: Outlook
) -> None:
    """Gains of a given mean and an sd of .05, with a margin of .1."""
    noise = 0.05 * np.random.default_rng(0).standard_normal(4000)
    noise -= noise.mean()
    assert outlook(now + noise, then + noise, 0.1) is expected


def test_an_interval_has_half_of_the_rest_on_each_side() -> None:
    """Of 0 to 100: 10 to 90 around 50."""
    assert interval(np.arange(101.0), 0.8) == pytest.approx((50.0, 10.0, 90.0))
