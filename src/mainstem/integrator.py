"""The public face of the statistics and decisions: ask for trials, tell results, read verdicts.

`Integrator` is pure: no files, no clock, no global random state. What it asks depends on its
arguments and on what was told, in the order of the trials, never on who finished first. The
campaign engine drives it; so can a notebook or another scheduler.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import ask as asking, budget as budgeting, candidates, confirm
from mainstem.decisions.belief import Belief, believe, recipe_of, rows
from mainstem.decisions.contribution import interval
from mainstem.decisions.problem import Ask, Problem, Result, check
from mainstem.decisions.settle import settle
from mainstem.decisions.trials import Trials, clean
from mainstem.decisions.verdict import verdicts as decide
from mainstem.domain.stack import Direction, Objective, Role
from mainstem.domain.trial import Purpose, Trial
from mainstem.domain.verdict import Effect, Estimate, Recommendation, Verdict, VerdictKind
from mainstem.stats import evidence, pareto
from mainstem.stats.noise import mean_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.decisions.ask import Favourite, Search
    from mainstem.decisions.confirm import Candidate
    from mainstem.domain.recipe import Recipe

__all__ = [
    "Direction",
    "Effect",
    "Estimate",
    "Integrator",
    "Objective",
    "Purpose",
    "Recommendation",
    "Role",
    "Trial",
    "Verdict",
    "VerdictKind",
]

_EFFECT_TAG = 4
_FRONT_TAG = 5
_FRONT_SIZE = 60


@dataclass(frozen=True, kw_only=True)
class FrontPoint:
    """A recipe that no other recipe that has run is believed to beat on every objective.

    Attributes:
        recipe: Its proposals.
        gain: Gain over the trunk per objective, in its unit.
        probability: Posterior probability of being on the front.
    """

    recipe: Recipe
    gain: Mapping[str, Estimate]
    probability: float


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
            self._recommended = (belief, self._recommend(belief))
        return self._recommended[1]

    def _recommend(self, belief: Belief) -> Recommendation:
        standing = candidates.confirmed(belief, candidates.judged(belief, self._trials))
        if standing is not None:
            at = asking.assess(belief, rows([standing.recipe], self._problem.proposals)[0])
            return Recommendation(
                recipe=standing.recipe,
                gain=self._fresh_gain(belief, standing),
                probability=at.probability,
                confirmed=True,
            )
        best = asking.favourite(
            belief, without=candidates.crashed(candidates.judged(belief, self._trials))
        )
        recipe = recipe_of(best.row, self._problem.proposals)
        return Recommendation(
            recipe=recipe, gain=self.gain(recipe), probability=best.probability, confirmed=False
        )

    def gain(self, recipe: Iterable[str]) -> dict[str, Estimate]:
        """Posterior gain of a recipe over the trunk per objective, in its unit.

        Raises:
            ValueError: An unknown proposal.
        """
        belief, chosen = self._belief(), self._problem.known(recipe)
        if belief is None:
            return {}
        row = rows([chosen], self._problem.proposals)
        found = self._estimates(belief, belief.draw_gains(row, _EFFECT_TAG)[:, 0])
        return found | self._exact(belief, chosen)

    def contribution(self, proposal: str) -> dict[str, Estimate] | None:
        """What a member adds to the rest of the recommended recipe; None for a proposal outside it.

        Raises:
            ValueError: An unknown proposal.
        """
        belief, member = self._belief(), self._problem.known([proposal])
        best = self.recommend().recipe
        if belief is None or not member <= best - self._problem.trunk:
            return None
        x = rows([best, best - member], self._problem.proposals)
        gains = belief.draw_gains(x, _EFFECT_TAG)
        found = self._estimates(belief, gains[:, 0] - gains[:, 1])
        whole, rest = self._exact(belief, best), self._exact(belief, best - member)
        for name in whole.keys() & rest.keys():
            mean = whole[name].mean - rest[name].mean
            found[name] = replace(whole[name], mean=mean, low=mean, high=mean)
        return found

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
        if belief is None:
            return []
        free = [int(i) for i in np.flatnonzero(belief.free)]
        out: list[Effect] = []
        single = np.maximum(np.eye(belief.n)[free], belief.trunk_row)
        gains = belief.draw_gains(single, _EFFECT_TAG)
        for a, i in enumerate(free):
            out += self._effects_of(belief, [i], gains[:, a])
        for a, i in enumerate(free[:-1] if pairs else ()):
            rest = free[a + 1 :]
            both = np.maximum(single[a], single[a + 1 :])
            f = belief.draw_gains(np.concatenate([single[a:], both]), _EFFECT_TAG)
            for b, j in enumerate(rest):
                out += self._effects_of(
                    belief, [i, j], f[:, 1 + len(rest) + b] - f[:, 0] - f[:, 1 + b]
                )
        return out

    def front(self) -> list[FrontPoint]:
        """The Pareto front over all objectives, of recipes that have run."""
        belief = self._belief()
        if belief is None:
            return []
        x = np.unique(np.concatenate([belief.x, belief.trunk_row[None]]), axis=0)
        if len(x) > _FRONT_SIZE:
            x = x[np.argsort(-belief.mean_value(x), kind="stable")[:_FRONT_SIZE]]
        draws = belief.draw_gains(x, _FRONT_TAG)
        on_front = pareto.front(np.round(draws.mean(0), 9))
        share = pareto.front_probability(np.round(draws[:64], 9))
        return [
            FrontPoint(
                recipe=recipe_of(x[i], self._problem.proposals),
                gain=self._estimates(belief, draws[:, i])
                | self._exact(belief, recipe_of(x[i], self._problem.proposals)),
                probability=float(share[i]),
            )
            for i in np.flatnonzero(on_front)
        ]

    def candidates(self) -> list[Candidate]:
        """Every recipe that entered confirmation, with its evidence, in order of its number."""
        belief = self._belief()
        return [] if belief is None else candidates.judged(belief, self._trials)

    def noise_sd(self) -> dict[str, float]:
        """Run-to-run sd per objective near the trunk, in its unit."""
        belief = self._belief()
        if belief is None:
            return {}
        sds = budgeting.noise_sds(belief) * belief.scale.margin
        return {o.name: float(s) for o, s in zip(self._problem.objectives, sds, strict=True)}

    def trunk(self) -> dict[str, Estimate]:
        """Mean of the trunk's runs per objective, raw, with a t interval."""
        runs = [
            r.values for r in self._trials.acting if r.recipe == self._problem.trunk and r.values
        ]
        out = {}
        for objective in self._problem.objectives if runs else ():
            values = np.array([run[objective.name] for run in runs])
            mean, low, high = mean_interval(values, self._problem.level)
            out[objective.name] = Estimate(
                mean=mean, low=low, high=high, level=self._problem.level, unit=objective.unit
            )
        return out

    def margins(self) -> dict[str, float]:
        """Margin per objective in its unit; percentages once the trunk has run."""
        belief = self._belief()
        if belief is not None:
            pairs = zip(self._problem.objectives, belief.scale.margin, strict=True)
            return {o.name: float(m) for o, m in pairs}
        return {o.name: o.margin_at(1.0) for o in self._problem.objectives if not o.is_relative}

    # ---- inside

    def _belief(self) -> Belief | None:
        if not self._problem.proposals:
            return None
        results = self._trials.acting
        key = (len(results), len(self._trials.observed), self._problem)
        if self._belief_at is None or self._belief_at[0] != key:
            self._belief_at = (key, believe(self._problem, results))
        return self._belief_at[1]

    def _fresh_gain(self, belief: Belief, candidate: Candidate) -> dict[str, Estimate]:
        """The gain from a candidate's own pairs: time-uniform intervals, in the unit."""
        d = confirm.differences(self._problem, candidate.pairs, belief.scale)
        out = {}
        for j, (objective, test) in enumerate(
            zip(self._problem.objectives, candidate.tests, strict=True)
        ):
            mean = float(d[:, j].mean())
            low, high = evidence.confidence_interval(d[:, j], self._problem.level)
            if test.exact:
                low = high = mean
            out[objective.name] = Estimate(
                mean=mean, low=low, high=high, level=self._problem.level, unit=objective.unit
            )
        return out

    def _estimates(self, belief: Belief, gains: NDArray[np.float64]) -> dict[str, Estimate]:
        """Draws of gains in margins, shape (S, J), as estimates in each objective's unit."""
        out = {}
        for j, objective in enumerate(self._problem.objectives):
            raw = gains[:, j] * belief.scale.margin[j]
            mean, low, high = interval(raw, self._problem.level)
            out[objective.name] = Estimate(
                mean=mean, low=low, high=high, level=self._problem.level, unit=objective.unit
            )
        return out

    def _exact(self, belief: Belief, recipe: Recipe) -> dict[str, Estimate]:
        """Gains that are known exactly: of deterministic objectives, for recipes that have run."""
        row = rows([recipe], self._problem.proposals)[0]
        seen = np.flatnonzero(np.all(belief.x == row, axis=1))
        if not len(seen):
            return {}
        out = {}
        for j, objective in enumerate(self._problem.objectives):
            if not belief.noises[j].deterministic:
                continue
            gain = float(belief.gains[seen[0], j] * belief.scale.margin[j])
            out[objective.name] = Estimate(
                mean=gain, low=gain, high=gain, level=self._problem.level, unit=objective.unit
            )
        return out

    def _effects_of(
        self, belief: Belief, members: Sequence[int], gains: NDArray[np.float64]
    ) -> list[Effect]:
        proposals = frozenset(self._problem.proposals[i] for i in members)
        return [
            Effect(
                proposals=proposals,
                objective=name,
                mean=estimate.mean,
                low=estimate.low if estimate.low is not None else estimate.mean,
                high=estimate.high if estimate.high is not None else estimate.mean,
                level=self._problem.level,
            )
            for name, estimate in self._estimates(belief, gains).items()
        ]
