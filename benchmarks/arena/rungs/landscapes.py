"""Landscapes over recipes and rungs: what a recipe is truly worth at each, what a run of it shows.

Rung 0 is the small one, the last is the top, at which a recipe is judged. Everything is to be
minimised. A landscape is held as the expected value of every recipe at every rung, and how a run
scatters about it:

- `Measured`: a table of real runs (`tables.rungs`); a seed picks one of the stored ones.
- `Related`: a landscape of the arena as the top rung, and as the small one a mixture of it with
  another of its kind, mixed so that ranks agree just as much as was asked for.
- `shuffled`, `turned`, `relabelled`: a measured one whose small rung is spoilt on purpose.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from arena.landscapes import Pairwise, Rugged, bits_of, quadratic_values, row
from tables.rungs import load

if TYPE_CHECKING:
    from pathlib import Path

    from arena.landscapes import Bits, Floats

SMALL, TOP = 0, -1

RATIO = 8
"""What a run of the top rung costs, in runs of the small one, where landscapes are drawn."""

_HALVINGS = 40


class RungLandscape(ABC):
    """What the arena knows of a landscape; a method sees `n`, the costs, and runs.

    Attributes:
        n: How many proposals there are.
        ticks: Of each rung, what a run costs in runs of the small one: whole numbers.
        means: Expected value of every recipe at every rung, shape (rungs, 2^n).
        trunk_sd: Standard deviation of the trunk's value between seeds at the top rung.
    """

    n: int
    ticks: tuple[int, ...]
    means: Floats
    trunk_sd: float

    @abstractmethod
    def evaluate(self, recipe: Bits, rung: int, seed: int) -> float:
        """One run; the same recipe, rung and seed give the same value."""

    def truth(self, recipe: Bits) -> float:
        """The expected value of a recipe of shape (n,) at the top rung."""
        return float(self.means[TOP, row(recipe)])

    def oracle(self) -> tuple[Bits, float]:
        """The best recipe at the top rung and its expected value there."""
        least = int(self.means[TOP].argmin())
        return bits_of(least, self.n), float(self.means[TOP, least])

    def agreement(self) -> float:
        """Rank correlation of the small rung's expected values with the top's, over all recipes."""
        return _agreement(self.means[SMALL], self.means[TOP])


class Measured(RungLandscape):
    """A table of real runs: a seed picks one of those that are stored for the recipe and rung.

    So replicates are not fresh, confirmation cannot be tested here, and the best recipe is partly
    luck, as in `arena.landscapes.Table`.

    Attributes:
        y: Runs of the first objective, shape (rungs, 2^n, seeds).
    """

    def __init__(self, y: Floats, ticks: tuple[int, ...]) -> None:
        self.y = y
        self.n = y.shape[1].bit_length() - 1
        self.ticks = ticks
        self.means = y.mean(axis=2)
        near = y[TOP][[0, *(1 << np.arange(self.n))]]
        several = near.shape[1] > 1
        self.trunk_sd = float(np.sqrt(near.var(axis=1, ddof=1).mean())) if several else 0.0

    @classmethod
    def of(cls, path: Path) -> Measured:
        """The table of a file.

        Raises:
            ValueError: It is not one, or a run of the top rung costs no whole number of the small.
        """
        rungs = load(path)
        ticks = [cost / rungs.costs[SMALL] for cost in rungs.costs]
        if any(abs(count - round(count)) > 1e-9 for count in ticks):
            raise ValueError(f"{path}: costs {rungs.costs} are no whole numbers of the first")
        y = np.stack([table.losses() for table in rungs.tables])
        return cls(y, tuple(round(count) for count in ticks))

    def evaluate(self, recipe: Bits, rung: int, seed: int) -> float:
        """One of the stored runs."""
        return float(self.y[rung, row(recipe), seed % self.y.shape[2]])


class Related(RungLandscape):
    """The arena's landscape at the top, and at the small rung a mixture of it with another.

    Both are drawn alike. Their heights h (values, or logs of them on `Rugged`) are standardised
    over all recipes, and the small rung's are h1 cos a + h2 sin a in the units of the first, with
    the angle at which ranks of expected values agree as asked for. Runs scatter as the family's do;
    on `Rugged` that is wider where recipes are worse, so each rung has its own scatter.

    Args:
        top: The landscape at the top rung.
        other: Drawn like it, independently.
        agreement: The rank correlation that the two rungs are to have.

    Raises:
        ValueError: There is no such mixture: `other` happens to agree with `top` more than that.
    """

    def __init__(
        self, top: Pairwise | Rugged, other: Pairwise | Rugged, *, agreement: float
    ) -> None:
        self.n, self.trunk_sd = top.n, top.trunk_sd
        self.ticks = (1, RATIO)
        self._noise = top.noise
        self._skewed = isinstance(top, Rugged)
        first, second = _heights(top), _heights(other)
        small = _mixed(first, second, agreement)
        self._log_value = np.stack([small, first])
        self.means = np.exp(self._log_value) if self._skewed else self._log_value

    def evaluate(self, recipe: Bits, rung: int, seed: int) -> float:
        """Truth and noise of the family; rungs have runs of their own."""
        at, place = row(recipe), range(len(self.ticks))[rung]
        rng = np.random.default_rng([seed, at, place])
        level = float(self._log_value[rung, at])
        if not self._skewed:
            return level + self._noise * float(rng.normal())
        sd = self._noise * np.exp(0.8 * (level - self._log_value[rung, 0]))
        draw = rng.gamma(4.0) / 2.0 - 2.0
        mean = np.exp(-2.0 * sd) * (1.0 - sd / 2.0) ** -4
        return float(np.exp(level + sd * draw) / mean)


def shuffled(land: Measured, rng: np.random.Generator) -> Measured:
    """The small rung of every recipe is another's, by chance: it says nothing."""
    return _spoilt(land, land.y[SMALL][rng.permutation(land.y.shape[1])])


