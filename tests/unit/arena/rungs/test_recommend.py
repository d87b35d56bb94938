from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena.landscapes import bits_of
from arena.rungs import recommend
from arena.rungs.recommend import History, after_some_runs

if TYPE_CHECKING:
    from arena.landscapes import Floats

N = 6
MAIN = np.array([-2.0, 1.5, -1.0, 1.0, -1.5, 2.0])
BEST = (MAIN < 0).astype(np.int64)


def history(small: int, top: int, *, sign: float, seed: int = 0) -> History:
    """So many small runs of recipes of chance, then top runs of some of these; sums of effects."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, (small, N))
    x = np.vstack([x, x[:top]])
    rung = np.repeat([0, 1], [small, top])
    level: Floats = x @ MAIN
    y = np.where(rung == 1, level, sign * level + 30.0) + 0.05 * rng.normal(size=len(x))
    return History(x=x, rung=rung, y=y)


def last(known: History) -> dict[str, list[int]]:
    """What is said after all of them, a small run costing a tick and a top run eight."""
    ends = np.cumsum(np.where(known.rung == 1, 8, 1)).tolist()
    said = list(after_some_runs(known, ends, 8))
    assert said[-1][0] == ends[-1]
    return {rule: recipe.tolist() for rule, recipe in said[-1][1].items()}


def test_a_small_rung_that_agrees_is_believed() -> None:
    """Thirty small runs and four at the top find the best recipe, which has never run."""
    known = history(30, 4, sign=1.0, seed=1)
    assert BEST.tolist() not in known.x.tolist()
    assert last(known)["model"] == BEST.tolist()


def test_a_small_rung_that_says_the_opposite_is_not() -> None:
    """With a dozen runs at the top its word is turned: what it praises is not recommended."""
    said = last(history(30, 12, sign=-1.0))
    for recipe in said.values():
        assert MAIN @ np.array(recipe) < 0.5 * MAIN @ BEST


def test_only_seen_recipes_and_the_trunk_are_recommended_by_the_first_rule() -> None:
    """Whatever the model thinks of others."""
    known = history(12, 3, sign=1.0)
    assert last(known)["seen"] in [[0] * N, *known.x.tolist()]


def test_levels_of_the_rungs_do_not_matter() -> None:
    """Only recipes that are good at the small rung run at the top: that makes none look bad."""
    known = history(40, 0, sign=1.0)
    best = np.argsort(known.y)[:4]
    chosen = History(
        x=np.vstack([known.x, known.x[best]]),
        rung=np.repeat([0, 1], [40, 4]),
        y=np.concatenate([known.y, known.x[best] @ MAIN]),
    )
    assert last(chosen)["model"] == BEST.tolist()


def test_it_is_asked_at_every_half_of_a_top_run() -> None:
    """And at the end; with fewer than four runs the lowest at the highest rung is taken."""
    known = history(9, 2, sign=1.0)
    ends = [*range(1, 10), 17, 25]
    said = list(after_some_runs(known, ends, 8))
    assert [end for end, _ in said] == [1, 5, 9, 17, 25]
    first = known.x[0].tolist()
    assert {rule: recipe.tolist() for rule, recipe in said[0][1].items()} == {
        "seen": first,
        "model": first,
    }


def test_the_process_is_that_of_the_formula() -> None:
    """Posterior means at the top as by the textbook, with the covariance written out in full."""
    known = history(8, 4, sign=1.0)
    grid = (2, 3, 3, 5)
    w, length, r, shared = (axis[k] for axis, k in zip(recommend._AXES, grid, strict=True))

    def k(a: np.ndarray, b: np.ndarray) -> float:
        apart = int((a != b).sum())
        return (1 - r) * (w * (N - 2 * apart) / N + (1 - w) * np.exp(-apart / (length * N)))

    runs = list(zip(known.x, known.rung, strict=True))
    covariance = np.array(
        [
            [k(a, b) * (1 if s == t else shared) + (4.0 if s == t else 0.0) for b, t in runs]
            for a, s in runs
        ]
    )
    model = recommend._Model(known)
    target = model._target - model._target.mean()
    weights = np.linalg.solve(covariance + r * np.eye(len(runs)), target)
    every = [bits_of(row, N) for row in range(2**N)]
    mean = [
        sum(
            k(x, a) * (1 if s == 1 else shared) * v for (a, s), v in zip(runs, weights, strict=True)
        )
        for x in every
    ]
    said = model.recommend(grid)["seen"]
    seen = {tuple(a) for a in known.x} | {(0,) * N}
    best = min((value, tuple(x)) for value, x in zip(mean, every, strict=True) if tuple(x) in seen)
    assert tuple(said) == pytest.approx(best[1])
