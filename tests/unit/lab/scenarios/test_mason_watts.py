"""A map with one main peak."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import RectBivariateSpline

from mainstem.lab.scenarios import mason_watts, networks


def test_a_map_is_scaled_to_a_hundred_and_its_peak_is_narrow() -> None:
    """Of 20 maps fewer than one place of 200 has 80 or more; most have a third or so."""
    rng = np.random.default_rng(14)
    maps = np.array([mason_watts.terrain(rng) for _ in range(20)])
    assert maps.max(axis=(1, 2)) == pytest.approx(np.full(20, 100.0))
    assert np.mean(maps > 80.0) < 0.005
    assert 20.0 < np.median(maps) < 45.0


@pytest.mark.parametrize("octave", [3, 5, 7])
def test_noise_is_a_cubic_spline_through_its_grid(octave: int) -> None:
    """Against a surface fitted in two dimensions, away from the edges, where ends differ."""
    size = 2**octave
    grid = np.random.default_rng(octave).random((size, size))
    weights = mason_watts._interpolation(octave)
    knots, places = np.linspace(1, 100, size), np.arange(1, 101)
    surface = RectBivariateSpline(knots, knots, grid, kx=3, ky=3, s=0)(places, places)
    assert weights @ grid @ weights.T == pytest.approx(surface, abs=1e-8)


def test_who_always_exploits_stays_with_the_best_start_of_those_it_hears_of() -> None:
    """After as many rounds as the longest way, all are at the best start."""
    rng = np.random.default_rng(15)
    height, starts = mason_watts.terrain(rng), rng.integers(100, size=(16, 2))
    found = mason_watts.group(height, networks.moebius_kantor(), starts, (1.0, 0.5), rng)
    best = height[starts[:, 0], starts[:, 1]].max()
    assert found.found == best
    assert found.last == pytest.approx(best)


def test_alone_nobody_hears_of_anything() -> None:
    """Who always exploits alone stays at its own start."""
    rng = np.random.default_rng(16)
    height, starts = mason_watts.terrain(rng), rng.integers(100, size=(16, 2))
    alone = mason_watts.NETWORKS["alone"]
    found = mason_watts.group(height, alone, starts, (1.0, 0.5), rng)
    own = height[starts[:, 0], starts[:, 1]].mean()
    assert found.last == pytest.approx(own)
    assert found.earned == pytest.approx(own)


def test_looking_nearby_stays_within_three_steps_and_on_the_map() -> None:
    """On a map that is a slope, who only looks nearby gains at most three a round and axis."""
    slope = np.add.outer(np.arange(100.0), np.arange(100.0))
    rng = np.random.default_rng(17)
    starts = np.zeros((16, 2), dtype=np.int64)
    found = mason_watts.group(slope, networks.full(16), starts, (0.0, 1.0), rng)
    assert 0.0 < found.found <= 6.0 * (mason_watts.ROUNDS - 1)
    edge = mason_watts.group(slope, networks.full(16), starts + 99, (0.0, 1.0), rng)
    assert edge.found == 198.0


def test_what_one_finds_oneself_is_remembered() -> None:
    """Alone on the slope, a climb needs it: from a start at 0, without it, 6 is the most."""
    slope = np.add.outer(np.arange(100.0), np.arange(100.0))
    starts, rng = np.zeros((16, 2), dtype=np.int64), np.random.default_rng(18)
    found = mason_watts.group(slope, mason_watts.NETWORKS["alone"], starts, (0.25, 1.0), rng)
    assert found.found > 6.0
