from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mainstem.lab.landscapes.nk import nk


@pytest.mark.parametrize("neighbours", ["random", "ring"])
def test_fitness_is_the_mean_written_out(neighbours: str) -> None:
    """Part by part, its state read bit by bit; the trunk is worth 0."""
    land = nk(6, 2, np.random.default_rng(3), neighbours=neighbours)
    for bits in product([False, True], repeat=6):
        recipe = np.array(bits)
        state = recipe ^ land.trunk
        total = 0.0
        for part in range(6):
            index = sum(int(state[p]) << b for b, p in enumerate(land.parts[part]))
            total += land.contributions[part, index] / 6
        assert land.fitness(state[None])[0] == pytest.approx(total)
    assert land.truth(np.zeros((1, 6), dtype=np.bool_))[0, 0] == 0.0


def test_neighbours_are_others_and_as_many_as_asked() -> None:
    """Each part is its own first; on a ring the next K follow."""
    parts = nk(9, 4, np.random.default_rng(0)).parts
    assert [len(set(row)) for row in parts.tolist()] == [5] * 9
    assert parts[:, 0].tolist() == list(range(9))
    ring = nk(5, 2, np.random.default_rng(0), neighbours="ring").parts
    assert ring.tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 0], [4, 0, 1]]


def test_at_k_0_parts_add_up() -> None:
    """No interaction: the value of a recipe is the sum of its members' alone."""
    land = nk(7, 0, np.random.default_rng(5))
    recipes = np.random.default_rng(1).random((40, 7)) < 0.5
    alone = land.truth(np.eye(7, dtype=np.bool_))[:, 0]
    np.testing.assert_allclose(land.truth(recipes)[:, 0], recipes @ alone, atol=1e-12)


def test_the_trunk_lies_between_its_percentiles() -> None:
    """Of all 256 recipes of the better tenth; a sample says where that is to a few percent."""
    cube = np.array(list(product([False, True], repeat=8)))
    for seed in range(10):
        land = nk(8, 3, np.random.default_rng(seed), trunk=(90.0, 100.0))
        worse = np.mean(land.truth(cube)[:, 0] < 0.0)
        assert worse > 0.85


def test_what_cannot_be_is_refused() -> None:
    """K as large as n, and neighbours of no kind."""
    with pytest.raises(ValueError, match="K 3"):
        nk(3, 3, np.random.default_rng(0))
    with pytest.raises(ValueError, match="'star'"):
        nk(3, 1, np.random.default_rng(0), neighbours="star")
