from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from mainstem.lab.compare import Outcome
from mainstem.lab.standings import ratio_interval, share_interval, standings


def outcome(policy: str, number: int, score: float, *, breaks: bool = False) -> Outcome:
    """With a best score of 10."""
    return Outcome(
        number=number,
        policy=policy,
        score=score,
        best=10.0,
        breaks=breaks,
        merged=1,
        spent=9,
        time=3.0,
    )


def test_differences_are_paired_within_campaigns() -> None:
    """The reference played two of three; who wins the others changes nothing of the difference."""
    played = [
        outcome("a", 0, 5.0),
        outcome("a", 1, 7.0),
        *(outcome("b", k, s) for k, s in enumerate((4.0, 4.0, -100.0))),
    ]
    best, last = standings(played, reference="a", level=0.8)
    assert (best.policy, best.behind, best.campaigns) == ("a", None, 2)
    assert last.behind is not None
    assert last.behind.mean == pytest.approx(0.2)
    expected = stats.t.interval(0.8, 1, 0.2, stats.sem([0.1, 0.3]))
    assert (last.behind.low, last.behind.high) == pytest.approx(expected)
    assert last.worse.mean == pytest.approx(1 / 3)


def test_worse_is_below_the_trunk_or_beyond_a_margin() -> None:
    """A gain that costs another objective too much is a loss."""
    assert outcome("a", 0, -0.1).worse
    assert outcome("a", 0, 5.0, breaks=True).worse
    assert not outcome("a", 0, 0.0).worse


def test_a_share_is_of_all_that_there_was_to_gain() -> None:
    """Campaigns count by what there was to gain: (9 - 1) / (10 + 1), and 0 where nothing was."""
    played = [
        outcome("a", 0, 9.0),
        replace(outcome("a", 1, -1.0), best=1.0),
        replace(outcome("a", 2, 0.0), best=0.0),
    ]
    (found,) = standings(played, reference="a")
    assert found.share.mean == pytest.approx(8.0 / 11.0)


def test_the_interval_of_a_ratio_covers_as_it_says() -> None:
    """Of 30 values about .6 of gamma-distributed wholes: 86 to 94% of 1,000 at 90%.

    The standard error of that share is .95%.
    """
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        of = rng.gamma(4.0, size=30)
        found = ratio_interval(0.6 * of + rng.normal(size=30), of, 0.9)
        covered += found.low <= 0.6 <= found.high
    assert 860 <= covered <= 940


def test_intervals_are_those_of_scipy() -> None:
    """Student's of a mean, where all wholes are 1; the exact one of a share, at 0 and 20 too."""
    values = np.array([1.0, 2.0, 4.0, 4.5])
    found = ratio_interval(values, np.ones(4), 0.95)
    assert (found.low, found.high) == pytest.approx(
        stats.t.interval(0.95, 3, values.mean(), stats.sem(values))
    )
    for hits in (0, 3, 20):
        exact = stats.binomtest(hits, 20).proportion_ci(0.9, method="exact")
        interval = share_interval(hits, 20, 0.9)
        assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high))
    assert ratio_interval(values[:1], np.ones(1), 0.9).high == np.inf


def test_a_reference_that_did_not_play_is_an_error() -> None:
    """It is named."""
    with pytest.raises(ValueError, match="'collective'"):
        standings([outcome("a", 0, 1.0)], reference="collective")
