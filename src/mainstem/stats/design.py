"""Pools of recipes: where to look next, near what is known to work.

The trunk is already good, so random corners of the cube are terrible. Recipes are drawn from within
a few flips of the trunk, of the best visited recipe and of the present favourite; the reach grows
with the number of runs, so that the whole cube opens late (trust; see docs/statistics.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats.effects import MOST_PAIRED, distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray


WIDE_SHARE = 0.6
"""Wide recipes per proposal."""

_CHOICES = 128  # halves that each wide recipe is chosen from
_FEWEST = 2


def reach(runs: int, n: int) -> int:
    """How many flips from a centre are trusted after so many runs: 1 + floor(t / n)."""
    return min(n, 1 + runs // max(n, 1))


def allowed_rows(x: NDArray[np.float64], allowed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which recipes hold no forbidden pair.

    Args:
        x: Recipes, shape (A, n).
        allowed: Whether two proposals may stand together, shape (n, n), symmetric; its diagonal
            says whether a proposal may stand at all.
    """
    if allowed.all():
        return np.ones(len(x), dtype=np.bool_)
    forbidden = (~allowed).astype(np.float64)
    return np.asarray(np.sum((x @ forbidden) * x, axis=1) == 0.0)


def flipped(
    row: NDArray[np.float64], free: NDArray[np.bool_], allowed: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """A recipe with each free proposal flipped in turn, shape (free, n).

    What may not stand beside an added proposal leaves with the same step: otherwise the better of
    two that exclude each other could only be reached through recipes with neither.

    Args:
        row: The recipe, shape (n,).
        free: Which proposals may be flipped, shape (n,).
        allowed: Whether two proposals may stand together, shape (n, n).
    """
    columns = np.flatnonzero(free)
    each = np.arange(len(columns))
    out = np.repeat(row[None], len(columns), axis=0)
    out[each, columns] = 1.0 - row[columns]
    added = row[columns] < 0.5
    clash = ~allowed[columns] & free
    clash[each, columns] = False
    if clash.any():
        out[added[:, None] & clash] = 0.0
    return out


def joined(
    row: NDArray[np.float64],
    pairs: NDArray[np.int64],
    free: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """A recipe with each pair of proposals added in turn, without what may not stand beside them.

    Args:
        row: The recipe, shape (n,).
        pairs: Two proposals each, shape (P, 2).
        free: Which proposals may leave, shape (n,).
        allowed: Whether two proposals may stand together, shape (n, n).

    Returns:
        Recipes, shape (P, n).
    """
    clash = np.any(~allowed[pairs], axis=1) & free
    out = np.where(clash, 0.0, row)
    np.put_along_axis(out, pairs, 1.0, axis=1)
    return out


def swapped(
    row: NDArray[np.float64], flips: NDArray[np.float64], free: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """A recipe with each free member exchanged for each other free proposal, shape (swaps, n).

    Args:
        row: The recipe, shape (n,).
        flips: Its flips of these proposals (`flipped`).
        free: Which proposals may be flipped, shape (n,).
    """
    leaving = np.flatnonzero((row > 0.5) & free)
    out = np.repeat(flips[None], len(leaving), axis=0)
    out[np.arange(len(leaving)), :, leaving] = 0.0
    return out.reshape(-1, len(row))


def neighbourhood(
    centres: NDArray[np.float64],
    *,
    flips: int,
    free: NDArray[np.bool_],
    allowed: NDArray[np.bool_],
    size: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Recipes around the centres: the centres, all single flips, then random ones up to `flips`.

    Args:
        centres: Shape (C, n).
        flips: The largest number of flips.
        free: Which proposals may be flipped, shape (n,).
        allowed: Whether two proposals may stand together, shape (n, n).
        size: About how many recipes to return; single flips are always all there.
        rng: Draws the wider ones.
    """
    columns = np.flatnonzero(free)
    rows = [centres, *(flipped(centre, free, allowed) for centre in centres)]
    missing = size - sum(len(part) for part in rows)
    if flips > 1 and missing > 0 and len(columns) > 1:
        wide = centres[rng.integers(len(centres), size=missing)].copy()
        counts = rng.integers(2, min(flips, len(columns)) + 1, size=missing)
        ranks = rng.random((missing, len(columns))).argsort(1)
        wide[:, columns] = np.abs(wide[:, columns] - (ranks < counts[:, None]))
        rows.append(wide)
    return distinct(np.concatenate(rows))[0]


def halves(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Random halves of n proposals, each as unlike those before as can be, shape (N, n), N .6 n.

    Each but the first is the one of `_CHOICES` that is least known: with z its signs and a constant
    before them, the one with the largest z' (I + Z'Z)^-1 z over the signs Z of those before. So
    every run tells of another contrast, and after N of them N contrasts are known (D-optimality,
    one run at a time; Dykstra 1971). Of more than `MOST_PAIRED` proposals any half will do: random
    ones are nearly as unlike. Where there are two runs only, each holds what the other does not, so
    that every proposal is seen.

    Args:
        n: Proposals, at least 1.
        rng: Draws the halves; of an odd number every second one is the larger part.
    """
    choices, unknown = _CHOICES if n <= MOST_PAIRED else 1, np.eye(n + 1)
    found = np.zeros((max(_FEWEST, round(WIDE_SHARE * n)), n))
    found[0, rng.permutation(n)[: n // 2]] = 1.0
    if len(found) == _FEWEST:
        return np.array([found[0], 1.0 - found[0]])
    for run in range(1, len(found)):
        options = np.zeros((choices, n))
        np.put_along_axis(options, rng.random((choices, n)).argsort(1)[:, : n // 2], 1.0, axis=1)
        if n % 2 and run % 2:
            options = 1.0 - options
        if choices > 1:
            unknown = _without(unknown, _signs(found[[run - 1]])[0])
            signs = _signs(options)
            options = options[[np.argmax(np.sum((signs @ unknown) * signs, axis=1))]]
        found[run] = options[0]
    return found


def _signs(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Recipes, shape (A, n), as signs after a constant, shape (A, n + 1)."""
    return np.insert(2.0 * x - 1.0, 0, 1.0, axis=1)


def _without(unknown: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is unknown of effects, a covariance (n + 1, n + 1), after a run of signs (n + 1,)."""
    told = unknown @ z
    return np.asarray(unknown - np.outer(told, told) / (1.0 + z @ told))
