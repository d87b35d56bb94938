"""Landscapes: what a recipe is truly worth, and what a run of it shows.

A recipe is a 0/1 vector of length n: which proposals are merged onto the trunk, which is the zero
vector. Everything is to be minimised. Four kinds:

- `Pairwise`: sparse main effects and pairs, Gaussian noise. A model of pairs is at home here.
- `Saturating`: the same behind a ceiling that all gains share.
- `Rugged`: effects of every order on a log scale, a trunk that is good already, skewed noise that
  grows as recipes get worse. This is what real tables look like.
- `Table`: a full factorial of real runs.

The order of the random draws is part of each definition: figures are compared across versions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.int64]
    Floats = NDArray[np.float64]

ENUMERATED = 20
"""Up to so many proposals a quadratic form is minimised over all recipes."""


class Landscape(ABC):
    """What the arena knows of a landscape; a method only ever sees `n` and runs.

    Attributes:
        n: How many proposals there are.
        trunk_sd: Standard deviation of the trunk's value between seeds, as `mainstem check`
            would estimate it.
    """

    n: int
    trunk_sd: float

    @abstractmethod
    def truth(self, recipe: Bits) -> float:
        """The expected value of a recipe of shape (n,)."""

    @abstractmethod
    def evaluate(self, recipe: Bits, seed: int) -> float:
        """One run; the same recipe and seed give the same value."""

    @abstractmethod
    def oracle(self) -> tuple[Bits, float]:
        """The best recipe and its expected value."""


class Pairwise(Landscape):
    """Sparse main effects, sparse and mostly antagonistic pairs, Gaussian noise.

    A proposal helps with probability `helpful`, harms with probability `harmful`, else it does
    nothing alone; sizes are |N(1, .5)|. Each pair interacts with probability 2 pairs_per / (n - 1),
    by N(.3, 1).

    Attributes:
        main: Main effects, shape (n,).
        pair: Interactions, upper triangle, shape (n, n).
        noise: Standard deviation of a run.
    """

    def __init__(
        self,
        n: int,
        rng: np.random.Generator,
        *,
        noise: float = 1.0,
        helpful: float = 0.4,
        harmful: float = 0.3,
        pairs_per: float = 1.5,
    ) -> None:
        self.n = n
        self.noise = self.trunk_sd = noise
        kind = rng.random((1, n))[0]
        size = np.abs(rng.normal(1.0, 0.5, (1, n)))[0]
        signed = np.where(kind < helpful + harmful, size, 0.0)
        self.main: Floats = np.where(kind < helpful, -size, signed)
        self.pair: Floats = np.zeros((n, n))
        for i, j in combinations(range(n), 2):
            if rng.random() < pairs_per / (n - 1) * 2:
                self.pair[i, j] = rng.normal(0.3, 1.0)

    def raw(self, recipe: Bits) -> float:
        """Main effects and pairs, added up."""
        x = np.asarray(recipe, float)
        return float(self.main @ x + x @ self.pair @ x)

    def truth(self, recipe: Bits) -> float:
        """The sum itself."""
        return self.raw(recipe)

    def evaluate(self, recipe: Bits, seed: int) -> float:
        """Truth and Gaussian noise; the first proposal is the highest bit of the noise's key."""
        bits = int("".join(map(str, np.asarray(recipe, int))), 2)
        rng = np.random.default_rng([seed, bits & 0xFFFFFFFF, bits >> 32])
        return self.truth(recipe) + self.noise * float(rng.normal())

    def oracle(self) -> tuple[Bits, float]:
        """Exact up to 20 proposals, else the best of 400 one-flip descents."""
        found = _least(self.main, self.pair)
        return found, self.truth(found)


class Saturating(Pairwise):
    """Diminishing returns: gains share one ceiling C, as those of real recipes do.

    Below the trunk a raw sum r becomes -C (1 - exp(r / C)); losses stay as they are.
    """

    def __init__(
        self,
        n: int,
        rng: np.random.Generator,
        *,
        noise: float = 1.0,
        ceiling: float = 4.0,
        pairs_per: float = 0.5,
    ) -> None:
        super().__init__(n, rng, noise=noise, pairs_per=pairs_per)
        self.ceiling = ceiling

    def truth(self, recipe: Bits) -> float:
        """The sum behind the ceiling."""
        raw = self.raw(recipe)
        return float(-self.ceiling * (1.0 - np.exp(raw / self.ceiling))) if raw < 0 else raw


class Rugged(Landscape):
    """Effects of every order on a log scale, a good trunk, noise that is skewed and unequal.

    The log of the value is .6 times a sum of Walsh functions, sparse within each order, with the
    shares `orders` of the variance; the trunk lies between two percentiles of it. A run multiplies
    by exp(s (Gamma(4)/2 - 2)), scaled to mean 1, with s = noise * exp(.8 (log value - log trunk)).

    Attributes:
        log_value: Log of the expected value of every recipe; bit i of the index is proposal i.
    """

    def __init__(
        self,
        n: int,
        rng: np.random.Generator,
        *,
        orders: tuple[float, ...] = (0.35, 0.35, 0.18, 0.12),
        noise: float = 0.05,
        trunk_percentile: tuple[float, float] = (3.0, 18.0),
    ) -> None:
        self.n = n
        self.noise = noise
        heights = walsh(_sparse(n, rng, orders))
        low, high = np.percentile(heights, trunk_percentile)
        trunk = int(rng.choice(np.flatnonzero((heights >= low) & (heights <= high))))
        self.log_value: Floats = 0.6 * heights[np.arange(2**n) ^ trunk]
        spread = _gamma_factor_mean(2.0 * noise) / _gamma_factor_mean(noise) ** 2 - 1.0
        self.trunk_sd = float(np.exp(self.log_value[0]) * np.sqrt(spread))

    def truth(self, recipe: Bits) -> float:
        """The value itself: the factor of a run has mean 1."""
        return float(np.exp(self.log_value[row(recipe)]))

    def evaluate(self, recipe: Bits, seed: int) -> float:
        """Truth times a skewed factor that is wider for worse recipes."""
        at = row(recipe)
        level = self.log_value[at]
        sd = self.noise * np.exp(0.8 * (level - self.log_value[0]))
        rng = np.random.default_rng([seed, at])
        draw = rng.gamma(4.0) / 2.0 - 2.0
        return float(np.exp(level + sd * draw) / _gamma_factor_mean(sd))

    def oracle(self) -> tuple[Bits, float]:
        """The least of all recipes."""
        least = int(self.log_value.argmin())
        return bits_of(least, self.n), float(np.exp(self.log_value[least]))


