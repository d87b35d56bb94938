from __future__ import annotations

import statistics

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from mainstem.stats.noise import mean_interval, pooled

values_of_groups = st.lists(
    st.lists(st.floats(min_value=-100.0, max_value=100.0), min_size=1, max_size=5),
    min_size=1,
    max_size=6,
)


def flat(groups: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Values and their group numbers."""
    values = np.array([v for group in groups for v in group])
    return values, np.array([g for g, group in enumerate(groups) for _ in group])


@given(values_of_groups)
def test_variances_within_groups_are_pooled_by_their_degrees(groups: list[list[float]]) -> None:
    """The pooled variance is the mean of the groups' variances, weighted by degrees of freedom."""
    noise = pooled(*flat(groups))
    repeated = [group for group in groups if len(group) > 1]
    degrees = sum(len(group) - 1 for group in repeated)
    assert noise.degrees == degrees
    if not degrees:
        assert noise.sd is None
        return
    total = sum((len(group) - 1) * statistics.variance(group) for group in repeated)
    assert noise.sd == pytest.approx((total / degrees) ** 0.5, abs=1e-9)


@pytest.mark.parametrize(
    ("groups", "deterministic"),
    [
        ([[1.0, 1.0, 1.0]], True),
        ([[1.0, 1.0, 1.0], [2.0, 2.0], [7.0]], True),
        ([[1.0, 1.0]], False),  # two may agree by chance where a metric is a count
        ([[1.0], [2.0], [3.0]], False),
        ([[1.0, 1.0, 1.0], [2.0, 2.5]], False),
        ([[1.0, 1.0, np.nextafter(1.0, 2.0)]], False),
    ],
)
def test_deterministic_needs_three_that_agree_and_none_that_differ(
    groups: list[list[float]], *, deterministic: bool
) -> None:
    """Exact decisions rest on this flag, so it is hard to earn and easy to lose."""
    noise = pooled(*flat(groups))
    assert noise.deterministic is deterministic
    if deterministic:
        assert noise.sd == 0.0


def test_differences_between_groups_are_no_noise() -> None:
    """Recipes that differ are an effect, however large."""
    assert pooled(*flat([[0.0, 1.0], [1e6, 1e6 + 1.0]])).sd == pytest.approx(0.5**0.5)


def test_the_mean_has_the_t_interval() -> None:
    """As scipy computes it; none of a single run."""
    values = np.array([2.31, 2.29, 2.35, 2.30])
    low, high = stats.t.interval(0.9, 3, values.mean(), stats.sem(values))
    assert mean_interval(values, 0.9) == pytest.approx((values.mean(), low, high))
    assert mean_interval(values[:1], 0.9) == (2.31, None, None)
