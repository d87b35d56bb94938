r"""What moves a result: shares of its variance by input, the one home of SALib.

The total-order index of input i is the share of the variance of f that is left while all other
inputs are held,

.. math:: S_{Ti} = E[Var(f \mid x_{\sim i})] / Var(f)

(Homma and Saltelli 1996), so what an input does only together with others counts too: indices may
sum to more than 1, and one of 0 says that the input moves nothing at all. Points are a scrambled
Sobol sequence in Saltelli's scheme, the estimator is Jansen's (Saltelli et al. 2010), intervals are
by the bootstrap over the points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

INSTALL = "pip install 'mainstem[lab]'"

LEVEL = 0.9
"""Coverage of the intervals."""

LEAST = 8
"""Of fewer points nothing is told: each quarter of a range has two of them."""

_RESAMPLES = 400


class NoIndicesError(ModuleNotFoundError):
    """SALib is not installed."""


@dataclass(frozen=True, kw_only=True)
class Indices:
    """Shares of the variance.

    Attributes:
        total: Total-order index of each input, shape (d,).
        half: Half the width of its interval, shape (d,).
        level: The interval's coverage.
    """

    total: Floats
    half: Floats
    level: float


def points(ends: Sequence[tuple[float, float]], base: int, seed: int) -> Floats:
    """Where the result has to be known, shape (base (d + 2), d).

    Args:
        ends: The least and the largest value of each input, d of them.
        base: Size of the base sample, a power of 2, `LEAST` or more.
        seed: Of the scrambling, 0 or above.

    Raises:
        NoIndicesError: SALib is not installed.
        ValueError: `base` is no power of 2, of which the sequence is not balanced, or too small.
    """
    if base < LEAST or base & (base - 1):
        raise ValueError(f"a base sample of {base}: give a power of 2, as {LEAST}, 16 or 32")
    sample, _ = _salib()
    asked = sample.sample(_problem(ends), base, calc_second_order=False, seed=seed)
    return np.asarray(asked, dtype=np.float64)


def indices(ends: Sequence[tuple[float, float]], results: Floats, seed: int) -> Indices | None:
    """The shares of the variance of what `points` led to; None where nothing varies.

    Args:
        ends: As `points` was given them.
        results: The result at each point, finite, shape (base (d + 2),).
        seed: Of the bootstrap, 0 or above.

    Raises:
        NoIndicesError: SALib is not installed.
    """
    if not float(np.ptp(results)) > 0.0:
        return None
    _, analyze = _salib()
    found = analyze.analyze(
        _problem(ends),
        results,
        calc_second_order=False,
        num_resamples=_RESAMPLES,
        conf_level=LEVEL,
        seed=seed + 1,  # it takes 0 for none
    )
    return Indices(total=np.asarray(found["ST"]), half=np.asarray(found["ST_conf"]), level=LEVEL)


def _problem(ends: Sequence[tuple[float, float]]) -> dict[str, Any]:
    """The inputs as SALib names them."""
    names = [f"x{i}" for i in range(len(ends))]
    return {"num_vars": len(ends), "names": names, "bounds": [list(pair) for pair in ends]}


def _salib() -> tuple[Any, Any]:
    """Its modules for this scheme; loading them takes seconds."""
    try:
        from SALib.analyze import sobol as analyze
        from SALib.sample import sobol as sample
    except ModuleNotFoundError:
        raise NoIndicesError(f"what assumptions matter takes SALib: `{INSTALL}`") from None
    return sample, analyze
