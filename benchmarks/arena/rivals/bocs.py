"""BOCS: Thompson sampling with a horseshoe prior over all pairs (Baptista and Poloczek 2018).

y = a + main x + sum_{i<j} pair_ij x_i x_j + e in 0/1 coding, every coefficient under a horseshoe,
sampled by Gibbs steps (Makalic and Schmidt 2016; Bhattacharya et al. 2016 where there are more
coefficients than runs). Each draw's minimiser is run. Unlike the paper's BOCS-SA, the chain goes
on from batch to batch of four draws instead of starting anew, minimisers come from single flips
from 24 starts instead of one annealing, and the recommendation is the minimiser of the mean of the
last 30 draws instead of the lowest run, which noise would spoil.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from arena.rivals import quadratic
from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits, Floats
    from arena.play import Meter

LABEL = "BOCS"
VERSION = "1"
NEEDS: tuple[str, ...] = ()
SLOW = False
MODELLED = False

_BATCH = 4
_STARTS = 24
_KEPT = 30
_FIRST_SWEEPS, _SWEEPS, _THIN = 60, 8, 4


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """The trunk and n - 1 random recipes, then batches of four draws' minimisers."""
    tally, n = Tally(meter, rng), meter.n
    pairs = np.triu_indices(n, 1)
    chain = Horseshoe(n + len(pairs[0]), rng)
    draws: deque[Floats] = deque(maxlen=_KEPT)
    batch = [np.zeros(n, np.int64), *rng.integers(0, 2, (n - 1, n))]
    best = batch[0]
    for opening in (True, *([False] * budget)):
        for recipe in batch[:-1]:
            tally.run(recipe)
            yield tally.lowest() if opening else best
        tally.run(batch[-1])
        f = quadratic.features(tally.recipes, pairs)
        f, y = f - f.mean(axis=0), tally.values - tally.values.mean()
        draws.extend(chain.sweep(f, y) for _ in range(_FIRST_SWEEPS if opening else _SWEEPS))
        batch = []
        for _ in range(_BATCH):
            draws.extend(chain.sweep(f, y) for _ in range(_THIN))
            batch.append(_minimiser(draws[-1], tally, pairs, rng))
        best = _minimiser(np.mean(draws, axis=0), tally, pairs, rng)
        yield best


def _minimiser(
    weights: Floats, tally: Tally, pairs: tuple[Bits, Bits], rng: np.random.Generator
) -> Bits:
    """The lowest recipe under given coefficients, from random starts and the lowest run."""
    n = tally.n
    starts = np.vstack([rng.integers(0, 2, (_STARTS, n)), tally.lowest()])
    return quadratic.least(weights[:n], quadratic.symmetric(weights[n:], pairs, n), starts)


class Horseshoe:
    """A Gibbs chain for y = F b + e under a horseshoe; it keeps its place between calls.

    b_k ~ N(0, l_k^2 t^2 s^2), l_k and t half-Cauchy through inverse-gamma auxiliaries.
    """

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self._size, self._rng = size, rng
        self._local_var = np.ones(size)
        self._local_aux = np.ones(size)
        self._global_var, self._global_aux, self._noise_var = 0.1, 1.0, 1.0

    def sweep(self, f: Floats, y: Floats) -> Floats:
        """One step of everything; the new coefficients, shape (size,)."""
        prior = np.clip(self._local_var * self._global_var, 1e-10, 1e8)
        draw = self._wide if self._size > len(y) else self._tall
        b = draw(f, y, prior)
        self._scales(f, y, prior, b)
        return b

    def _wide(self, f: Floats, y: Floats, prior: Floats) -> Floats:
        """Coefficients given the scales, at the cost of N^3 (Bhattacharya et al. 2016)."""
        sd = np.sqrt(self._noise_var)
        u = np.sqrt(prior) * self._rng.normal(size=self._size)
        v = f @ u + self._rng.normal(size=len(y))
        scaled = f * prior
        w = np.linalg.solve(scaled @ f.T + np.eye(len(y)), y / sd - v)
        return np.asarray(sd * (u + scaled.T @ w))

    def _tall(self, f: Floats, y: Floats, prior: Floats) -> Floats:
        """Coefficients given the scales, at the cost of size^3."""
        root = np.linalg.cholesky(f.T @ f + np.diag(1.0 / prior))
        half = np.linalg.solve(root, f.T @ y)
        noise = np.sqrt(self._noise_var) * self._rng.normal(size=self._size)
        return np.asarray(np.linalg.solve(root.T, half + noise))

    def _scales(self, f: Floats, y: Floats, prior: Floats, b: Floats) -> None:
        error = y - f @ b
        fit = 0.5 * float(error @ error + np.sum(b * b / prior))
        self._noise_var = float(self._inverse_gamma((len(y) + self._size) / 2, max(1e-8, fit)))
        unit = b * b / self._noise_var
        local = self._inverse_gamma(1.0, 1.0 / self._local_aux + unit / (2.0 * self._global_var))
        self._local_var = np.clip(local, 1e-8, 1e8)
        self._local_aux = self._inverse_gamma(1.0, 1.0 + 1.0 / self._local_var)
        rate = 1.0 / self._global_aux + 0.5 * float(np.sum(unit / self._local_var))
        drawn = self._inverse_gamma((self._size + 1) / 2, rate)
        self._global_var = float(np.clip(drawn, 1e-8, 1e4))
        self._global_aux = float(self._inverse_gamma(1.0, 1.0 + 1.0 / self._global_var))

    def _inverse_gamma(self, shape: float, rate: Floats | float) -> Floats:
        scale = 1.0 / np.maximum(rate, 1e-12)
        return np.asarray(1.0 / np.maximum(self._rng.gamma(shape, scale), 1e-300))
