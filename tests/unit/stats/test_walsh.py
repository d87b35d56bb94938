"""Draws of the remainder's prior as functions."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem.stats import remainder, walsh

N = 5
CUBE = walsh.cube(N)


def test_places_are_rows_of_the_cube() -> None:
    """Each recipe finds its own row."""
    assert walsh.places(CUBE).tolist() == list(range(2**N))


def test_the_transform_is_the_sum_over_subsets() -> None:
    """The fast transform equals the definition, subset by subset."""
    sizes = np.random.default_rng(0).standard_normal(2**N)
    signs = (-1.0) ** (CUBE @ CUBE.T)  # chi_S(x) for all S and x
    assert walsh.transformed(sizes) == pytest.approx(signs @ sizes)


@pytest.mark.parametrize(
    ("kind", "rate", "draws"),
    [
        *((walsh.WholePath, rate, 2000) for rate in range(remainder.RATES)),
        (walsh.SampledPath, 2, 250),  # each takes a millisecond
    ],
)
def test_draws_have_the_remainders_correlation(
    kind: type[walsh.WholePath | walsh.SampledPath], rate: int, draws: int
) -> None:
    """The covariance over many draws is the product over proposals, within 4.5 standard errors.

    A product of two standard normals with correlation r has the variance 1 + r^2.
    """
    rng = np.random.default_rng(rate)
    some = CUBE[::3]
    values = np.array([kind(N, rate, rng).at(some) for _ in range(draws)])
    wanted = remainder.correlation(some, some, rate)
    errors = np.sqrt((1.0 + wanted**2) / draws)
    assert np.all(np.abs(values.T @ values / draws - wanted) < 4.5 * errors)


def test_a_path_is_one_function() -> None:
    """A recipe has one value, whatever is asked beside it, for few proposals and for many."""
    for n in (N, walsh.MOST_WHOLE + 4):
        path = walsh.path(n, 1, np.random.default_rng(3))
        x = (np.random.default_rng(1).random((6, n)) < 0.5).astype(float)
        assert path.at(x[::-1])[::-1] == pytest.approx(path.at(x))
        assert path.at(x[2:3]) == pytest.approx(path.at(x)[2:3])
