from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mainstem.stats import shapley

THREE_OF_TWELVE = [1 / 3 if i in {1, 4, 7} else 0.0 for i in range(12)]
seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 7)


def drawn(n: int, seed: int) -> np.ndarray:
    """A game of n members, any values."""
    return np.random.default_rng(seed).normal(size=2**n)


def by_orders(game: np.ndarray) -> np.ndarray:
    """Shapley values by the definition: what each adds, over every order of the members."""
    n = int(math.log2(len(game)))
    out = np.zeros(n)
    for order in itertools.permutations(range(n)):
        before = 0
        for i in order:
            out[i] += game[before | 1 << i] - game[before]
            before |= 1 << i
    return out / math.factorial(n)


def by_subsets(game: np.ndarray) -> np.ndarray:
    """Shapley values by the sum over all sets of others, one by one."""
    n = int(math.log2(len(game)))
    f = math.factorial
    out = np.zeros(n)
    for i in range(n):
        for rest in range(2**n):
            if not rest >> i & 1:
                t = rest.bit_count()
                out[i] += f(t) * f(n - t - 1) / f(n) * (game[rest | 1 << i] - game[rest])
    return out


def of_sets(n: int, worth: object) -> np.ndarray:
    """A game from a function of the set of members."""
    assert callable(worth)
    return np.array([worth({i for i in range(n) if a >> i & 1}) for a in range(2**n)], dtype=float)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 7])
def test_values_are_the_mean_over_all_orders(n: int) -> None:
    """Against every permutation; another value of nobody changes nothing."""
    game = drawn(n, n)
    assert shapley.values(game) == pytest.approx(by_orders(game), abs=1e-9)
    assert shapley.values(game + 3.0) == pytest.approx(by_orders(game), abs=1e-9)


@pytest.mark.parametrize("n", [4, 9, 12])
def test_values_are_the_sum_over_all_subsets(n: int) -> None:
    """Against every set of others, up to twelve members, with draws and objectives before it."""
    games = np.stack([drawn(n, seed) for seed in (1, 2)]).reshape(2, 1, -1)
    found = shapley.values(games)
    assert found.shape == (2, 1, n)
    for k in range(2):
        assert found[k, 0] == pytest.approx(by_subsets(games[k, 0]), abs=1e-9)


def test_values_of_sixteen_members_are_those_of_an_additive_and_a_unanimous_game() -> None:
    """Beyond what is sampled in use the enumeration still holds."""
    n = 16
    worth = np.arange(1.0, n + 1.0)
    game = shapley.coalitions(n) @ worth
    game[-1] += 8.0
    assert shapley.values(game) == pytest.approx(worth + 8.0 / n, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "worth", "expected"),
    [
        pytest.param(3, lambda s: 0 in s and len(s) > 1, [2 / 3, 1 / 6, 1 / 6], id="gloves"),
        pytest.param(
            4,
            lambda s: max([(12, 28, 30, 40)[i] for i in s], default=0),
            [3.0, 3 + 16 / 3, 3 + 16 / 3 + 1, 3 + 16 / 3 + 1 + 10],
            id="airport",
        ),
        pytest.param(11, lambda s: len(s) > 5, [1 / 11] * 11, id="majority"),
        pytest.param(12, lambda s: s >= {1, 4, 7}, THREE_OF_TWELVE, id="unanimity"),
    ],
)
def test_known_games_have_their_known_values(n: int, worth: object, expected: list[float]) -> None:
    """The textbook's games to 1e-9."""
    assert shapley.values(of_sets(n, worth)) == pytest.approx(expected, abs=1e-9)


@given(sizes, seeds)
def test_values_sum_to_the_gain(n: int, seed: int) -> None:
    """Efficiency, of values and of splits."""
    game = drawn(n, seed)
    assert shapley.values(game).sum() == pytest.approx(game[-1] - game[0], abs=1e-9)
    assert shapley.split(game).sum() == pytest.approx(game[-1] - game[0], abs=1e-9)


