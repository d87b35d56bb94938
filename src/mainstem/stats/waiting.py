r"""How long proposals wait for their verdict, those that still wait counted in.

Leaving out what is still open makes the slow look fast. Kaplan and Meier's curve (1958) counts each
proposal for as long as it was seen. Groups are compared by the log-rank test (Mantel 1966), written
as scores so that it can be permuted and the evidence taken out: observed less expected verdicts of
a group are the sum of

.. math:: s_i = \delta_i - \hat\Lambda(t_i), \qquad
          \hat\Lambda(t) = \sum_{u \le t} \frac{d_u}{n_u}

over its members, with :math:`\delta_i` 1 for a verdict and 0 for one that still waits, and the
Nelson-Aalen estimate over all.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from mainstem.stats import association

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Curve:
    """The share that still waits, by Kaplan and Meier.

    Attributes:
        times: Where the curve steps or somebody leaves unjudged, in the unit of the waits, (K,).
        waiting: The share that still waits just after each, shape (K,).
        low: Lower ends of the pointwise intervals, shape (K,); nan before the first verdict
            and where nobody waits any more.
        high: Upper ends, shape (K,), nan where the lower are.
    """

    times: Floats
    waiting: Floats
    low: Floats
    high: Floats

    @property
    def median(self) -> float | None:
        """The first time at which half or fewer still wait; None if that was never seen."""
        return self._half(self.waiting)

    @property
    def median_interval(self) -> tuple[float | None, float | None]:
        """Times at which half may still wait, by the curve's ends (Brookmeyer and Crowley 1982).

        None where that end was never seen to pass half.
        """
        return self._half(self.low), self._half(self.high)

    def _half(self, shares: Floats) -> float | None:
        """When so many or fewer are half; nan, before the first verdict, is all."""
        # Shares are products of fractions: half may come out a hair above.
        passed = np.flatnonzero(shares <= 0.5 + 1e-12)
        return float(self.times[passed[0]]) if len(passed) else None


def curve(waits: Floats, judged: NDArray[np.bool_], level: float) -> Curve:
    """The share that still waits, with log-log intervals (Kalbfleisch and Prentice 2002).

    Args:
        waits: From filing to the verdict, or to now, shape (D,), D at least 1.
        judged: Which have their verdict; the others are censored, shape (D,).
        level: Coverage of each point's interval.
    """
    sample = stats.CensoredData(uncensored=waits[judged], right=waits[~judged])
    survival = stats.ecdf(sample).sf
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # log(-log(1)) before the first verdict and log(-log(0)) after the last are nan, as we say.
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        ends: Any = survival.confidence_interval(level, method="log-log")
    return Curve(
        times=np.asarray(survival.quantiles, dtype=np.float64),
        waiting=np.asarray(survival.probabilities, dtype=np.float64),
        low=np.asarray(ends.low.probabilities, dtype=np.float64),
        high=np.asarray(ends.high.probabilities, dtype=np.float64),
    )


def scores(waits: Floats, judged: NDArray[np.bool_]) -> Floats:
    """The log-rank score of each proposal: above 0 where it was judged sooner than others.

    Args:
        waits: From filing to the verdict, or to now, shape (D,).
        judged: Which have their verdict, shape (D,).

    Returns:
        Shape (D,); they sum to 0.
    """
    times, index = np.unique(waits, return_inverse=True)
    verdicts = np.bincount(index, weights=judged, minlength=len(times))
    at_risk = len(waits) - np.concatenate([[0.0], np.cumsum(np.bincount(index))[:-1]])
    hazard = np.cumsum(verdicts / at_risk)
    return np.asarray(judged - hazard[index])


def difference_p(
    rng: np.random.Generator,
    waits: Floats,
    judged: NDArray[np.bool_],
    group: NDArray[np.generic],
    evidence: Floats | None = None,
) -> float | None:
    """The p-value of groups waiting alike: the log-rank test, by permutation.

    Args:
        rng: Draws permutations.
        waits: From filing to the verdict, or to now, shape (D,).
        judged: Which have their verdict, shape (D,).
        group: The group of each, shape (D,).
        evidence: What the wait may rightly depend on, shape (D, p). Without it the test is exact
            if censoring does not depend on the group.

    Returns:
        None where there is one group, or nothing was judged.
    """
    given = np.empty((len(waits), 0)) if evidence is None else evidence
    if not judged.any():
        return None
    return association.response_p(rng, scores(waits, judged), given, group)
