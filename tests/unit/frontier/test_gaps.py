from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from mainstem.domain.stack import Direction, Objective
from mainstem.frontier.gaps import LEVEL, Standing, gap, mean_of, quantile, scaled
from tests.unit.frontier.test_comparing import LOSS, THEIRS

RUNS = np.array([2.51, 2.49, 2.56, 2.44, 2.5])


def drawn(parts: list[tuple[float, float]], p: float) -> float:
    """The quantile of a sum of scaled t, by drawing a million of each."""
    rng = np.random.default_rng(3)
    total = sum(
        scale * (rng.standard_normal(10**6) if math.isinf(df) else rng.standard_t(df, 10**6))
        for scale, df in parts
    )
    return float(np.quantile(total, p))


def test_quantiles_are_those_of_the_tables() -> None:
    """Behrens and Fisher's d at 5%, 6 and 6 degrees of freedom: 2.435 at 45 degrees (Sukhatme)."""
    found = quantile([(math.sqrt(0.5), 6.0), (math.sqrt(0.5), 6.0)], 0.975)
    assert found == pytest.approx(2.435, abs=0.006)
    assert quantile([(2.0, 4.0)], 0.95) == pytest.approx(2.0 * 2.131847, rel=1e-6)
    assert quantile([], 0.95) == 0.0


@pytest.mark.parametrize(
    "parts",
    [
        [(1.0, 1.0), (0.1, 9.0)],
        [(1.0, 1.0), (1.0, 1.0)],
        [(0.2, 19.0), (0.3, 2.0), (0.4, math.inf)],
        [(0.2, 3.0), (0.3, math.inf)],
    ],
)
def test_quantiles_are_those_of_draws(parts: list[tuple[float, float]]) -> None:
    """The quantile of a million draws of the flattest is known to half a percent or so."""
    assert quantile(parts, 0.95) == pytest.approx(drawn(parts, 0.95), rel=0.02)


def test_the_interval_is_of_both_sides_noise() -> None:
    """Mean, and the 95% quantile of the sum of both t on either side of it."""
    found = gap(RUNS, replace(THEIRS, value=2.2, spread=0.03, seeds=4), LOSS)
    sd = float(np.std(RUNS, ddof=1))
    half = drawn([(sd / math.sqrt(5), 4.0), (0.03 / 2.0, 3.0)], 0.95)
    assert found.value.mean == pytest.approx(0.3)
    assert found.value.low == pytest.approx(0.3 - half, abs=0.02 * half)
    assert found.value.high == pytest.approx(0.3 + half, abs=0.02 * half)
    assert (found.value.level, found.standing, found.assumed) == (LEVEL, Standing.BEHIND, False)


def test_a_reference_without_a_spread_is_as_noisy_as_the_trunk() -> None:
    """One run of it, unless it says of how many: pooled, with the trunk's degrees of freedom."""
    sd = float(RUNS.std(ddof=1))
    for seeds, m in ((None, 1), (3, 3)):
        found = gap(RUNS, replace(THEIRS, value=2.2, seeds=seeds), LOSS)
        assert found.assumed
        assert found.parts is not None
        ((scale, df),) = found.parts
        assert (scale, df) == (pytest.approx(sd * math.sqrt(1 / 5 + 1 / m)), 4.0)


def test_the_error_of_the_evaluation_counts_beside_the_seeds() -> None:
    """A benchmark of few questions is uncertain, however often the model is trained."""
    theirs = replace(THEIRS, value=2.2, spread=0.0, seeds=3)
    sure = gap(RUNS, theirs, LOSS)
    unsure = gap(RUNS, replace(theirs, standard_error=0.3), LOSS)
    assert sure.parts is not None
    assert unsure.parts == ((0.3, math.inf), *sure.parts)
    assert (sure.standing, unsure.standing) == (Standing.BEHIND, Standing.LEVEL)


def test_a_spread_of_one_seed_was_known_from_elsewhere() -> None:
    """Only the trunk's noise is estimated then."""
    found = gap(RUNS, replace(THEIRS, spread=10.0, seeds=1), LOSS)
    assert found.parts is not None
    assert found.parts[-1] == (10.0, math.inf)


@pytest.mark.parametrize(
    ("value", "direction", "standing"),
    [
        (1.0, Direction.MINIMIZE, Standing.BEHIND),
        (4.0, Direction.MINIMIZE, Standing.AHEAD),
        (4.0, Direction.MAXIMIZE, Standing.BEHIND),
        (1.0, Direction.MAXIMIZE, Standing.AHEAD),
        (2.5, Direction.MAXIMIZE, Standing.LEVEL),
    ],
)
def test_above_0_the_trunk_is_behind(
    value: float, direction: Direction, standing: Standing
) -> None:
    """Whatever the direction, and only where the whole interval says so."""
    objective = Objective("loss", margin=0.05, direction=direction, unit="nats")
    found = gap(RUNS, replace(THEIRS, value=value, spread=0.03, seeds=4), objective)
    assert found.standing is standing
    assert (found.value.mean > 0.0) is (standing is Standing.BEHIND) or standing is Standing.LEVEL


def test_one_run_has_no_interval() -> None:
    """None is made up."""
    one = np.array([2.5])
    assert (mean_of(one, "nats").low, mean_of(one, "nats").high) == (None, None)
    found = gap(one, replace(THEIRS, spread=0.1, seeds=5), LOSS)
    assert (found.value.low, found.parts, found.standing) == (None, None, Standing.UNKNOWN)


def test_counts_are_exact() -> None:
    """What never varies has an interval of no width."""
    found = gap(np.full(3, 7.0), replace(THEIRS, value=5.0, spread=0.0), LOSS)
    assert (found.value.low, found.value.mean, found.value.high) == (2.0, 2.0, 2.0)
    assert gap(np.full(3, 5.0), replace(THEIRS, value=5.0), LOSS).standing is Standing.LEVEL


def test_the_trunks_interval_is_students() -> None:
    """As scipy has it."""
    found = mean_of(RUNS, "nats")
    low, high = stats.t.interval(0.9, 4, RUNS.mean(), stats.sem(RUNS))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


@given(st.floats(0.01, 100.0))
def test_another_unit_is_another_unit_alone(by: float) -> None:
    """Mean and ends go together, and what is not known stays so."""
    found = scaled(mean_of(RUNS, "nats"), by, "margins")
    before = mean_of(RUNS, "nats")
    assert before.low is not None
    assert found.low == pytest.approx(by * before.low)
    assert found.unit == "margins"
    assert scaled(mean_of(RUNS[:1], "nats"), by, "margins").high is None
