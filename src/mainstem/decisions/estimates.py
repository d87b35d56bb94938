"""What is known, in each objective's own unit and with intervals, for people and their tools.

Decisions are made in margins (`belief`); here they are turned into units. All gains, effects and
interactions are above 0 where they are better. Intervals are posterior, except for a confirmed
gain, which rests on fresh pairs alone and holds at every moment of looking.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import ask as asking, budget as budgeting, candidates, confirm
from mainstem.decisions.belief import recipe_of, rows
from mainstem.decisions.contribution import interval, width_of
from mainstem.domain.verdict import Effect, Estimate, Recommendation
from mainstem.stats import evidence
from mainstem.stats.effects import keys
from mainstem.stats.noise import mean_interval

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.decisions.confirm import Candidate
    from mainstem.decisions.problem import Problem, Result
    from mainstem.domain.recipe import Recipe

_EFFECT_TAG = 4


def recommend(belief: Belief, found: Sequence[Candidate]) -> Recommendation:
    """The recipe that the evidence favours now: the confirmed one as soon as there is one.

    Args:
        belief: The state of knowledge.
        found: Every candidate so far.
    """
    standing = candidates.confirmed(belief, found)
    if standing is not None:
        at = asking.assess(belief, rows([standing.recipe], belief.problem.proposals)[0])
        return Recommendation(
            recipe=standing.recipe,
            gain=fresh_gain(belief, standing),
            probability=at.probability,
            confirmed=True,
        )
    best = asking.favourite(belief, without=candidates.crashed(found))
    recipe = recipe_of(best.row, belief.problem.proposals)
    return Recommendation(
        recipe=recipe, gain=gain(belief, recipe), probability=best.probability, confirmed=False
    )


def gain(belief: Belief, recipe: Recipe) -> dict[str, Estimate]:
    """Posterior gain of a recipe over the trunk per objective."""
    row = rows([recipe], belief.problem.proposals)
    found = of_draws(belief, belief.draw_gains(row, _EFFECT_TAG)[:, 0])
    return found | exact(belief, recipe)


def fresh_gain(belief: Belief, candidate: Candidate) -> dict[str, Estimate]:
    """The gain from a candidate's own pairs per objective: time-uniform intervals.

    After a stop at a success the plain mean of the pairs is too high now and then, even beyond what
    earlier looks left possible; then the nearest end stands for it.
    """
    problem = belief.problem
    d = confirm.differences(problem, candidate.pairs, belief.scale)
    return {
        test.objective: of_pairs(problem, j, d[:, j], exact=test.exact)
        for j, test in enumerate(candidate.tests)
    }


def of_pairs(problem: Problem, j: int, d: NDArray[np.float64], *, exact: bool) -> Estimate:
    """The gain on objective j from the differences of pairs, shape (n,), n at least 1.

    Args:
        problem: The objectives, and the interval's level.
        j: The objective's place.
        d: The differences in the order of their pairs, above 0 is better.
        exact: Whether the objective is deterministic on both sides.
    """
    mean, level = float(d.mean()), problem.level
    low, high = evidence.confidence_interval(d, level)
    if exact:
        low = high = mean
    elif low is not None and high is not None:
        mean = min(max(mean, low), high)
    return Estimate(mean=mean, low=low, high=high, level=level, unit=problem.objectives[j].unit)


def contribution(belief: Belief, best: Recipe, proposal: str) -> dict[str, Estimate]:
    """What a member adds to the rest of a recipe per objective."""
    rest = best - {proposal}
    gains = belief.draw_gains(rows([best, rest], belief.problem.proposals), _EFFECT_TAG)
    found = of_draws(belief, gains[:, 0] - gains[:, 1])
    with_it, without = exact(belief, best), exact(belief, rest)
    for name in with_it.keys() & without.keys():
        mean = with_it[name].mean - without[name].mean
        found[name] = replace(with_it[name], mean=mean, low=mean, high=mean)
    return found


def effects(
    belief: Belief,
    *,
    singles: bool = True,
    pairs: bool,
    among: Collection[frozenset[str]] | None = None,
) -> list[Effect]:
    """Main effects on the trunk of what is not in it and, if wanted, pairwise interactions.

    Args:
        belief: The state of knowledge.
        singles: Whether to work out main effects.
        pairs: Whether to work out interactions.
        among: Only those of these pairs; None for all.
    """
    free = [int(i) for i in np.flatnonzero(belief.free)]
    out: list[Effect] = []
    single = np.maximum(np.eye(belief.n)[free], belief.trunk_row)
    if singles:
        gains = belief.draw_gains(single, _EFFECT_TAG)
        for a, i in enumerate(free):
            out += _effects_of(belief, [i], gains[:, a])
    return [*out, *_interactions(belief, free, single, among)] if pairs else out


def _interactions(
    belief: Belief,
    free: Sequence[int],
    single: NDArray[np.float64],
    among: Collection[frozenset[str]] | None,
) -> list[Effect]:
    """Pairwise interactions of the free proposals, of which `single` has the rows."""
    out: list[Effect] = []
    wanted = _partners(belief, free, among)
    for a, i in enumerate(free[:-1]):
        theirs = wanted[a]
        if not len(theirs):
            continue
        # What the data leave open is drawn for all recipes of a reading together, so a reading of
        # fewer has other draws; where nothing is left open it has the same.
        rest = theirs if belief.settled else np.arange(a + 1, len(free))
        both = np.maximum(single[a], single[rest])
        f = belief.draw_gains(np.concatenate([single[a][None], single[rest], both]), _EFFECT_TAG)
        for b in np.flatnonzero(np.isin(rest, theirs)):
            pair = f[:, 1 + len(rest) + b] - f[:, 0] - f[:, 1 + b]
            out += _effects_of(belief, [i, free[rest[b]]], pair)
    return out


def _partners(
    belief: Belief, free: Sequence[int], among: Collection[frozenset[str]] | None
) -> list[NDArray[np.int64]]:
    """For each free proposal the places behind it of those whose interaction is wanted."""
    if among is None:
        return [np.arange(a + 1, len(free)) for a in range(len(free))]
    place = {belief.problem.proposals[i]: a for a, i in enumerate(free)}
    found: list[set[int]] = [set() for _ in free]
    for pair in among:
        if len(pair) == 2 and pair <= place.keys():
            first, second = sorted(place[p] for p in pair)
            found[first].add(second)
    return [np.array(sorted(each), dtype=np.int64) for each in found]


def noise_sd(belief: Belief) -> dict[str, float]:
    """Run-to-run sd per objective near the trunk."""
    sds = budgeting.noise_sds(belief) * belief.scale.margin
    return {o.name: float(s) for o, s in zip(belief.problem.objectives, sds, strict=True)}


def margins(problem: Problem, belief: Belief | None) -> dict[str, float]:
    """Margin per objective; those in percent once the trunk has run."""
    if belief is not None:
        pairs = zip(problem.objectives, belief.scale.margin, strict=True)
        return {o.name: float(m) for o, m in pairs}
    return {o.name: o.margin_at(1.0) for o in problem.objectives if not o.is_relative}


def trunk(problem: Problem, results: Sequence[Result]) -> dict[str, Estimate]:
    """Mean of the trunk's runs per objective, raw, with a t interval; {} before any."""
    runs = [r.values for r in results if r.recipe == problem.trunk and r.values]
    out = {}
    for objective in problem.objectives if runs else ():
        values = np.array([run[objective.name] for run in runs])
        mean, low, high = mean_interval(values, problem.level)
        out[objective.name] = Estimate(
            mean=mean, low=low, high=high, level=problem.level, unit=objective.unit
        )
    return out


