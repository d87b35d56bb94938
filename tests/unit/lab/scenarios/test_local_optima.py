"""Peaks of NK landscapes."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem.lab.scenarios import local_optima


def test_one_peak_where_nothing_interacts_and_as_many_as_theory_says_where_all_does() -> None:
    """K = 0: exactly 1. K = 9: 2^10 / 11 within four standard errors of 60 landscapes."""
    found = local_optima.play(np.random.default_rng(9), 60)
    for neighbours in ("random", "adjacent"):
        assert found[f"K=0, {neighbours} neighbours"].value == 1.0
        full = found[f"K=9, {neighbours} neighbours"]
        assert full.value == pytest.approx(1024 / 11, abs=4.0 * full.error)
        assert full.error < 1.0


def test_neighbours_on_a_ring_make_more_peaks_than_random_ones() -> None:
    """The stated figures say so at K = 1, 2, 5, and agree with the bounds that theory gives."""
    random, adjacent = local_optima.STATED.values()
    assert all(adjacent[k] > random[k] for k in (1, 2, 5))
    assert random[9] == adjacent[9] == pytest.approx(1024 / 11, abs=0.05)
