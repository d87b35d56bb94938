"""Runs that settle verdicts: every proposal's author is owed an answer, not only the winners'.

The search leaves a proposal as soon as it is unlikely to matter for the best recipe. These runs say
what it does: alone on the trunk, next to the best recipe, and, if it wins alone but not there, with
each member that may spoil it. A set that is believed to crash is run by itself once, so that the
verdict can point to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.belief import recipe_of, rows
from mainstem.decisions.contribution import clashes, contributions
from mainstem.decisions.problem import Ask
from mainstem.decisions.verdict import LIKELY, spoiler
from mainstem.domain.recipe import in_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.decisions.belief import Belief
    from mainstem.decisions.contribution import Contribution
    from mainstem.decisions.problem import Result
    from mainstem.domain.recipe import Recipe

SETTLED = 0.6
"""An effect whose posterior sd is below this many margins needs no more runs."""

MOST_RUNS = 3
"""No recipe is run more often only to settle a verdict."""


def settle(belief: Belief, best: Recipe, results: Sequence[Result], k: int) -> list[Ask]:
    """Up to k runs that settle the verdicts that are least certain; [] when all are settled.

    Args:
        belief: The state of knowledge.
        best: The best recipe.
        results: All results so far.
        k: How many runs.
    """
    wanted = dict.fromkeys(_unproven(belief), np.inf)
    parts = contributions(belief, best)
    for i, proposal in enumerate(belief.problem.proposals):
        if proposal in best or not belief.free[i]:
            continue
        for recipe, doubt in _doubts(belief, best, i, parts[i]).items():
            wanted[recipe] = max(doubt, wanted.get(recipe, 0.0))
    ranked = sorted(
        (recipe for recipe, doubt in wanted.items() if doubt > SETTLED),
        key=lambda recipe: (-wanted[recipe], in_order(recipe, belief.problem.proposals)),
    )
    runs = [r.recipe for r in results]
    return [Ask(recipe=r) for r in ranked if runs.count(r) < MOST_RUNS][:k]


def _unproven(belief: Belief) -> list[Recipe]:
    """Sets that are believed to crash and have not crashed by themselves."""
    trunk, proposals = belief.problem.trunk, belief.problem.proposals
    sets = [s for s in belief.crashes.guilty if s not in belief.crashes.proven]
    return [trunk | {proposals[i] for i in members} for members in sets]


def _doubts(belief: Belief, best: Recipe, i: int, part: Contribution) -> dict[Recipe, float]:
    """Recipes that would say more about proposal i, with the posterior sd that they would cut."""
    trunk, proposal = belief.problem.trunk, belief.problem.proposals[i]
    doubts = {
        trunk | {proposal}: float(part.alone_value.std()),
        best | {proposal}: float(part.within_value.std()),
    }
    spoiled = np.mean(part.alone_value > 0.0) >= LIKELY and np.mean(part.within_value < 0.0) > 0.5
    if spoiled and best > trunk:
        doubts |= _suspects(belief, best, i)
    x = rows(doubts, belief.problem.proposals)
    possible = belief.possible(x)
    return {
        recipe_of(row, belief.problem.proposals): doubt
        for row, doubt, fine in zip(x, doubts.values(), possible, strict=True)
        if fine
    }


def _suspects(belief: Belief, best: Recipe, i: int) -> dict[Recipe, float]:
    """Pairs that would tell which member spoils proposal i, the likeliest first; {} if known."""
    trunk, proposals = belief.problem.trunk, belief.problem.proposals
    losses = clashes(belief, best, i)
    if spoiler(losses) is not None:
        return {}
    members = in_order(best - trunk, proposals)
    pairs = [trunk | {proposals[i], member} for member in members]
    seen = {row.tobytes() for row in belief.x}
    order = np.argsort(losses.mean(0), kind="stable")
    fresh = [pairs[m] for m in order if rows([pairs[m]], proposals)[0].tobytes() not in seen]
    return {pair: SETTLED * (2.0 - 0.5 * rank / len(pairs)) for rank, pair in enumerate(fresh)}
