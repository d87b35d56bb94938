from __future__ import annotations

import numpy as np

from arena import recommend

N = 6


def runs(count: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Random recipes and noisy values of an additive landscape: the first half helps."""
    rng = np.random.default_rng(5)
    x = rng.integers(0, 2, (count, N))
    effect = np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0])
    return x, x @ effect + noise * rng.normal(size=count)


def test_the_model_finds_a_recipe_that_never_ran() -> None:
    """`model` leaves the recipes that ran, `seen` never does."""
    x, y = runs(24, noise=0.3)
    best = [1, 1, 1, 0, 0, 0]
    keep = np.any(x != best, axis=1)
    said = list(recommend.after_each_run(x[keep], y[keep]))
    assert list(said[-1]["model"]) == best
    ran = {tuple(recipe) for recipe in x[keep]} | {(0,) * N}
    assert all(tuple(recipes["seen"]) in ran for recipes in said)


def test_there_is_one_recommendation_a_run() -> None:
    """From the first run on, each rule says something after each run."""
    x, y = runs(7, noise=1.0)
    said = list(recommend.after_each_run(x, y))
    assert len(said) == 7
    assert all(set(recipes) == set(recommend.RULES) for recipes in said)


def test_luck_is_not_believed() -> None:
    """Over 30 sets of 40 noisy runs, `model` picks truly better recipes than the lowest run does.

    The mean difference is at least two of its standard errors above zero.
    """
    effect = np.array([-1.0, -1.0, -1.0, 1.0, 1.0, 1.0])
    ahead = []
    for number in range(30):
        rng = np.random.default_rng([6, number])
        x = rng.integers(0, 2, (40, N))
        y = x @ effect + 2.0 * rng.normal(size=40)
        chosen = list(recommend.after_each_run(x, y))[-1]["model"]
        ahead.append((x[np.argmin(y)] - chosen) @ effect)
    assert np.mean(ahead) > 2.0 * np.std(ahead, ddof=1) / len(ahead) ** 0.5


def test_constant_values_do_no_harm() -> None:
    """A deterministic and useless set of proposals leaves some recipe, not an error."""
    x, _ = runs(10, noise=0.0)
    assert len(list(recommend.after_each_run(x, np.ones(10)))) == 10


def test_compression_keeps_the_order() -> None:
    """Only the bad side is squeezed, and nothing changes places."""
    y = np.sort(np.random.default_rng(1).standard_t(2, 50))
    squeezed = recommend.compress(y)
    assert np.all(np.diff(squeezed) > 0.0)
    good = y < np.median(y)
    scale = np.diff(y[good]) / np.diff(squeezed[good])
    assert np.allclose(scale, scale[0])
    assert np.diff(squeezed)[-1] < np.diff(y)[-1] / scale[0]
