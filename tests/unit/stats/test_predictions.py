"""Scores of predictions against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from mainstem.stats.predictions import ENOUGH, brier, decompose, errors


def test_a_seer_a_coin_and_a_liar() -> None:
    """0, a quarter and 1, by the definition."""
    came = np.array([True, False, True])
    assert brier(came.astype(float), came) == 0.0
    assert brier(np.full(3, 0.5), came) == 0.25
    assert brier(1.0 - came, came) == 1.0
    assert brier(np.array([0.7, 0.2, 0.4]), came) == pytest.approx((0.09 + 0.04 + 0.36) / 3)


def test_the_score_is_proper() -> None:
    """Of events with probability .3 nothing has a lower expected score than saying .3."""
    said = np.linspace(0.0, 1.0, 101)
    expected = 0.3 * (said - 1.0) ** 2 + 0.7 * said**2
    assert said[np.argmin(expected)] == pytest.approx(0.3)
    one = [0.3 * brier(np.array([p]), np.array([True])) for p in said]
    other = [0.7 * brier(np.array([p]), np.array([False])) for p in said]
    assert np.add(one, other) == pytest.approx(expected)


@given(
    said=arrays(np.float64, 30, elements=st.floats(0.0, 1.0)),
    came=arrays(np.bool_, 30),
)
def test_the_parts_sum_to_the_score(said: np.ndarray, came: np.ndarray) -> None:
    """Murphy: reliability - resolution + uncertainty is the score of the bins' means, exactly."""
    parts = decompose(said, came)
    assert parts is not None
    assert sum(b.n for b in parts.bins) == 30
    binned = np.empty(30)
    for k in range(5):
        inside = (said >= k / 5) & ((said < (k + 1) / 5) | (k == 4))
        binned[inside] = said[inside].mean() if inside.any() else 0.0
    total = parts.reliability - parts.resolution + parts.uncertainty
    assert total == pytest.approx(brier(binned, came), abs=1e-12)
    assert total + parts.within == pytest.approx(brier(said, came), abs=1e-12)
    assert min(parts.reliability, parts.resolution) >= 0.0


def test_a_calibrated_predictor_and_a_useless_one() -> None:
    """Reliability 0 where shares are as said; resolution 0 where everybody is told the same."""
    said = np.repeat([0.1, 0.9], 10)
    came = np.array([True] + 9 * [False] + 9 * [True] + [False])
    parts = decompose(said, came)
    assert parts is not None
    assert parts.reliability == pytest.approx(0.0)
    assert parts.resolution == pytest.approx(0.16)
    flat = decompose(np.full(20, 0.5), came)
    assert flat is not None
    assert flat.resolution == 0.0
    assert [(b.n, b.said, b.came) for b in flat.bins] == [(20, 0.5, 0.5)]


def test_few_predictions_are_not_taken_apart() -> None:
    """Below `ENOUGH` there is no decomposition, rather than one of noise."""
    assert decompose(np.full(ENOUGH - 1, 0.5), np.zeros(ENOUGH - 1, dtype=bool)) is None


def test_errors_have_size_and_sign() -> None:
    """Mean absolute error and mean error; nothing is made of nothing."""
    found = errors(np.array([1.0, -2.0, 4.0]))
    assert (found.absolute, found.bias) == pytest.approx((7.0 / 3.0, 1.0))
    none = errors(np.array([]))
    assert (none.absolute, none.bias) == (None, None)