@given(st.integers(2, 7), seeds)
def test_members_that_do_the_same_get_the_same(n: int, seed: int) -> None:
    """Symmetry: a game that does not know its first two members apart."""
    game = drawn(n, seed)
    a = np.arange(2**n)
    swapped = (a & ~3) | (a & 1) << 1 | (a & 2) >> 1
    found = shapley.values(game + game[swapped])
    assert found[0] == pytest.approx(found[1], abs=1e-9)


@given(st.integers(2, 7), seeds)
def test_a_member_that_adds_nothing_gets_nothing(n: int, seed: int) -> None:
    """Null player: of every part of its split too."""
    game = np.tile(drawn(n - 1, seed), 2)  # the last member is never missed
    assert shapley.values(game)[-1] == pytest.approx(0.0, abs=1e-12)
    assert shapley.split(game)[-1] == pytest.approx(np.zeros(n), abs=1e-12)


@given(sizes, seeds, st.floats(-5.0, 5.0))
def test_shares_of_a_sum_are_sums_of_shares(n: int, seed: int, times: float) -> None:
    """Additivity, and so linearity."""
    one, two = drawn(n, seed), drawn(n, seed + 1)
    for share in (shapley.values, shapley.split, shapley.interactions, shapley.dividends):
        together = share(one + times * two)
        assert together == pytest.approx(share(one) + times * share(two), abs=1e-9)


@given(sizes, seeds)
def test_dividends_add_up_to_the_game(n: int, seed: int) -> None:
    """v(S) is the sum over the parts of S, and each member of S gets the same part of its own."""
    game = drawn(n, seed)
    found = shapley.dividends(game)
    values = np.zeros(n)
    for a in range(2**n):
        assert sum(found[b] for b in range(2**n) if b & a == b) == pytest.approx(game[a], abs=1e-9)
        for i in range(n):
            if a >> i & 1:
                values[i] += found[a] / a.bit_count()
    assert shapley.values(game) == pytest.approx(values, abs=1e-9)


@given(st.integers(2, 6), seeds)
def test_interactions_and_splits_are_sums_of_dividends(n: int, seed: int) -> None:
    """The index takes d(S) / (|S| - 1) of each S with both; the split d(S) / (|S| (|S| - 1))."""
    game = drawn(n, seed)
    dividends = shapley.dividends(game)
    index, parted = np.zeros((n, n)), np.zeros((n, n))
    for a in range(2**n):
        members = [i for i in range(n) if a >> i & 1]
        size = len(members)
        for i, j in itertools.permutations(members, 2):
            index[i, j] += dividends[a] / (size - 1)
            parted[i, j] += dividends[a] / (size * (size - 1))
    parted[np.diag_indices(n)] = [dividends[1 << i] for i in range(n)]
    assert shapley.interactions(game) == pytest.approx(index, abs=1e-9)
    assert shapley.split(game) == pytest.approx(parted, abs=1e-9)
    assert shapley.split(game).sum(1) == pytest.approx(shapley.values(game), abs=1e-9)


@given(st.integers(2, 7), seeds)
def test_quadratic_games_are_divided_in_closed_form(n: int, seed: int) -> None:
    """A main effect and half of each pair."""
    rng = np.random.default_rng(seed)
    main, pair = rng.normal(size=n), np.triu(rng.normal(size=(n, n)), 1)
    x = shapley.coalitions(n).astype(float)
    game = x @ main + np.einsum("ai,ij,aj->a", x, pair, x)
    closed = shapley.of_quadratic(main, pair + pair.T)
    assert shapley.split(game) == pytest.approx(closed, abs=1e-9)
    assert shapley.values(game) == pytest.approx(closed.sum(1), abs=1e-9)


def test_a_game_of_nobody_is_divided_among_nobody() -> None:
    """No member, no share, no error."""
    assert shapley.values(np.array([[0.0]])).shape == (1, 0)
    assert shapley.split(np.array([[0.0]])).shape == (1, 0, 0)


def test_a_game_needs_a_value_per_coalition() -> None:
    """A list of another length is no game."""
    with pytest.raises(ValueError, match="2\\^n values, one per coalition, not 6"):
        shapley.values(np.zeros(6))
