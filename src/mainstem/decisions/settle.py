"""Runs that settle verdicts: every proposal's author is owed an answer, not only the winners'.

The search leaves a proposal as soon as it is unlikely to matter for the best recipe. These runs say
what it does: alone on the trunk, next to the best recipe (or without it, for a member), and, if it
wins alone but not there, with each member that may spoil it. A set that is believed to crash is run
by itself once, so that the verdict can point to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions.belief import recipe_of, rows
from mainstem.decisions.contribution import clashes, contributions
from mainstem.decisions.problem import Ask
from mainstem.decisions.verdict import LIKELY, SURE, spoilers
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

_FIRST_RUNS = {1, 4}
"""Ranks that are owed one run of a recipe, whatever the model believes, and no more."""


def settle(belief: Belief, best: Recipe, results: Sequence[Result], k: int) -> list[Ask]:
    """Up to k runs that settle the verdicts that are least certain; [] when all are settled.

    In this order: what proves a crash; a first run alone of what is not in the best recipe; what
    such a proposal adds to it, where that is open, and which member spoils it; what a member adds,
    where that is open; a first run alone of a member.

    Args:
        belief: The state of knowledge.
        best: The best recipe.
        results: All results so far.
        k: How many runs.
    """
    runs = [r.recipe for r in results]
    wanted = dict.fromkeys(_unproven(belief), (0, np.inf))
    parts = contributions(belief, best)
    for i in np.flatnonzero(belief.free):
        for recipe, (rank, doubt) in _doubts(belief, best, int(i), parts[i]).items():
            if recipe not in runs if rank in _FIRST_RUNS else doubt > SETTLED:
                known = wanted.get(recipe, (rank, 0.0))
                wanted[recipe] = (min(rank, known[0]), max(doubt, known[1]))
    ranked = sorted(
        wanted,
        key=lambda recipe: (
            wanted[recipe][0],
            -wanted[recipe][1],
            in_order(recipe, belief.problem.proposals),
        ),
    )
    deciding = belief.problem.rung  # a crash is proved where it counts
    return [
        Ask(recipe=r, rung=deciding if wanted[r][0] == 0 else None)
        for r in ranked
        if runs.count(r) < MOST_RUNS
    ][:k]


def _unproven(belief: Belief) -> list[Recipe]:
    """Runs that would prove sets that are believed to crash: the set itself, and its parts."""
    trunk, proposals = belief.problem.trunk, belief.problem.proposals
    crashes = belief.crashes
    # What crashed at a lower rung alone has no part left to run, and is not proved all the same.
    open_ = [s for s in crashes.guilty if s not in crashes.proven]
    runs = [run for s in open_ for run in crashes.proof(s) or [s]]
    return [trunk | {proposals[i] for i in members} for members in runs]


def _doubts(
    belief: Belief, best: Recipe, i: int, part: Contribution
) -> dict[Recipe, tuple[int, float]]:
    """Recipes that would say more about proposal i: their rank, and the sd that they would cut."""
    trunk, proposal = belief.problem.trunk, belief.problem.proposals[i]
    helps = float(np.mean(part.within_value > 0.0))
    doubts = {trunk | {proposal}: (4 if part.member else 1, float(part.alone_gain.std()))}
    if 1.0 - SURE < helps < SURE:
        doubt = (3 if part.member else 2, float(part.within_gain.std()))
        doubts |= {best: doubt, best ^ {proposal}: doubt}
    good_alone = np.mean(part.alone_value > 0.0) >= LIKELY
    if good_alone and not part.member and helps < 0.5:
        doubts |= {pair: (2, doubt) for pair, doubt in _suspects(belief, best, i).items()}
    x = rows(doubts, belief.problem.proposals)
    possible = belief.possible(x)
    return {
        recipe_of(row, belief.problem.proposals): doubt
        for row, doubt, fine in zip(x, doubts.values(), possible, strict=True)
        if fine
    }


def _suspects(belief: Belief, best: Recipe, i: int) -> dict[Recipe, float]:
    """Pairs that would tell which members spoil proposal i, the likeliest first.

    Once one is known, only those that seem to cost a margin or more.
    """
    trunk, proposals = belief.problem.trunk, belief.problem.proposals
    losses, ran = clashes(belief, best, i)
    mean, known = losses.mean(0), bool(spoilers(losses, ran))
    members = in_order(best - trunk, proposals)
    suspects = [
        int(m)
        for m in np.argsort(mean, kind="stable")
        if not ran[m] and (mean[m] <= -1.0 or not known)
    ]
    return {
        trunk | {proposals[i], members[m]}: SETTLED * (2.0 - 0.5 * rank / len(members))
        for rank, m in enumerate(suspects)
    }
