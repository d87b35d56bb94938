"""Many questions, one false alarm rate: Holm's step-down correction, weighted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def holm(
    p_values: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Adjusted p-values (Holm 1979): those at most alpha hold any false alarm to alpha.

    Whatever the dependence of the questions. A question of weight w is first held to its share of
    alpha, w over the sum of all weights; what has been rejected leaves its share to the others.

    Args:
        p_values: One for each question, shape (m,).
        weights: How much each question matters, above 0, shape (m,), fixed before the data are
            seen; all alike if None.

    Returns:
        Shape (m,), at most 1.

    Raises:
        ValueError: A weight is not above 0.
    """
    p = np.asarray(p_values, dtype=np.float64)
    w = np.ones_like(p) if weights is None else np.asarray(weights, dtype=np.float64)
    if not np.all(w > 0.0):
        raise ValueError("the weight of a question is above 0")
    order = np.argsort(p / w, kind="stable")
    left = np.cumsum(w[order][::-1])[::-1]
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(p[order] / w[order] * left))
    return adjusted
