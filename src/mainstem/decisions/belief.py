"""What the results say: one landscape per objective, in margins, and which recipes crash.

Everything is measured in margins: a gain of 1 is the smallest change that matters, a guard may fall
to -1. The value of a recipe is the sum of its gains over the improve objectives; a recipe that
breaks a margin is worth less than the trunk, by how much it breaks it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mainstem.domain.stack import MARGIN_RUNS
from mainstem.stats import crashes as crashes_of, design, landscape, noise, rungs
from mainstem.stats.effects import distinct, keys
from mainstem.stats.remainder import Near, Reach, Roots
from mainstem.stats.together import together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.problem import Problem, Result
    from mainstem.domain.recipe import Recipe
    from mainstem.stats.posterior import Paths
    from mainstem.stats.together import Together

T = TypeVar("T")

DRAWS = 256
"""Joint posterior draws behind every decision; below 256 the acquisition suffers."""

SPOILED = 1.0
"""A run is spoiled if it is worse, by more margins than this, than its bad members add up to."""

_FIT_TAG, _CHARITY_TAG, _AT_TAG, _LOWER_TAG = 6, 8, 9, 15


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


Model = landscape.Landscape | rungs.Raised
"""The posterior of one objective at a rung."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What ran at one rung, and the landscapes there.

    Attributes:
        rung: The rung's name; None: it is the only one.
        cost: Of a trial there, in trials at the rung that decides.
        trunk: Mean of the trunk there per objective, raw, shape (J,).
        x: Recipes of successful runs, shape (T, n).
        gains: Their gains over the trunk there, in margins, shape (T, J).
        noises: Pooled replicates per objective, in raw units.
        landscapes: Posterior per objective.
        crashes: Which sets crash there, by what crashed there.
    """

    rung: str | None
    cost: float
    trunk: NDArray[np.float64]
    x: NDArray[np.float64]
    gains: NDArray[np.float64]
    noises: tuple[noise.Noise, ...]
    landscapes: tuple[Model, ...]
    crashes: crashes_of.Crashes

    @cached_property
    def noise_sds(self) -> NDArray[np.float64]:
        """Noise sd of one run per objective, in margins, shape (J,)."""
        return np.array([model.noise_sd for model in self.landscapes])


@dataclass(frozen=True, kw_only=True)
class Belief:
    """The state of knowledge after some results.

    Attributes:
        problem: The question.
        scale: The units.
        x: Recipes of successful runs at the rung that decides, shape (T, n).
        gains: Their gains in margins, shape (T, J).
        noises: Pooled replicates per objective, in raw units.
        landscapes: Posterior per objective.
        crashes: Which sets crash.
        runs: Number of results at all rungs, crashed ones included.
        lower: What is known at the rungs below, the cheapest first; rungs where the trunk has not
            run yet are left out.
    """

    problem: Problem
    scale: Scale
    x: NDArray[np.float64]
    gains: NDArray[np.float64]
    noises: tuple[noise.Noise, ...]
    landscapes: tuple[Model, ...]
    crashes: crashes_of.Crashes
    runs: int
    lower: tuple[Seen, ...] = ()
    _made: dict[tuple[object, ...], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def n(self) -> int:
        """Number of proposals."""
        return len(self.problem.proposals)

    @cached_property
    def top(self) -> Seen:
        """What is known at the rung that decides."""
        return Seen(
            rung=self.problem.rung,
            cost=1.0,
            trunk=self.scale.trunk,
            x=self.x,
            gains=self.gains,
            noises=self.noises,
            landscapes=self.landscapes,
            crashes=self.crashes,
        )

    @property
    def at_rungs(self) -> tuple[Seen, ...]:
        """What is known at each rung, the cheapest first; the last one decides."""
        return (*self.lower, self.top)

    @cached_property
    def anywhere(self) -> NDArray[np.float64]:
        """Recipes of successful runs at any rung, shape (R, n)."""
        return np.concatenate([self.x, *(seen.x for seen in self.lower)]) if self.lower else self.x

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
        out = _draws(len(x), len(self.landscapes), by_objective=compressed)
        paths = self.once(("paths", tag), lambda: self._paths(tag))
        for j, (model, drawn) in enumerate(zip(self.landscapes, paths, strict=True)):
            f = rungs.along(model, drawn, reach, rng, compressed=compressed)[:DRAWS]
            np.subtract(f[:, 1:], f[:, :1], out=out[:, :, j])
        if self.lower and compressed:
            out += self.mean_gains(x) - out.mean(0)  # see draw_levels
        return out

    def draw_rungs(
        self, x: NDArray[np.float64], tag: int, *, compressed: bool = True
    ) -> list[NDArray[np.float64]]:
        """Draws that belong together of the gains at every rung, each of shape (S, A, J).

        As `draw_gains`; the gains of each rung are over the trunk there, in the same margins.

        Args:
            x: Recipes, shape (A, n).
            tag: Distinguishes independent sets of draws of one belief.
            compressed: Leave losses compressed.
        """
        each = self.draw_levels(x, tag, compressed=compressed)
        return [levels[:, 1:] - levels[:, :1] for levels in each]

    def draw_levels(
        self, x: NDArray[np.float64], tag: int, *, compressed: bool = True
    ) -> list[NDArray[np.float64]]:
        """What `draw_rungs` takes the differences of: the trunk, then recipes, (S, 1 + A, J) each.

        A run shows the level of its recipe, and nothing of the trunk's: what is not known of a gain
        may be the trunk's part of it, which no run of the recipe tells.

        Args:
            x: Recipes, shape (A, n).
            tag: Distinguishes independent sets of draws of one belief.
            compressed: Leave losses compressed.
        """
        reach = Reach(self._roots, np.concatenate([self.trunk_row[None], x]))
        rng = np.random.default_rng([self.problem.seed, self.runs, tag, _AT_TAG])
        made = partial(_draws, len(x) + 1, len(self.landscapes), by_objective=compressed)
        out = [made() for _ in self.at_rungs]
        paths = self.once(("paths", tag), lambda: self._paths(tag))
        for j, (model, drawn) in enumerate(zip(self.landscapes, paths, strict=True)):
            each = rungs.along_each(model, drawn, reach, rng)
            for levels, at, shown in zip(out, model.rungs, each, strict=True):
                levels[:, :, j] = (shown if compressed else at.warp.inverse(shown))[:DRAWS]
        if self.lower and compressed:
            # Where only small runs are known draws lie so far apart that the order of their means
            # would be chance: of each gain the mean is the posterior's, only the rest is drawn.
            drawn = out[-1].mean(0)
            out[-1][:, 1:] += self.mean_gains(x) - (drawn[1:] - drawn[0])
        return out

    @property
    def settled(self) -> bool:
        """Whether draws at a recipe do not depend on which others are read with them.

        So it is where no remainder is learnt from the runs: with many proposals.
        """
        models = self.landscapes
        return all(isinstance(m, landscape.Landscape) and not len(m.seen) for m in models)

    @cached_property
    def _roots(self) -> Roots:
        """Roots of the remainder at the recipes that it is learnt from, the same for all."""
        return Roots(self.landscapes[0].seen)

    def _paths(self, tag: int) -> list[Paths | rungs.RaisedPaths]:
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
        lost = np.subtract(-1.0, gains)  # beyond the margin
        np.maximum(lost, 0.0, out=lost)
        broken = np.asarray(lost.sum(-1))
        if not broken.any():
            return np.asarray(total)
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
        drawn = [model.sketch(rng) for _ in range(count) for model in self.landscapes]
        read = self._reader(drawn)
        trunk = read(self.trunk_row[None])

        def value(x: NDArray[np.float64]) -> NDArray[np.float64]:
            gains = (read(x) - trunk).reshape(len(x), count, -1).transpose(1, 0, 2)
            return self.risked(self.value(gains), self.crashes.runs(x))

        return value

    def _reader(
        self, drawn: Sequence[landscape.Sketch | rungs.RaisedSketch]
    ) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """Functions over the recipes of this belief, (A, n) to (A, K)."""
        seen = self._roots.seen
        plain = [one for one in drawn if isinstance(one, landscape.Sketch)]
        if len(plain) == len(drawn):
            functions = together(plain)
            return lambda x: functions.at(x, Near(x, seen))

        def read(x: NDArray[np.float64]) -> NDArray[np.float64]:
            near = Near(x, seen)
            return np.stack([one.at(x, near) for one in drawn], axis=1)

        return read

    def mean_value(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """A quick value of recipes from posterior means alone, shape (A,); for local search."""
        return np.asarray(self.risked(self.value(self.mean_gains(x)), self.crashes.runs(x)))

    def mean_gains(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior mean gains in margins, losses compressed, shape (A, J)."""
        return np.asarray(self._means(x) - self._mean_trunk)

    @cached_property
    def _mean_trunk(self) -> NDArray[np.float64]:
        """What `_means` says of the trunk, shape (1, J)."""
        return self._means(self.trunk_row[None])

    def _means(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior means in margins, losses compressed, up to a constant each, shape (A, J)."""
        out = np.empty((len(x), len(self.landscapes)))
        for which, seen, functions in self._averages:
            near = Near(x, seen)
            if functions is not None:
                out[:, which] = functions.at(x, near)
            else:
                each = [self.landscapes[j] for j in which]
                out[:, which] = np.stack([m.to_compressed(m.mean(x, near)) for m in each], axis=1)
        return out

    @cached_property
    def _averages(self) -> list[tuple[list[int], NDArray[np.float64], Together | None]]:
        """Landscapes that were learnt from the same recipes, these, and their means at once.

        None of landscapes above lower rungs, which are no sums.
        """
        seen = [model.seen for model in self.landscapes]
        first = [next(k for k, z in enumerate(seen) if np.array_equal(z, one)) for one in seen]
        found = []
        for k in sorted(set(first)):
            which = [j for j, other in enumerate(first) if other == k]
            models = [self.landscapes[j] for j in which]
            plain = [m.average for m in models if isinstance(m, landscape.Landscape)]
            found.append((which, seen[k], together(plain) if len(plain) == len(models) else None))
        return found

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


def _draws(recipes: int, objectives: int, *, by_objective: bool) -> NDArray[np.float64]:
    """Room for draws, shape (S, A, J); by objective it is filled and added up more quickly.

    Means over draws would differ in their last digits. So where means are taken it is by draw; what
    is compressed, for choosing among recipes, is added up alone (`Belief.value`).
    """
    if by_objective:
        return np.empty((objectives, DRAWS, recipes)).transpose(1, 2, 0)
    return np.empty((DRAWS, recipes, objectives))


def believe(problem: Problem, results: Sequence[Result]) -> Belief | None:
    """What the results say; None while no run of the trunk has succeeded.

    Raises:
        ValueError: A percentage margin of a metric whose mean on the trunk is 0.
    """
    names = [o.name for o in problem.objectives]
    lowest = [below.name for below in problem.lower]
    good = [r for r in results if r.values is not None and r.rung not in lowest]
    raw = np.array([[(r.values or {})[name] for name in names] for r in good])
    on_trunk = [r.recipe == problem.trunk for r in good]
    if not any(on_trunk):
        return None
    scale = fit_scale(problem, raw[on_trunk])
    x = rows((r.recipe for r in good), problem.proposals)
    gains = scale.gains(raw)
    _, groups, _ = distinct(x)
    noises = tuple(noise.pooled(raw[:, j], groups) for j in range(len(names)))
    lower = _lower(problem, results, scale)
    landscapes = _landscapes(problem, x, gains, noises, [len(results), _FIT_TAG], lower=lower)
    ran = {r.recipe for r in good}
    return Belief(
        problem=problem,
        scale=scale,
        x=x,
        gains=gains,
        noises=noises,
        landscapes=landscapes,
        crashes=_located(problem, results, ran, x, lower),
        runs=len(results),
        lower=lower,
    )


def _located(
    problem: Problem,
    results: Sequence[Result],
    ran: set[Recipe],
    x: NDArray[np.float64],
    lower: Sequence[Seen],
) -> crashes_of.Crashes:
    """Which sets crash at the rung that decides.

    What crashes at a rung below is taken to crash here too, until one recipe that crashed there has
    run here: then that rung has reasons of its own. Proved is only what crashed here.

    Args:
        problem: The question.
        results: All results.
        ran: Recipes that ran at the rung that decides.
        x: The runs of these, shape (T, n).
        lower: What is known at the rungs below.
    """
    own = {r.recipe for r in results if r.values is None and r.rung in {None, problem.rung}}
    below = {seen.rung: _crashed(results, seen.rung) for seen in lower}
    trusted = {rung for rung, failed in below.items() if not any(r in ran for r in failed)}
    crashed = dict.fromkeys(
        r.recipe
        for r in results
        if r.values is None and r.recipe not in ran and (r.recipe in own or r.rung in trusted)
    )
    failed = rows(crashed, problem.proposals)
    fine = [seen.x[~np.isin(keys(seen.x), keys(failed))] for seen in lower]
    found = crashes_of.locate(len(problem.proposals), np.concatenate([x, *fine]), failed)
    if not lower:
        return found
    here = [tuple(np.flatnonzero(row > 0.5).tolist()) for row in rows(own, problem.proposals)]
    return replace(found, proven=tuple(members for members in found.proven if members in here))


def _crashed(results: Sequence[Result], rung: str | None) -> list[Recipe]:
    """Recipes that crashed at a rung and never ran there, each once."""
    here = [r for r in results if r.rung == rung]
    ran = {r.recipe for r in here if r.values is not None}
    return list(dict.fromkeys(r.recipe for r in here if r.values is None and r.recipe not in ran))


def _lower(problem: Problem, results: Sequence[Result], scale: Scale) -> tuple[Seen, ...]:
    """What is known at the rungs below the one that decides, where the trunk has run."""
    names, known = [o.name for o in problem.objectives], list[Seen]()
    for place, below in enumerate(problem.lower):
        good = [r for r in results if r.values is not None and r.rung == below.name]
        raw = np.array([[(r.values or {})[name] for name in names] for r in good])
        on_trunk = [r.recipe == problem.trunk for r in good]
        if not any(on_trunk):
            continue
        trunk = raw[on_trunk].mean(0)
        x = rows((r.recipe for r in good), problem.proposals)
        gains = replace(scale, trunk=trunk).gains(raw)
        _, groups, _ = distinct(x)
        noises = tuple(noise.pooled(raw[:, j], groups) for j in range(len(names)))
        tags = [len(results), _FIT_TAG, _LOWER_TAG + place]
        known.append(
            Seen(
                rung=below.name,
                cost=below.cost,
                trunk=trunk,
                x=x,
                gains=gains,
                noises=noises,
                landscapes=_landscapes(problem, x, gains, noises, tags, lower=known),
                crashes=crashes_of.locate(
                    len(problem.proposals),
                    x,
                    rows(_crashed(results, below.name), problem.proposals),
                ),
            )
        )
    return tuple(known)


def _landscapes(
    problem: Problem,
    x: NDArray[np.float64],
    gains: NDArray[np.float64],
    noises: Sequence[noise.Noise],
    tags: Sequence[int],
    *,
    lower: Sequence[Seen],
    kept: Mapping[int, Model] | None = None,
) -> tuple[Model, ...]:
    """A landscape per objective, above those of the lower rungs.

    `tags` tell independent fits of a campaign apart; those in `kept` are not fitted.
    """
    found = dict(kept or {})
    missing = [j for j in range(len(noises)) if j not in found]
    rngs = [np.random.default_rng([problem.seed, *tags, j]) for j in missing]
    exact = [noises[j].deterministic for j in missing]
    if not lower:
        fitted: Sequence[Model] = landscape.fit_each(x, gains[:, missing], rngs, exact=exact)
    else:
        fitted = [
            rungs.fit(
                x,
                gains[:, j],
                rng,
                below=lower[-1].landscapes[j],
                lower_gains=np.concatenate([seen.gains[:, j] for seen in lower]),
                exact=known,
            )
            for j, rng, known in zip(missing, rngs, exact, strict=True)
        ]
    found |= zip(missing, fitted, strict=True)
    return tuple(found[j] for j in range(len(noises)))


def charitable(belief: Belief) -> Belief:
    """What is believed if a spoiled run is taken for a crash: it says that, and nothing of means.

    A run is spoiled if it came out worse than all that is bad in it alone adds up to. Some pair in
    it is to blame, but which? A sum of pairs spreads the blame over all that have not met
    elsewhere, and what stands beside the guilty pair looks as bad. Here one set is suspected to
    have done it all, the others are as innocent as if they had never met, and a run that turns out
    better than the trunk, or is of one proposal, clears all sets in it (`stats.crashes`). What is
    neither spoiled nor fine is left to the means: it accuses nobody and clears nobody. A guard
    without noise keeps its landscape: what it was in a spoiled run it is in every run. So this is
    for means: draws of landscapes that know different recipes do not belong together.
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
    improve = belief.problem.improve
    kept = {
        j: model
        for j, (model, known) in enumerate(zip(belief.landscapes, belief.noises, strict=True))
        if known.deterministic and j not in improve
    }
    tags = [belief.runs, _CHARITY_TAG]
    fitted = _landscapes(
        belief.problem, x, gains, belief.noises, tags, lower=belief.lower, kept=kept
    )
    return replace(belief, x=x, gains=gains, landscapes=fitted, crashes=located)
