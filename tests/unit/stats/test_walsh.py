"""Draws of the remainder's prior as functions."""

from __future__ import annotations

import numpy as np
import pytest

from mainstem.stats import remainder, walsh
from mainstem.stats.effects import Effects

N = 5
CUBE = walsh.cube(N)


def test_places_are_rows_of_the_cube() -> None:
    """Each recipe finds its own row."""
    assert walsh.places(CUBE).tolist() == list(range(2**N))


@pytest.mark.parametrize("rate", range(remainder.RATES))
def test_pulls_are_sums_of_correlations(rate: int) -> None:
    """At every recipe, as the definition has it; two pulls at one recipe add up."""
    seen, pull = CUBE[[3, 17, 30, 3]], np.array([1.0, -2.0, 0.5, 4.0])
    wanted = remainder.correlation(CUBE, seen, rate) @ pull
    assert walsh.pulled(seen, pull, rate) == pytest.approx(wanted)


def test_a_kronecker_product_is_applied_proposal_by_proposal() -> None:
    """The same as with the whole matrix."""
    values, matrix = np.random.default_rng(0).standard_normal(8), ((1.0, 0.3), (-2.0, 0.7))
    one = np.array(matrix)
    whole = np.kron(np.kron(one, one), one)
    assert walsh.applied(values, matrix) == pytest.approx(whole @ values)


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


@pytest.mark.parametrize("n", [1, 2, 5, 9])
def test_a_sum_of_effects_over_all_recipes(n: int) -> None:
    """By halves it is what it is recipe by recipe."""
    effects = Effects(n=n)
    form = effects.form(np.random.default_rng(n).standard_normal(effects.size))
    assert walsh.summed(form) == pytest.approx(form.at(walsh.cube(n)))
