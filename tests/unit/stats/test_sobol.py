"""Shares of a result's variance by input."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy import stats

from mainstem.stats import sobol

ENDS = [(-np.pi, np.pi)] * 3
A, B = 7.0, 0.1


def ishigami(x: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> np.ndarray:  # type: ignore[type-arg]  # what numpy's own functions give
    """Ishigami and Homma's function, whose indices are known."""
    return np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0])


def known() -> list[float]:
    """Total-order indices of it, by integration (Homma and Saltelli 1996)."""
    first, second = 0.5 * (1.0 + B * np.pi**4 / 5.0) ** 2, A**2 / 8.0
    both = B**2 * np.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = first + second + both
    return [(first + both) / whole, second / whole, both / whole]


def test_indices_are_those_of_a_function_that_can_be_integrated() -> None:
    """Within twice their own intervals, which hold at this size."""
    pytest.importorskip("SALib")
    x = sobol.points(ENDS, 1024, 0)
    found = sobol.indices(ENDS, ishigami(x), 0)
    assert found is not None
    assert np.all(np.abs(found.total - known()) < 2.0 * found.half)
    assert found.half.max() < 0.1


def test_another_library_says_the_same() -> None:
    """Scipy's indices of an uneven linear function, from points of its own."""
    pytest.importorskip("SALib")
    slopes, ends = np.array([3.0, 1.0, 0.0]), [(0.0, 1.0)] * 3
    x = sobol.points(ends, 256, 1)
    found = sobol.indices(ends, x @ slopes, 1)
    rng = np.random.default_rng(2)
    theirs = stats.sobol_indices(
        func=lambda u: slopes @ u, n=256, dists=[stats.uniform()] * 3, rng=rng
    )
    assert found is not None
    assert found.total == pytest.approx(theirs.total_order, abs=0.05)
    assert found.total[2] == pytest.approx(0.0, abs=1e-9)


def test_the_same_seed_gives_the_same_points_and_intervals() -> None:
    """Nothing random is taken from elsewhere; another seed is another scrambling."""
    pytest.importorskip("SALib")
    x = sobol.points(ENDS, 16, 3)
    assert np.array_equal(x, sobol.points(ENDS, 16, 3))
    assert not np.array_equal(x, sobol.points(ENDS, 16, 4))
    one, other = (sobol.indices(ENDS, ishigami(x), 3) for _ in range(2))
    assert one is not None
    assert other is not None
    assert np.array_equal(one.half, other.half)


def test_what_never_varies_has_no_shares() -> None:
    """There is nothing to share out."""
    assert sobol.indices(ENDS, np.ones(5 * 16), 0) is None


def test_a_sample_of_another_size_than_a_power_of_two_is_refused() -> None:
    """The sequence would not be balanced."""
    with pytest.raises(ValueError, match="a base sample of 24: give a power of 2"):
        sobol.points(ENDS, 24, 0)


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line."""
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    with pytest.raises(sobol.NoIndicesError, match=r"pip install 'mainstem\[lab\]'"):
        sobol.points(ENDS, 16, 0)
