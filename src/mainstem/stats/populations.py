r"""What the laws of one stack have in common: exponents, and how far laws are from exact.

One recipe's four rungs say little about its exponent, and next to nothing about the drift of its
law; all recipes of a stack together say more. Each is first sampled under a wide prior; the
likelihood of a population is then, by importance (Hogg, Myers and Bovy 2010),

.. math::
    L_r(\mu, \omega, \kappa) = \frac1S \sum_s
        \frac{N(\log\alpha_s; \mu, \omega^2)\, N(\log\kappa_s; \log\kappa, .5^2)}
             {p_0(\alpha_s, \kappa_s)}

over the draws s of recipe r. A recipe is forecast with what the *others* say, so nothing is counted
twice, and with none it is the prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRIFT_SPREAD = 0.5
"""Sd of log kappa between recipes of one stack, and between what ran and what lies beyond it."""


@dataclass(frozen=True, kw_only=True)
class Population:
    """What is believed of a recipe's law before its own runs are seen; normal in logs.

    Attributes:
        rate: Mean of log alpha over recipes.
        rate_sd: What that mean is uncertain by.
        rate_spread: Sd of log alpha between recipes.
        drift: Mean of log kappa.
        drift_sd: Its sd, the spread between recipes included.
    """

    rate: float
    rate_sd: float
    rate_spread: float
    drift: float
    drift_sd: float

    def log_density(self, rates: Floats, drift: Floats) -> Floats:
        """Log density, up to a constant, shape (W,).

        Args:
            rates: Logs of exponents, shape (W, P): of one recipe, or of several.
            drift: Log kappa, shape (W,).
        """
        count = rates.shape[1]
        off = rates - self.rate
        narrow, wide = self.rate_spread**2, self.rate_spread**2 + count * self.rate_sd**2
        together = off.sum(1) ** 2 / count
        apart = np.sum(off * off, axis=1) - together
        walk = (drift - self.drift) / self.drift_sd
        return np.asarray(-0.5 * (apart / narrow + together / wide + walk**2))

    def draw(self, rng: np.random.Generator, size: int, rates: int) -> tuple[Floats, Floats]:
        """Draws of log exponents, shape (size, rates), and of log kappa, (size,)."""
        common = self.rate + self.rate_sd * rng.standard_normal((size, 1))
        own = common + self.rate_spread * rng.standard_normal((size, rates))
        return own, self.drift + self.drift_sd * rng.standard_normal(size)

    def turns(self, rng: np.random.Generator, size: int) -> Floats:
        """Draws of log tau, shape (size,): of what lies beyond the largest rung, as of kappa.

        Asked of `PRIOR` alone. That laws fit their rungs says that kappa is small, and nothing of
        what happens where none ran.
        """
        return np.asarray(self.drift + self.drift_sd * rng.standard_normal(size))


PRIOR = Population(
    rate=float(np.log(0.3)), rate_sd=0.5, rate_spread=0.45, drift=float(np.log(0.03)), drift_sd=1.0
)
"""Exponents with their offset lie between .05 and 1 in most of what was published; see
docs/statistics.md. A kappa of .03: the slope changes by a thirtieth of its mean in an e-fold."""

WIDE = Population(
    rate=float(np.log(0.3)), rate_sd=0.7, rate_spread=1.0, drift=float(np.log(0.05)), drift_sd=1.5
)
"""What recipes are sampled under before their population is known."""

_MEANS = np.log(0.3) + 0.5 * np.linspace(-3.0, 3.0, 19)
_SPREADS = np.array([0.1, 0.25, 0.4, 0.55, 0.7])
_DRIFTS = np.log(0.03) + np.linspace(-3.0, 4.0, 22)


class Learner:
    """What recipes say of their population, kept apart so that each can be left out.

    Args:
        draws: Of each recipe, under `WIDE`: log exponents, one or several, then any others, then
            log kappa, shape (S, d).
        rates: How many of the first are log exponents.
    """

    def __init__(self, draws: Sequence[Floats], rates: int) -> None:
        self._said = [_said(one[:, :rates], one[:, -1]) for one in draws]

    def without(self, left_out: Collection[int]) -> Population:
        """The population by all recipes but these; the prior if there is no other."""
        said = [one for at, one in enumerate(self._said) if at not in left_out]
        if not said:
            return PRIOR
        grid = np.sum(said, axis=0) + _log_prior()
        odds = np.exp(grid - grid.max())
        odds /= odds.sum()
        means, spreads, drifts = odds.sum((1, 2)), odds.sum((0, 2)), odds.sum((0, 1))
        rate, rate_sd = _moments(_MEANS, means)
        drift, drift_sd = _moments(_DRIFTS, drifts)
        return Population(
            rate=rate,
            rate_sd=rate_sd,
            rate_spread=float(np.sqrt(spreads @ _SPREADS**2)),
            drift=drift,
            drift_sd=float(np.hypot(drift_sd, DRIFT_SPREAD)),
        )


def _moments(at: Floats, odds: Floats) -> tuple[float, float]:
    mean = float(odds @ at)
    return mean, max(float(np.sqrt(odds @ (at - mean) ** 2)), 0.02)


def _log_prior() -> Floats:
    """Of the grid of means, spreads and drifts; its moments are those of `PRIOR`."""
    means = -0.5 * ((_MEANS - PRIOR.rate) / PRIOR.rate_sd) ** 2
    drifts = -0.5 * ((_DRIFTS - PRIOR.drift) / PRIOR.drift_sd) ** 2
    return np.asarray(means[:, None, None] + np.zeros((1, len(_SPREADS), 1)) + drifts)


def _said(rates: Floats, drift: Floats) -> Floats:
    """Log likelihood of the grid by one recipe's draws, shape (19, 5, 22)."""
    before = WIDE.log_density(rates, drift)
    z = (rates[:, :, None, None] - _MEANS[:, None]) / _SPREADS  # (S, K, 19, 5)
    exponents = np.sum(-0.5 * z**2 - np.log(_SPREADS), axis=1)
    exponents = np.exp(exponents - 0.5 * before[:, None, None])
    walk = np.exp(-0.5 * ((drift[:, None] - _DRIFTS) / DRIFT_SPREAD) ** 2 - 0.5 * before[:, None])
    joint = np.einsum("smo,st->mot", exponents, walk)
    return np.asarray(np.log(joint / len(drift) + 1e-300))
