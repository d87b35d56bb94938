from __future__ import annotations

import itertools

import numpy as np
import pytest

from mainstem.stats.remainder import Near, Reach, Roots, correlation, factor, rates

CUBE = np.array(list(itertools.product((0.0, 1.0), repeat=4)))


def expected(x: np.ndarray, z: np.ndarray, rate: int) -> np.ndarray:
    """Product over proposals, term by term."""
    step = np.exp(-np.array([1.5, 3.0, 6.0])[rate] / x.shape[1])
    return np.prod(np.where(x[:, None] != z[None], step, 1.0), axis=2)


@pytest.mark.parametrize("rate", range(3))
def test_correlation_decays_with_every_proposal_that_differs(rate: int) -> None:
    """By one formula, and as the square of the one before."""
    assert rates(4)[rate] == [1.5 / 4, 3.0 / 4, 6.0 / 4][rate]
    assert correlation(CUBE, CUBE[::3], rate) == pytest.approx(expected(CUBE, CUBE[::3], rate))
    assert Near(CUBE, CUBE[::3]).of(rate) == pytest.approx(expected(CUBE, CUBE[::3], rate))
    assert correlation(CUBE, CUBE[:0], rate).shape == (16, 0)


def test_prior_draws_have_the_correlation_wherever_they_are_read() -> None:
    """Recipes that ran, new ones and one asked for twice: what normals give is linear in them.

    So the covariance is exact: root times root, without simulation, but for the jitter.
    """
    seen, x = CUBE[:6], CUBE[[3, 12, 7, 12, 0]]
    reach = Reach(Roots(seen), x)
    assert reach.unseen == 2
    every = np.eye(6 + 2)
    for rate in range(3):
        root = reach.prior(rate, every[:, :6], every[:, 6:])
        assert root.T @ root == pytest.approx(expected(x, x, rate), abs=3e-6)
        assert np.array_equal(root[:, 1], root[:, 3])
        own = Roots(seen).of(rate)
        assert root[:6, [0, 4]] == pytest.approx(own[[3, 0]].T)


def test_all_recipes_may_have_run() -> None:
    """Then nothing more is drawn."""
    reach = Reach(Roots(CUBE), CUBE[:3])
    assert reach.unseen == 0
    assert reach.prior(0, np.eye(16), np.empty((16, 0))).shape == (16, 3)


def test_what_has_no_root_is_an_error() -> None:
    """A matrix that is not positive definite is refused, with the place."""
    with pytest.raises(np.linalg.LinAlgError, match="minor 2"):
        factor(np.asfortranarray([[1.0, 2.0], [2.0, 1.0]]))
