from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import integrate, optimize, stats

from mainstem.stats.scaling import Joint, Runs, drift_covariance, ladder, least_rungs

STEPS = np.array([10.0, 20.0, 40.0, 80.0])


def exact(s: np.ndarray) -> np.ndarray:
    """A law without noise."""
    return 1.7 + 9.0 * s**-0.4


def runs(values: np.ndarray, steps: np.ndarray = STEPS) -> Runs:
    """Three seeds a rung."""
    return Runs(
        scales=np.repeat(steps, 3)[:, None],
        values=values,
        seeds=np.tile(np.arange(3), len(steps)),
    )


def noisy(sd: float, seed: int = 0) -> Runs:
    """Runs of the law."""
    rng = np.random.default_rng(seed)
    return runs(np.repeat(exact(STEPS), 3) + sd * rng.standard_normal(12))


def hyper(rate: float, noise: float = 0.0, drift: float = -9.0) -> np.ndarray:
    """One point: an exponent, the log of noise over its estimate, log kappa."""
    return np.array([[np.log(rate), noise, drift]])


STRAIGHT = np.array([-12.0])
"""Log tau of a law that does not turn."""


def test_exact_data_give_the_exponent_and_the_value_that_least_squares_give() -> None:
    """An oracle that shares no code: scipy's curve fit, from the same rungs."""
    one = ladder(runs(np.repeat(exact(STEPS), 3)))
    (floor, size, rate), _ = optimize.curve_fit(
        lambda s, e, a, r: e + a * s**-r, STEPS, exact(STEPS), p0=(1.0, 5.0, 0.5)
    )
    joint = Joint([one], np.array([640.0]))
    rates = np.exp(np.linspace(-3.0, 1.0, 401))
    points = np.concatenate([hyper(r) for r in rates])
    likely = rates[int(np.argmax(joint.log_likelihood(points)))]
    assert likely == pytest.approx(rate, rel=0.02)
    mean, covariance = joint.given(hyper(rate), STRAIGHT)
    assert one.centre + one.unit * mean[0, 0] == pytest.approx(
        floor + size * 640.0**-rate, abs=1e-3
    )
    assert 0.0 <= covariance[0, 0, 0] < 1e-4


def test_two_scales_that_vary_apart_have_a_term_each() -> None:
    """E + A N^-a + B D^-b is found again at a place where both are larger."""
    n, d = (x.ravel() for x in np.meshgrid([1.0, 2.0, 4.0], [10.0, 30.0, 90.0]))
    value = 2.0 + 3.0 * n**-0.3 + 8.0 * d**-0.5
    scales = np.column_stack([n, d])
    one = ladder(Runs(scales=scales, values=value, seeds=np.zeros(9, dtype=np.int64)))
    joint = Joint([one], np.array([16.0, 700.0]))
    mean, _ = joint.given(np.array([[np.log(0.3), np.log(0.5), -6.0, -12.0]]), STRAIGHT)
    expected = 2.0 + 3.0 * 16.0**-0.3 + 8.0 * 700.0**-0.5
    assert one.centre + one.unit * mean[0, 0] == pytest.approx(expected, abs=2e-3)
    assert least_rungs(2) == 6


def test_the_likelihood_is_that_of_the_dense_normal() -> None:
    """Mean, drop and drift integrated out: scipy's density with the covariance written out."""
    one = ladder(noisy(0.05))
    point = hyper(0.4, 0.2, -1.0)
    t = np.log(STEPS / 80.0)
    basis = (np.exp(-0.4 * t) - 1.0) / (np.exp(-0.4 * t[0]) - 1.0)
    walk = np.array([[_walk(a, b) for b in np.abs(t)] for a in np.abs(t)])
    covariance = (
        100.0
        + 9.0 * np.outer(basis, basis)
        + np.exp(-2.0) * walk / t[0] ** 2
        + np.exp(0.4) * one.sd**2 / 3.0 * np.eye(4)
    )
    expected = stats.multivariate_normal(np.zeros(4), covariance).logpdf(one.levels)
    expected += 2.0 * np.log(2.0 * np.pi) - 8 * (0.2 + 0.5 * np.exp(-0.4))
    assert Joint([one], np.array([640.0])).log_likelihood(point)[0] == pytest.approx(
        expected, abs=1e-5
    )


def _walk(a: float, b: float) -> float:
    """Covariance of an integrated random walk at two places, as the integral that defines it."""
    return float(integrate.quad(lambda u: (a - u) * (b - u), 0.0, min(a, b))[0])


def test_drift_is_an_integrated_random_walk_in_both_directions() -> None:
    """Its variance grows with the cube of the distance, and the two sides are independent."""
    a = np.array([-1.0, 0.0, 2.0])
    found = drift_covariance(a, a)
    assert np.diag(found) == pytest.approx([1.0 / 3.0, 0.0, 8.0 / 3.0])
    assert found[0, 2] == 0.0
    assert drift_covariance(np.array([1.0]), np.array([3.0]))[0, 0] == pytest.approx(8.0 / 6.0)


