from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.stats.design import (
    allowed_rows,
    flipped,
    halves,
    joined,
    neighbourhood,
    reach,
    swapped,
)


def test_reach_opens_the_cube_late() -> None:
    """One flip at first, one more every n runs, never more than there are proposals."""
    assert [reach(runs, 10) for runs in (0, 9, 10, 20, 45, 1000)] == [1, 1, 2, 3, 5, 10]
    assert reach(0, 1) == 1


@given(st.integers(1, 5), st.data())
def test_allowed_rows_hold_no_forbidden_pair(n: int, data: st.DataObject) -> None:
    """Against the definition, over the whole cube."""
    forbidden = data.draw(
        st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=4)
    )
    allowed = np.ones((n, n), dtype=np.bool_)
    for i, j in forbidden:
        allowed[i, j] = allowed[j, i] = False
    cube = np.array(list(itertools.product((0.0, 1.0), repeat=n)))
    expected = [not any(row[i] and row[j] for i, j in forbidden) for row in cube]
    assert allowed_rows(cube, allowed).tolist() == expected


@given(
    n=st.integers(1, 8),
    flips=st.integers(1, 8),
    size=st.integers(1, 60),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_neighbourhoods_hold_the_centres_their_single_flips_and_nothing_too_far(
    n: int, flips: int, size: int, seed: int, data: st.DataObject
) -> None:
    """No recipe is further than `flips` from every centre, and only free proposals move."""
    bits = st.lists(st.sampled_from([0.0, 1.0]), min_size=n, max_size=n)
    centres = np.unique(np.array(data.draw(st.lists(bits, min_size=1, max_size=3))), axis=0)
    free = np.array(data.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    rng = np.random.default_rng(seed)
    x = neighbourhood(centres, flips=flips, free=free, allowed=any_two(n), size=size, rng=rng)
    rows = {tuple(row) for row in x}
    assert len(rows) == len(x)
    assert {tuple(centre) for centre in centres} <= rows
    for centre, column in itertools.product(centres, np.flatnonzero(free)):
        other = centre.copy()
        other[column] = 1.0 - other[column]
        assert tuple(other) in rows
    changed = x[:, None, :] != centres[None, :, :]
    near = (changed.sum(2) <= flips) & ~changed[:, :, ~free].any(2)
    assert near.any(1).all()


def test_a_neighbourhood_is_about_as_large_as_asked() -> None:
    """Room that the single flips leave is filled with wider ones."""
    x = neighbourhood(
        np.zeros((1, 12)),
        flips=4,
        free=np.ones(12, dtype=np.bool_),
        allowed=any_two(12),
        size=100,
        rng=np.random.default_rng(0),
    )
    assert 80 <= len(x) <= 100
    assert x.sum(1).max() == pytest.approx(4.0)


def any_two(n: int) -> np.ndarray:
    """No two proposals exclude each other."""
    return np.ones((n, n), dtype=np.bool_)


def test_a_flip_drops_what_may_not_stand_beside_the_newcomer() -> None:
    """0 and 1 exclude each other, and so do 1 and 2: to add 1 is to leave 0 and 2, and no more."""
    allowed = any_two(4)
    for i, j in ((0, 1), (1, 2)):
        allowed[i, j] = allowed[j, i] = False
    row = np.array([1.0, 0.0, 1.0, 1.0])
    out = flipped(row, np.ones(4, dtype=np.bool_), allowed)
    assert out.tolist() == [[0, 0, 1, 1], [0, 1, 0, 1], [1, 0, 0, 1], [1, 0, 1, 0]]
    held = flipped(row, np.array([False, True, True, True]), allowed)
    assert held[0].tolist() == [1, 1, 0, 1]  # what is not free stays: the recipe is not possible


def test_swaps_exchange_each_member_for_each_other_proposal() -> None:
    """Two members, two others: their four exchanges are there, and dropping alone or nothing."""
    row, zeros, every = np.array([1.0, 1.0, 0.0, 0.0]), np.zeros(4), np.ones(4, dtype=np.bool_)
    out = {tuple(r) for r in swapped(row, flipped(row, every, any_two(4)), every)}
    assert {(0, 1, 1, 0), (0, 1, 0, 1), (1, 0, 1, 0), (1, 0, 0, 1)} <= out
    assert swapped(zeros, flipped(zeros, every, any_two(4)), every).shape == (0, 4)


def test_joined_adds_both_and_drops_what_may_not_stand_beside_either() -> None:
    """Members of the trunk stay whatever clashes: the recipe is then impossible, not another."""
    allowed = np.ones((5, 5), dtype=np.bool_)
    allowed[0, 3] = allowed[3, 0] = allowed[1, 4] = allowed[4, 1] = False
    free = np.array([True, False, True, True, True])
    row = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    found = joined(row, np.array([[2, 3], [2, 4], [0, 2]]), free, allowed)
    assert found.tolist() == [[0, 1, 1, 1, 0], [1, 1, 1, 0, 1], [1, 1, 1, 0, 0]]
    assert joined(row, np.empty((0, 2), dtype=np.int64), free, allowed).shape == (0, 5)


@pytest.mark.parametrize(("n", "runs"), [(1, 2), (3, 2), (7, 4), (12, 7), (20, 12), (80, 48)])
def test_halves_hold_half_of_the_proposals_and_none_is_like_another(n: int, runs: int) -> None:
    """Every run adds a contrast that those before it do not know."""
    x = halves(n, np.random.default_rng(0))
    assert x.shape == (runs, n)
    assert set(x.sum(1)) <= {n // 2, n - n // 2}
    signs = np.insert(2.0 * x - 1.0, 0, 1.0, axis=1)
    assert np.linalg.matrix_rank(signs) == runs


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_two_halves_hold_every_proposal_between_them(n: int) -> None:
    """With two runs only nothing else is seen of what neither holds."""
    for seed in range(8):
        assert np.all(halves(n, np.random.default_rng(seed)).sum(0) == 1.0)


@pytest.mark.parametrize("n", [8, 12, 20, 40])
def test_halves_leave_less_open_than_random_ones_after_every_run(n: int) -> None:
    """The volume of what is told of n effects and a constant; folded halves tell half as much."""
    rng = np.random.default_rng(1)
    random = (rng.random((n, n)).argsort(1) < n // 2).astype(float)
    folded = np.stack([random, 1.0 - random], axis=1).reshape(-1, n)

    def told(x: np.ndarray) -> float:
        signs = np.insert(2.0 * x - 1.0, 0, 1.0, axis=1)
        return float(np.linalg.slogdet(np.eye(n + 1) + signs.T @ signs)[1])

    for seed in range(5):
        x = halves(n, np.random.default_rng(seed))
        for runs in range(4, len(x) + 1):
            assert told(x[:runs]) > max(told(random[:runs]), told(folded[:runs]))
