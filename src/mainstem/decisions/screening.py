"""A block of wide recipes at the start: every run then speaks of every proposal.

Two ways to learn what n proposals do. A run near the trunk shows one change at a time, and shows it
well if the change is large against the noise. In a balanced design each recipe holds half of the
proposals, and the contrast of its two halves has the noise of all runs together, a variance of
4 s^2 / N for each proposal (Plackett and Burman 1946): right where effects hide in noise, and waste
where they do not, because what a change does in the middle of the cube is not what it does beside
the best recipe.

Which of the two it is shows early. Where the first changes that ran differ from the trunk by many
times the noise, effects are plain to see one by one, and not even one wide run is spent. Else one
is, and says more surely. The margin stands in for the noise where that is smaller or not known yet:
smaller differences do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.belief import recipe_of, rows
from mainstem.decisions.problem import Ask
from mainstem.stats import design
from mainstem.stats.effects import keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.decisions.problem import Problem
    from mainstem.domain.recipe import Recipe

PLAIN_NEAR = 5.0
"""Effects are plain to see if the first changes are so many times the noise from the trunk."""

PLAIN = 12.0
"""The same for wide runs, which hold many changes."""

ALONE = 2.0
"""One wide run says so only if it is so many times as far away.

What the noise is, two degrees of freedom say by then, and one recipe may be unlike the others.
"""

LATE = 4
"""Once more other recipes ran it is too late for a block: the search knows better."""

PROBES = 3
"""The block is believed once so many of its recipes ran."""

FEWEST = 3
"""Fewer proposals have no block."""

_BUDGET_SHARE = 4
_LEAST_RUNNING = 0.5
_TAG = 9


def block(problem: Problem) -> list[Recipe]:
    """The wide recipes of a campaign, in the order of their runs; they hold no conflict.

    At most a quarter of the budget; none for fewer than `FEWEST` proposals outside the trunk.
    """
    free = [p for p in problem.proposals if p not in problem.trunk]
    free = [p for p in free if not any(c <= problem.trunk | {p} for c in problem.conflicts)]
    if len(free) < FEWEST:
        return []
    rng = np.random.default_rng([problem.seed, _TAG])
    wide = [recipe_of(row, free) for row in design.halves(len(free), rng)]
    recipes = [problem.trunk | _without_conflicts(problem, recipe, rng) for recipe in wide]
    most = len(recipes) if problem.budget is None else int(problem.budget) // _BUDGET_SHARE
    return list(dict.fromkeys(recipes))[:most]


def _without_conflicts(problem: Problem, recipe: Recipe, rng: np.random.Generator) -> Recipe:
    """The recipe without one member, drawn at random, of each set that cannot be merged."""
    order = [problem.proposals[i] for i in rng.permutation(len(problem.proposals))]
    while held := [c for c in problem.conflicts if c <= problem.trunk | recipe]:
        recipe -= {next(p for p in order if p in recipe and any(p in c for c in held))}
    return recipe


@dataclass(frozen=True, kw_only=True)
class _Progress:
    """Where the block stands.

    Attributes:
        runs: Which runs of the belief are of the block, shape (T,).
        ran: How many of its recipes ran.
        tried: How many of its recipes ran, crashed or are running.
        left: Its other recipes.
    """

    runs: NDArray[np.bool_]
    ran: int
    tried: int
    left: list[Recipe]


def _progress(belief: Belief, pending: Sequence[Recipe]) -> _Progress:
    wide = _block(belief.problem)
    cheapest = belief.at_rungs[0]
    ran = keys(cheapest.x)
    seen = {*ran, *keys(cheapest.crashes.crashed)}
    left = [recipe for key, recipe in wide.items() if key not in seen and recipe not in pending]
    return _Progress(
        runs=np.array([key in wide for key in ran], dtype=np.bool_),
        ran=len(wide.keys() & set(ran)),
        tried=len(wide) - len(left),
        left=left,
    )


@lru_cache(maxsize=1)
def _block(problem: Problem) -> Mapping[bytes, Recipe]:
    """The block of a campaign, in order, by the keys of its recipes: every belief asks for it."""
    wide = block(problem)
    return MappingProxyType(dict(zip(keys(rows(wide, problem.proposals)), wide, strict=True)))


def pays(belief: Belief) -> bool:
    """Whether effects hide in the noise, as `PROBES` wide recipes or more say."""

    def work_out() -> bool:
        progress = _progress(belief, ())
        return progress.ran >= PROBES and _goes_on(belief, progress.runs)

    return belief.once(("pays",), work_out)


def _hidden(belief: Belief, runs: NDArray[np.bool_], plain: float) -> bool:
    """Whether runs, shape (T,), are near the trunk in some objective that is to be improved."""
    seen = belief.at_rungs[0]
    size = np.sqrt((seen.gains[runs] ** 2).mean(0))
    noise = [known.sd or 0.0 for known in seen.noises] / belief.scale.margin
    near = size <= plain * np.maximum(noise, 1.0)
    return bool(near[list(belief.problem.improve)].any())


def _goes_on(belief: Belief, runs: NDArray[np.bool_]) -> bool:
    """Whether effects hide in the noise, as the wide runs say, shape (T,)."""
    return _hidden(belief, runs, PLAIN if runs.sum() > 1 else ALONE * PLAIN)


def _starts(belief: Belief, pending: Sequence[Recipe]) -> bool:
    """Whether a first wide run is worth it: a few other changes ran, and none is plain to see."""
    x = belief.at_rungs[0].x
    changed = np.any(x != belief.trunk_row, axis=1)
    if not changed.any() or len(np.unique(x[changed], axis=0)) > LATE:
        return False
    waits = any(recipe in pending for recipe in _block(belief.problem).values())
    return not waits and _hidden(belief, changed, PLAIN_NEAR)


def missing(belief: Belief, pending: Sequence[Recipe], k: int) -> list[Ask]:
    """The block's part of the next k runs; none once it is done or does not pay.

    Until one of its recipes ran there is one of them at a time, up to `PROBES`; until `PROBES` ran,
    half of the runs.

    Args:
        belief: The state of knowledge.
        pending: Recipes that are running.
        k: How many runs.
    """
    progress = _progress(belief, pending)
    if not progress.ran:
        most = int(progress.tried < PROBES and _starts(belief, pending))
    elif not _goes_on(belief, progress.runs):
        most = 0
    elif progress.ran < PROBES:
        most = max(0, min(PROBES - progress.tried, max(1, k // 2)))
    else:
        most = k
    x = rows(progress.left, belief.problem.proposals).reshape(-1, belief.n)
    cheapest = belief.at_rungs[0]
    fine = belief.possible(x) & (cheapest.crashes.runs(x) >= _LEAST_RUNNING)
    rung = cheapest.rung
    asks = [Ask(recipe=r, rung=rung) for r, runs in zip(progress.left, fine, strict=True) if runs]
    return asks[:most]
