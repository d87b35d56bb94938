from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from tables import transfer

# Two proposals: both help alone at the small rung; at the top the second turns into a loss.
SMALL = np.array([10.0, 9.0, 8.0, 7.0])
TOP = np.array([6.0, 5.0, 6.5, 5.5])
"""Rows: trunk, a, b, ab."""


def exact(means: np.ndarray) -> np.ndarray:
    """Runs on three seeds that hardly differ."""
    return means[:, None] + np.array([-1e-6, 0.0, 1e-6])


def noisy(level: np.ndarray, sd: float, rng: np.random.Generator, seeds: int = 3) -> np.ndarray:
    """Runs that scatter about a level."""
    return level[:, None] + sd * rng.normal(size=(len(level), seeds))


def test_ranks_of_means_are_compared() -> None:
    """Spearman's coefficient, as scipy has it."""
    rng = np.random.default_rng(0)
    small, top = rng.normal(size=(2, 40, 3))
    expected = stats.spearmanr(small.mean(axis=1), top.mean(axis=1)).statistic
    assert transfer.of_means(small, top) == pytest.approx(expected)


def test_the_correction_finds_what_noise_hides() -> None:
    """True ranks agree by .79; noise as large as the effects hides half of it, luck adds to it.

    Over 60 tables of 256 recipes the mean of the corrected value is within four of its standard
    errors of the truth; the plain value is far from it, with noise alone and with shared luck.
    """
    rng = np.random.default_rng(1)
    found, plain, truth = [], [], []
    for _ in range(60):
        level = rng.normal(size=256)
        other = 0.8 * level + 0.6 * rng.normal(size=256)
        luck = rng.normal(size=(256, 3))  # of a recipe with a seed, alike at both rungs
        small, top = noisy(level, 0.7, rng) + luck, noisy(other, 0.7, rng) + luck
        found.append(transfer.corrected(small, top))
        plain.append(transfer.of_means(noisy(level, 1.0, rng), noisy(other, 1.0, rng)))
        truth.append(stats.spearmanr(level, other).statistic)
    wrong = np.array(found) - np.array(truth)
    assert abs(wrong.mean()) < 4 * wrong.std(ddof=1) / math.sqrt(len(wrong)) + 0.01
    assert np.mean(plain) < np.mean(truth) - 0.15


def test_one_seed_says_nothing_of_noise() -> None:
    """The corrected value is NaN then, and so is its interval; the plain one is there."""
    found = transfer.with_interval(transfer.corrected, exact(SMALL)[:, :1], exact(TOP)[:, :1])
    assert math.isnan(found.value)
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert not math.isnan(transfer.of_means(exact(SMALL)[:, :1], exact(TOP)[:, :1]))


def test_intervals_cover_as_they_say() -> None:
    """The true rank correlation of the population lies within 50 of 60 intervals of 90% or more.

    Expected are 54 with a standard deviation of 2.3; the bootstrap over recipes is a little short.
    """
    rng = np.random.default_rng(2)
    truth = 6 / math.pi * math.asin(0.8 / 2)
    covered = 0
    for _ in range(60):
        level = rng.normal(size=128)
        other = 0.8 * level + 0.6 * rng.normal(size=128)
        found = transfer.with_interval(transfer.of_means, level[:, None], other[:, None], draws=200)
        assert found.low < found.value < found.high
        covered += found.low <= truth <= found.high
    assert covered >= 48


def test_effects_are_told_at_both_rungs() -> None:
    """Gains alone and on average; the second proposal turns its sign, the first keeps it."""
    first, second = transfer.effects(exact(SMALL), exact(TOP))
    assert first.alone == pytest.approx((1.0, 1.0))
    assert first.average == pytest.approx((1.0, 1.0))
    assert second.alone == pytest.approx((2.0, -0.5))
    assert second.average == pytest.approx((2.0, -0.5))
    assert transfer.same_sign(first.alone, first.alone_error) == "keeps"
    assert transfer.same_sign(second.alone, second.alone_error) == "turns"
    assert transfer.same_sign(second.alone, (0.1, 0.3)) == "unclear"
    assert transfer.same_sign(second.alone, (math.nan, math.nan)) == "unclear"


def test_errors_are_those_of_the_scatter_over_seeds() -> None:
    """Of gains alone with noise 1 on three seeds: sqrt(2/3), pooled over many proposals."""
    rng = np.random.default_rng(3)
    runs = noisy(np.zeros(256), 1.0, rng)
    errors = [transfer.effects(noisy(np.zeros(256), 1.0, rng), runs)[0] for _ in range(50)]
    found = np.mean([effect.alone_error[0] ** 2 for effect in errors])
    assert found == pytest.approx(2 / 3, rel=0.25)


def test_what_the_small_rung_chooses_is_judged_at_the_top() -> None:
    """Its best recipe has half of the best gain at the top; its best three hold the best one."""
    assert transfer.worth_at_top(exact(SMALL), exact(TOP)) == pytest.approx(0.5)
    assert transfer.worth_at_top(exact(SMALL), exact(TOP), 3) == pytest.approx(1.0)
    assert transfer.place_of_best(exact(SMALL), exact(TOP)) == 3
    assert transfer.place_of_best(exact(TOP), exact(TOP)) == 1


def test_the_best_part_is_chosen_at_the_top() -> None:
    """The rows of both rungs that are lowest at the top, three at least."""
    small, top = transfer.best_part(exact(SMALL), exact(TOP), 0.25)
    np.testing.assert_allclose(top.mean(axis=1), [6.0, 5.0, 5.5])
    np.testing.assert_allclose(small.mean(axis=1), [10.0, 9.0, 7.0])
