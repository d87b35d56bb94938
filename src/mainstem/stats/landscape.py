r"""The landscape: a posterior over one objective as a function of the recipe.

A Gaussian process on the cube {0, 1}^n with the trunk at the origin:

.. math:: k(x, x') = c^2 + \sum_i a_i x_i x'_i + p \sum_{i<j} x_i x_j x'_i x'_j
          + r \exp(-h \sum_i [x_i \ne x'_i])

that is main effects with a variance :math:`a_i` of their own (one proposal may dwarf the rest),
pairs, and a remainder of all orders (the exponential Hamming kernel), plus noise :math:`s^2`.
Where pairs suffice the evidence shrinks r, where they do not it shrinks p: neither kind of
landscape needs a switch. The response is warped first (`mainstem.stats.warp`). Hyper-parameters
are the maximum of the posterior under log-normal priors on the standardised response, from one
fixed start, so that a fit depends on its data alone.

Everything anyone asks of it - effects, interactions, gains, the next recipe - is a joint draw of f
at chosen recipes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import linalg, optimize

from mainstem.stats.warp import Warp, fit_warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CONSTANT_VAR = 4.0
_JITTER = 1e-8


@dataclass(frozen=True, kw_only=True)
class Hyper:
    """Hyper-parameters, on the scale of the standardised warped response.

    Attributes:
        main_var: Variance of each main effect, shape (n,).
        pair_var: Variance of each pairwise interaction.
        rest_var: Variance of the remainder of all orders.
        rest_rate: Decay of the remainder's correlation per differing proposal.
        noise_var: Variance of the run-to-run noise.
    """

    main_var: NDArray[np.float64]
    pair_var: float
    rest_var: float
    rest_rate: float
    noise_var: float


def kernel(hyper: Hyper, x: NDArray[np.float64], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Prior covariance of f between recipes x, shape (A, n), and z, shape (B, n): (A, B)."""
    common = x @ z.T
    differ = x.sum(1)[:, None] + z.sum(1)[None, :] - 2.0 * common
    return np.asarray(
        _CONSTANT_VAR
        + (x * hyper.main_var) @ z.T
        + hyper.pair_var * 0.5 * common * (common - 1.0)
        + hyper.rest_var * np.exp(-hyper.rest_rate * differ)
    )


@dataclass(frozen=True, kw_only=True)
class _Prior:
    """Independent normal priors on the log hyper-parameters: main (n), pair, rest, rate, noise."""

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]


