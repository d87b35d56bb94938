"""The Pareto front: recipes that no other recipe beats on every objective.

Gains are uncertain, and recipes that differ by less than a margin are no choice that anyone has to
make. So dominance stands here with a tolerance, beside the strict one:

- A recipe is *beaten by a margin* if another is nowhere worse and somewhere better by more than a
  margin. That is transitive, so something is always unbeaten.
- A set *covers* a recipe if one of it is, on every objective, better, or worse by no more than a
  margin (additive epsilon-dominance; Laumanns, Thiele, Deb and Zitzler 2002). A front need only
  name recipes that cover all others.

Dominance and the hypervolume are `moocore`'s (Lopez-Ibanez, https://multi-objective.github.io).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import moocore
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARGIN = 1.0
"""Gains are in margins: what differs by no more than this is no reason to choose."""


def front(gains: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points are not dominated.

    A point is dominated when another is at least as good on every objective and better on one.
    Points with equal gains are all kept.

    Args:
        gains: Shape (M, J), above is better; M may be 0.

    Returns:
        Shape (M,).
    """
    if not len(gains):
        return np.zeros(0, dtype=np.bool_)
    return np.asarray(moocore.is_nondominated(gains, maximise=True, keep_weakly=True))


def unbeaten(gains: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points no other point beats by a margin; every point of the front is one.

    Args:
        gains: In margins, shape (M, J), above is better; M may be 0.

    Returns:
        Shape (M,).
    """
    best = gains[front(gains)]  # what beats a point by a margin is itself dominated by one of these
    nowhere_worse = np.all(best[:, None] >= gains[None], axis=2)
    somewhere = np.any(best[:, None] > gains[None] + MARGIN, axis=2)
    return np.asarray(~np.any(nowhere_worse & somewhere, axis=0))


def covering(gains: NDArray[np.float64]) -> NDArray[np.int64]:
    """Few points that cover all: the first, and each that those taken before it do not cover.

    In order of falling sums all of them are on the front.

    Args:
        gains: In margins, shape (M, J), the points to be preferred first.

    Returns:
        Their places, in order.
    """
    taken: list[int] = []
    for i, point in enumerate(gains):
        if not np.any(np.all(gains[taken] >= point - MARGIN, axis=1)):
            taken.append(i)
    return np.array(taken, dtype=np.int64)


def front_probability(draws: NDArray[np.float64], within: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Posterior probability that each point is within its constraints and beaten by none that is.

    Args:
        draws: Joint draws of the gains in margins, shape (S, M, J).
        within: Whether each point keeps every constraint in each draw, shape (S, M).

    Returns:
        Shape (M,).
    """
    share = np.zeros(draws.shape[1])
    for gains, keeps in zip(draws, within, strict=True):
        share[keeps] += unbeaten(gains[keeps])
    return share / len(draws)


def hypervolume(gains: NDArray[np.float64]) -> float:
    """The hypervolume that points add to that of the trunk, in margins to the power of J.

    Measured from one margin below the trunk on every objective: what is worse than that anywhere
    counts for nothing, and the trunk's own volume, 1, is left out. So the trunk has 0, and with
    one objective it is the gain of the best point, if that is above 0.

    Args:
        gains: Over the trunk, in margins, shape (M, J); M may be 0.
    """
    objectives = gains.shape[1]
    with_trunk = np.concatenate([np.zeros((1, objectives)), gains])
    reference = np.full(objectives, -MARGIN)
    return float(moocore.hypervolume(with_trunk, ref=reference, maximise=True)) - 1.0