def turned(land: Measured, rng: np.random.Generator) -> Measured:
    """Every gain at the small rung has the opposite sign: it says the opposite."""
    del rng
    return _spoilt(land, 2.0 * land.means[SMALL, 0] - land.y[SMALL])


def relabelled(land: Measured, rng: np.random.Generator) -> Measured:
    """At the small rung every proposal does what another does at the top: a plausible lie."""
    places = np.arange(land.n)
    order = rng.permutation(land.n)
    while (order == places).any():
        order = rng.permutation(land.n)
    rows = np.arange(land.y.shape[1])
    taken = ((rows[:, None] >> places & 1) << order).sum(axis=1)
    return _spoilt(land, land.y[SMALL][taken])


def _spoilt(land: Measured, small: Floats) -> Measured:
    return Measured(np.concatenate([small[None], land.y[1:]]), land.ticks)


def _heights(land: Pairwise | Rugged) -> Floats:
    """What a landscape adds up, of every recipe, shape (2^n,)."""
    return land.log_value if isinstance(land, Rugged) else quadratic_values(land.main, land.pair)


def _mixed(first: Floats, second: Floats, agreement: float) -> Floats:
    """The mixture whose ranks agree with the first's as asked for; in the first's units.

    The agreement falls as the angle grows, so it is found by halving; the trunk stays where it is.
    """
    one, other = ((h - h.mean()) / h.std() for h in (first, second))

    def at(angle: float) -> Floats:
        return np.asarray(np.cos(angle) * one + np.sin(angle) * other)

    low, high = 0.0, np.pi / 2
    if _agreement(at(high), first) > agreement:
        raise ValueError(f"the other landscape agrees with this one by more than {agreement}")
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _agreement(at(middle), first) > agreement else (low, middle)
    mixed = at(low)
    return np.asarray((mixed - mixed[0]) * first.std() + first[0])


def _agreement(one: Floats, other: Floats) -> float:
    return float(np.corrcoef(stats.rankdata(one), stats.rankdata(other))[0, 1])
