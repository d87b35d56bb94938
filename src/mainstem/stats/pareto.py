"""The Pareto front: recipes that no other recipe beats on every objective."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def front(gains: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points are not dominated.

    A point is dominated when another is at least as good on every objective and better on one.
    Points with equal gains are all kept.

    Args:
        gains: Shape (M, J), above is better.

    Returns:
        Shape (M,).
    """
    at_least = np.all(gains[:, None, :] >= gains[None, :, :], axis=2)
    better = np.any(gains[:, None, :] > gains[None, :, :], axis=2)
    return np.asarray(~np.any(at_least & better, axis=0))


def front_probability(draws: NDArray[np.float64]) -> NDArray[np.float64]:
    """Posterior probability that each point is on the front.

    Args:
        draws: Joint draws of the gains, shape (S, M, J).

    Returns:
        Shape (M,).
    """
    return np.asarray(np.mean([front(sample) for sample in draws], axis=0))
