from __future__ import annotations

import math

import numpy as np
import pytest

from mainstem.domain.verdict import Estimate
from mainstem.frontier.gaps import Gap
from mainstem.frontier.pace import forecast


def left(mean: float, *parts: tuple[float, float]) -> Gap:
    """A gap of which so much is known."""
    return Gap(value=Estimate(mean=mean, low=mean, high=mean), parts=parts, assumed=False)


UNKNOWN = Gap(value=Estimate(mean=1.0, low=None, high=None), parts=None, assumed=False)


def rng() -> np.random.Generator:
    """The same draws each time."""
    return np.random.default_rng(1)


def test_a_steady_pace_goes_on() -> None:
    """A hundred merges of 1 in a hundred days close a gap of 40 in forty days or so.

    Forty merges at a rate that is known to a tenth take 40 +- sqrt(40 + 16) days: 90% within 12.3.
    """
    found = forecast(np.ones(100), days=100.0, gap=left(40.0), rng=rng())
    assert found.median == pytest.approx(40.0, abs=1.5)
    assert found.low == pytest.approx(40.0 - 1.645 * math.sqrt(56.0), abs=2.5)
    assert found.high == pytest.approx(40.0 + 1.645 * math.sqrt(56.0), abs=3.5)
    assert found.never == 0.0


def test_few_and_uneven_merges_know_little() -> None:
    """Three of them that gained 0.1, 0.5 and 0.02: no upper end, as gains may not be any."""
    found = forecast(np.array([0.1, 0.5, 0.02]), days=30.0, gap=left(1.0), rng=rng())
    assert found.median is not None
    assert found.low is not None
    assert found.low < 30.0 < found.median
    assert found.high is None
    assert 0.05 < found.never < 0.5


def test_what_went_up_and_down_is_no_progress() -> None:
    """Half of the futures never come there: no median."""
    gains = np.array([0.5, -0.5, 0.4, -0.41])
    found = forecast(gains, days=30.0, gap=left(5.0), rng=rng())
    assert found.median is None
    assert found.high is None
    assert found.never > 0.5


def test_what_the_gap_is_uncertain_by_widens_the_forecast() -> None:
    """On both sides, up to being there already."""
    sure = forecast(np.ones(50), days=50.0, gap=left(10.0), rng=rng())
    unsure = forecast(np.ones(50), days=50.0, gap=left(10.0, (6.0, 4.0)), rng=rng())
    assert None not in {sure.low, sure.high, unsure.low, unsure.high}
    assert (unsure.low or 0.0) < (sure.low or 0.0)
    assert (unsure.high or 0.0) > (sure.high or 0.0)
    assert unsure.low == 0.0


def test_time_is_time() -> None:
    """The same merges in ten times the days: ten times as long from here, draw by draw."""
    gains = np.array([0.3, 0.4, 0.2, 0.3])
    fast = forecast(gains, days=10.0, gap=left(2.0, (0.1, math.inf)), rng=rng())
    slow = forecast(gains, days=100.0, gap=left(2.0, (0.1, math.inf)), rng=rng())
    assert fast.median is not None
    assert slow.median == pytest.approx(10.0 * fast.median)


@pytest.mark.parametrize(
    ("gains", "days", "gap"),
    [([0.1, 0.2], 3.0, left(1.0)), ([0.1] * 3, 0.0, left(1.0)), ([0.1] * 3, 1.0, UNKNOWN)],
)
def test_what_says_nothing_of_a_pace_is_refused(gains: list[float], days: float, gap: Gap) -> None:
    """Two merges, no time, or a gap of unknown noise."""
    with pytest.raises(ValueError, match="no forecast"):
        forecast(np.array(gains), days=days, gap=gap, rng=rng())
