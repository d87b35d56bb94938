from __future__ import annotations

from itertools import combinations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena.landscapes import (
    Pairwise,
    Rugged,
    Saturating,
    Table,
    bits_of,
    quadratic_values,
    row,
    walsh,
)

if TYPE_CHECKING:
    from pathlib import Path


def draw(repeat: int = 0) -> np.random.Generator:
    """The generator of a repeat's landscape."""
    return np.random.default_rng([0, repeat, 7])


def by_hand(land: Pairwise, recipe: tuple[int, ...]) -> float:
    """Main effects and pairs of a recipe, one by one."""
    total = sum(land.main[i] for i, on in enumerate(recipe) if on)
    for i, j in combinations(range(land.n), 2):
        if recipe[i] and recipe[j]:
            total += land.pair[i, j]
    return float(total)


@pytest.mark.parametrize("repeat", range(3))
def test_the_best_recipe_is_that_of_brute_force(repeat: int) -> None:
    """Values and the oracle of `Pairwise` agree with sums over all recipes, one by one."""
    land = Pairwise(8, draw(repeat))
    values = {recipe: by_hand(land, recipe) for recipe in product((0, 1), repeat=8)}
    for recipe, value in values.items():
        assert land.truth(np.array(recipe)) == pytest.approx(value, abs=1e-12)
    best, least = land.oracle()
    assert least == pytest.approx(min(values.values()))
    assert values[tuple(best)] == pytest.approx(least)
    assert quadratic_values(land.main, land.pair)[row(best)] == pytest.approx(least)


def test_descents_find_the_best_where_enumeration_ends() -> None:
    """Above 20 proposals the oracle is as good as brute force over each independent block."""
    land = Pairwise(24, draw())
    land.pair[:12, 12:] = 0.0
    blocks = [quadratic_values(land.main[s], land.pair[s, s]).min() for s in BLOCKS]
    assert land.oracle()[1] == pytest.approx(sum(blocks))


BLOCKS = (slice(0, 12), slice(12, 24))


def test_gains_share_a_ceiling() -> None:
    """`Saturating` keeps the order of recipes, bounds gains by the ceiling, and leaves losses."""
    land = Saturating(8, draw(1), ceiling=2.0)
    recipes = [np.array(recipe) for recipe in product((0, 1), repeat=8)]
    raw = np.array([land.raw(recipe) for recipe in recipes])
    true = np.array([land.truth(recipe) for recipe in recipes])
    assert np.all(np.diff(true[np.argsort(raw)]) >= 0.0)
    assert true.min() > -2.0
    assert np.array_equal(true[raw >= 0.0], raw[raw >= 0.0])
    assert land.oracle()[1] == pytest.approx(true.min())


def test_the_transform_is_its_definition() -> None:
    """`walsh` sums coefficients with the sign of the parity of common proposals."""
    coefficients = np.random.default_rng(3).normal(size=16)
    slow = [
        sum(c * (-1) ** (s & x).bit_count() for s, c in enumerate(coefficients)) for x in range(16)
    ]
    assert walsh(coefficients) == pytest.approx(np.array(slow))


@pytest.mark.parametrize("kind", [Pairwise, Saturating, Rugged])
def test_a_run_is_the_truth_on_the_mean(kind: type[Pairwise | Rugged]) -> None:
    """Fresh seeds scatter about the truth (4 standard errors); the same seed repeats itself."""
    land = kind(6, draw(2))
    for index in (0, 21, 63):
        recipe = bits_of(index, 6)
        values = np.array([land.evaluate(recipe, seed) for seed in range(2000)])
        error = values.std(ddof=1) / len(values) ** 0.5
        assert abs(values.mean() - land.truth(recipe)) < 4.0 * error
        assert land.evaluate(recipe, 5) == values[5]


def test_the_trunks_spread_is_what_runs_show() -> None:
    """`trunk_sd` of the skewed noise agrees with 4,000 runs of the trunk, within 6%.

    The standard error of a standard deviation of 4,000 runs of excess kurtosis 1.5 is 1.5%.
    """
    land = Rugged(6, draw(2))
    runs = [land.evaluate(np.zeros(6, int), seed) for seed in range(4000)]
    assert land.trunk_sd == pytest.approx(np.std(runs), rel=0.06)


def test_the_streams_stay() -> None:
    """Figures are compared across versions: the draws of each kind are pinned to values."""
    ones = np.ones(12, int)
    pairwise, rugged = Pairwise(12, draw()), Rugged(12, draw())
    saturating = Saturating(12, draw())
    found = [
        pairwise.truth(ones),
        pairwise.evaluate(ones, 3),
        saturating.truth(ones),
        rugged.truth(ones),
        rugged.evaluate(ones, 3),
    ]
    assert found == pytest.approx(PINNED, rel=1e-9)


PINNED = [6.7085942628, 6.15553200304, 7.72135428198, 0.741272935379, 0.706889880501]


def test_a_table_is_read_as_it_is_documented(tmp_path: Path) -> None:
    """Bit i of the row is proposal i, the first objective counts, a seed picks a stored run."""
    y = np.arange(8 * 3 * 2, dtype=float).reshape(8, 3, 2)[::-1]
    np.savez_compressed(tmp_path / "t.npz", y=y)
    land = Table(tmp_path / "t.npz")
    assert land.n == 3
    assert land.truth(np.array([0, 1, 1])) == pytest.approx(y[6, :, 0].mean())
    assert land.evaluate(np.array([1, 0, 0]), 4) == y[1, 1, 0]
    assert list(land.oracle()[0]) == [1, 1, 1]
    assert land.trunk_sd == pytest.approx(2.0)


def test_an_objective_that_is_maximised_is_turned(tmp_path: Path) -> None:
    """The file says which way is better; here lower always is."""
    y = np.arange(8, dtype=float).reshape(4, 2, 1)
    for direction in ("minimize", "maximize"):
        np.savez(tmp_path / f"{direction}.npz", y=y, directions=np.array([direction]))
    low, high = Table(tmp_path / "minimize.npz"), Table(tmp_path / "maximize.npz")
    assert (low.oracle()[1], high.oracle()[1]) == (0.5, -6.5)
    assert low.trunk_sd == high.trunk_sd


def test_a_table_that_is_no_factorial_is_refused(tmp_path: Path) -> None:
    """A number of rows that is no power of two is named."""
    np.savez(tmp_path / "t.npz", y=np.zeros((6, 2, 1)))
    with pytest.raises(ValueError, match="6 rows, not a power of two"):
        Table(tmp_path / "t.npz")
