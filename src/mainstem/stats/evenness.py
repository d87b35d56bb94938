"""How evenly something is shared out: Jain's index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def jain(shares: NDArray[np.float64]) -> float | None:
    """Jain's index (Jain, Chiu and Hawe 1984): squared sum over n times the sum of squares.

    Args:
        shares: What each received, or received per claim, 0 or above, shape (n,).

    Returns:
        1 where all have the same, k / n where k of n share all of it evenly; None where there is
        nothing to share.

    Raises:
        ValueError: A share is below 0 or no number.
    """
    values = np.asarray(shares, dtype=np.float64)
    if not np.all(np.isfinite(values) & (values >= 0.0)):
        raise ValueError("a share is a finite number of 0 or above")
    if not values.any():
        return None
    unit = values / values.max()  # neither overflows nor vanishes when squared
    return float(unit.sum() ** 2 / (len(unit) * np.sum(unit**2)))