def test_drift_widens_a_forecast_by_the_distance_to_the_power_of_three_halves() -> None:
    """Twice as far in log scale: eight times the variance that drift adds."""
    one = ladder(noisy(0.01))

    def added(fold: float) -> float:
        joint = Joint([one], np.array([80.0 * fold]))
        with_it, without = (
            joint.given(hyper(0.4, 0.0, k), STRAIGHT)[1][0, 0, 0] for k in (0.0, -12.0)
        )
        shift = np.log(fold) ** 3 / 3.0 / np.log(8.0) ** 2
        return float(with_it - without - shift)

    assert abs(added(8.0)) < 0.2 * np.log(8.0) / 3.0


def test_a_turn_widens_what_lies_beyond_all_rungs_and_nothing_else() -> None:
    """As a drift of that size does on the far side; two recipes turn half alike."""
    both = [ladder(noisy(0.01, seed)) for seed in (0, 1)]
    point = np.array([[np.log(0.4), np.log(0.4), 0.0, -9.0]])

    def added(step: float) -> np.ndarray:
        joint = Joint(both, np.array([step]))
        with_it, without = (joint.given(point, np.array([tau]))[1][0] for tau in (-1.0, -12.0))
        return np.asarray(with_it - without)

    variance = np.exp(-2.0) * np.log(8.0) / 3.0
    assert added(640.0) == pytest.approx(variance * np.array([[1.0, 0.5], [0.5, 1.0]]), rel=1e-6)
    assert added(80.0) == pytest.approx(0.0, abs=1e-12)
    assert added(30.0) == pytest.approx(0.0, abs=1e-12)


@given(
    factor=st.floats(1e-3, 1e3),
    slope=st.sampled_from([-50.0, -1.0, 0.01, 7.0]),
    shift=st.floats(-100.0, 100.0),
    order=st.permutations(range(12)),
)
def test_units_and_order_change_nothing(
    factor: float, slope: float, shift: float, order: list[int]
) -> None:
    """Scales in thousands, values in other units, runs in another order: the same ladder."""
    own = noisy(0.05)
    other = Runs(
        scales=factor * own.scales[order],
        values=(shift + slope * own.values)[order],
        seeds=own.seeds[order],
    )
    a, b = ladder(own), ladder(other)
    assert b.levels * np.sign(slope) == pytest.approx(a.levels, abs=1e-6)
    assert b.sd == pytest.approx(a.sd, rel=1e-5)
    assert b.unit == pytest.approx(abs(slope) * a.unit, rel=1e-6)
    assert b.t == pytest.approx(a.t, abs=1e-9)


def test_one_run_that_went_wrong_does_not_bend_the_law() -> None:
    """A replicate a hundred sds off moves its rung's mean by some sds; the plain mean by 33."""
    own = noisy(0.02, seed=3)
    spoiled = own.values.copy()
    spoiled[4] += 2.0
    moved = ladder(runs(spoiled)).levels - ladder(own).levels
    drop = exact(STEPS)[0] - exact(STEPS)[-1]
    assert np.abs(moved * drop).max() < 0.02 * 5.0


def test_recipes_that_share_seeds_share_noise() -> None:
    """The same residuals in both: correlated; the same in another order of seeds: not as much."""
    own = noisy(0.05)
    both = Joint([ladder(own), ladder(own)], np.array([640.0]))
    assert both.correlation == pytest.approx(12 / 16)
    turned = Runs(scales=own.scales, values=own.values, seeds=own.seeds + 7)
    assert Joint([ladder(own), ladder(turned)], np.array([640.0])).correlation == 0.0
    noise = both.fresh_covariance(np.array([[0.0] * 4]), 3)[0]
    assert noise[0, 1] == pytest.approx(0.75 * noise[0, 0])


def test_the_largest_rung_can_be_left_out() -> None:
    """What is held in reserve is the rung of the largest product of scales."""
    assert set(noisy(0.1).below_the_largest().scales[:, 0]) == {10.0, 20.0, 40.0}


def test_a_metric_that_never_changes_is_forecast_as_it_is() -> None:
    """No drop and no noise: the value, to six digits."""
    one = ladder(runs(np.full(12, 4000.0)))
    mean, covariance = Joint([one], np.array([640.0])).given(hyper(0.4), STRAIGHT)
    assert one.centre + one.unit * mean[0, 0] == pytest.approx(4000.0, rel=1e-6)
    assert one.unit * np.sqrt(covariance[0, 0, 0]) < 0.01


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"values": np.array([1.0, np.nan])}, "a value is not finite"),
        ({"scales": np.array([[1.0], [0.0]])}, "scales must be above 0"),
        ({"seeds": np.zeros(3, dtype=np.int64)}, "2 values"),
    ],
)
def test_wrong_runs_are_named(change: dict[str, np.ndarray], says: str) -> None:
    """Each fault is a ValueError that says which."""
    whole = {
        "scales": np.array([[1.0], [2.0]]),
        "values": np.array([1.0, 2.0]),
        "seeds": np.zeros(2, dtype=np.int64),
    }
    with pytest.raises(ValueError, match=says):
        Runs(**(whole | change))


def test_a_scale_that_never_varies_is_refused() -> None:
    """It cannot carry a law."""
    flat = Runs(scales=np.ones((4, 1)), values=np.arange(4.0), seeds=np.arange(4))
    with pytest.raises(ValueError, match="the same at all rungs"):
        ladder(flat)
