"""Claims beside measurements: how many hold, in which group, and do groups differ?

Counts are small, so intervals and tests are exact or nearly so: Wilson's interval (1927) covers its
level on average (Brown, Cai and DasGupta 2001), Clopper and Pearson's (1934) never less than it,
and Fisher's test is exact given the margins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from mainstem.stats import association

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Rate:
    """A share with its interval.

    Attributes:
        held: How many held.
        tried: Of how many, at least 1.
        low: Lower end of the interval.
        high: Upper end.
    """

    held: int
    tried: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """How many held of those that were tried."""
        return self.held / self.tried


def wilson(held: int, tried: int, level: float) -> Rate:
    """A share with Wilson's score interval.

    Args:
        held: How many held.
        tried: Of how many.
        level: Coverage, on average over shares.

    Raises:
        ValueError: Nothing was tried, or more held than were tried.
    """
    _check(held, tried)
    z2 = float(special.ndtri(0.5 + 0.5 * level)) ** 2
    centre = (held + 0.5 * z2) / (tried + z2)
    half = np.sqrt(z2 * (held * (tried - held) / tried + 0.25 * z2)) / (tried + z2)
    # The ends are exact at no and at all; rounding must not leave them a hair inside.
    low = 0.0 if held == 0 else float(centre - half)
    high = 1.0 if held == tried else float(centre + half)
    return Rate(held=held, tried=tried, low=low, high=high)


def clopper_pearson(held: int, tried: int, level: float) -> Rate:
    """A share with the interval that never covers less than its level.

    Args:
        held: How many held.
        tried: Of how many.
        level: Coverage at least.

    Raises:
        ValueError: Nothing was tried, or more held than were tried.
    """
    _check(held, tried)
    tail = 0.5 * (1.0 - level)
    low = special.betaincinv(held, tried - held + 1, tail) if held else 0.0
    high = special.betaincinv(held + 1, tried - held, 1.0 - tail) if held < tried else 1.0
    return Rate(held=held, tried=tried, low=float(low), high=float(high))


def _check(held: int, tried: int) -> None:
    if not 0 <= held <= tried or tried == 0:
        raise ValueError(f"{held} of {tried} is no share: need 0 <= held <= tried, tried above 0")


def difference_p(
    rng: np.random.Generator, held: NDArray[np.bool_], group: NDArray[np.generic]
) -> float | None:
    """The p-value of groups replicating alike.

    Args:
        rng: Draws permutations where there are more than two groups.
        held: Which claims held, shape (D,).
        group: The group of each, shape (D,).

    Returns:
        Fisher's two-sided p-value for two groups, that of an exact permutation test for more; None
        with one group, or where all or none held.
    """
    found, index = np.unique(group, return_inverse=True)
    if len(found) < 2 or held.all() or not held.any():
        return None
    if len(found) > 2:
        none = np.empty((len(held), 0))
        return association.response_p(rng, held.astype(np.float64), none, group)
    yes = np.bincount(index, weights=held).astype(np.int64)
    no = np.bincount(index) - yes
    return float(stats.fisher_exact(np.array([yes, no])).pvalue)
