"""The limit: a learner that is told which effects and pairs exist, and how noisy a run is.

Bayesian regression on exactly the true terms, with the second moments of their sizes as the prior
(1.25 for main effects, 1.09 for pairs), an unknown trunk, and the ceiling where there is one (then
by Gauss-Newton, and the posterior is Laplace's). Batches of four: two by Thompson sampling, the
minimisers of two draws, which never stops looking, and two by knowledge gradient, which is better
early. With A the minimisers of posterior draws and the present best, a run of x is worth

    KG(x) = mu_best - E min_a (mu_a + s_a(x) Z),
    s_a(x) = cov(f(a) - f(best), f(x)) / sqrt(var f(x) + .1 noise^2)

(Frazier, Powell and Dayanik 2009), where .1 stands for replicates that may follow; the posterior
covariance is conditioned on each run of the batch. Nobody knows this much: it bounds what can be
asked of the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from arena.rivals import quadratic
from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits, Floats
    from arena.play import Meter, Structure

LABEL = "told the true structure"
VERSION = "2"
NEEDS: tuple[str, ...] = ()
SLOW = False
MODELLED = False

_MAIN_VAR, _PAIR_VAR, _TRUNK_VAR = 1.25, 1.09, 100.0
_GREEDY, _DRAWN = 2, 2
_DRAWS = 128
_STARTS = 6
_RANDOM = 48
_SHRUNK_NOISE = 0.1
_STEPS = 12
_Z = ndtri((np.arange(15) + 0.5) / 15)


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """The trunk first, then batches of four; within a batch the recommendation stands."""
    del budget
    tally, n = Tally(meter, rng), meter.n
    model = Told(meter.structure(), n)
    best = np.zeros(n, np.int64)
    tally.run(best)
    yield best
    while True:
        model.learn(tally.recipes, tally.values)
        best = model.minimisers(model.mean[None, :], rng, near=best)[0]
        for recipe in model.ask(best, rng):
            tally.run(recipe)
            yield best


class Told:
    """The posterior of the true terms.

    Attributes:
        mean: Posterior mean of main effects then pairs, shape (p,).
        covariance: Of the same, shape (p, p).
    """

    def __init__(self, structure: Structure, n: int) -> None:
        self._n, self._noise_var, self._ceiling = n, structure.noise**2, structure.ceiling
        self._main = np.array(structure.main, dtype=np.int64)
        i, j = zip(*structure.pairs, strict=True) if structure.pairs else ((), ())
        self._pairs = (np.array(i, dtype=np.int64), np.array(j, dtype=np.int64))
        sizes = [_MAIN_VAR] * len(self._main) + [_PAIR_VAR] * len(self._pairs[0])
        self._prior = 1.0 / np.array([*sizes, _TRUNK_VAR])
        self._state = np.zeros(len(self._prior))
        self.mean: Floats = self._state[:-1]
        self.covariance: Floats = np.diag(1.0 / self._prior[:-1])

    def features(self, x: Bits) -> Floats:
        """The true terms of recipes (N, n), shape (N, p)."""
        full = quadratic.features(x, self._pairs)
        return np.hstack([full[:, self._main], full[:, self._n :]])

    def learn(self, x: Bits, y: Floats) -> None:
        """Gauss-Newton to the mode, exact in one step without a ceiling; then the covariance."""
        f = self.features(x)
        precision = np.diag(self._prior)
        for _ in range(_STEPS if self._ceiling else 1):
            level, slope = self._link(f @ self._state[:-1])
            jacobian = np.hstack([slope[:, None] * f, np.ones((len(f), 1))])
            precision = jacobian.T @ jacobian / self._noise_var + np.diag(self._prior)
            error = y - level - self._state[-1]
            pull = jacobian.T @ error / self._noise_var - self._prior * self._state
            step = np.linalg.solve(precision, pull)
            self._state = self._state + step
            if np.abs(step).max() < 1e-6:
                break
        self.mean = self._state[:-1]
        self.covariance = np.asarray(np.linalg.inv(precision)[:-1, :-1])

    def _link(self, raw: Floats) -> tuple[Floats, Floats]:
        """What a raw sum gives, and the slope there."""
        if self._ceiling is None:
            return raw, np.ones_like(raw)
        gain = np.exp(np.minimum(raw, 0.0) / self._ceiling)
        return np.where(raw < 0.0, -self._ceiling * (1.0 - gain), raw), gain

    def minimisers(self, weights: Floats, rng: np.random.Generator, near: Bits) -> Bits:
        """The lowest recipe under each row of sizes of the terms (S, p), shape (S, n)."""
        main = np.zeros((len(weights), self._n))
        main[:, self._main] = weights[:, : len(self._main)]
        both = quadratic.symmetric(weights[:, len(self._main) :], self._pairs, self._n)
        starts = rng.integers(0, 2, (len(weights), _STARTS, self._n))
        starts[:, 0] = near
        return quadratic.least(main, both, starts)

    def ask(self, best: Bits, rng: np.random.Generator) -> Bits:
        """Two recipes by knowledge gradient and two by Thompson sampling, shape (4, n)."""
        root = np.linalg.cholesky(self.covariance + 1e-10 * np.eye(len(self.mean)))
        draws = self.mean + rng.normal(size=(_DRAWS, len(self.mean))) @ root.T
        lowest = self.minimisers(draws, rng, near=best)
        rivals = np.unique(np.vstack([lowest, best]), axis=0)
        flips = best ^ np.eye(self._n, dtype=np.int64)
        anywhere = rng.integers(0, 2, (_RANDOM, self._n))
        pool = np.unique(np.vstack([rivals, flips, anywhere]), axis=0)
        covariance, batch = self.covariance, []
        for _ in range(_GREEDY):
            worth = self._knowledge_gradient(best, rivals, pool, covariance)
            batch.append(pool[int(worth.argmax())])
            covariance = self._conditioned(covariance, batch[-1])
        return np.vstack([batch, lowest[:_DRAWN]])

    def _knowledge_gradient(
        self, best: Bits, rivals: Bits, pool: Bits, covariance: Floats
    ) -> Floats:
        """The worth of a run of each recipe of the pool, shape (len(pool),)."""
        fa, fx, fb = self.features(rivals), self.features(pool), self.features(best[None, :])
        spread = fx @ covariance
        var = np.einsum("xp,xp->x", spread, fx) + _SHRUNK_NOISE * self._noise_at(fx)
        slope = (fa - fb) @ spread.T / np.sqrt(var)
        ahead = (fa - fb) @ self.mean
        least = (ahead[:, None, None] + slope[:, :, None] * _Z).min(axis=0)
        return np.asarray(-np.minimum(least, 0.0).mean(axis=1))

    def _noise_at(self, f: Floats) -> Floats:
        """The variance of a run in the unit of the raw sum, shape (len(f),)."""
        slope = self._link(f @ self.mean)[1]
        return np.asarray(self._noise_var / np.maximum(slope, 1e-3) ** 2)

    def _conditioned(self, covariance: Floats, recipe: Bits) -> Floats:
        f = self.features(recipe[None, :])
        spread = covariance @ f[0]
        return np.asarray(
            covariance - np.outer(spread, spread) / (f[0] @ spread + self._noise_at(f)[0])
        )
