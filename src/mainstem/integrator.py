"""The public face of the statistics and decisions: ask for trials, tell results, read verdicts.

`Integrator` is pure: no files, no clock, no global random state. What it asks depends on its
arguments and on what was told, in the order of the trials, never on who finished first. The
campaign engine drives it; so can a notebook or another scheduler.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from mainstem.decisions import ask as asking, budget as budgeting, candidates, estimates
from mainstem.decisions.belief import Belief, believe, recipe_of, rows
from mainstem.decisions.estimates import FrontPoint
from mainstem.decisions.problem import Ask, Problem, Result, check
from mainstem.decisions.settle import settle
from mainstem.decisions.trials import Trials, clean
from mainstem.decisions.verdict import verdicts as decide
from mainstem.domain.stack import Direction, Objective, Role
from mainstem.domain.trial import Purpose, Trial
from mainstem.domain.verdict import Effect, Estimate, Recommendation, Verdict, VerdictKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.decisions.ask import Favourite, Search
    from mainstem.decisions.confirm import Candidate
    from mainstem.domain.recipe import Recipe

__all__ = [
    "Direction",
    "Effect",
    "Estimate",
    "FrontPoint",
    "Integrator",
    "Objective",
    "Purpose",
    "Recommendation",
    "Role",
    "Trial",
    "Verdict",
    "VerdictKind",
]


class Integrator:
    """Finds the set of proposals to merge, in few trials, with honest error rates.

    Args:
        proposals: Their ids, in the order of proposing.
        objectives: What is measured; at least one has the role `improve`.
        conflicts: Sets of proposals that cannot be merged together.
        seed: Seed of everything random here and of the trials' seeds, 0 or above.
        budget: Trials in all; None: until more search does not pay.
        alpha: Chance of any false merge.
        level: Coverage of intervals.

    Raises:
        ValueError: Duplicate names, no objective to improve, an unknown proposal in a conflict, or
            a number outside its range.
    """

    def __init__(
        self,
        *,
        proposals: Iterable[str],
        objectives: Iterable[Objective],
        conflicts: Iterable[Iterable[str]] = (),
        seed: int = 0,
        budget: int | None = None,
        alpha: float = 0.05,
        level: float = 0.9,
    ) -> None:
        problem = Problem(
            proposals=tuple(proposals),
            objectives=tuple(objectives),
            seed=seed,
            budget=budget,
            alpha=alpha,
            level=level,
        )
        check(problem)
        self._problem = problem
        self._trials = Trials()
        self._done = False
        self._belief_at: tuple[object, Belief | None] | None = None
        self._recommended: tuple[Belief, Recommendation] | None = None
        for conflict in conflicts:
            self.forbid(conflict)

    # ---- what is asked

    def ask(self, k: int = 1) -> list[Trial]:
        """The next trials to run, at most k.

        Search and confirmation are mixed as the evidence wants. Fewer are returned near the end of
        the budget, and none when the campaign is done or must wait for trials that are running.

        Raises:
            ValueError: k is below 1.
        """
        if k < 1:
            raise ValueError(f"ask for at least one trial, not {k}")
        self._done = False
        room = k if self._problem.budget is None else min(k, self._problem.budget - self.spent)
        if room < 1 or not self._problem.proposals:
            self._done = not self._trials.pending
            return []
        other = self._trials.other_arm(self._problem.trunk)
        asks = [] if other else self._decide(room)
        trials = [other] if other else self._trials.numbered(asks, self._problem.seed)
        self.resume(trials)
        return trials

    def _decide(self, k: int) -> list[Ask]:
        """What to run now: the opening, then confirmation or search; [] to wait or to end."""
        waiting = self._trials.waiting
        pending = [trial.recipe for trial in waiting]
        opening = asking.opening(self._problem, self._trials.acting, pending)
        belief = self._belief()
        if belief is None or opening:
            return self._open(k, opening, waiting=bool(pending))
        running = self._confirming(belief)
        if running is not None:
            if any(t.purpose is Purpose.CONFIRM for t in waiting):
                return []
            return self._pairs(running.recipe, k)
        return self._search_or_confirm(belief, k, pending)

    def _open(self, k: int, opening: list[Ask], *, waiting: bool) -> list[Ask]:
        """The opening batch; a trunk that failed in every run ends the campaign."""
        if not self._trials.asked and opening:
            return [*opening, *asking.first_singles(self._problem, max(0, k - len(opening)))][:k]
        if opening:
            return opening[:k]
        self._done = not waiting
        return []

    def _search_or_confirm(self, belief: Belief, k: int, pending: list[Recipe]) -> list[Ask]:
        """Search while it pays, then confirm the favourite, then settle verdicts, then end."""
        left = None if self._problem.budget is None else self._problem.budget - self.spent
        best = asking.favourite(
            belief, without=candidates.crashed(candidates.judged(belief, self._trials))
        )
        recipe = recipe_of(best.row, self._problem.proposals)
        worthy = self._worthy(belief, best, recipe)
        pairs = (
            budgeting.pairs_for(
                belief, best, candidates.number(self._trials, recipe, self._problem.trunk)
            )
            if worthy
            else math.inf
        )
        feasible = worthy and budgeting.can_confirm(pairs, left)
        reserve = budgeting.settle_reserve(belief.n, self._problem.budget)
        if feasible and budgeting.must_confirm_now(pairs, left, reserve):
            return self._pairs(recipe, k) if not pending else []
        found = asking.search(belief, k, pending)
        if self._search_pays(belief, found, left):
            return list(found.asks)
        if pending:
            return []
        if feasible:
            return self._pairs(recipe, k)
        asks = settle(belief, self.recommend().recipe, self._trials.acting, k)
        self._done = not asks
        return asks

    def _search_pays(self, belief: Belief, found: Search, left: int | None) -> bool:
        """Whether more search can still change what will be merged."""
        if belief.runs < budgeting.least_search(belief.n):
            return True
        if not any(candidates.is_confirmed(c) for c in candidates.judged(belief, self._trials)):
            return found.worth >= budgeting.SEARCH_PAYS or found.narrows
        return found.worth >= budgeting.SECOND_PAYS and budgeting.room_for_another(left)

    def _worthy(self, belief: Belief, best: Favourite, recipe: Recipe) -> bool:
        """Whether the favourite is worth fresh pairs."""
        if best.probability < budgeting.LEAST_PROBABILITY or best.value <= 0.0:
            return False
        found = candidates.judged(belief, self._trials)
        if any(c.recipe == recipe and candidates.closed(c, self._problem.trunk) for c in found):
            return False
        standing = candidates.confirmed(belief, found)
        if standing is None:
            return True
        old = asking.assess(belief, rows([standing.recipe], self._problem.proposals)[0])
        return best.value >= old.value + 1.0

    def _confirming(self, belief: Belief) -> Candidate | None:
        """The candidate that is in confirmation and still worth it."""
        found = candidates.judged(belief, self._trials)
        arms = [t for t in self._trials.asked if self._trials.is_candidate_arm(t)]
        if not arms:
            return None
        key = (arms[-1].recipe, self._trials.baseline(arms[-1].id))
        latest = next(c for c in found if (c.recipe, c.baseline) == key)
        if latest.baseline != self._problem.trunk or candidates.closed(latest, self._problem.trunk):
            return None
        row = rows([latest.recipe], self._problem.proposals)
        if not belief.possible(row)[0]:
            return None
        return None if asking.assess(belief, row[0]).probability < 0.5 else latest

    def _pairs(self, recipe: Recipe, k: int) -> list[Ask]:
        """Whole pairs of trunk and candidate; one by one, the candidate's arm comes first."""
        budget = self._problem.budget
        if budget is not None and budget - self.spent < 2:
            self._done = not self._trials.pending
            return []
        if k == 1:
            return [Ask(recipe=recipe, purpose=Purpose.CONFIRM, pair=0)]
        asks = []
        for pair in range(k // 2):
            asks.append(Ask(recipe=self._problem.trunk, purpose=Purpose.CONFIRM, pair=pair))
            asks.append(Ask(recipe=recipe, purpose=Purpose.CONFIRM, pair=pair))
        return asks

    def resume(self, trials: Iterable[Trial]) -> None:
        """Takes up trials that an earlier process asked for, as if they had been asked for here.

        Raises:
            ValueError: Their numbers do not go on from what was asked.
        """
        for trial in trials:
            self._trials = self._trials.ask(trial, self._problem.trunk)

    # ---- what is told

    def tell(self, trial: Trial, values: Mapping[str, float] | None) -> None:
        """Takes the result of an asked trial; None: it crashed.

        Tells may come in any order and act in the order of the trials. The same tell twice does
        nothing.

        Raises:
            ValueError: An unknown trial, another result for the same trial, or values that are
                missing, unknown or not finite.
        """
        self._trials = self._trials.tell(trial, values, self._problem)

    def observe(
        self,
        recipe: Iterable[str],
        seed: int,
        values: Mapping[str, float] | None,
        rung: str | None = None,
    ) -> None:
        """Takes a run that nobody asked for; it informs the search and never a confirmation.

        Raises:
            ValueError: An unknown proposal, or values that are missing, unknown or not finite.
        """
        if rung is not None:
            raise ValueError(f"rung {rung!r}: this integrator knows one rung only (None)")
        chosen = self._problem.known(recipe)
        result = Result(trial=None, recipe=chosen, seed=seed, values=clean(self._problem, values))
        self._trials = self._trials.observe(result)
        self._done = False

    def forbid(self, proposals: Iterable[str]) -> None:
        """Notes that these proposals cannot be merged together: no recipe with them is asked again.

        Trials that were asked with them and not told are void and cost no budget.

        Raises:
            ValueError: An unknown proposal, or none.
        """
        conflict = self._problem.known(proposals)
        if not conflict:
            raise ValueError("a conflict needs at least one proposal")
        self._problem = replace(self._problem, conflicts=self._problem.conflicts | {conflict})
        self._done = False
        self.void(t for t in self._trials.pending if conflict <= t.recipe)

    def void(self, trials: Iterable[Trial]) -> None:
        """Takes back asked trials that cannot be run, with the other arm of a pair: no cost.

        Raises:
            ValueError: A trial was not asked for here, or has been told.
        """
        for trial in list(trials):
            self._trials = self._trials.take_back(trial)

    def is_void(self, trial: Trial) -> bool:
        """Whether an asked trial was taken back."""
        return trial.id in self._trials.void

    def add(self, proposal: str) -> None:
        """Adds a proposal to a campaign that is under way.

        Raises:
            ValueError: It is there already.
        """
        changed = replace(self._problem, proposals=(*self._problem.proposals, proposal))
        check(changed)
        self._problem = changed
        self._done = False

    def move_trunk(self, recipe: Iterable[str]) -> None:
        """Makes a recipe the trunk; its members stay in every recipe from now on.

        Raises:
            ValueError: An unknown proposal, or a recipe that leaves a member of the trunk out.
        """
        moved = self._problem.known(recipe)
        if not self._problem.trunk <= moved:
            raise ValueError("the trunk only grows: start another Integrator to leave a member out")
        self._problem = replace(self._problem, trunk=moved)
        self._done = False

    # ---- what is known

    @property
    def done(self) -> bool:
        """Whether the campaign has ended: nothing is pending and nothing more will be asked."""
        out_of_budget = self._problem.budget is not None and self.spent >= self._problem.budget
        return not self._trials.pending and (self._done or out_of_budget)

    @property
    def spent(self) -> int:
        """Trials asked for, without the void ones."""
        return self._trials.spent

    @property
    def proposals(self) -> tuple[str, ...]:
        """The proposals, in the order of proposing."""
        return self._problem.proposals

    def recommend(self) -> Recommendation:
        """The recipe that the evidence favours now: the confirmed one as soon as there is one."""
        belief = self._belief()
        if belief is None:
            return Recommendation(recipe=self._problem.trunk)
        if self._recommended is None or self._recommended[0] is not belief:
            found = candidates.judged(belief, self._trials)
            self._recommended = (belief, estimates.recommend(belief, found))
        return self._recommended[1]

    def gain(self, recipe: Iterable[str]) -> dict[str, Estimate]:
        """Posterior gain of a recipe over the trunk per objective, in its unit.

        Raises:
            ValueError: An unknown proposal.
        """
        belief, chosen = self._belief(), self._problem.known(recipe)
        return {} if belief is None else estimates.gain(belief, chosen)

    def contribution(self, proposal: str) -> dict[str, Estimate] | None:
        """What a member adds to the rest of the recommended recipe; None for a proposal outside it.

        Raises:
            ValueError: An unknown proposal.
        """
        belief, member = self._belief(), self._problem.known([proposal])
        best = self.recommend().recipe
        if belief is None or not member <= best - self._problem.trunk:
            return None
        return estimates.contribution(belief, best, proposal)

    def verdicts(self) -> dict[str, Verdict]:
        """The verdict of every proposal that is not in the trunk."""
        belief = self._belief()
        if belief is None:
            waits = Verdict(kind=VerdictKind.OPEN, reason="waits for the trunk's first runs")
            return dict.fromkeys((p for p in self.proposals if p not in self._problem.trunk), waits)
        confirmed = candidates.confirmed(belief, candidates.judged(belief, self._trials))
        best = self.recommend().recipe
        return decide(belief, best, confirmed, done=self.done)

    def effects(self, *, pairs: bool = True) -> list[Effect]:
        """Main effects on the trunk and pairwise interactions, in gain units, with intervals.

        Args:
            pairs: Whether to work out the interactions too, which takes longer.
        """
        belief = self._belief()
        return [] if belief is None else estimates.effects(belief, pairs=pairs)

    def front(self) -> list[FrontPoint]:
        """The Pareto front over all objectives, of recipes that have run."""
        belief = self._belief()
        return [] if belief is None else estimates.front(belief)

    def candidates(self) -> list[Candidate]:
        """Every recipe that entered confirmation, with its evidence, in order of its number."""
        belief = self._belief()
        return [] if belief is None else candidates.judged(belief, self._trials)

    def noise_sd(self) -> dict[str, float]:
        """Run-to-run sd per objective near the trunk, in its unit."""
        belief = self._belief()
        return {} if belief is None else estimates.noise_sd(belief)

    def trunk(self) -> dict[str, Estimate]:
        """Mean of the trunk's runs per objective, raw, with a t interval."""
        return estimates.trunk(self._problem, self._trials.acting)

    def margins(self) -> dict[str, float]:
        """Margin per objective in its unit; percentages once the trunk has run."""
        return estimates.margins(self._problem, self._belief())

    # ---- inside

    def _belief(self) -> Belief | None:
        if not self._problem.proposals:
            return None
        results = self._trials.acting
        key = (len(results), len(self._trials.observed), self._problem)
        if self._belief_at is None or self._belief_at[0] != key:
            self._belief_at = (key, believe(self._problem, results))
        return self._belief_at[1]