def of_draws(belief: Belief, gains: NDArray[np.float64]) -> dict[str, Estimate]:
    """Draws of gains in margins, shape (S, J), as estimates per objective."""
    level, width = belief.problem.level, width_of(belief)
    out = {}
    for j, objective in enumerate(belief.problem.objectives):
        mean, low, high = interval(gains[:, j] * belief.scale.margin[j], level, width=width)
        out[objective.name] = Estimate(
            mean=mean, low=low, high=high, level=level, unit=objective.unit
        )
    return out


def exact(belief: Belief, recipe: Recipe) -> dict[str, Estimate]:
    """Gains that are known exactly: of deterministic objectives, for recipes that have run."""
    first = belief.once(("first run",), lambda: _first_runs(belief.x))
    seen = first.get(keys(rows([recipe], belief.problem.proposals))[0])
    if seen is None:
        return {}
    level = belief.problem.level
    out = {}
    for j, objective in enumerate(belief.problem.objectives):
        if not belief.noises[j].deterministic:
            continue
        known = float(belief.gains[seen, j] * belief.scale.margin[j])
        out[objective.name] = Estimate(
            mean=known, low=known, high=known, level=level, unit=objective.unit
        )
    return out


def _first_runs(x: NDArray[np.float64]) -> dict[bytes, int]:
    """The place of the first run of every recipe that ran, by its key."""
    found: dict[bytes, int] = {}
    for place, key in enumerate(keys(x)):
        found.setdefault(key, place)
    return found


def _effects_of(belief: Belief, members: Sequence[int], gains: NDArray[np.float64]) -> list[Effect]:
    """Draws of one effect or interaction in margins, shape (S, J), as an effect per objective."""
    proposals = frozenset(belief.problem.proposals[i] for i in members)
    return [
        Effect(
            proposals=proposals,
            objective=name,
            mean=estimate.mean,
            low=estimate.low if estimate.low is not None else estimate.mean,
            high=estimate.high if estimate.high is not None else estimate.mean,
            level=belief.problem.level,
        )
        for name, estimate in of_draws(belief, gains).items()
    ]
