r"""Worlds: draws of a landscape as whole functions, so that a campaign can be played on one.

A joint draw at chosen recipes (`Landscape.draw`) has to know them beforehand; what a policy asks
for depends on what it was told. A world answers for any recipe, in any order, and always the same:
what the data leave open of the remainder is conditioned by Matheron's rule on a draw of its prior
that is known everywhere (`mainstem.stats.walsh`),

.. math:: g(x) = h(x) + k(x, X) K^{-1} (v - h(X))

with v the values at the recipes of the data that the draw of the landscape has, and h independent
of them. Worlds have the distribution of joint draws; `tests/unit/stats/test_worlds.py` holds both
beside each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy.linalg import lapack

from mainstem.stats import walsh
from mainstem.stats.landscape import Landscape
from mainstem.stats.remainder import Near, Roots
from mainstem.stats.walsh import WholePath

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.stats.effects import Form
    from mainstem.stats.posterior import Paths
    from mainstem.stats.rungs import Raised
    from mainstem.stats.walsh import Path


@dataclass(eq=False)
class Where:
    """Recipes at which worlds are read, with their correlations to what has run.

    Attributes:
        x: The recipes, 0 or 1, shape (A, n).
        whole: Whether they are all recipes, in the order of `walsh.cube`: that is quicker.
    """

    x: NDArray[np.float64]
    whole: bool = False
    _known: list[tuple[NDArray[np.float64], Near]] = field(default_factory=list, init=False)

    def rows_of(self, recipe: NDArray[np.float64]) -> NDArray[np.int64]:
        """Where a recipe, shape (n,), stands among them."""
        if self.whole:
            return walsh.places(recipe[None])
        return np.flatnonzero(np.all(self.x == recipe, axis=1))

    def near(self, seen: NDArray[np.float64]) -> Near:
        """Correlations with the recipes of some data, worked out once."""
        for known, near in self._known:
            if known is seen:
                return near
        near = Near(self.x, seen)
        self._known.append((seen, near))
        return near


class World(Protocol):
    """One draw of a landscape as a function of the recipe."""

    @property
    def noise_sd(self) -> float:
        """Sd of one run where nothing is compressed, in gain units."""
        ...

    def compressed(self, where: Where) -> NDArray[np.float64]:
        """Gains with losses compressed, shape (A,)."""
        ...

    def gains(self, where: Where) -> NDArray[np.float64]:
        """Gains over the common origin of the data, shape (A,)."""
        ...

    def noise_at(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sd of one run of recipes with such gains, any shape.

        The noise that is even on the warped scale grows with the loss.
        """
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class PlainWorld:
    """A world of a landscape of one rung.

    Attributes:
        model: The landscape.
        form: The sum of the effects, on the standard scale.
        constant: The constant.
        rate: The remainder's decay.
        rest_sd: Its prior sd; 0 where it is not worth drawing.
        rest: A draw of it from the prior; None where it is not worth drawing.
        pull: What each recipe of the data adds to it, shape (U,).
        chain_noise_sd: Sd of a run, on the standard scale.
    """

    model: Landscape
    form: Form
    constant: float
    rate: int
    rest_sd: float
    rest: Path | None
    pull: NDArray[np.float64]
    chain_noise_sd: float

    @property
    def noise_sd(self) -> float:
        """Sd of one run where nothing is compressed, in gain units."""
        return self.chain_noise_sd * self.model.scale

    def standard(self, where: Where) -> NDArray[np.float64]:
        """Values on the warped, standard scale, shape (A,)."""
        out = walsh.summed(self.form) if where.whole else self.form.at(where.x)
        out += self.constant
        if self.rest is None:
            return out
        seen = self.model.seen
        if where.whole and isinstance(self.rest, WholePath):
            out += self.rest_sd * self.rest.values
            out += walsh.pulled(seen, self.pull, self.rate)
            return out
        out += self.rest_sd * self.rest.at(where.x)
        return np.asarray(out + where.near(seen).of(self.rate) @ self.pull)

    def compressed(self, where: Where) -> NDArray[np.float64]:
        """Gains with losses compressed, shape (A,)."""
        return self.model.to_compressed(self.standard(where))

    def gains(self, where: Where) -> NDArray[np.float64]:
        """Gains over the common origin of the data, shape (A,)."""
        return self.model.warp.inverse(self.compressed(where))

    def noise_at(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sd of one run of recipes with such gains, any shape."""
        return self.noise_sd * self.model.warp.stretch(gains)


@dataclass(frozen=True, kw_only=True, eq=False)
class RaisedWorld:
    """A world of a landscape above another.

    Attributes:
        model: The landscape.
        own: What is the upper rung's own.
        below: The world of the rung below.
        beta: How much of it carries over.
    """

    model: Raised
    own: PlainWorld
    below: World
    beta: float

    @property
    def noise_sd(self) -> float:
        """Sd of one run where nothing is compressed, in gain units."""
        return self.own.noise_sd

    def compressed(self, where: Where) -> NDArray[np.float64]:
        """Gains with losses compressed, shape (A,)."""
        carried = self.beta * self.model.lift(self.below.compressed(where)) / self.model.own.scale
        return self.model.to_compressed(self.own.standard(where) + carried)

    def gains(self, where: Where) -> NDArray[np.float64]:
        """Gains over the common origin of the data, shape (A,)."""
        return self.model.warp.inverse(self.compressed(where))

    def noise_at(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sd of one run of recipes with such gains, any shape."""
        return self.noise_sd * self.model.warp.stretch(gains)


class Worlds(Protocol):
    """Independent worlds of one landscape, made when they are asked for.

    World s is of chain s modulo C, so that any run of worlds weighs all chains alike. Which is
    which depends on the generator alone, not on which were made before.
    """

    def world(self, s: int) -> World:
        """World number s, from 0."""
        ...


class PlainWorlds:
    """Worlds of a landscape of one rung.

    Args:
        model: The landscape.
        paths: Draws of it.
        rng: Draws what the data leave open of the remainder.
    """

    def __init__(self, model: Landscape, paths: Paths, rng: np.random.Generator) -> None:
        self._model, self._paths = model, paths
        self._seed = int(rng.integers(2**32))
        self._roots, self._seen = Roots(model.seen), Where(model.seen)
        self._rate_of = {int(c): rate for rate, alike in paths.rests.items() for c in alike}

    def world(self, s: int) -> PlainWorld:
        """World number s, from 0."""
        model, paths = self._model, self._paths
        each, chain = divmod(s, model.chains)
        rate, rest, pull = self._rate_of.get(chain), None, paths.pull[chain, each]
        if rate is not None:
            rng = np.random.default_rng([self._seed, s])
            rest = walsh.path(model.effects.n, rate, rng)
            root = self._roots.of(rate)
            missed = lapack.dtrtrs(root, rest.at(self._seen.x), lower=1)[0]
            owed = lapack.dtrtrs(root, paths.white[chain, each] - missed, lower=1, trans=1)[0]
            pull = pull + paths.sd[chain] * owed
        return PlainWorld(
            model=model,
            form=model.effects.form(paths.theta[chain, each]),
            constant=float(paths.constant[chain, each, 0]),
            rate=rate or 0,
            rest_sd=float(paths.sd[chain]),
            rest=rest,
            pull=pull,
            chain_noise_sd=float(np.sqrt(model.hyper.noise_var[chain])),
        )


class RaisedWorlds:
    """Worlds of a landscape above another: of the rung below first, then of what is its own.

    Args:
        model: The landscape.
        count: How many may be asked for.
        rng: Draws them.
    """

    def __init__(self, model: Raised, count: int, rng: np.random.Generator) -> None:
        chains = len(model.chain_beta)
        each = -(-count // chains)
        mean, sd = model.chain_beta.T
        self._model = model
        self._beta = (mean + sd * rng.standard_normal((each, chains))).reshape(-1)
        self._below = worlds(model.below, each * chains, rng)
        moved = None
        if model.learnt is not None:
            where = Where(model.learnt)
            shown = [self._below.world(s).compressed(where) for s in range(each * chains)]
            carried = self._beta[:, None] * model.lift(np.array(shown)) / model.own.scale
            moved = model.moved(carried)
        paths = model.own.posterior.paths(each, rng, Roots(model.own.seen), moved)
        self._own = PlainWorlds(model.own, paths, rng)

    def world(self, s: int) -> RaisedWorld:
        """World number s, from 0."""
        return RaisedWorld(
            model=self._model,
            own=self._own.world(s),
            below=self._below.world(s),
            beta=float(self._beta[s]),
        )


def worlds(model: Landscape | Raised, count: int, rng: np.random.Generator) -> Worlds:
    """Independent worlds of a landscape.

    Args:
        model: The landscape.
        count: How many may be asked for.
        rng: Draws them; the same one gives the same worlds.
    """
    if isinstance(model, Landscape):
        return PlainWorlds(model, model.paths(count, rng, Roots(model.seen)), rng)
    return RaisedWorlds(model, count, rng)
