"""The course of a campaign: which runs come next, or that nothing more is worth running.

First the opening, then search while it pays, then the favourite's confirmation, then runs that
settle the other verdicts, then the end. A decision is a value; who asks performs it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import ask as asking, budget as budgeting, candidates, rising, screening
from mainstem.decisions.belief import recipe_of, rows
from mainstem.decisions.problem import Ask
from mainstem.decisions.settle import settle
from mainstem.domain.trial import Purpose

if TYPE_CHECKING:
    from mainstem.decisions.ask import Favourite, Search
    from mainstem.decisions.belief import Belief
    from mainstem.decisions.confirm import Candidate
    from mainstem.decisions.problem import Problem
    from mainstem.decisions.trials import Trials
    from mainstem.domain.recipe import Recipe


_ROUNDING = 1e-9
"""Costs of many small trials add up to a little less or more than they should."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What to do now.

    Attributes:
        asks: The runs that are wanted; none: wait for those that are pending, or end.
        ended: Whether nothing more will be asked unless there is news.
    """

    asks: tuple[Ask, ...] = ()
    ended: bool = False


@dataclass(frozen=True, kw_only=True)
class State:
    """Where a campaign stands, once the trunk has run.

    Attributes:
        trials: What was asked, told, taken back and observed.
        belief: What the results that act say.
    """

    trials: Trials
    belief: Belief

    @property
    def problem(self) -> Problem:
        """The question."""
        return self.belief.problem

    @property
    def left(self) -> float | None:
        """Trials left of the budget; None: there is no budget."""
        budget = self.problem.budget
        return None if budget is None else budget - self.trials.cost(self.problem)

    @property
    def pending(self) -> list[Recipe]:
        """Recipes whose results do not act yet."""
        return [trial.recipe for trial in self.trials.waiting]

    @cached_property
    def candidates(self) -> list[Candidate]:
        """Every candidate so far, in order of its number."""
        return candidates.judged(self.belief, self.trials)

    @cached_property
    def confirmed(self) -> Candidate | None:
        """The confirmed candidate on the present trunk, if there is one."""
        return candidates.confirmed(self.belief, self.candidates)

    @property
    def proved(self) -> bool:
        """Whether any candidate was confirmed, on this trunk or an earlier one."""
        return any(map(candidates.is_confirmed, self.candidates))

    def closed(self, candidate: Candidate) -> bool:
        """Whether a candidate gets no more pairs."""
        return candidates.closed(candidate, self.problem.trunk)


def room(problem: Problem, trials: Trials, k: int) -> int:
    """How many of k trials the budget still allows; below 1: none."""
    if problem.budget is None:
        return k
    return min(k, math.floor(problem.budget - trials.cost(problem) + _ROUNDING))


def step(problem: Problem, trials: Trials, belief: Belief | None, k: int) -> Step:
    """What to run now, or whether to wait or to end.

    Args:
        problem: The question.
        trials: What was asked, told, taken back and observed.
        belief: What the results that act say; None while no run of the trunk has succeeded.
        k: How many runs at most.
    """
    opening = asking.opening(problem, trials.acting, trials.waiting)
    if belief is None or opening:
        return _open(problem, trials, k, opening)
    state = State(trials=trials, belief=belief)
    running = confirming(state)
    if running is None:
        return _search_or_confirm(state, k)
    if any(t.purpose is Purpose.CONFIRM for t in trials.waiting):
        return Step()
    return _pairs(state, running.recipe, k)


def _open(problem: Problem, trials: Trials, k: int, opening: list[Ask]) -> Step:
    """The opening batch; a trunk that failed in every run ends the campaign."""
    if not opening:
        return Step(ended=not trials.waiting)
    if not trials.asked:
        opening = [*opening, *asking.first_singles(problem, max(0, k - len(opening)))]
    return Step(asks=tuple(opening[:k]))


def _search_or_confirm(state: State, k: int) -> Step:
    """Search while it pays, then confirm the favourite, then settle verdicts, then end."""
    belief, pending = state.belief, state.pending
    best = asking.favourite(belief, without=candidates.crashed(state.candidates))
    recipe = recipe_of(best.row, state.problem.proposals)
    pairs = _pairs_for(state, best, recipe)
    feasible = budgeting.can_confirm(pairs, state.left)
    reserve = budgeting.settle_reserve(belief.n, state.problem.budget)
    if feasible and budgeting.must_confirm_now(pairs, state.left, reserve):
        return Step() if pending else _confirm(state, best, pairs, k)
    most = budgeting.room_to_search(pairs, state.left, reserve, k) if feasible else k
    asks = _search(state, best, most)
    if asks:
        return Step(asks=asks)
    if pending:
        return Step()
    if feasible:
        return _confirm(state, best, pairs, k)
    to_merge = recipe if state.confirmed is None else state.confirmed.recipe
    settling = asking.at_cheapest(belief, settle(belief, to_merge, state.trials.acting, k))
    return Step(asks=tuple(settling), ended=not settling)


def _confirm(state: State, best: Favourite, pairs: float, k: int) -> Step:
    """The favourite's first pairs, after a last look at what may be better.

    That is one run of the set without its idle members and, with a budget, one of the set with each
    proposal outside it that surely gains alone. What never ran is good or bad by what the model
    makes of others: the run may say otherwise for a sixteenth of what the pairs cost. Only what
    confirmation itself takes is not spent on it.
    """
    proposals = state.problem.proposals
    simplest = asking.prune(state.belief, best.row)
    ran = bool(np.any(np.all(state.belief.x == simplest, axis=1)))
    spare = k if state.left is None else math.floor(state.left) - 2 * math.ceil(pairs)
    if not ran and spare > 0:
        return Step(asks=(Ask(recipe=recipe_of(simplest, proposals)),))
    if state.left is not None and spare > 0:
        outside = asking.outsiders(state.belief, best.row)[: min(k, spare)]
        if len(outside):
            asks = [Ask(recipe=recipe_of(row, proposals)) for row in outside]
            return Step(asks=tuple(asking.at_cheapest(state.belief, asks)))
    return _pairs(state, recipe_of(best.row, proposals), k)


def _search(state: State, best: Favourite, k: int) -> tuple[Ask, ...]:
    """Runs that can still change what will be merged; none: the search is exhausted."""
    rise = rising.below(state.belief, state.trials, k) or rising.above(
        state.belief, state.trials, k
    )
    if rise:
        return tuple(rise)
    wide = screening.missing(state.belief, state.pending, k)
    if len(wide) == k:
        return tuple(wide)
    found = asking.search(state.belief, k - len(wide), state.pending)
    pays = _search_pays(state, found)
    first = (*_look_above(state, best), *_strangers(state, best, found, k, pays=pays))
    return (*wide, *first, *found.asks)[:k] if wide or first or pays else ()


def _look_above(state: State, best: Favourite) -> tuple[Ask, ...]:
    """The favourite at the rung that decides, if small runs alone have made it that.

    Once what was spent below since the last run there would have paid for one. What small runs hold
    for best is where they are put to the test, and where it pays to know whether they are right.
    """
    belief = state.belief
    ran = bool(np.any(np.all(belief.x == best.row, axis=1)))
    if not belief.lower or ran or best.value <= 0.0:
        return ()
    spent = 0.0
    for trial in reversed(state.trials.asked):
        if trial.rung == state.problem.rung:
            break
        spent += state.problem.cost(trial.rung)
    if spent < 1.0 - _ROUNDING:
        return ()
    return (Ask(recipe=recipe_of(best.row, state.problem.proposals)),)


def _strangers(
    state: State, best: Favourite, found: Search, k: int, *, pays: bool
) -> tuple[Ask, ...]:
    """Runs of pairs that never ran together, which come before what the search proposes.

    Those that promise more than it does, and every fourth run at least; all runs if the search does
    not pay or is stuck. Only with a budget: it says what a better recipe is worth.
    """
    if state.left is None or found.narrows or _early(state) or state.proved:
        return ()
    unseen = asking.second_look(state.belief, best.row, state.pending)
    if sum(unseen.promise) < budgeting.UNSEEN_PAYS:
        return ()
    most = k
    if pays and not _stuck(state.belief):
        turns = asking.turns_of_strangers(state.belief, k, state.pending)
        most = max(turns, sum(promise >= found.worth for promise in unseen.promise))
    return tuple(asking.at_cheapest(state.belief, unseen.asks[:most]))


def _stuck(belief: Belief) -> bool:
    """Whether the last n runs found nothing that is better than all before by a margin.

    Then the search promises less than it says.
    """
    best = np.maximum.accumulate(belief.mean_value(belief.x))
    return len(best) - int(np.argmax(best > best[-1] - 1.0)) > belief.n


def _early(state: State) -> bool:
    """Whether it is too early to judge what more search is worth."""
    return state.belief.runs < budgeting.least_search(state.belief.n)


def _search_pays(state: State, found: Search) -> bool:
    """Whether more search can still change what will be merged."""
    if _early(state):
        return True
    if not state.proved:
        return found.worth >= budgeting.SEARCH_PAYS or found.narrows
    return found.worth >= budgeting.SECOND_PAYS and budgeting.room_for_another(state.left)


def _pairs_for(state: State, best: Favourite, recipe: Recipe) -> float:
    """About how many fresh pairs the favourite takes; infinitely many where it is worth none."""
    if not _worthy(state, best, recipe):
        return math.inf
    number = candidates.number(state.trials, recipe, state.problem.trunk)
    return budgeting.pairs_for(state.belief, best, number)


def _worthy(state: State, best: Favourite, recipe: Recipe) -> bool:
    """Whether the favourite is worth fresh pairs."""
    if best.probability < budgeting.LEAST_PROBABILITY or best.value <= 0.0:
        return False
    if any(c.recipe == recipe and state.closed(c) for c in state.candidates):
        return False
    if state.confirmed is None:
        return True
    row = rows([state.confirmed.recipe], state.problem.proposals)[0]
    return best.value >= asking.assess(state.belief, row).value + 1.0


def confirming(state: State) -> Candidate | None:
    """The candidate that is in confirmation and still worth it: the one of the last pair."""
    arms = [t for t in state.trials.asked if state.trials.is_candidate_arm(t)]
    if not arms:
        return None
    key = (arms[-1].recipe, state.trials.baseline(arms[-1].id))
    latest = next(c for c in state.candidates if (c.recipe, c.baseline) == key)
    if latest.baseline != state.problem.trunk or state.closed(latest):
        return None
    row = rows([latest.recipe], state.problem.proposals)
    if not state.belief.possible(row)[0]:
        return None
    return None if asking.assess(state.belief, row[0]).probability < 0.5 else latest


def _pairs(state: State, recipe: Recipe, k: int) -> Step:
    """Whole pairs of trunk and candidate; one by one, the candidate's arm comes first."""
    if state.left is not None and state.left < 2:
        return Step(ended=not state.trials.pending)
    if k == 1:
        return Step(asks=(Ask(recipe=recipe, purpose=Purpose.CONFIRM, pair=0),))
    return Step(
        asks=tuple(
            Ask(recipe=arm, purpose=Purpose.CONFIRM, pair=pair)
            for pair in range(k // 2)
            for arm in (state.problem.trunk, recipe)
        )
    )
