r"""A landscape above another: what small runs say of large ones, and how far that is to be trusted.

On the warped scale of the upper rung

.. math:: f(x) = \beta u(x) + d(x)

with u the landscape of the rung below, beta how much of it carries over, and d what is the upper
rung's own: effects, pairs and a remainder like those of any landscape (Kennedy and O'Hagan 2000;
from rung to rung, Le Gratiet and Garnier 2014). beta and d are learnt from the upper rung's runs:
where small runs mislead, beta goes to nothing and d is all that is left. The hyper-parameters of d
are drawn given the mean of beta, and beta is Gaussian given those of each chain.

A draw of f starts from one of u; d is then conditioned on the upper runs as that draw leaves them.
So what is not known of u counts once, and where the upper rung ran its own runs decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import landscape
from mainstem.stats.landscape import Landscape
from mainstem.stats.mixture import covariances, grams, solve, start, weigh
from mainstem.stats.posterior import ByRuns, Paths
from mainstem.stats.remainder import Near, Reach, Roots, factor
from mainstem.stats.warp import Warp, fit_warp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.stats.landscape import Sketch
    from mainstem.stats.mixture import Data, Hyper

CARRIES = (0.6, 0.6)
"""Prior mean and sd of beta: gains shrink with scale more often than they grow."""

OWN = 0.5
"""How large effects of the upper rung's own are a priori, as a share of those seen at all rungs."""

_DRAWS = 64
"""Draws of the rung below that say what is not known of it."""


@dataclass(frozen=True, kw_only=True)
class RaisedPaths:
    """Draws of a landscape above another, as a whole.

    Attributes:
        below: Those of the rung below, at least as many.
        below_roots: Of the remainder there.
        beta: How much of each carries over, shape (S,).
        seed: Of the draws of what is the upper rung's own, which depend on those below.
        roots: Of its remainder.
    """

    below: Paths | RaisedPaths
    below_roots: Roots
    beta: NDArray[np.float64]
    seed: int
    roots: Roots


