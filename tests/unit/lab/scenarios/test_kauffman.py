"""NK landscapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.linalg import hadamard

from mainstem.lab.scenarios import kauffman
from mainstem.lab.scenarios.kauffman import Neighbours

ORDERS = st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1)))


def walsh(values: np.ndarray) -> np.ndarray:
    """Coefficients by subset of bits, by the matrix and not by any trick."""
    return hadamard(len(values)) @ values / len(values)


@settings(deadline=None)
@given(ORDERS, st.sampled_from(Neighbours), st.integers(0, 2**32))
def test_nothing_joins_more_bits_than_a_locus_depends_on(
    order: tuple[int, int], neighbours: Neighbours, seed: int
) -> None:
    """Walsh coefficients of more than k + 1 bits vanish; those of k + 1 do not."""
    n, k = order
    values = kauffman.landscape(n, k, neighbours, np.random.default_rng(seed))
    sizes = np.array([subset.bit_count() for subset in range(2**n)])
    coefficients = np.abs(walsh(values))
    assert np.all(coefficients[sizes > k + 1] < 1e-12)
    assert np.any(coefficients[sizes == k + 1] > 1e-9)
    assert np.all((values >= 0.0) & (values <= 1.0))


def test_adjacent_neighbours_are_the_next_on_the_ring() -> None:
    """With k = 2 of 6, the subsets of three that matter are the six windows of three."""
    values = kauffman.landscape(6, 2, Neighbours.ADJACENT, np.random.default_rng(3))
    coefficients = np.abs(walsh(values))
    found = {s for s in range(64) if s.bit_count() == 3 and coefficients[s] > 1e-12}
    windows = {sum(1 << (5 - (i + step) % 6) for step in range(3)) for i in range(6)}
    assert found == windows


def test_random_neighbours_differ_from_landscape_to_landscape() -> None:
    """And a locus never depends on itself twice: every landscape has terms of k + 1 bits."""
    rng = np.random.default_rng(4)
    patterns = set()
    for _ in range(20):
        coefficients = np.abs(walsh(kauffman.landscape(6, 1, Neighbours.RANDOM, rng)))
        pairs = [s for s in range(64) if s.bit_count() == 2 and coefficients[s] > 1e-12]
        assert 3 <= len(pairs) <= 6
        patterns.add(tuple(pairs))
    assert len(patterns) > 10


@given(st.lists(st.integers(0, 3), min_size=16, max_size=16))
def test_optima_are_those_that_beat_every_neighbour(levels: list[int]) -> None:
    """Counted one by one; a tie is no strict optimum."""
    values = np.array(levels, dtype=np.float64)
    expected = sum(all(values[s] > values[s ^ (1 << bit)] for bit in range(4)) for s in range(16))
    assert kauffman.optima(values) == expected


def test_scores_are_the_eighth_power() -> None:
    """The best has 1, half as good has 1/256."""
    assert kauffman.scored(np.array([0.4, 0.8, 0.0, 0.2])) == pytest.approx(
        [1 / 256, 1.0, 0.0, 1 / 65536]
    )


@pytest.mark.parametrize(("n", "k"), [(0, 0), (27, 1), (5, 5), (5, -1)])
def test_a_landscape_that_cannot_be_is_refused(n: int, k: int) -> None:
    """The message names both and their bounds."""
    with pytest.raises(ValueError, match=f"n is {n} and k is {k}"):
        kauffman.landscape(n, k, Neighbours.RANDOM, np.random.default_rng(0))
