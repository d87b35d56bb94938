"""From the cheapest rung to the one that decides: a search there for itself, then upwards.

Where runs cost a fraction, the recipes that are good there are found first, as if that rung
decided: a landscape that is known well below is what large runs can be compared with. Half way its
best recipes run a rung up, the ones that are expected to be best where it counts: if small runs
mislead, that is learnt early, from the runs that were the most likely to be right, and nothing more
is spent on them. Else the search goes on below, and more recipes rise. What follows weighs recipes
and rungs together (`ask`). Why so, with figures: docs/decisions/0043-small-runs-first.md.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import ask as asking, budget as budgeting, screening
from mainstem.decisions.belief import believe, recipe_of
from mainstem.decisions.problem import Ask
from mainstem.stats.effects import distinct, keys
from mainstem.stats.rungs import Raised

if TYPE_CHECKING:
    from mainstem.decisions.belief import Belief
    from mainstem.decisions.problem import Problem
    from mainstem.decisions.trials import Trials

PER_PROPOSAL = 4
"""Runs at the cheapest rung, per proposal outside the trunk, that are chosen as if it decided."""

MOST_COST = 0.5
"""What these may cost in all, per proposal, in trials at the rung that decides."""

BUDGET_SHARE = 0.25
"""The same as a share of a budget."""

PROMOTED = 4
"""How many recipes rise from a rung to the next before rungs are weighed together."""

TOGETHER = 2
"""How many of them rise first, and how many wait for their results at once."""

FIRST = 0.5
"""The share of the runs below that comes before the first recipes have risen."""

CARRIES = 0.3
"""So much of a gain has to carry over (beta) for more runs below: half of what is expected."""


def below(belief: Belief, trials: Trials, k: int) -> list[Ask]:
    """Runs at the cheapest rung, chosen as if it decided.

    None once that is done, nor while the first recipes that rise have not run a rung up, nor if
    these say that little carries over.

    Args:
        belief: The state of knowledge.
        trials: What was asked and told.
        k: How many runs at most.
    """
    problem = belief.problem
    if not belief.lower:
        return []
    rung, cost = belief.lower[0].rung, belief.lower[0].cost
    pending = [t.recipe for t in trials.waiting if t.rung == rung]
    ran = [r.recipe for r in trials.acting if r.rung == rung]
    asked = sum(recipe != problem.trunk for recipe in (*ran, *pending))
    most = _most(problem, cost)
    if asked >= most or (asked >= FIRST * most and not _holds(belief)):
        return []
    alone = belief.once(("alone", rung), lambda: _alone(belief, trials))
    if alone is None:
        return []
    wide = screening.missing(alone, pending, k)
    if len(wide) == k:
        return wide
    found = asking.search(alone, k - len(wide), pending)
    pays = found.worth >= budgeting.SEARCH_PAYS or found.narrows
    return [*wide, *found.asks][:k] if wide or pays else []


def _most(problem: Problem, cost: float) -> float:
    """How many runs of a cost the search of the cheapest rung may take."""
    free = len(set(problem.proposals) - problem.trunk)
    most = free * min(PER_PROPOSAL, MOST_COST / cost)
    return most if problem.budget is None else min(most, BUDGET_SHARE * problem.budget / cost)


def _holds(belief: Belief) -> bool:
    """Whether what rose from the cheapest rung says that enough of a gain there carries over."""
    upper = belief.at_rungs[1]
    x, *_ = distinct(upper.x)
    if np.any(x != belief.trunk_row, axis=1).sum() < TOGETHER:
        return False
    models = [upper.landscapes[j] for j in belief.problem.improve]
    return any(isinstance(m, Raised) and m.chain_beta[:, 0].mean() >= CARRIES for m in models)


def _alone(belief: Belief, trials: Trials) -> Belief | None:
    """What the cheapest rung's results say by themselves, as if it decided without a budget."""
    rung = belief.lower[0].rung
    question = replace(belief.problem, rung=rung, lower=(), budget=None)
    return believe(question, [r for r in trials.acting if r.rung == rung])


def above(belief: Belief, trials: Trials, k: int) -> list[Ask]:
    """The best recipes of a rung at the next one up, the lowest such rung first.

    Best is what is expected to be at the rung that decides, and only what is expected to gain there
    rises. No more than `TOGETHER` wait for their results at once: what they say may be that the
    rest should not rise.

    Args:
        belief: The state of knowledge.
        trials: What was asked and told.
        k: How many runs at most.
    """
    for lower, upper in zip(belief.at_rungs[:-1], belief.at_rungs[1:], strict=True):
        waiting = {t.recipe for t in trials.waiting if t.rung == upper.rung}
        ran = {r.recipe for r in trials.acting if r.rung == upper.rung}
        risen = len((ran | waiting) - {belief.problem.trunk})
        room = (PROMOTED if _holds(belief) else TOGETHER) - risen
        most = min(k, TOGETHER - len(waiting), room)
        if most <= 0:
            continue
        x, *_ = distinct(lower.x)
        tried = {*keys(upper.x), *keys(upper.crashes.crashed), *keys(belief.trunk_row[None])}
        x = x[belief.possible(x) & np.array([key not in tried for key in keys(x)], dtype=np.bool_)]
        value = belief.mean_value(x)
        order = [i for i in np.argsort(-value, kind="stable") if value[i] > 0.0]
        recipes = [recipe_of(x[i], belief.problem.proposals) for i in order]
        recipes = [recipe for recipe in recipes if recipe not in waiting]
        if recipes:
            return [Ask(recipe=recipe, rung=upper.rung) for recipe in recipes[:most]]
    return []
