from __future__ import annotations

import sys

import numpy as np
import pytest

from mainstem.stats import ensemble

MEAN, ROOT = np.array([1.0, -2.0, 0.5]), np.array([[1.0, 0, 0], [0.8, 0.6, 0], [0, 0.3, 0.2]])


def gaussian(points: np.ndarray) -> np.ndarray:
    """A density of correlated dimensions of unlike width."""
    white = np.linalg.solve(ROOT, (points - MEAN).T)
    return np.asarray(-0.5 * np.sum(white**2, axis=0))


def walk(seed: int) -> ensemble.Draws:
    """Draws from it, with walkers that start where the density is."""
    rng = np.random.default_rng(seed)
    start = MEAN + rng.standard_normal((48, 3)) @ ROOT.T
    return ensemble.draws(gaussian, start, rng)


def test_draws_have_the_moments_of_the_density() -> None:
    """Means and covariances within four standard errors of as many draws as they are worth."""
    found = walk(1)
    assert 300.0 < found.effective < 4000.0
    error = 4.0 / np.sqrt(found.effective)
    white = np.linalg.solve(ROOT, (found.points - MEAN).T)
    assert np.abs(white.mean(1)).max() < error
    assert np.abs(np.cov(white) - np.eye(3)).max() < 1.5 * error


def test_the_same_generator_walks_the_same_way() -> None:
    """Draws depend on the generator that is handed in and on nothing else."""
    first = walk(7).points
    np.random.seed(3)  # noqa: NPY002  # the global state that must not matter
    assert np.array_equal(walk(7).points, first)
    assert not np.array_equal(walk(8).points, first)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """An extra that is missing is one clear line."""
    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(ensemble.NoSamplerError, match=r"pip install 'mainstem\[forecast\]'"):
        walk(1)