class Table(Landscape):
    """A full factorial of real runs: an npz file with the key `y`, shape (2^n, seeds, m).

    Bit i of the row is proposal i. The first of the m objectives counts, minimised unless the
    file's `directions` say that it is to be maximised: then its sign is turned. A seed picks one
    of the stored values, so replicates are not fresh: confirmation cannot be tested here, and the
    best recipe is partly luck.
    """

    def __init__(self, path: Path | str) -> None:
        with np.load(Path(path), allow_pickle=False) as stored:
            upwards = "directions" in stored and str(stored["directions"][0]) == "maximize"
            sign = -1.0 if upwards else 1.0
            self.y: Floats = sign * np.asarray(stored["y"], dtype=float)[:, :, 0]
        self.n = len(self.y).bit_length() - 1
        if len(self.y) != 2**self.n:
            raise ValueError(f"{path}: y has {len(self.y)} rows, not a power of two")
        self.mean: Floats = self.y.mean(axis=1)
        near = self.y[[0, *(1 << np.arange(self.n))]]
        self.trunk_sd = float(np.sqrt(near.var(axis=1, ddof=1).mean())) if near.shape[1] > 1 else 0

    def truth(self, recipe: Bits) -> float:
        """The mean of the stored runs."""
        return float(self.mean[row(recipe)])

    def evaluate(self, recipe: Bits, seed: int) -> float:
        """One of the stored runs."""
        return float(self.y[row(recipe), seed % self.y.shape[1]])

    def oracle(self) -> tuple[Bits, float]:
        """The recipe with the least mean."""
        least = int(self.mean.argmin())
        return bits_of(least, self.n), float(self.mean[least])


def row(recipe: Bits) -> int:
    """The index of a recipe: bit i is proposal i."""
    return int(np.dot(np.asarray(recipe, int), 1 << np.arange(len(recipe))))


def bits_of(index: int, n: int) -> Bits:
    """The recipe of an index, shape (n,)."""
    return np.asarray((index >> np.arange(n)) & 1, dtype=np.int64)


def walsh(coefficients: Floats) -> Floats:
    """Value at every corner of the cube from Walsh coefficients, both of shape (2^n,).

    f(x) = sum_S c_S (-1)^|S & x|, by the fast transform.
    """
    out = coefficients.copy()
    half = 1
    while half < len(out):
        low, high = np.moveaxis(out.reshape(-1, 2, half), 1, 0)
        out = np.stack([low + high, low - high], axis=1).reshape(-1)
        half *= 2
    return out


def quadratic_values(main: Floats, pair: Floats) -> Floats:
    """Values of main x + x' pair x at all 2^n recipes, by doubling; `pair` is an upper triangle."""
    values = np.zeros(1)
    for k in range(len(main)):
        step = np.full(1, main[k])
        for j in range(k):
            step = np.concatenate([step, step + pair[j, k]])
        values = np.concatenate([values, values + step])
    return values


def _sparse(n: int, rng: np.random.Generator, orders: tuple[float, ...]) -> Floats:
    """Walsh coefficients: per order up to 3n sets, half of them zero, scaled to its share."""
    coefficients = np.zeros(2**n)
    size = np.array([index.bit_count() for index in range(2**n)])
    for order, share in enumerate(orders, start=1):
        sets = np.flatnonzero(size == order)
        kept = rng.choice(sets, min(len(sets), 3 * n), replace=False)
        weight = rng.normal(size=len(kept)) * (rng.random(len(kept)) < 0.5)
        if not np.any(weight):
            weight[0] = 1.0
        coefficients[kept] = weight * np.sqrt(share / np.sum(weight**2))
    return coefficients


def _gamma_factor_mean(sd: float) -> float:
    """The mean of exp(sd (Gamma(4)/2 - 2))."""
    return float(np.exp(-2.0 * sd) * (1.0 - sd / 2.0) ** -4)


def _least(main: Floats, pair: Floats) -> Bits:
    n = len(main)
    if n <= ENUMERATED:
        return bits_of(int(quadratic_values(main, pair).argmin()), n)
    both = pair + pair.T
    x = np.random.default_rng(0).integers(0, 2, (400, n)).astype(float)
    while True:
        change = (1.0 - 2.0 * x) * (main + x @ both)
        flip = change.argmin(axis=1)
        down = np.flatnonzero(change[np.arange(len(x)), flip] < -1e-12)
        if not len(down):
            break
        x[down, flip[down]] = 1.0 - x[down, flip[down]]
    values = x @ main + 0.5 * np.einsum("bi,bi->b", x @ both, x)
    return np.asarray(x[int(values.argmin())], dtype=np.int64)
