"""The landscape of the response as it is: the same model as `landscape`, without its warp.

The warp compresses what is bad, so that a recipe far on that side does not rule the fit. Reading it
back stretches what was compressed: where effects simply add up, a recipe of several bad changes
then looks far worse than their sum, and surely so. What chooses among good recipes does not mind;
what divides a gain asks for the value of bad ones too. Which of the two is right differs from stack
to stack, so whoever asks for such values does best to hear both.

Noise that is the same for all recipes on the warped scale is not the same here: where losses are
compressed a run of a recipe is noisier by as much as a small step is longer, and what grows there
grows here too. Else the few runs that went terribly wrong, the noisiest of all, would be believed
like the trunk's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import growing
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
    noise: NDArray[np.float64] | None = None,
) -> Landscape:
    """Fits the landscape of one objective on the response's own scale.

    Args:
        x: Recipe of each run, 0 or 1, shape (T, n), T at least 1.
        gains: Gain of each run over a common origin, above 0 is better, shape (T,).
        rng: Drives the chains.
        exact: Whether the metric has no noise.
        noise: Noise variance of each run, as a multiple of the trunk's, shape (T,)
            (`noise_beside`); None: all have the same.
    """
    shift, scale = float(np.mean(gains)), float(np.std(gains))
    if not scale > 0.0:
        scale = 1.0
    data = weigh(x, (gains - shift) / scale, exact=exact, noise=noise)
    return of_data(data, AS_IT_IS, shift, scale, rng)


def noise_beside(
    warped: Landscape, x: NDArray[np.float64], gains: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Noise variances of single runs on the gains' own scale, beside a landscape with a warp.

    What a small step is longer there, squared, times what noise was found to grow by on the warped
    scale itself (`stats.growing`). Both by the level that the landscape expects of each recipe, not
    by what a run of it came out as: a run would count for less because it was unlucky, and the mean
    would lean to the lucky ones.

    Args:
        warped: The landscape with its warp, fitted to these runs.
        x: Recipe of each run, shape (T, n).
        gains: Gain of each run, shape (T,).

    Returns:
        Multiples of the noise variance of the recipe with nothing, if that is above the bend,
        shape (T,).
    """
    expected = warped.to_gain(warped.mean(x))
    stretch = warped.warp.stretch(expected)
    return np.square(stretch) * growing.noise(warped, x, gains)
