from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from scipy import stats

from mainstem.stats import association, waiting

seen = st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=2, max_size=30)


def test_a_curve_by_hand() -> None:
    """Five proposals, two of which still wait, one of them since the time of a verdict."""
    waits = np.array([1.0, 2.0, 2.0, 3.0, 5.0])
    judged = np.array([True, True, False, True, False])
    found = waiting.curve(waits, judged, 0.9)
    assert found.times.tolist() == [1.0, 2.0, 3.0, 5.0]
    assert found.waiting == pytest.approx([4 / 5, 4 / 5 * 3 / 4, 3 / 5 * 1 / 2, 3 / 10])
    assert found.median == 3.0
    greenwood = np.sqrt(1 / (5 * 4) + 1 / (4 * 3))
    half = stats.norm.ppf(0.95) * greenwood / abs(np.log(3 / 5))
    ends = (3 / 5) ** np.exp([half, -half])
    assert (found.low[1], found.high[1]) == pytest.approx(tuple(ends))


def test_a_median_that_was_never_seen_is_none() -> None:
    """Most still wait: nobody knows how long half of them will."""
    waits = np.array([1.0, 4.0, 4.0, 4.0])
    assert waiting.curve(waits, np.array([True, False, False, False]), 0.9).median is None
    assert waiting.curve(waits, np.array([True, True, False, False]), 0.9).median == 4.0


def test_the_interval_of_a_median_is_where_the_curve_s_ends_pass_half() -> None:
    """By hand, from the ends; an end that never passes half is not known."""
    found = waiting.curve(np.arange(1.0, 13.0), np.ones(12, dtype=bool), 0.9)
    low, high = found.median_interval
    assert low == found.times[np.flatnonzero(found.low <= 0.5)[0]] < 6.0
    assert high == found.times[np.flatnonzero(found.high <= 0.5)[0]] > 6.0
    few = waiting.curve(np.array([1.0, 2.0]), np.array([True, False]), 0.9)
    assert few.median_interval[1] is None


@given(seen, st.integers(0, 1000))
def test_scores_are_observed_less_expected(rows: list[tuple[int, bool]], seed: int) -> None:
    """Summed over a group they are the log-rank numerator, counted verdict time by verdict time."""
    waits = np.array([float(wait) for wait, _ in rows])
    judged = np.array([was for _, was in rows])
    group = np.random.default_rng(seed).random(len(rows)) < 0.5
    difference = 0.0
    for time in np.unique(waits[judged]):
        at_risk, now = waits >= time, (waits == time) & judged
        difference += np.sum(now & group) - now.sum() * np.mean(group[at_risk])
    scores = waiting.scores(waits, judged)
    assert scores[group].sum() == pytest.approx(difference, abs=1e-9)
    assert scores.sum() == pytest.approx(0.0, abs=1e-9)


def test_the_p_value_is_scipys_log_rank_in_large_samples() -> None:
    """400 waits, a third censored: permutation and normal approximation agree within noise."""
    rng = np.random.default_rng(3)
    group = np.arange(400) % 2
    end, verdict = rng.exponential(2.0, 400), rng.exponential(1.0 + 0.2 * group)
    waits, judged = np.minimum(end, verdict), verdict <= end
    samples = [
        stats.CensoredData(uncensored=waits[judged & own], right=waits[~judged & own])
        for own in (group == 0, group == 1)
    ]
    p = waiting.difference_p(rng, waits, judged, group)
    assert p == pytest.approx(stats.logrank(*samples).pvalue, abs=0.03)


def test_a_wait_that_evidence_explains_is_no_difference() -> None:
    """The better group is judged sooner because it is better: found blind, not given the gain."""
    rng = np.random.default_rng(4)
    group = np.arange(300) % 2 == 0
    gain = rng.normal(size=300) + 1.5 * group
    waits = rng.exponential(np.exp(-gain))
    judged = np.ones(300, dtype=bool)
    blind = waiting.difference_p(rng, waits, judged, group)
    fair = waiting.difference_p(rng, waits, judged, group, gain[:, None])
    assert blind is not None
    assert fair is not None
    assert blind <= 2.0 / association.DRAWS
    assert fair > 0.05


def test_nobody_judged_is_no_answer() -> None:
    """Without a verdict, or with one group, there is nothing to compare."""
    rng = np.random.default_rng(5)
    waits, no = np.array([1.0, 2.0, 3.0]), np.zeros(3, dtype=bool)
    assert waiting.difference_p(rng, waits, no, np.array([0, 1, 1])) is None
    assert waiting.difference_p(rng, waits, ~no, np.ones(3)) is None
