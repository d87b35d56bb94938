"""Records against the best before them, held against SciPy's tests and against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from mainstem.stats import records

values = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=12)


@given(values=values, sign=st.sampled_from([1.0, -1.0]))
def test_the_best_before_is_the_first_of_the_best_so_far(values: list[float], sign: float) -> None:
    """By looking at all before each; a tie stays with who was first."""
    found = records.best_before(np.array(values), sign)
    for at, best in enumerate(found.tolist()):
        before = [sign * v for v in values[:at]]
        assert best == (before.index(max(before)) if before else -1)


@pytest.mark.parametrize("wanted", [0.0, 0.3])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_each_test_is_scipys(wanted: float, sign: float) -> None:
    """One sample against a value, two samples with and without one spread: other code, same p."""
    rng = np.random.default_rng(3)
    new, old = 1.0 + rng.normal(0.0, 0.4, 5), rng.normal(0.0, 0.2, 4)
    shifted = sign * new - wanted
    gain = float(np.mean(sign * new) - np.mean(sign * old))
    sd = float(np.std(new, ddof=1))
    mine = records.one_sample(gain, wanted, sd, 4, 5)
    theirs = stats.ttest_1samp(shifted, np.mean(sign * old), alternative="greater")
    assert mine is not None
    assert (mine.t, mine.p) == pytest.approx((theirs.statistic, theirs.pvalue), rel=1e-12)
    mine = records.welch(new, old, sign, wanted)
    theirs = stats.ttest_ind(shifted, sign * old, equal_var=False, alternative="greater")
    assert mine is not None
    assert (mine.p, mine.degrees) == pytest.approx((theirs.pvalue, theirs.df), rel=1e-12)
    pooled = float(np.sqrt((4 * np.var(new, ddof=1) + 3 * np.var(old, ddof=1)) / 7))
    mine = records.two_samples(gain, wanted, pooled, 7, (5, 4))
    theirs = stats.ttest_ind(shifted, sign * old, equal_var=True, alternative="greater")
    assert mine is not None
    assert mine.p == pytest.approx(theirs.pvalue, rel=1e-12)


def test_without_a_spread_there_is_no_test() -> None:
    """Runs that agree to the last digit, and single runs, prove nothing by a t-test."""
    assert records.one_sample(1.0, 0.0, 0.0, 2, 3) is None
    assert records.one_sample(1.0, 0.0, 0.1, 0, 3) is None
    assert records.two_samples(1.0, 0.0, 0.0, 2, (3, 3)) is None
    assert records.welch(np.array([1.0, 2.0]), np.array([3.0]), 1.0) is None
    assert records.welch(np.array([1.0, 1.0]), np.array([3.0, 3.0]), 1.0) is None


@pytest.mark.parametrize("gain", [0.4, 1.0, 2.5])
def test_so_many_runs_have_the_power_and_one_fewer_has_not(gain: float) -> None:
    """By SciPy's noncentral t; a gain of one sd takes 28 runs a side at p < .01."""
    n = records.runs_per_arm(gain, 1.0, alpha=0.01, power=0.9)
    assert n is not None

    def power(runs: int) -> float:
        degrees = 2 * runs - 2
        bar = stats.t.ppf(0.99, degrees)
        return float(stats.nct.sf(bar, degrees, gain * np.sqrt(runs / 2)))

    assert power(n) >= 0.9
    assert n == 2 or power(n - 1) < 0.9
    if gain == 1.0:
        assert n == 28


def test_the_power_is_that_of_simulated_experiments() -> None:
    """20,000 experiments of the size that is named: the share that is seen is .9 (4 sds: .0085)."""
    n = records.runs_per_arm(1.2, 1.0, alpha=0.01, power=0.9)
    assert n is not None
    rng = np.random.default_rng(11)
    new, old = rng.normal(1.2, 1.0, (20_000, n)), rng.normal(0.0, 1.0, (20_000, n))
    seen = stats.ttest_ind(new, old, axis=1, alternative="greater").pvalue < 0.01
    assert 0.9 - 0.0085 <= float(np.mean(seen)) <= 0.93


def test_what_does_not_gain_is_never_seen() -> None:
    """No number of runs; nor for a gain that a million would not show."""
    assert records.runs_per_arm(0.0, 1.0, alpha=0.01, power=0.9) is None
    assert records.runs_per_arm(-1.0, 1.0, alpha=0.01, power=0.9) is None
    assert records.runs_per_arm(1e-4, 1.0, alpha=0.01, power=0.9) is None
