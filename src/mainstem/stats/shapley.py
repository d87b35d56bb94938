r"""Shapley values of games that are known whole: one value per coalition of n members.

A game v gives every set of members a value, v(nobody) = 0. Its Shapley value divides v(all) so that
members that do the same get the same, one that never adds anything gets nothing, and the shares of
a sum of games are the sums of their shares; nothing else does (Shapley 1953). Everything here is
linear in the game, so it is worked out draw by draw of a posterior, and means stay exact.

A game is an array whose last axis has all :math:`2^n` coalitions: member i is in coalition a if
bit i of a is set, so that 0 is nobody and :math:`2^n - 1` everybody. Any axes may come before.
What v(nobody) is does not matter: only differences are used.
"""

from __future__ import annotations

from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

MOST = 12
"""Members up to which every coalition is valued; with more they are sampled."""


def coalitions(n: int) -> NDArray[np.bool_]:
    """Who is in each coalition, shape (2^n, n)."""
    return np.asarray((np.arange(2**n)[:, None] >> np.arange(n)) & 1, dtype=np.bool_)


def values(games: Floats) -> Floats:
    r"""Shapley values, shape (..., 2^n) to (..., n).

    What a member adds to those before it, averaged over all orders: to each set T of others with
    weight :math:`|T|!\,(n - |T| - 1)!/n!`.

    Raises:
        ValueError: The last axis is no power of two.
    """
    n = _members(games)
    weight = _by_size(n - 1, lambda t: 1.0 / (n * comb(n - 1, t)))
    out = np.empty((*games.shape[:-1], n))
    for i in range(n):
        out[..., i] = _added(games, i) @ weight
    return out


def dividends(games: Floats) -> Floats:
    """Harsanyi dividends, shape (..., 2^n): what each set adds beyond all of its smaller parts.

    The Moebius transform; v(S) is the sum of the dividends of the parts of S, and the Shapley value
    gives every member of S the same part of the dividend of S (Harsanyi 1963).

    Raises:
        ValueError: The last axis is no power of two.
    """
    n = _members(games)
    out = np.array(games, dtype=np.float64)
    for i in range(n):
        halves = out.reshape(*games.shape[:-1], -1, 2, 2**i)
        halves[..., 1, :] -= halves[..., 0, :]
    return out


def interactions(games: Floats) -> Floats:
    r"""Shapley interaction index of every pair, shape (..., 2^n) to (..., n, n), diagonal 0.

    The second difference v(T i j) - v(T i) - v(T j) + v(T), each T of t others weighed by
    :math:`t!\,(n - t - 2)!/(n - 1)!` (Grabisch and Roubens 1999). Above 0 two are worth more
    together than apart.

    Raises:
        ValueError: The last axis is no power of two.
    """
    n = _members(games)
    return _of_pairs(games, lambda t: 1.0 / ((n - 1) * comb(n - 2, t)))


def split(games: Floats) -> Floats:
    """What each member gets alone and of what it does with each other one, (..., n, n).

    On the diagonal stands v(i) - v(nobody); at (i, j) half of what is due to i and j together. It
    is symmetric, and row i sums to the Shapley value of i. This is the Shapley-Taylor index of
    order 2 (Sundararajan, Dhamdhere and Agarwal 2020), with each pair halved: the dividend of a
    set of three or more is parted evenly among its pairs.

    Raises:
        ValueError: The last axis is no power of two.
    """
    n = _members(games)
    out = _of_pairs(games, lambda t: 1.0 / (n * comb(n - 1, t)))
    for i in range(n):
        out[..., i, i] = games[..., 2**i] - games[..., 0]
    return out


def of_quadratic(main: Floats, pair: Floats) -> Floats:
    """The split of a game of main effects and pairs, in closed form, (..., n, n).

    The Shapley value of i, the sum of its row, is its main effect and half of each of its pairs.

    Args:
        main: What each member does alone, shape (..., n).
        pair: What two do beyond that, symmetric, shape (..., n, n); the diagonal is not read.
    """
    out = 0.5 * pair
    diagonal = np.arange(main.shape[-1])
    out[..., diagonal, diagonal] = main
    return np.asarray(out)


def _members(games: Floats) -> int:
    n = int(games.shape[-1]).bit_length() - 1
    if games.shape[-1] != 2**n:
        raise ValueError(f"a game has 2^n values, one per coalition, not {games.shape[-1]}")
    return n


def _added(games: Floats, member: int) -> Floats:
    """What a member adds to every coalition without it, (..., 2^n) to (..., 2^(n - 1))."""
    halves = games.reshape(*games.shape[:-1], -1, 2, 2**member)
    return np.asarray((halves[..., 1, :] - halves[..., 0, :]).reshape(*games.shape[:-1], -1))


def _by_size(n: int, weight: Callable[[int], float]) -> Floats:
    """A weight per number of members, at every coalition of n, (2^n,); none of fewer than 0."""
    if n < 0:
        return np.empty(0)
    each = np.array([weight(size) for size in range(n + 1)])
    return np.asarray(each[coalitions(n).sum(1)])


def _of_pairs(games: Floats, weight: Callable[[int], float]) -> Floats:
    """Second differences of every pair, weighed by the number of others, (..., n, n)."""
    n = _members(games)
    out = np.zeros((*games.shape[:-1], n, n))
    at = _by_size(n - 2, weight)
    for j in range(1, n):
        added = _added(games, j)
        for i in range(j):
            out[..., i, j] = out[..., j, i] = _added(added, i) @ at
    return out
