"""Worlds: draws of a landscape as whole functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from mainstem.stats import landscape, rungs, walsh
from mainstem.stats.worlds import Where, worlds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

N, COUNT = 6, 512
CUBE = walsh.cube(N)


def truth(seed: int) -> NDArray[np.float64]:
    """Mains, pairs, and something of all orders, at every recipe."""
    rng = np.random.default_rng(seed)
    pair = np.triu(rng.normal(0.0, 1.0, (N, N)), 1)
    return CUBE @ rng.normal(0.0, 1.0, N) + np.sum((CUBE @ pair) * CUBE, 1) + rng.normal(size=2**N)


def fitted(seed: int) -> landscape.Landscape:
    """Twenty noisy runs, the trunk's three among them."""
    rng = np.random.default_rng(seed)
    at = np.concatenate([np.zeros(3, np.int64), rng.permutation(2**N)[:17]])
    gains = truth(seed)[at] + 0.3 * rng.normal(size=len(at))
    return landscape.fit(CUBE[at], gains, np.random.default_rng(seed))


def raised(seed: int) -> rungs.Raised:
    """The same above a rung of forty runs."""
    rng = np.random.default_rng(seed)
    at = rng.permutation(2**N)[:40]
    lower = truth(seed)[at] + 0.3 * rng.normal(size=len(at))
    below = landscape.fit(CUBE[at], lower, np.random.default_rng(seed))
    top = at[:10]
    gains = truth(seed)[top] + 0.3 * rng.normal(size=len(top))
    return rungs.fit(CUBE[top], gains, np.random.default_rng(seed), below=below, lower_gains=lower)


def compressed(model: landscape.Landscape | rungs.Raised) -> NDArray[np.float64]:
    """Every world at every recipe, losses compressed, shape (COUNT, 2^N)."""
    found, where = worlds(model, COUNT, np.random.default_rng(1)), Where(CUBE)
    return np.array([found.world(s).compressed(where) for s in range(COUNT)])


@pytest.mark.parametrize("make", [fitted, raised])
def test_worlds_are_distributed_as_joint_draws(
    make: Callable[[int], landscape.Landscape | rungs.Raised],
) -> None:
    """Means, sds and differences of recipes agree with draws that are made jointly at all recipes.

    Independent sets of draws: means within 4.5 standard errors of their difference, sds by their
    ratio, whose log has a standard error of about sqrt(1 / COUNT) for each set if tails are normal;
    mixtures of chains have heavier ones, hence the factor 2.
    """
    model = make(0)
    ours = compressed(model)
    rng = np.random.default_rng(2)
    if isinstance(model, rungs.Raised):
        reach = landscape.Reach(landscape.Roots(model.seen), CUBE)
        paths = model.paths(COUNT, rng, landscape.Roots(model.seen))
        theirs = model.along(paths, reach, rng, compressed=True)[:COUNT]
    else:
        theirs = model.draw(CUBE, COUNT, rng, compressed=True)
    neighbours = np.arange(2**N) ^ 1
    for take in (lambda f: f, lambda f: f - f[:, neighbours]):
        a, b = take(ours), take(theirs)
        error = np.sqrt((a.var(0) + b.var(0)) / COUNT)
        assert np.all(np.abs(a.mean(0) - b.mean(0)) < 4.5 * error)
        ratio = np.log(a.std(0) / b.std(0))
        assert np.all(np.abs(ratio) < 4.5 * 2.0 * np.sqrt(1.0 / COUNT))


def test_a_world_is_one_function_whatever_is_asked_when() -> None:
    """Its value at a recipe depends on neither the order nor which worlds were made before."""
    model = fitted(3)
    first = worlds(model, 40, np.random.default_rng(1))
    second = worlds(model, 40, np.random.default_rng(1))
    whole = first.world(7).gains(Where(CUBE))
    _ = second.world(30)
    each = [float(second.world(7).gains(Where(CUBE[a : a + 1]))[0]) for a in (5, 60, 5)]
    assert each == pytest.approx([whole[5], whole[60], whole[5]], abs=1e-9)


@pytest.mark.parametrize("make", [fitted, raised])
def test_the_whole_cube_at_once_is_the_same(
    make: Callable[[int], landscape.Landscape | rungs.Raised],
) -> None:
    """Every world is worked out proposal by proposal as it is recipe by recipe."""
    found = worlds(make(1), 32, np.random.default_rng(1))
    for s in range(0, 32, 3):
        world = found.world(s)
        whole = world.gains(Where(CUBE, whole=True))
        assert whole == pytest.approx(world.gains(Where(CUBE)), abs=1e-8)


def test_noise_is_that_of_the_runs_and_grows_with_loss() -> None:
    """Near the trunk it is about the planted sd; the worse a recipe, the more its runs scatter."""
    model = fitted(0)
    found, where = worlds(model, 64, np.random.default_rng(1)), Where(CUBE)
    near = np.sqrt(np.mean([found.world(s).noise_sd ** 2 for s in range(64)]))
    assert near == pytest.approx(model.noise_sd, rel=1e-6)
    world = found.world(0)
    gains = world.gains(where)
    noise = world.noise_at(gains)
    worst, best = int(np.argmin(gains)), int(np.argmax(gains))
    assert noise[best] == pytest.approx(world.noise_sd)
    assert noise[worst] > noise[best]
