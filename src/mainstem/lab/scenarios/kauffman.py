"""NK landscapes (Kauffman and Levin 1987), every value of one at once.

A solution is n bits, written as an integer below 2^n whose highest bit is locus 0. The value of a
solution is the mean over loci of a contribution, drawn uniform on 0 to 1 for each setting of the
locus and the k others that it depends on. Which others: `random` draws k distinct ones for each
locus, `adjacent` takes the next k on a ring of loci.
"""

from __future__ import annotations

import enum
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMALL = 2**12  # entries of tables that are added to each other before they are to the cube


class Neighbours(enum.StrEnum):
    """The others that a locus depends on."""

    RANDOM = "random"
    ADJACENT = "adjacent"


def landscape(
    n: int, k: int, neighbours: Neighbours, rng: np.random.Generator
) -> NDArray[np.float64]:
    """The value of every solution, shape (2^n,), from 0 to 1.

    The array is a cube of n axes of two, to which each locus adds its table along the axes that it
    depends on. Tables are added to each other first while they stay small, so that few additions
    are as large as the cube.

    Args:
        n: Loci, from 1 to 26.
        k: Others that each depends on, below n.
        neighbours: Which.
        rng: Draws them, and the contributions.

    Raises:
        ValueError: k is not below n, or n is too large for an array.
    """
    if not (1 <= n <= 26 and 0 <= k < n):
        raise ValueError(f"n is {n} and k is {k}: n goes from 1 to 26, k from 0 to n - 1")
    cube, part = np.zeros((2,) * n), np.zeros((1,) * n)
    for locus in range(n):
        axes = {locus, *_others(n, k, locus, neighbours, rng)}
        shape = tuple(2 if axis in axes else 1 for axis in range(n))
        table = rng.random(2 ** (k + 1)).reshape(shape)
        if math.prod(np.broadcast_shapes(part.shape, shape)) > _SMALL:
            cube += part
            part = table
        else:
            part = part + table
    cube += part
    cube /= n
    return cube.reshape(-1)


def _others(
    n: int, k: int, locus: int, neighbours: Neighbours, rng: np.random.Generator
) -> list[int]:
    """What a locus depends on beside itself."""
    if neighbours is Neighbours.ADJACENT:
        return [(locus + step) % n for step in range(1, k + 1)]
    rest = [other for other in range(n) if other != locus]
    return [rest[j] for j in rng.choice(n - 1, size=k, replace=False)]


def optima(values: NDArray[np.float64]) -> int:
    """How many solutions are better than each that differs in one bit.

    Args:
        values: Of every solution, shape (2^n,).
    """
    n = len(values).bit_length() - 1
    solutions = np.arange(len(values))
    best = np.ones(len(values), dtype=bool)
    for bit in range(n):
        best &= values > values[solutions ^ (1 << bit)]
    return int(best.sum())


def scored(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(f / max f)^8, by which few solutions are good (Lazer and Friedman 2007)."""
    score: NDArray[np.float64] = values / values.max()
    for _ in range(3):  # squaring three times is much faster than a power
        score *= score
    return score
