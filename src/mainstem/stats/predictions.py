r"""How good were predictions: of events by probabilities, of quantities by numbers.

**Brier score** (Brier 1950) of probabilities :math:`p_i` of events :math:`o_i` (0 or 1):

.. math:: B = \frac{1}{n} \sum_i (p_i - o_i)^2,

0 for a seer, 1/4 for whoever always says one half. It is proper: nobody does better, on average,
than by saying what they believe. What is easy to predict gives low scores to everybody, so it is
shown beside the score of a constant, the base rate.

**Murphy's decomposition** (Murphy 1973) groups predictions that are alike. With the :math:`n_k`
predictions of bin k replaced by their mean :math:`\bar p_k`, of which a share :math:`\bar o_k` came
true, and :math:`\bar o` of all,

.. math:: B' = \underbrace{\sum_k \tfrac{n_k}{n} (\bar p_k - \bar o_k)^2}_{\text{reliability}}
          - \underbrace{\sum_k \tfrac{n_k}{n} (\bar o_k - \bar o)^2}_{\text{resolution}}
          + \underbrace{\bar o (1 - \bar o)}_{\text{uncertainty}}

exactly. :math:`B - B'` is what differences within bins add (Stephenson, Coelho and Jolliffe 2008).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS = 5
"""Bins of equal width between 0 and 1."""

ENOUGH = 20
"""Predictions below which a decomposition says more of luck than of the predictor: four a bin."""


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Predictions that are alike.

    Attributes:
        n: How many.
        said: Their mean.
        came: The share of them that came true.
    """

    n: int
    said: float
    came: float


@dataclass(frozen=True, kw_only=True)
class Decomposition:
    """Murphy's parts of a Brier score.

    Attributes:
        reliability: How far what was said is from what came, bin by bin; 0 is calibrated.
        resolution: How far what came differs between bins; large is telling.
        uncertainty: What the base rate of these events would have had, known beforehand.
        within: What is left: differences within bins.
        bins: The bins that hold a prediction, from low to high.
    """

    reliability: float
    resolution: float
    uncertainty: float
    within: float
    bins: tuple[Bin, ...]


def brier(said: NDArray[np.float64], came: NDArray[np.bool_]) -> float:
    """The Brier score of probabilities; 0 is best.

    Args:
        said: Probabilities, shape (n,), n at least 1.
        came: Whether each event came, shape (n,).
    """
    return float(np.mean((said - came) ** 2))


def decompose(said: NDArray[np.float64], came: NDArray[np.bool_]) -> Decomposition | None:
    """Murphy's decomposition over `BINS` bins.

    Args:
        said: Probabilities, shape (n,).
        came: Whether each event came, shape (n,).

    Returns:
        None below `ENOUGH` predictions.
    """
    n = len(said)
    if n < ENOUGH:
        return None
    place = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    bins = tuple(
        Bin(
            n=int(np.sum(place == k)),
            said=float(said[place == k].mean()),
            came=float(came[place == k].mean()),
        )
        for k in np.unique(place)
    )
    rate = float(came.mean())
    reliability = sum(b.n * (b.said - b.came) ** 2 for b in bins) / n
    resolution = sum(b.n * (b.came - rate) ** 2 for b in bins) / n
    uncertainty = rate * (1.0 - rate)
    return Decomposition(
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within=brier(said, came) - (reliability - resolution + uncertainty),
        bins=bins,
    )


@dataclass(frozen=True, kw_only=True)
class Errors:
    """How far predicted quantities were from what was measured; None if there is none.

    Attributes:
        absolute: Mean absolute error.
        bias: Mean of predicted less measured: above 0 is hopeful.
    """

    absolute: float | None
    bias: float | None


def errors(off: NDArray[np.float64]) -> Errors:
    """Sums up errors, shape (n,): predicted less measured, all in one unit."""
    if not len(off):
        return Errors(absolute=None, bias=None)
    return Errors(absolute=float(np.mean(np.abs(off))), bias=float(np.mean(off)))
