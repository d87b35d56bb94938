"""Which recipe to run next: the knowledge gradient over posterior draws.

The worth of a run is what it is expected to add to the value of the recipe that will be recommended
(Frazier, Powell and Dayanik 2009). Over S joint draws of the value v at a pool of recipes, and of
what a run at x would show but for its noise of variance w(x), y(x), an observation moves the
posterior mean of any recipe a by slope_a(x) Z with Z standard normal and

    slope_a(x) = cov(v(a), y(x)) / sqrt(var y(x) + w(x)),
    KG(x) = E max_a (mean_a + slope_a(x) Z) - max_a mean_a.

The maximum runs over the few recipes that are the best of at least one draw. A batch is built one
by one: the draws are conditioned on each chosen run before the next is chosen.

A value is a difference to the trunk, and a run shows one end of it: a level. With v for y a recipe
that is known is worth runs without end where it is the trunk that is not known. With levels for y,
runs that tell leaders apart are worth more than with v, and searches are longer for no more gain;
with the lower of the two everywhere they gain less (docs/decisions/0038). So y is v until the level
of a recipe is better known than the trunk's. From then on a run of it is worth the lower of the
two, and one of the trunk what its level tells.

The knowledge gradient looks one run ahead and stalls where only several runs together would change
the recommendation. So every second run of a batch may be a rival instead: the best recipe of one
draw of the landscape, other than the present best (top-two Thompson sampling; Russo 2016).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()

NOISE_SHARE = 0.1
"""The share of the noise that is charged to a run: runs are also learnt from together."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A chosen batch.

    Attributes:
        picks: Indices into the pool, in order of choice; a recipe may be picked twice.
        worth: Knowledge gradient of each pick when it was chosen, in the unit of the value.
    """

    picks: tuple[int, ...]
    worth: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Draws:
    """Joint draws, with what both the gradient and conditioning ask of them.

    Attributes:
        values: Shape (S, M).
        mean: Over the draws, shape (M,).
        centred: What they are beyond their mean, shape (S, M).
    """

    values: NDArray[np.float64]
    mean: NDArray[np.float64]
    centred: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.float64]) -> Draws:
        """These draws, shape (S, M)."""
        mean = values.mean(0)
        return cls(values=values, mean=mean, centred=values - mean)

    @cached_property
    def var(self) -> NDArray[np.float64]:
        """Their variance, shape (M,)."""
        return np.asarray((self.centred**2).mean(0))

    def some(self, columns: slice) -> Draws:
        """The same of some of the columns."""
        return Draws(
            values=self.values[:, columns],
            mean=self.mean[columns],
            centred=self.centred[:, columns],
        )


def knowledge_gradient(
    draws: Draws,
    noise_var: NDArray[np.float64],
    deciding: int | None = None,
    shown: Draws | None = None,
) -> NDArray[np.float64]:
    """The knowledge gradient of each recipe of the pool, shape (M,).

    Args:
        draws: Joint draws of the value, shape (S, M).
        noise_var: Variance of a run's noise at each recipe, shape (M,).
        deciding: How many of the columns, from the first, are recipes that may be recommended; what
            the others show, such as runs at a smaller scale, only informs. None: all.
        shown: What a run shows but for its noise in the same draws, shape (S, M). None: the value.
    """
    every = draws if shown is None else shown
    mean, worth = draws.mean[:deciding], np.zeros(len(noise_var))
    rivals = np.unique(np.append(draws.values[:, :deciding].argmax(1), mean.argmax()))
    cov = draws.centred[:, rivals].T @ every.centred / len(every.values)
    spread = np.sqrt(np.maximum(every.var + noise_var, 1e-18))
    slope = cov / spread
    means = mean[rivals].repeat(len(worth)).reshape(slope.shape)  # 15 sums, quicker so
    ahead = np.empty_like(slope)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        np.multiply(slope, node, out=ahead)
        ahead += means
        worth += weight * ahead.max(0)
    return np.asarray(np.maximum(worth - mean.max(), 0.0))


def choose(
    draws: NDArray[np.float64],
    noise_var: NDArray[np.float64],
    cost: NDArray[np.float64],
    k: int,
    *,
    pending: tuple[int, ...] = (),
    rivals: tuple[int, ...] = (),
    turn: int = 0,
    deciding: int | None = None,
    shown: NDArray[np.float64] | None = None,
) -> Choice:
    """Chooses k runs, by knowledge gradient and among the rivals in turn.

    Args:
        draws: Joint draws of the value, shape (S, M).
        noise_var: Variance of a run's noise at each recipe, shape (M,).
        cost: Relative cost of a run at each recipe, shape (M,); worth is divided by it.
        k: How many.
        pending: Pool indices of runs that are under way: conditioned on first.
        rivals: Pool indices of recipes that are the best of a draw; none is picked twice.
        turn: Whose turn the first of them is: the gradient's if even, a rival's if odd.
        deciding: How many of the pool may be recommended; see `knowledge_gradient`.
        shown: What runs show, if that is not the value: a run of a recipe that is better known than
            the trunk is worth no more than this tells.
    """
    told = None if shown is None else _Told.of(draws, shown)
    known, effective = Draws.of(draws), NOISE_SHARE * noise_var
    for index in pending:
        known = _condition(known, index, noise_var[index])
        told = told and told.after(index, noise_var[index])
    picks: list[int] = []
    worth: list[float] = []
    for number in range(turn, turn + k):
        gains = knowledge_gradient(known, effective, deciding)
        if told is not None:
            gains = told.at_most(gains, effective, deciding)
        index = int(np.argmax(gains / cost))
        if number % 2 == 1:
            index = next((i for i in rivals if i not in picks), index)
        picks.append(index)
        worth.append(float(gains[index]))
        if len(picks) < k:
            known = _condition(known, index, noise_var[index])
            told = told and told.after(index, noise_var[index])
    return Choice(picks=tuple(picks), worth=tuple(worth))


@dataclass(frozen=True, kw_only=True)
class _Told:
    """What is known of values and levels, as runs tell levels.

    Attributes:
        both: Draws of the values, then of what runs show, shape (S, 2 M).
        trunk: Which columns are the trunk, whose value is the same in every draw, shape (M,).
    """

    both: Draws
    trunk: NDArray[np.bool_]

    @classmethod
    def of(cls, draws: NDArray[np.float64], shown: NDArray[np.float64]) -> _Told:
        both = Draws.of(np.concatenate([draws, shown], axis=1))
        return cls(both=both, trunk=np.ptp(draws, axis=0) == 0.0)

    def after(self, index: int, noise_var: float) -> _Told:
        """The same after a run."""
        return replace(self, both=_condition(self.both, len(self.trunk) + index, noise_var))

    def at_most(
        self, gains: NDArray[np.float64], noise_var: NDArray[np.float64], deciding: int | None
    ) -> NDArray[np.float64]:
        """Worths of runs; where the trunk is less known than the recipe, what its level tells.

        Of the trunk that too, where it is less known than the best other one. Shape (M,).
        """
        every = len(self.trunk)
        value, shown = self.both.some(slice(every)), self.both.some(slice(every, None))
        size = deciding or every
        open_ = shown.var.reshape(-1, size)
        trunk = np.where(self.trunk.reshape(-1, size), open_, 0.0).max(1)
        known = open_ < trunk[:, None]
        if not known.any():
            return gains
        told = knowledge_gradient(value, noise_var, deciding, shown)
        leader = np.where(self.trunk[:size], -np.inf, value.mean[:size]).argmax()
        leads = known[:, int(leader)]
        capped = np.where(known.ravel(), np.minimum(gains, told), gains)
        return np.where(self.trunk, np.where(np.repeat(leads, size), told, gains), capped)


def _condition(draws: Draws, index: int, noise_var: float) -> Draws:
    """Draws as they would spread after a run at `index`; means stay, what it explains shrinks.

    Linear shrinkage (the ensemble square-root filter): every deviation loses the part that the run
    explains, scaled so that the variance at `index` becomes v w / (v + w).
    """
    at, count = draws.centred[:, index], len(draws.values)
    var = float(at @ at) / count
    if var <= 1e-18:
        return draws
    kept = np.sqrt(noise_var / (var + noise_var))
    slope = (at @ draws.centred) / count / var
    explained = np.einsum("i,j->ij", at, slope)  # half the time of np.outer
    explained *= 1.0 - kept
    after = draws.centred + draws.mean
    after -= explained
    return Draws.of(after)
