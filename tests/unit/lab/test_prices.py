"""What replayed campaigns say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mainstem.lab.prices import price, reached, spread
from mainstem.lab.replay import Replayed


def replayed(name: str, ends: list[float], worlds: list[int] | None = None) -> Replayed:
    """Campaigns that end so, half of it by the middle of the budget."""
    final = np.array(ends)
    count = len(ends)
    return Replayed(
        name=name,
        world=np.array(worlds or range(count)),
        worth=np.stack([np.zeros(count), 0.5 * final, final], axis=1),
        gain=final[:, None],
        broke=np.zeros(count, dtype=bool),
        ran=np.ones(count, dtype=bool),
        backed=np.ones(count),
        merged=np.ones(count, dtype=int),
    )


def test_a_mean_has_students_interval_over_worlds() -> None:
    """Campaigns of one world count as one: three worlds, two degrees of freedom."""
    values = np.array([1.0, 3.0, 4.0, 6.0, 10.0, 12.0])
    found = spread(values, np.array([0, 0, 1, 1, 2, 2]))
    means = np.array([2.0, 5.0, 11.0])
    half = stats.t(2).ppf(0.95) * means.std(ddof=1) / np.sqrt(3)
    assert found.mean == pytest.approx(6.0)
    assert (found.mean_low, found.mean_high) == (
        pytest.approx(6.0 - half),
        pytest.approx(6.0 + half),
    )
    assert found.low == pytest.approx(np.quantile(values, 0.05))


def test_one_world_says_nothing_of_the_mean() -> None:
    """There is no second one to compare with."""
    assert spread(np.array([1.0, 2.0]), np.array([4, 4])).mean_low is None


def test_intervals_of_means_hold_the_truth_as_often_as_they_say() -> None:
    """Worlds of sd 1, luck of sd 2 within, two campaigns each: 90% of 400 cases, by 4 errors."""
    rng = np.random.default_rng(0)
    hits = 0
    for _ in range(400):
        worlds = np.repeat(np.arange(15), 2)
        values = rng.normal(size=15)[worlds] + 2.0 * rng.normal(size=30)
        found = spread(values, worlds)
        assert found.mean_low is not None
        assert found.mean_high is not None
        hits += found.mean_low <= 0.0 <= found.mean_high
    assert abs(hits / 400 - 0.9) < 4.0 * np.sqrt(0.09 / 400)


def test_a_price_is_paired_and_says_who_is_ahead() -> None:
    """Campaign by campaign, over those that both played; a tie but for rounding counts half."""
    first = replayed("first", [3.0, 5.0, 2.0, 1.0])
    other = replayed("other", [1.0, 4.0, 2.0 + 1e-13, 4.0, 50.0])
    found = price(first, other)
    assert found.campaigns == 4
    assert found.spread.mean == pytest.approx(0.0)
    assert found.ahead == pytest.approx(2.5 / 4)
    assert not found.decided
    sure = price(replayed("first", [5.0, 5.2, 5.1]), replayed("other", [1.0, 1.1, 1.0]))
    assert sure.decided
    turned = price(replayed("other", [1.0, 1.1, 1.0]), replayed("first", [5.0, 5.2, 5.1]))
    assert turned.decided
    assert turned.spread.mean == pytest.approx(-sure.spread.mean)


def test_where_the_reference_is_by_then() -> None:
    """The first number of runs at which its mean course reaches the other's end; None: never."""
    first, grid = replayed("first", [4.0, 8.0]), [0, 10, 20]
    assert reached(first, replayed("other", [3.0, 3.0]), grid) == 10
    assert reached(first, replayed("other", [5.0, 5.0]), grid) == 20
    assert reached(first, replayed("other", [7.0, 7.0]), grid) is None
    assert reached(first, replayed("other", [-1.0, -1.0]), grid) == 0
