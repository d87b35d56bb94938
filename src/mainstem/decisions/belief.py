"""What the results say: one landscape per objective, in margins, and which recipes crash.

Everything is measured in margins: a gain of 1 is the smallest change that matters, a guard may fall
to -1. The value of a recipe is the sum of its gains over the improve objectives; a recipe that
breaks a margin is worth less than the trunk, by how much it breaks it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mainstem.stats import crashes as crashes_of, design, landscape, noise
from mainstem.stats.effects import distinct
from mainstem.stats.remainder import Near, Reach, Roots

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.problem import Problem, Result
    from mainstem.domain.recipe import Recipe
    from mainstem.stats.posterior import Paths

T = TypeVar("T")

DRAWS = 256
"""Joint posterior draws behind every decision; below 256 the acquisition suffers."""

SPOILED = 1.0
"""A run is spoiled if it is worse, by more margins than this, than its bad members add up to."""

_FIT_TAG, _CHARITY_TAG, _AT_TAG = 6, 8, 9

MARGIN_RUNS = 3
"""A margin given in percent is fixed by the mean of the trunk's first runs, so it never drifts."""


def rows(recipes: Iterable[Recipe], proposals: Sequence[str]) -> NDArray[np.float64]:
    """Recipes as rows of 0 and 1, shape (A, n)."""
    place = {proposal: i for i, proposal in enumerate(proposals)}
    recipes = list(recipes)
    x = np.zeros((len(recipes), len(proposals)))
    for row, recipe in enumerate(recipes):
        x[row, [place[proposal] for proposal in recipe]] = 1.0
    return x


def recipe_of(row: NDArray[np.float64], proposals: Sequence[str]) -> Recipe:
    """A row of 0 and 1 as a recipe."""
    return frozenset(proposals[int(i)] for i in np.flatnonzero(row > 0.5))


