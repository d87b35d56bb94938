"""The landscape of the response as it is: the same model as `landscape`, without its warp.

The warp compresses what is bad, so that a recipe far on that side does not rule the fit. Reading it
back stretches what was compressed: where effects simply add up, a recipe of several bad changes
then looks far worse than their sum, and surely so. What chooses among good recipes does not mind;
what divides a gain asks for the value of bad ones too. Which of the two is right differs from stack
to stack, so whoever asks for such values does best to hear both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats.landscape import Landscape, of_data
from mainstem.stats.mixture import weigh
from mainstem.stats.warp import Warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

AS_IT_IS = Warp(bend=-np.inf, scale=1.0, floor=-np.inf)
"""No warp: nothing lies below its bend."""


def fit(
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    exact: bool = False,
) -> Landscape:
    """Fits the landscape of one objective on the response's own scale.

    Args:
        x: Recipe of each run, 0 or 1, shape (T, n), T at least 1.
        gains: Gain of each run over a common origin, above 0 is better, shape (T,).
        rng: Drives the chains.
        exact: Whether the metric has no noise.
    """
    shift, scale = float(np.mean(gains)), float(np.std(gains))
    if not scale > 0.0:
        scale = 1.0
    data = weigh(x, (gains - shift) / scale, exact=exact)
    return of_data(data, AS_IT_IS, shift, scale, rng)
