"""Minimises main x + sum_{i<j} pair_ij x_i x_j over recipes, for the methods that model pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from arena.landscapes import Bits, Floats


def features(x: Bits, pairs: tuple[Bits, Bits]) -> Floats:
    """Recipes (N, n) and the products of the named pairs, shape (N, n + pairs)."""
    rows = np.asarray(x, float)
    return np.hstack([rows, rows[:, pairs[0]] * rows[:, pairs[1]]])


def symmetric(weights: Floats, pairs: tuple[Bits, Bits], n: int) -> Floats:
    """Interactions, shape (..., pairs), as symmetric matrices, empty diagonal, (..., n, n)."""
    both = np.zeros((*weights.shape[:-1], n, n))
    both[..., pairs[0], pairs[1]] = weights
    return both + np.swapaxes(both, -1, -2)


def least(main: Floats, both: Floats, starts: Bits) -> Bits:
    """The lowest recipe that steepest single flips reach from the starts, shape (..., n).

    Args:
        main: One or more objectives, shape (..., n).
        both: Symmetric, empty diagonal, shape (..., n, n).
        starts: Shape (..., S, n).
    """
    x = np.asarray(starts, float).copy()
    for _ in range(4 * main.shape[-1]):
        change = (1.0 - 2.0 * x) * (main[..., None, :] + x @ both)
        flip = change.argmin(axis=-1)[..., None]
        down = np.take_along_axis(change, flip, axis=-1) < -1e-12
        if not down.any():
            break
        old = np.take_along_axis(x, flip, axis=-1)
        np.put_along_axis(x, flip, np.where(down, 1.0 - old, old), axis=-1)
    values = (x * (main[..., None, :] + 0.5 * (x @ both))).sum(axis=-1)
    best = values.argmin(axis=-1)[..., None, None]
    return np.asarray(np.take_along_axis(x, best, axis=-2)[..., 0, :], dtype=np.int64)