def _prior(n: int, noise_sd: float | None, degrees: int) -> _Prior:
    """Priors on the standardised response, whose variance is 1 by construction.

    About a third of the proposals of a recipe are at work: n/3 main effects make half the variance,
    their pairs a quarter, the remainder an eighth. A noise sd known from replicates enters with the
    precision that its degrees of freedom give (the log of a chi-square variance has variance
    about 2 / degrees).
    """
    pairs = max(1.0, (n / 3.0) ** 2 / 2.0)
    centre = [
        *([np.log(1.5 / n)] * n),
        np.log(0.25 / pairs),
        np.log(0.125),
        np.log(3.0 / max(n, 3)),
        np.log(0.05),
    ]
    spread = [*([1.5] * n), 1.5, 1.5, 0.7, 2.0]
    if noise_sd is not None:
        centre[-1] = 2.0 * np.log(max(noise_sd, 1e-4))
        spread[-1] = min(2.0, np.sqrt(2.0 / degrees) + 0.1)
    return _Prior(mean=np.array(centre), sd=np.array(spread))


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """A fitted posterior of one objective's gain.

    Attributes:
        recipes: Distinct recipes with data, shape (U, n).
        hyper: Fitted hyper-parameters.
        warp: The response's warp.
        shift: Mean of the warped response, subtracted.
        scale: Its standard deviation, divided out.
    """

    recipes: NDArray[np.float64]
    hyper: Hyper
    warp: Warp
    shift: float
    scale: float
    _factor: NDArray[np.float64]
    _weights: NDArray[np.float64]

    def posterior(self, x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Posterior mean (A,) and covariance (A, A) of f at x, on the warped, standard scale."""
        cross = kernel(self.hyper, self.recipes, x)
        half = linalg.solve_triangular(self._factor, cross, lower=True, check_finite=False)
        return cross.T @ self._weights, kernel(self.hyper, x, x) - half.T @ half

    def mean(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior mean of f at x, shape (A,), on the warped, standard scale."""
        return np.asarray(kernel(self.hyper, x, self.recipes) @ self._weights)

    def draw(
        self, x: NDArray[np.float64], samples: int, rng: np.random.Generator
    ) -> NDArray[np.float64]:
        """Joint posterior draws of f at recipes x, in gain units, shape (samples, A)."""
        mean, cov = self.posterior(x)
        white = rng.standard_normal((samples, len(x)))
        return self.to_gain(mean + white @ _root(cov).T)

    def to_gain(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the warped, standard scale to gain units; any shape."""
        return self.warp.inverse(self.shift + self.scale * standard)

    @property
    def noise_sd(self) -> float:
        """Noise sd in gain units, for recipes as good as the trunk or better."""
        return float(np.sqrt(self.hyper.noise_var)) * self.scale


def _root(cov: NDArray[np.float64]) -> NDArray[np.float64]:
    """A square root of a covariance that may be singular to rounding."""
    size = float(np.trace(cov)) / len(cov) + 1e-12
    for jitter in (1e-9, 1e-7, 1e-5):
        try:
            return np.asarray(linalg.cholesky(cov + jitter * size * np.eye(len(cov)), lower=True))
        except linalg.LinAlgError:
            continue
    values, vectors = linalg.eigh(cov)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))


def fit(
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    *,
    noise_sd: float | None = None,
    noise_degrees: int = 0,
) -> Landscape:
    """Fits the landscape of one objective.

    Args:
        x: Recipe of each run, 0 or 1, shape (T, n), T at least 1.
        gains: Gain of each run over a common origin, above 0 is better, shape (T,).
        noise_sd: Run-to-run sd in the unit of the gains where replicates gave one.
        noise_degrees: Its degrees of freedom.
    """
    warp = fit_warp(gains)
    warped = warp.forward(gains)
    shift, scale = float(np.mean(warped)), float(np.std(warped))
    if not scale > 0.0:
        scale = 1.0
    recipes, index, counts = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    y = (warped - shift) / scale
    means = np.bincount(index.ravel(), weights=y, minlength=len(recipes)) / counts
    within, runs = float(np.sum((y - means[index.ravel()]) ** 2)), len(gains)
    known = None if noise_sd is None else noise_sd / scale
    if known is not None:  # the prior says what the scatter of replicates says: it counts once
        within, runs = 0.0, len(recipes)
    data = _Data(x=recipes, y=means, counts=counts.astype(np.float64), within=within, runs=runs)
    hyper = _maximise(data, _prior(x.shape[1], known, noise_degrees))
    factor = linalg.cholesky(_covariance(hyper, data), lower=True, check_finite=False)
    weights = linalg.cho_solve((factor, True), means, check_finite=False)
    return Landscape(
        recipes=recipes,
        hyper=hyper,
        warp=warp,
        shift=shift,
        scale=scale,
        _factor=np.asarray(factor),
        _weights=np.asarray(weights),
    )


@dataclass(frozen=True, kw_only=True)
class _Data:
    """Means over replicates are sufficient for f; the scatter within them speaks of the noise.

    Attributes:
        x: Distinct recipes, shape (U, n).
        y: Mean standardised response per recipe, shape (U,).
        counts: Runs per recipe, shape (U,).
        within: Sum of squares within recipes.
        runs: Runs in all.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    counts: NDArray[np.float64]
    within: float
    runs: int


def _covariance(hyper: Hyper, data: _Data) -> NDArray[np.float64]:
    """Covariance of the recipe means: the kernel plus noise over the number of runs."""
    return kernel(hyper, data.x, data.x) + np.diag(hyper.noise_var / data.counts + _JITTER)


def _unpack(log_hyper: NDArray[np.float64]) -> Hyper:
    """From the vector of logs: main (n), pair, rest, rate, noise."""
    values = np.exp(log_hyper)
    return Hyper(
        main_var=values[:-4],
        pair_var=float(values[-4]),
        rest_var=float(values[-3]),
        rest_rate=float(values[-2]),
        noise_var=float(values[-1]),
    )


def _maximise(data: _Data, prior: _Prior) -> Hyper:
    """The posterior mode of the hyper-parameters, from the prior's centre."""
    result = optimize.minimize(
        _negative_log_posterior,
        prior.mean,
        args=(data, prior),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(prior.mean - 3.0 * prior.sd, prior.mean + 3.0 * prior.sd, strict=True)),
        options={"maxiter": 60, "ftol": 1e-7},
    )
    return _unpack(np.asarray(result.x))


def _negative_log_posterior(
    log_hyper: NDArray[np.float64], data: _Data, prior: _Prior
) -> tuple[float, NDArray[np.float64]]:
    """Minus the log posterior density of the hyper-parameters, and its gradient."""
    hyper = _unpack(log_hyper)
    covariance = _covariance(hyper, data)
    z = (log_hyper - prior.mean) / prior.sd
    factor = linalg.cholesky(covariance, lower=True, check_finite=False)
    inverse = linalg.cho_solve((factor, True), np.eye(len(data.y)), check_finite=False)
    alpha = inverse @ data.y
    spare = data.runs - len(data.y)
    value = 0.5 * float(data.y @ alpha) + float(np.sum(np.log(np.diag(factor))))
    value += 0.5 * (spare * log_hyper[-1] + data.within / hyper.noise_var) + 0.5 * float(z @ z)
    inner = 0.5 * (inverse - np.outer(alpha, alpha))  # d value / d covariance
    common = data.x @ data.x.T
    ones = data.x.sum(1)
    differ = ones[:, None] + ones[None, :] - 2.0 * common
    rest = hyper.rest_var * np.exp(-hyper.rest_rate * differ)
    gradient = np.empty_like(log_hyper)
    gradient[:-4] = hyper.main_var * np.einsum("ti,ts,si->i", data.x, inner, data.x, optimize=True)
    gradient[-4] = hyper.pair_var * 0.5 * np.sum(inner * common * (common - 1.0))
    gradient[-3] = np.sum(inner * rest)
    gradient[-2] = -hyper.rest_rate * np.sum(inner * rest * differ)
    gradient[-1] = hyper.noise_var * np.sum(np.diag(inner) / data.counts)
    gradient[-1] += 0.5 * (spare - data.within / hyper.noise_var)
    return value, gradient + z / prior.sd
