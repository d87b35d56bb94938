"""Landscapes above others: what small runs say of large ones, and how far that is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.stats import landscape, rungs
from mainstem.stats.remainder import Reach, Roots

if TYPE_CHECKING:
    from numpy.typing import NDArray

N = 6
CUBE = ((np.arange(2**N)[:, None] >> np.arange(N)) & 1).astype(float)


def truth(seed: int) -> NDArray[np.float64]:
    """Mains and some pairs, at every recipe, shape (2^N,)."""
    rng = np.random.default_rng(seed)
    pair = np.triu(rng.normal(0.0, 1.5, (N, N)) * (rng.random((N, N)) < 0.4), 1)
    return CUBE @ rng.normal(0.0, 2.0, N) + np.einsum("ai,ij,aj->a", CUBE, pair, CUBE)


def measured(
    value: NDArray[np.float64], runs: int, seed: int, noise: float = 0.3
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Recipes and gains of the trunk's three runs and of some others in an order of chance."""
    rng = np.random.default_rng(seed)
    at = np.concatenate([np.zeros(3, dtype=int), rng.permutation(2**N)[:runs]])
    return CUBE[at], value[at] + noise * rng.normal(size=len(at))


def fitted(
    upper: NDArray[np.float64], lower: NDArray[np.float64], seed: int, runs: int = 8
) -> rungs.Raised:
    """A rung of a few runs above one of many."""
    x, gains = measured(lower, 40, seed)
    below = landscape.fit(x, gains, np.random.default_rng(seed))
    top_x, top = measured(upper, runs, seed + 100)
    rng = np.random.default_rng(seed + 1)
    return rungs.fit(top_x, top, rng, below=below, lower_gains=gains)


def drawn(model: rungs.Raised, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Joint draws of the gain at recipes."""
    roots = Roots(model.seen)
    paths = model.paths(256, np.random.default_rng(5), roots)
    return model.along(paths, Reach(roots, x), np.random.default_rng(6))


@pytest.mark.parametrize("seed", range(3))
def test_what_small_runs_know_carries_over(seed: int) -> None:
    """Eight runs above forty that tell the same, on another scale, order the whole cube."""
    upper = truth(seed)
    model = fitted(upper, 2.0 * upper, seed)
    x, gains = measured(upper, 8, seed + 100)
    alone = landscape.fit(x, gains, np.random.default_rng(seed + 1))
    known = np.corrcoef(model.mean(CUBE), upper)[0, 1]
    assert known > 0.97
    assert known > np.corrcoef(alone.mean(CUBE), upper)[0, 1]
    assert model.beta == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("seed", range(3))
def test_small_runs_that_mislead_are_left_behind(seed: int) -> None:
    """Of an unrelated rung nothing carries over, and its best recipe is not taken for good."""
    upper, lower = truth(seed), 2.0 * truth(seed + 50)
    model = fitted(upper, lower, seed, runs=30)
    mean, sd = model.chain_beta.mean(0)
    assert abs(mean) < 0.2
    assert sd < 0.2
    assert np.corrcoef(model.mean(CUBE), upper)[0, 1] > 0.9


def test_small_runs_that_say_the_opposite_are_read_so() -> None:
    """A rung where every gain is a loss is as good as one that agrees."""
    upper = truth(4)
    model = fitted(upper, -upper, 4, runs=20)
    assert model.beta < -0.5
    assert np.corrcoef(model.mean(CUBE), upper)[0, 1] > 0.95


def test_where_the_upper_rung_ran_its_own_runs_decide() -> None:
    """What is not known of the rung below counts once: measured recipes stay measured."""
    upper = truth(1)
    rng = np.random.default_rng(0)
    x, gains = measured(upper, 3, 7)  # hardly anything is known below
    below = landscape.fit(x, gains, rng)
    at = np.repeat(np.arange(12), 6)
    top = upper[at] + 0.3 * rng.normal(size=len(at))
    model = rungs.fit(CUBE[at], top, rng, below=below, lower_gains=gains)
    draws = drawn(model, CUBE[:12])
    assert np.all(np.abs(draws.mean(0) - upper[:12]) < 0.6)
    assert np.all(draws.std(0) < 0.4)


def test_intervals_hold_the_truth_at_recipes_that_ran_at_neither_rung() -> None:
    """Draws spread by what neither rung knows: 90% intervals hold at least 80% of the cube."""
    held = []
    for seed in range(6):
        own = 0.3 * truth(seed + 20)
        upper = truth(seed) + own
        draws = drawn(fitted(upper, 1.5 * truth(seed), seed), CUBE)
        low, high = np.quantile(draws, [0.05, 0.95], axis=0)
        held.append(float(np.mean((low <= upper) & (upper <= high))))
    assert np.mean(held) > 0.8


def test_draws_of_all_rungs_belong_together() -> None:
    """The same draws of the upper rung, and each rung's own landscape below it."""
    upper = truth(2)
    model = fitted(upper, upper, 2)
    roots = Roots(model.seen)
    paths = model.paths(256, np.random.default_rng(1), roots)
    reach = Reach(roots, CUBE)
    lower, top = model.along_each(paths, reach, np.random.default_rng(2))
    again = rungs.along(model, paths, reach, np.random.default_rng(2), compressed=True)
    np.testing.assert_array_equal(top, again)
    alike = [np.corrcoef(lower[:, i], top[:, i])[0, 1] for i in range(1, 2**N)]
    assert np.median(alike) > 0.2


def test_three_rungs_stand_above_one_another() -> None:
    """A rung above a rung above a rung: draws of each, the lowest first."""
    upper = truth(3)
    x, gains = measured(4.0 * upper, 40, 3)
    low = landscape.fit(x, gains, np.random.default_rng(0))
    mid_x, mid = measured(2.0 * upper, 12, 4)
    middle = rungs.fit(mid_x, mid, np.random.default_rng(1), below=low, lower_gains=gains)
    top_x, top = measured(upper, 6, 5)
    below = np.concatenate([gains, mid])
    model = rungs.fit(top_x, top, np.random.default_rng(2), below=middle, lower_gains=below)
    assert model.rungs == (low, middle, model)
    assert np.corrcoef(drawn(model, CUBE).mean(0), upper)[0, 1] > 0.95
    sketches = [model.sketch(np.random.default_rng(s)).at(CUBE) for s in range(20)]
    assert np.corrcoef(np.mean(sketches, axis=0), upper)[0, 1] > 0.9


def test_the_same_generator_gives_the_same_fit() -> None:
    """A fit depends on its data and its generator alone."""
    upper = truth(5)
    one, two = fitted(upper, upper, 5), fitted(upper, upper, 5)
    np.testing.assert_array_equal(drawn(one, CUBE), drawn(two, CUBE))


def test_draws_of_one_landscape_are_not_read_along_another() -> None:
    """That would be a mistake of ours, and it is said."""
    upper = truth(0)
    model = fitted(upper, upper, 0)
    roots = Roots(model.seen)
    paths = model.own.paths(16, np.random.default_rng(0), roots)
    with pytest.raises(TypeError, match="another landscape"):
        rungs.along(model, paths, Reach(roots, CUBE), np.random.default_rng(0))