@dataclass(frozen=True, kw_only=True)
class RaisedSketch:
    """A function drawn from the posterior of a landscape above another, up to a constant.

    Attributes:
        raised: The landscape.
        own: What is the upper rung's own.
        below: The draw of the rung below.
        beta: How much of it carries over.
    """

    raised: Raised
    own: Sketch
    below: Sketch | RaisedSketch
    beta: float

    def at(self, x: NDArray[np.float64], near: Near | None = None) -> NDArray[np.float64]:
        """Values at recipes x, shape (A, n): shape (A,); see `Sketch.at`."""
        lifted = self.raised.lift(self.below.at(x) + self.raised.below.level)
        return np.asarray(self.own.at(x, near) + self.beta * lifted)


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A fitted posterior of one objective's gain at a rung above others.

    Attributes:
        own: The landscape of what the rung below does not explain; its warp, shift and scale are
            those of the whole.
        below: The landscape of the rung below.
        beta: How much of it `own` was fitted without.
        chain_beta: What carries over given each chain of `own`: mean and sd, shape (C, 2).
    """

    own: Landscape
    below: Landscape | Raised
    beta: float
    chain_beta: NDArray[np.float64]

    @property
    def rungs(self) -> tuple[Landscape | Raised, ...]:
        """The landscape of every rung, the lowest first."""
        return (*self.below.rungs, self)

    @property
    def warp(self) -> Warp:
        """The upper rung's warp."""
        return self.own.warp

    @property
    def seen(self) -> NDArray[np.float64]:
        """The distinct recipes of the upper rung that its remainder is learnt from, (U, n)."""
        return self.own.seen

    @property
    def level(self) -> float:
        """What a sketch leaves out; see `Landscape.level`."""
        return self.own.level

    @property
    def noise_sd(self) -> float:
        """Noise sd at the upper rung in gain units, near the trunk."""
        return self.own.noise_sd

    @property
    def pair_prior(self) -> tuple[float, float]:
        """How often a pair that was never seen is at work, and its sd in gain units then."""
        (share, sd), (lower_share, lower_sd) = self.own.pair_prior, self.below.pair_prior
        return max(share, lower_share), float(np.hypot(sd, self.beta * lower_sd))

    def to_compressed(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the standard scale to gain units with the bad side compressed; any shape."""
        return self.own.to_compressed(standard)

    def lift(self, compressed: NDArray[np.float64]) -> NDArray[np.float64]:
        """Gains of the rung below, as its warp compresses them, as this rung's warp does."""
        return self.warp.forward(self.below.warp.inverse(compressed))

    def mean(self, x: NDArray[np.float64], near: Near | None = None) -> NDArray[np.float64]:
        """Posterior mean of f at x, shape (A,), on the warped, standard scale.

        Args:
            x: The recipes.
            near: Correlations of x with `seen`, if they are known.
        """
        return np.asarray(self.own.mean(x, near) + self.beta * self._expected_below(x))

    def paths(self, samples: int, rng: np.random.Generator, roots: Roots) -> RaisedPaths:
        """Joint draws of f as a whole, at least so many: as many of every chain.

        Args:
            samples: How many draws.
            rng: Draws them.
            roots: Of the remainder at `seen`.
        """
        chains = len(self.chain_beta)
        each = -(-samples // chains)
        beta = self.chain_beta[:, 0] + self.chain_beta[:, 1] * rng.standard_normal((each, chains))
        below_roots = Roots(self.below.seen)
        return RaisedPaths(
            below=self.below.paths(each * chains, rng, below_roots),
            below_roots=below_roots,
            beta=beta.reshape(-1),
            seed=int(rng.integers(2**32)),
            roots=roots,
        )

    def along(
        self,
        paths: RaisedPaths,
        reach: Reach,
        rng: np.random.Generator,
        *,
        compressed: bool = False,
    ) -> NDArray[np.float64]:
        """Draws of f as a whole, read at A recipes, in gain units, a row of A each.

        Args:
            paths: The draws.
            reach: The recipes.
            rng: Draws what the data leave open of the remainder there.
            compressed: Leave the bad side compressed.
        """
        shown = self.along_each(paths, reach, rng)[-1]
        return shown if compressed else self.warp.inverse(shown)

    def along_each(
        self, paths: RaisedPaths, reach: Reach, rng: np.random.Generator
    ) -> list[NDArray[np.float64]]:
        """Draws that belong together at every rung, the lowest first; as `along`, compressed."""
        chains, samples = len(self.chain_beta), len(paths.beta)
        learnt = np.empty((0, reach.x.shape[1])) if self.learnt is None else self.learnt
        x = np.concatenate([learnt, reach.x])
        lower = Reach(paths.below_roots, x)
        below = [each[:samples] for each in along_each(self.below, paths.below, lower, rng)]
        carried = paths.beta[:, None] * self.lift(below[-1]) / self.own.scale
        moved = self.moved(carried[:, : len(learnt)])
        own_rng = np.random.default_rng(paths.seed)
        own = self.own.posterior.paths(samples // chains, own_rng, paths.roots, moved)
        standard = own.at(reach, rng)
        shown = self.to_compressed(standard + carried[:, len(learnt) :])
        return [*(each[:, len(learnt) :] for each in below), shown]

    def sketch(self, rng: np.random.Generator) -> RaisedSketch:
        """One draw of f as a function of any recipe; see `Landscape.sketch`."""
        chain = int(rng.integers(len(self.chain_beta)))
        mean, sd = self.chain_beta[chain]
        beta = float(mean + sd * rng.standard_normal())
        below, data, moved = self.below.sketch(rng), self._data, None
        if data is not None:
            carried = beta * self.lift(below.at(data.x) + self.below.level) / self.own.scale
            moved = data.weight * (carried - self.beta * self._expected_below(data.x))
        own = self.own.sketched(self.own.posterior.drawn(chain, rng, moved))
        return RaisedSketch(raised=self, own=own, below=below, beta=beta)

    @property
    def learnt(self) -> NDArray[np.float64] | None:
        """The recipes that the own part is learnt from, (U, n); None if nothing below matters."""
        return None if self._data is None else self._data.x

    def moved(self, carried: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """What draws of the rung below take off the weighted responses of the own part.

        Args:
            carried: What each draw carries over to `learnt`, on the standard scale, chains in turn,
                shape (S, U).

        Returns:
            As `Posterior.paths` takes it, shape (C, S / C, U); None if nothing below matters.
        """
        data = self._data
        if data is None:
            return None
        missed = data.weight * (carried - self.beta * self._expected_below(data.x))
        return missed.reshape(-1, len(self.chain_beta), len(data.x)).transpose(1, 0, 2)

    @property
    def _data(self) -> Data | None:
        """What the own part is learnt from; None of so many runs that nothing below matters."""
        posterior = self.own.posterior
        return posterior.data if isinstance(posterior, ByRuns) else None

    def _expected_below(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """What is expected of the rung below, shape (A,), on the upper one's standard scale."""
        return _expected(self.below, x, self.warp) / self.own.scale


def fit(
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    below: Landscape | Raised,
    lower_gains: NDArray[np.float64],
    exact: bool = False,
) -> Raised:
    """Fits the landscape of one objective at a rung above others.

    Args:
        x: Recipe of each run of the upper rung, 0 or 1, shape (T, n), T at least 1.
        gains: Gain of each run over that rung's trunk, above 0 is better, shape (T,).
        rng: Drives the chains.
        below: The landscape of the rung below.
        lower_gains: Gains of the runs of all rungs below, shape (L,): the scale of what is to be
            expected here while little has run.
        exact: Whether the metric has no noise.
    """
    every = np.concatenate([gains, lower_gains])
    warp = fit_warp(every)
    warped = warp.forward(gains)
    shift, scale = float(np.mean(warped)), OWN * float(np.std(warp.forward(every)))
    if not scale > 0.0:
        scale = 1.0
    data = weigh(x, (warped - shift) / scale, exact=exact)
    lower = data.weight * _expected(below, data.x, warp) / scale

    def given(each: NDArray[np.float64]) -> tuple[float, Landscape]:
        """What is expected to carry over, and the landscape of the rest."""
        beta = float(each[:, 0].mean())
        rest = replace(data, y=data.y - beta * lower)
        return beta, landscape.of_data(rest, warp, shift, scale, rng)

    open_ = _left_open(below, data, warp, rng) / scale
    beta, first = given(carried(data, lower, open_ * CARRIES[0], start(data, 1)))
    beta, own = given(carried(data, lower, open_ * beta, first.hyper))
    each = carried(data, lower, open_ * beta, own.hyper)
    return Raised(own=own, below=below, beta=beta, chain_beta=each)


def carried(
    data: Data, lower: NDArray[np.float64], doubt: NDArray[np.float64], hyper: Hyper
) -> NDArray[np.float64]:
    """Mean and sd of beta given each chain's hyper-parameters of the rest, shape (C, 2).

    Generalised least squares with the prior `CARRIES` (O'Hagan 1978, section 2). What is not known
    of the rung below is noise here: without it a rung that is known badly would look as if it did
    not carry over.

    Args:
        data: The upper rung's weighted responses.
        lower: What the rung below expects of them, weighted, shape (U,).
        doubt: Draws of what else may carry over, weighted, about 0, shape (S, U).
        hyper: Hyper-parameters of all that is not carried over.
    """
    mean, sd = CARRIES
    out, known, more = [], grams(data), doubt.T @ doubt / len(doubt)
    for each in covariances(data, known, hyper, hyper.variances(data.effects)):
        root = factor(each + more)
        explained = solve(root, lower)
        precision = sd**-2 + float(lower @ explained)
        out.append([(mean * sd**-2 + float(data.y @ explained)) / precision, precision**-0.5])
    return np.array(out)


def _left_open(
    below: Landscape | Raised, data: Data, warp: Warp, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draws of a landscape at the data's recipes about their mean, as a warp compresses, (S, U)."""
    roots = Roots(below.seen)
    paths = below.paths(_DRAWS, rng, roots)
    draws = along(below, paths, Reach(roots, data.x), rng, compressed=True)
    lifted = warp.forward(below.warp.inverse(draws))
    return np.asarray(data.weight * (lifted - lifted.mean(0)))


def _expected(below: Landscape | Raised, x: NDArray[np.float64], warp: Warp) -> NDArray[np.float64]:
    """What is expected of a landscape at x, in gain units as a warp compresses them, (A,)."""
    return warp.forward(below.warp.inverse(below.to_compressed(below.mean(x))))


def along(
    model: Landscape | Raised,
    paths: Paths | RaisedPaths,
    reach: Reach,
    rng: np.random.Generator,
    *,
    compressed: bool = False,
) -> NDArray[np.float64]:
    """Draws of any landscape read at recipes, in gain units; see `Landscape.along`."""
    if isinstance(model, Raised) and isinstance(paths, RaisedPaths):
        return model.along(paths, reach, rng, compressed=compressed)
    if isinstance(model, Landscape) and isinstance(paths, Paths):
        return model.along(paths, reach, rng, compressed=compressed)
    raise TypeError("these draws are of another landscape")


def along_each(
    model: Landscape | Raised,
    paths: Paths | RaisedPaths,
    reach: Reach,
    rng: np.random.Generator,
) -> list[NDArray[np.float64]]:
    """Draws of any landscape read at recipes at each of its rungs, the lowest first, compressed."""
    if isinstance(model, Raised) and isinstance(paths, RaisedPaths):
        return model.along_each(paths, reach, rng)
    return [along(model, paths, reach, rng, compressed=True)]
