from __future__ import annotations

import numpy as np
import pytest

from mainstem.stats.mixture import weigh
from mainstem.stats.posterior import ByRuns, by_runs
from mainstem.stats.remainder import Reach, Roots

CUBE = np.array([[i >> b & 1 for b in range(4)] for i in range(16)], dtype=np.float64)


def fitted(*, exact: bool = False) -> ByRuns:
    """The posterior after noisy runs of most of the cube."""
    rng = np.random.default_rng(0)
    x = CUBE[rng.integers(0, 12, size=30)]
    y = x @ np.array([1.0, 0.5, -0.5, 0.0]) - x[:, 0] * x[:, 1]
    y = y if exact else y + 0.3 * rng.standard_normal(30)
    return by_runs(weigh(x, y, exact=exact), np.random.default_rng(7))


def test_draws_as_a_whole_have_the_expected_effects() -> None:
    """Effects, constant and pulls of 500 draws of every chain average to what is expected."""
    found = fitted()
    paths = found.paths(500, np.random.default_rng(1), Roots(found.data.x))
    theta = paths.theta.reshape(-1, found.data.effects.size)
    error = theta.std(0) / np.sqrt(len(theta))
    assert np.all(np.abs(theta.mean(0) - found.expected.theta) < 5.0 * error)
    constant = paths.constant.ravel()
    error = constant.std() / np.sqrt(len(constant))
    assert abs(constant.mean() - found.expected.constant) < 5.0 * error
    pull = paths.pull.reshape(len(theta), -1)
    error = pull.std(0) / np.sqrt(len(pull))
    assert np.all(np.abs(pull.mean(0) - found.expected.pulls.sum(0)) < 5.0 * error + 1e-9)


def test_one_draw_can_be_read_in_parts() -> None:
    """Recipes that ran, read together or apart, have the same values in every draw."""
    found = fitted()
    roots = Roots(found.data.x)
    paths = found.paths(4, np.random.default_rng(1), roots)
    rng = np.random.default_rng(2)
    together = paths.at(Reach(roots, found.data.x), rng)
    for i, row in enumerate(found.data.x):
        apart = paths.at(Reach(roots, row[None]), rng)
        assert apart[:, 0] == pytest.approx(together[:, i])


def test_what_a_recipe_never_ran_leaves_open_is_drawn_where_it_is_read() -> None:
    """Read again, a recipe that never ran differs by what the data leave open of the remainder."""
    found = fitted(exact=True)
    roots = Roots(found.data.x)
    paths = found.paths(64, np.random.default_rng(1), roots)
    x, rng = CUBE[15:], np.random.default_rng(2)
    one, other = (paths.at(Reach(roots, x), rng) for _ in range(2))
    assert (one - other).std() > 1e-3
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.2


def test_a_draw_to_climb_is_of_its_chain() -> None:
    """Its effects average to the chain's own, its remainder decays as the chain's does."""
    found = fitted()
    rng = np.random.default_rng(0)
    drawn = [found.drawn(3, rng) for _ in range(1_000)]
    theta = np.array([each.theta for each in drawn])
    paths = found.paths(1_000, np.random.default_rng(1), Roots(found.data.x))
    other = paths.theta[3]
    error = np.sqrt((theta.var(0) + other.var(0)) / 1_000)
    assert np.all(np.abs(theta.mean(0) - other.mean(0)) < 5.0 * error)
    assert {each.rate for each in drawn} == {int(found.hyper.rate[3])}


def test_the_prior_at_the_data_is_that_of_the_normals_behind_it() -> None:
    """It is kept for whoever reads the draws, so what corrects it must not be worked out in it."""
    found = fitted()
    roots = Roots(found.data.x)
    paths = found.paths(8, np.random.default_rng(1), roots)
    assert paths.prior.keys() == paths.rests.keys()
    assert paths.prior
    for rate, alike in paths.rests.items():
        white = paths.white[alike].reshape(-1, len(found.data.x))
        assert np.array_equal(paths.prior[rate], white @ roots.of(rate).T)