@dataclass(frozen=True, kw_only=True)
class Scale:
    """The units of a campaign.

    Attributes:
        trunk: Mean of the trunk per objective, raw, shape (J,).
        margin: Margin per objective, raw, shape (J,).
        sign: +1 where larger is better, -1 where smaller is, shape (J,).
    """

    trunk: NDArray[np.float64]
    margin: NDArray[np.float64]
    sign: NDArray[np.float64]

    def gains(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw values, shape (T, J), as gains over the trunk in margins."""
        return np.asarray((raw - self.trunk) * self.sign / self.margin)


def fit_scale(problem: Problem, trunk_values: NDArray[np.float64]) -> Scale:
    """The units, from the trunk's runs in order, shape (R, J), R at least 1.

    Raises:
        ValueError: A percentage margin of a metric whose mean on the trunk is 0.
    """
    first = trunk_values[:MARGIN_RUNS].mean(0)
    margin = np.array(
        [o.margin_at(float(m)) for o, m in zip(problem.objectives, first, strict=True)]
    )
    for objective, value in zip(problem.objectives, margin, strict=True):
        if value <= 0.0:
            raise ValueError(
                f"margin of {objective.name!r} is {objective.margin} of the trunk's mean, "
                "which is 0: give it as a number in the metric's unit"
            )
    return Scale(
        trunk=trunk_values.mean(0),
        margin=margin,
        sign=np.array([o.sign for o in problem.objectives]),
    )


@dataclass(frozen=True, kw_only=True)
class Belief:
    """The state of knowledge after some results.

    Attributes:
        problem: The question.
        scale: The units.
        x: Recipes of successful runs, shape (T, n).
        gains: Their gains in margins, shape (T, J).
        noises: Pooled replicates per objective, in raw units.
        landscapes: Posterior per objective.
        crashes: Which sets crash.
        runs: Number of results, crashed ones included.
    """

    problem: Problem
    scale: Scale
    x: NDArray[np.float64]
    gains: NDArray[np.float64]
    noises: tuple[noise.Noise, ...]
    landscapes: tuple[landscape.Landscape, ...]
    crashes: crashes_of.Crashes
    runs: int
    _made: dict[tuple[object, ...], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def n(self) -> int:
        """Number of proposals."""
        return len(self.problem.proposals)

    @cached_property
    def trunk_row(self) -> NDArray[np.float64]:
        """The trunk, shape (n,)."""
        return np.asarray(rows([self.problem.trunk], self.problem.proposals)[0])

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """Which proposals are not in the trunk yet, shape (n,)."""
        return np.asarray(self.trunk_row < 0.5)

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """Which proposals may stand together: no known conflict, no known crash; (n, n)."""
        place = {proposal: i for i, proposal in enumerate(self.problem.proposals)}
        allowed = np.ones((self.n, self.n), dtype=np.bool_)
        pairs = [tuple(place[p] for p in c) for c in self.problem.conflicts if len(c) <= 2]
        for members in (*pairs, *self.crashes.guilty):
            if len(members) <= 2:
                allowed[members[0], members[-1]] = allowed[members[-1], members[0]] = False
        return allowed

    @cached_property
    def _larger(self) -> NDArray[np.float64]:
        """Conflicting and crashing sets of three or more, shape (L, n)."""
        proposals = self.problem.proposals
        known = [c for c in self.problem.conflicts if len(c) > 2]
        known += [frozenset(proposals[i] for i in s) for s in self.crashes.guilty if len(s) > 2]
        return rows(known, proposals)

    def possible(self, x: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which recipes hold no set known to conflict or crash, shape (A,)."""
        fine = design.allowed_rows(x, self.allowed)
        if len(self._larger):
            fine &= ~np.any(x @ self._larger.T >= self._larger.sum(1), axis=1)
        return np.asarray(fine)

    def draw_gains(
        self, x: NDArray[np.float64], tag: int, *, compressed: bool = False
    ) -> NDArray[np.float64]:
        """Joint draws of the gain over the trunk in margins, shape (S, A, J).

        Args:
            x: Recipes, shape (A, n).
            tag: Distinguishes independent sets of draws of one belief.
            compressed: Leave losses compressed, for choosing among recipes.
        """
        reach = Reach(self._roots, np.concatenate([self.trunk_row[None], x]))
        rng = np.random.default_rng([self.problem.seed, self.runs, tag, _AT_TAG])
        out = np.empty((DRAWS, len(x), len(self.landscapes)))
        paths = self.once(("paths", tag), lambda: self._paths(tag))
        for j, (model, drawn) in enumerate(zip(self.landscapes, paths, strict=True)):
            f = model.along(drawn, reach, rng, compressed=compressed)[:DRAWS]
            out[:, :, j] = f[:, 1:] - f[:, :1]
        return out

    @cached_property
    def _roots(self) -> Roots:
        """Roots of the remainder at the recipes that it is learnt from, the same for all."""
        return Roots(self.landscapes[0].seen)

    def _paths(self, tag: int) -> list[Paths]:
        """Draws of every landscape as a whole."""
        rng = np.random.default_rng([self.problem.seed, self.runs, tag])
        return [model.paths(DRAWS, rng, self._roots) for model in self.landscapes]

    def once(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What `make` gives, made once for a key while this state of knowledge lasts."""
        if key not in self._made:
            self._made[key] = make()
        found: T = self._made[key]
        return found

    def value(self, gains: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of gains in margins, shape (..., J) to (...)."""
        total = gains[..., list(self.problem.improve)].sum(-1)
        broken = np.maximum(-gains - 1.0, 0.0).sum(-1)
        return np.asarray(np.where(broken > 0.0, np.minimum(total, 0.0) - broken, total))

    def sketch(
        self, rng: np.random.Generator
    ) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """The value of recipes, (A, n) to (A,), under one draw of every landscape."""
        drawn = self.sketches(rng, 1)
        return lambda x: drawn(x)[0]

    def sketches(
        self, rng: np.random.Generator, count: int
    ) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """The value of recipes, (A, n) to (count, A), under some draws of every landscape."""
        drawn = [[model.sketch(rng) for model in self.landscapes] for _ in range(count)]
        trunk = [[float(one.at(self.trunk_row[None])[0]) for one in each] for each in drawn]

        def value(x: NDArray[np.float64]) -> NDArray[np.float64]:
            near = Near(x, self._roots.seen)
            gains = np.empty((count, len(x), len(self.landscapes)))
            for k, (each, base) in enumerate(zip(drawn, trunk, strict=True)):
                for j, one in enumerate(each):
                    gains[k, :, j] = one.at(x, near) - base[j]
            return self.risked(self.value(gains), self.crashes.runs(x))

        return value

    def mean_value(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """A quick value of recipes from posterior means alone, shape (A,); for local search."""
        return np.asarray(self.risked(self.value(self.mean_gains(x)), self.crashes.runs(x)))

    def mean_gains(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior mean gains in margins, losses compressed, shape (A, J)."""
        columns = [
            model.to_compressed(model.mean(x)) - base
            for model, base in zip(self.landscapes, self._mean_trunk, strict=True)
        ]
        return np.stack(columns, axis=1)

    @cached_property
    def _mean_trunk(self) -> list[float]:
        """Posterior mean of the trunk per objective, losses compressed."""
        row = self.trunk_row[None]
        return [float(model.to_compressed(model.mean(row))[0]) for model in self.landscapes]

    @staticmethod
    def risked(value: NDArray[np.float64], runs: NDArray[np.float64]) -> NDArray[np.float64]:
        """The value of recipes that run only with a probability, shapes broadcast."""
        return np.asarray(np.where(value > 0.0, value * runs, value) - (1.0 - runs))

    @property
    def pair_prior(self) -> tuple[float, NDArray[np.float64]]:
        """How often a pair that was never seen is at work, and its sd per objective in margins."""
        share, sd = zip(*(model.pair_prior for model in self.landscapes), strict=True)
        return max(share[j] for j in self.problem.improve), np.array(sd)

    @cached_property
    def noise_var(self) -> float:
        """Noise variance of the value of one run, in squared margins."""
        return float(sum(self.landscapes[j].noise_sd ** 2 for j in self.problem.improve))


def believe(problem: Problem, results: Sequence[Result]) -> Belief | None:
    """What the results say; None while no run of the trunk has succeeded.

    Raises:
        ValueError: A percentage margin of a metric whose mean on the trunk is 0.
    """
    names = [o.name for o in problem.objectives]
    good = [r for r in results if r.values is not None]
    raw = np.array([[(r.values or {})[name] for name in names] for r in good])
    on_trunk = [r.recipe == problem.trunk for r in good]
    if not any(on_trunk):
        return None
    scale = fit_scale(problem, raw[on_trunk])
    x = rows((r.recipe for r in good), problem.proposals)
    gains = scale.gains(raw)
    _, groups, _ = distinct(x)
    noises = tuple(noise.pooled(raw[:, j], groups) for j in range(len(names)))
    landscapes = _landscapes(problem, x, gains, noises, [len(results), _FIT_TAG])
    ran = {r.recipe for r in good}
    crashed = dict.fromkeys(r.recipe for r in results if r.values is None and r.recipe not in ran)
    located = crashes_of.locate(len(problem.proposals), x, rows(crashed, problem.proposals))
    return Belief(
        problem=problem,
        scale=scale,
        x=x,
        gains=gains,
        noises=noises,
        landscapes=landscapes,
        crashes=located,
        runs=len(results),
    )


def _landscapes(
    problem: Problem,
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    noises: Sequence[noise.Noise],
    tags: Sequence[int],
) -> tuple[landscape.Landscape, ...]:
    """A landscape per objective; `tags` tell independent fits of a campaign apart."""
    return tuple(
        landscape.fit(
            x,
            gains[:, j],
            np.random.default_rng([problem.seed, *tags, j]),
            exact=known.deterministic,
        )
        for j, known in enumerate(noises)
    )


def charitable(belief: Belief) -> Belief:
    """What is believed if a spoiled run is taken for a crash: it says that, and nothing of means.

    A run is spoiled if it came out worse than all that is bad in it alone adds up to. Some pair in
    it is to blame, but which? A sum of pairs spreads the blame over all that have not met
    elsewhere, and what stands beside the guilty pair looks as bad. Here one set is suspected to
    have done it all, the others are as innocent as if they had never met, and a run that turns out
    better than the trunk, or is of one proposal, clears all sets in it (`stats.crashes`). What is
    neither spoiled nor fine is left to the means: it accuses nobody and clears nobody.
    """
    total = belief.gains[:, list(belief.problem.improve)].sum(1)
    changed = belief.x * belief.free
    single = changed.sum(1) == 1.0
    often = changed[single].sum(0)
    alone = (total[single] @ changed[single]) / np.maximum(often, 1.0)
    spoiled = (changed.sum(1) > 1.0) & (total < changed @ np.minimum(alone, 0.0) - SPOILED)
    if not spoiled.any():
        return belief
    fine = belief.x[(total > 0.0) | (changed.sum(1) <= 1.0)]
    crashed = np.concatenate([belief.crashes.crashed, belief.x[spoiled]])
    located = crashes_of.locate(belief.n, fine, crashed)
    x, gains = belief.x[~spoiled], belief.gains[~spoiled]
    tags = [belief.runs, _CHARITY_TAG]
    fitted = _landscapes(belief.problem, x, gains, belief.noises, tags)
    return replace(belief, x=x, gains=gains, landscapes=fitted, crashes=located)
