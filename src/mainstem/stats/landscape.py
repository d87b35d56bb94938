"""The landscape: a posterior over one objective as a function of the recipe.

The response is warped (`mainstem.stats.warp`) and standardised; main effects, pairs and a remainder
of all orders are learnt from it (`mainstem.stats.mixture`). Each chain of hyper-parameters gives a
Gaussian posterior, and the landscape is their mixture, so that what is not known of the
hyper-parameters widens every interval. The chains are driven by a generator that is passed in and
start anew at every fit: a fit depends on its data and that generator alone.

Everything anyone asks of it - effects, interactions, gains, the next recipe - is a joint draw of f
at chosen recipes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import manyruns, posterior
from mainstem.stats.mixture import weigh
from mainstem.stats.remainder import Near, Reach, Roots
from mainstem.stats.warp import Warp, fit_warp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from mainstem.stats.effects import Effects, Form
    from mainstem.stats.mixture import Data, Hyper
    from mainstem.stats.posterior import Drawn, Paths, Posterior


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """A function of the recipe, drawn from the posterior or its mean, up to a constant.

    Attributes:
        form: The sum of its effects, in gain units, losses compressed.
        seen: Recipes of the data, shape (U, n).
        pulls: Per decay of the remainder, what each of them adds to it, shape (U,).
    """

    form: Form
    seen: NDArray[np.float64]
    pulls: dict[int, NDArray[np.float64]]

    def at(self, x: NDArray[np.float64], near: Near | None = None) -> NDArray[np.float64]:
        """Values at recipes x, shape (A, n): shape (A,).

        Args:
            x: The recipes.
            near: Correlations of x with `seen`, if they are known.
        """
        near = near or Near(x, self.seen)
        out = self.form.at(x)
        for rate, pull in self.pulls.items():
            out += near.of(rate) @ pull
        return out


@dataclass(frozen=True, kw_only=True)
class Landscape:
    """A fitted posterior of one objective's gain.

    Attributes:
        effects: The layout of the features.
        hyper: Hyper-parameters of every chain.
        seen: The distinct recipes that the remainder is learnt from, shape (U, n).
        warp: The response's warp.
        shift: Mean of the warped response, subtracted.
        scale: Its standard deviation, divided out.
        posterior: Of f on the standard scale, given each chain's hyper-parameters.
    """

    effects: Effects
    hyper: Hyper
    seen: NDArray[np.float64]
    warp: Warp
    shift: float
    scale: float
    posterior: Posterior

    @property
    def chains(self) -> int:
        """Number of chains, C."""
        return len(self.hyper.tau)

    @cached_property
    def _form(self) -> Form:
        """The sum of the effects' posterior means."""
        return self.effects.form(self.posterior.expected.theta)

    @cached_property
    def average(self) -> Sketch:
        """The posterior mean as a function of any recipe."""
        expected = self.posterior.expected
        pulls = enumerate(self.scale * expected.pulls)
        return Sketch(
            form=self.effects.form(self.scale * expected.theta),
            seen=self.seen,
            pulls={rate: pull for rate, pull in pulls if pull.any()},
        )

    def mean(self, x: NDArray[np.float64], near: Near | None = None) -> NDArray[np.float64]:
        """Posterior mean of f at x, shape (A,), on the warped, standard scale.

        Args:
            x: The recipes.
            near: Correlations of x with `seen`, if they are known.
        """
        expected, near = self.posterior.expected, near or Near(x, self.seen)
        out = self._form.at(x) + expected.constant
        for rate, pull in enumerate(expected.pulls):
            if pull.any():
                out += near.of(rate) @ pull
        return np.asarray(out)

    def draw(
        self,
        x: NDArray[np.float64],
        samples: int,
        rng: np.random.Generator,
        *,
        compressed: bool = False,
    ) -> NDArray[np.float64]:
        """Joint posterior draws of f at recipes x, in gain units, shape (samples, A).

        Draw s is of chain s modulo C, so that any run of draws weighs all chains alike.

        Args:
            x: Recipes, shape (A, n).
            samples: How many draws.
            rng: Draws them.
            compressed: Leave the bad side compressed. The order of recipes stays, and means and
                covariances are not ruled by a few draws that are very bad.
        """
        roots = Roots(self.seen)
        paths = self.paths(samples, rng, roots)
        return self.along(paths, Reach(roots, x), rng, compressed=compressed)[:samples]

    def paths(self, samples: int, rng: np.random.Generator, roots: Roots) -> Paths:
        """Joint draws of f as a whole, at least so many: as many of every chain.

        Args:
            samples: How many draws.
            rng: Draws them.
            roots: Of the remainder at `seen`.
        """
        return self.posterior.paths(-(-samples // self.chains), rng, roots)

    def along(
        self, paths: Paths, reach: Reach, rng: np.random.Generator, *, compressed: bool = False
    ) -> NDArray[np.float64]:
        """Draws of f as a whole, read at A recipes, in gain units, a row of A each.

        Args:
            paths: The draws.
            reach: The recipes.
            rng: Draws what the data leave open of the remainder there.
            compressed: Leave the bad side compressed.
        """
        standard = paths.at(reach, rng)
        shown = self.to_compressed(standard, out=standard)
        return shown if compressed else self.warp.inverse(shown)

    def sketch(self, rng: np.random.Generator) -> Sketch:
        """One draw of f as a function of any recipe: its effects, and g as the data then expect it.

        Unlike a joint draw at given recipes it can be climbed; it leaves out how g varies away
        from the data.
        """
        return self.sketched(self.posterior.drawn(int(rng.integers(self.chains)), rng))

    def sketched(self, drawn: Drawn) -> Sketch:
        """A draw of the effects as a function of any recipe."""
        return Sketch(
            form=self.effects.form(self.scale * drawn.theta),
            seen=self.seen,
            pulls={drawn.rate: self.scale * drawn.pull} if drawn.pull.any() else {},
        )

    def to_gain(self, standard: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the warped, standard scale to gain units; any shape."""
        return self.warp.inverse(self.to_compressed(standard))

    def to_compressed(
        self, standard: NDArray[np.float64], *, out: NDArray[np.float64] | None = None
    ) -> NDArray[np.float64]:
        """From the standard scale to gain units with the bad side compressed; any shape.

        They may be written where the others are (`out`), which is quicker for large arrays.
        """
        found = np.multiply(self.scale, standard, out=out)
        found += self.shift
        return np.asarray(found)

    @property
    def rungs(self) -> tuple[Landscape, ...]:
        """The landscape of every rung, the lowest first: here there is one."""
        return (self,)

    @property
    def level(self) -> float:
        """What a sketch leaves out: the constant, in gain units, losses compressed."""
        return float(self.to_compressed(np.array(self.posterior.expected.constant)))

    @property
    def pair_prior(self) -> tuple[float, float]:
        """How often a pair that was never seen is at work, and its sd in gain units then."""
        sd = float(np.sqrt(self.hyper.tau[:, 1].mean())) * self.scale
        return float(self.hyper.pi[:, 1].mean()), sd

    @property
    def noise_sd(self) -> float:
        """Noise sd in gain units, for recipes as good as the trunk or better."""
        return float(np.sqrt(self.hyper.noise_var.mean())) * self.scale


def fit(
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    exact: bool = False,
) -> Landscape:
    """Fits the landscape of one objective.

    Args:
        x: Recipe of each run, 0 or 1, shape (T, n), T at least 1.
        gains: Gain of each run over a common origin, above 0 is better, shape (T,).
        rng: Drives the chains.
        exact: Whether the metric has no noise.
    """
    return fit_each(x, gains[:, None], [rng], exact=[exact])[0]


def fit_each(
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    rngs: Sequence[np.random.Generator],
    *,
    exact: Sequence[bool],
) -> list[Landscape]:
    """Fits the landscapes of several objectives of the same runs.

    Each is as it would be alone; what depends on the recipes only is worked out once.

    Args:
        x: Recipe of each run, 0 or 1, shape (T, n), T at least 1.
        gains: Gains of each run, shape (T, J).
        rngs: Drive the chains, one per objective.
        exact: Which of the metrics have no noise.
    """
    units, every = [], []
    for each, known in zip(gains.T, exact, strict=True):
        warp = fit_warp(each)
        warped = warp.forward(each)
        shift, scale = float(np.mean(warped)), float(np.std(warped))
        if not scale > 0.0:
            scale = 1.0
        units.append((warp, shift, scale))
        every.append(weigh(x, (warped - shift) / scale, exact=known))
    found: Sequence[Posterior]
    if every and not manyruns.applies(every[0]):
        found = posterior.by_runs_each(every, rngs)
    else:
        found = [manyruns.by_effects(data, rng) for data, rng in zip(every, rngs, strict=True)]
    return [
        _of_posterior(data, *unit, one) for data, unit, one in zip(every, units, found, strict=True)
    ]


def of_data(
    data: Data, warp: Warp, shift: float, scale: float, rng: np.random.Generator
) -> Landscape:
    """The landscape of responses that are warped and standardised already."""
    many = manyruns.applies(data)
    found = manyruns.by_effects(data, rng) if many else posterior.by_runs(data, rng)
    return _of_posterior(data, warp, shift, scale, found)


def _of_posterior(
    data: Data, warp: Warp, shift: float, scale: float, found: Posterior
) -> Landscape:
    """The landscape of a posterior on the standard scale."""
    return Landscape(
        effects=data.effects,
        hyper=found.hyper,
        seen=data.x[:0] if manyruns.applies(data) else data.x,
        warp=warp,
        shift=shift,
        scale=scale,
        posterior=found,
    )
