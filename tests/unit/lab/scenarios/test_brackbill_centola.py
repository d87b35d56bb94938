"""Which variables a regression uses."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.scenarios import brackbill_centola, kauffman


def test_every_subset_leaves_what_least_squares_leaves() -> None:
    """All 32 subsets of five correlated predictors, against a fit of each."""
    rng = np.random.default_rng(18)
    x = rng.standard_normal((40, 5)) + rng.standard_normal((40, 1))
    y = x @ rng.standard_normal(5) + rng.standard_normal(40)
    joint = np.column_stack([x, y])
    found = brackbill_centola.residuals(joint.T @ joint / 40)
    for subset in range(32):
        used = [j for j in range(5) if subset >> (4 - j) & 1]
        fit = x[:, used] @ np.linalg.lstsq(x[:, used], y, rcond=None)[0] if used else 0.0
        assert found[subset] == pytest.approx(np.mean((y - fit) ** 2))


def test_a_score_goes_from_the_worst_model_to_the_best() -> None:
    """From 0 to 1, one number per subset."""
    score = brackbill_centola.problem(0.5, np.random.default_rng(19))
    assert len(score) == 2**15
    assert score.min() == 0.0
    assert score.max() == 1.0


def test_shared_factors_make_a_problem_complex() -> None:
    """Ten times as many models that no single change improves."""
    rng = np.random.default_rng(20)
    peaks = {
        shared: np.mean([kauffman.optima(brackbill_centola.problem(shared, rng)) for _ in range(6)])
        for shared in (brackbill_centola.SIMPLE, brackbill_centola.COMPLEX)
    }
    assert peaks[brackbill_centola.COMPLEX] > 4.0 * peaks[brackbill_centola.SIMPLE]


def test_a_contest_says_what_the_inefficient_network_has_more() -> None:
    """A hundred blind agents on 40 complex problems: behind on the way, ahead in the end."""
    rng = np.random.default_rng(21)
    gaps = np.array(
        [
            brackbill_centola.contest(
                brackbill_centola.problem(brackbill_centola.COMPLEX, rng), 100, 1, rng
            )
            for _ in range(40)
        ]
    )
    errors = gaps.std(axis=0, ddof=1) / np.sqrt(len(gaps))
    assert gaps[:, 1].mean() > 2.0 * errors[1]
    assert gaps[:, 2].mean() < -2.0 * errors[2]
