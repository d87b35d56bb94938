"""The public face of the statistics and decisions: ask for trials, tell results, read verdicts.

`Integrator` is pure: no files, no clock, no global random state. What it asks depends on its
arguments and on what was told, in the order of the trials, never on who finished first. The
campaign engine drives it; so can a notebook or another scheduler.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mainstem.credit import shares
from mainstem.credit.records import MadePossible
from mainstem.decisions import (
    ask as asking,
    budget,
    candidates,
    coalitions,
    course,
    estimates,
    front,
    members,
    prices,
    problem as problems,
    transfer as transfers,
)
from mainstem.decisions.belief import Belief, believe, rows
from mainstem.decisions.contribution import width_of
from mainstem.decisions.front import Front
from mainstem.decisions.problem import Problem, checked
from mainstem.decisions.trials import Trials
from mainstem.decisions.verdict import verdicts as decide
from mainstem.decisions.worlds import Worlds
from mainstem.domain.recipe import in_order
from mainstem.domain.stack import Direction, Objective, Role
from mainstem.domain.trial import Purpose, Trial
from mainstem.domain.verdict import Effect, Estimate, Recommendation, Verdict, VerdictKind
from mainstem.stats import shapley

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from mainstem.credit.records import Credit
    from mainstem.decisions.confirm import Candidate
    from mainstem.domain.override import Price
    from mainstem.domain.transfer import Agreement, Transfer
    from mainstem.domain.trunk import TrunkMember

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


class Integrator:
    """Finds the set of proposals to merge, in few trials, with honest error rates.

    Args:
        proposals: Their ids, in the order of proposing.
        objectives: What is measured; at least one has the role `improve`.
        conflicts: Sets of proposals that cannot be merged together.
        seed: Seed of everything random here and of the trials' seeds, 0 or above.
        budget: Trials in all; None: until more search does not pay. With several rungs, trials at
            the one that decides; the others count by their cost.
        alpha: Chance of any false merge.
        level: Coverage of intervals.
        rungs: Cost of a trial at each rung where trials may run, in any unit; None: there is one
            rung without a name. Only those cheaper than the one that decides are searched at.
        confirm_rung: The rung that decides: gains are gains there, and candidates are confirmed
            there. None: the last of `rungs`.

    Raises:
        ValueError: Duplicate names, no objective to improve, an unknown proposal in a conflict, an
            unknown rung, or a number outside its range.
    """

    def __init__(
        self,
        *,
        proposals: Iterable[str],
        objectives: Iterable[Objective],
        conflicts: Iterable[Iterable[str]] = (),
        seed: int = 0,
        budget: float | None = None,
        alpha: float = 0.05,
        level: float = 0.9,
        rungs: Mapping[str, float] | None = None,
        confirm_rung: str | None = None,
    ) -> None:
        deciding, lower = problems.rungs_of(rungs or {}, confirm_rung)
        problem = Problem(
            proposals=tuple(proposals),
            objectives=tuple(objectives),
            seed=seed,
            budget=budget,
            alpha=alpha,
            level=level,
            rung=deciding,
            lower=lower,
        )
        self._problem = checked(problem)
        self._trials = Trials()
        self._done = False
        self._belief_at: tuple[object, Belief | None] | None = None
        self._recommended: tuple[Belief, Recommendation] | None = None
        self._decided: tuple[Belief, bool, dict[str, Verdict]] | None = None
        self._weighed: tuple[Belief, Trials, list[Candidate]] | None = None
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
        room = course.room(self._problem, self._trials, k)
        if room < 1 or not self._problem.proposals:
            self._done = not self._trials.pending
            return []
        other = self._trials.other_arm(self._problem.trunk)
        if other is not None:
            self.resume([other])
            return [other]
        step = course.step(self._problem, self._trials, self._belief(), room)
        trials = self._trials.numbered(step.asks, self._problem.seed, self._problem.rung)
        self._done = step.ended
        self.resume(trials)
        return trials

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

        Args:
            recipe: The recipe.
            seed: Its seed.
            values: What came out; None: it crashed.
            rung: Where it ran; None: at the rung that decides.

        Raises:
            ValueError: An unknown proposal or rung, or values that are missing, unknown or not
                finite.
        """
        self._trials = self._trials.observe(recipe, seed, values, self._problem, rung)
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
        proposals = (*self._problem.proposals, proposal)
        self._problem = checked(replace(self._problem, proposals=proposals))
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
        no_room = course.room(self._problem, self._trials, 1) < 1
        return not self._trials.pending and (self._done or no_room)

    @property
    def spent(self) -> float:
        """Trials asked for, without the void ones; those at lower rungs count by their cost."""
        return self._trials.cost(self._problem)

    @property
    def proposals(self) -> tuple[str, ...]:
        """The proposals, in the order of proposing."""
        return self._problem.proposals

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is measured."""
        return self._problem.objectives

    @property
    def held(self) -> frozenset[str]:
        """What the trunk holds (`move_trunk`): members of every recipe that is asked."""
        return self._problem.trunk

    def runs(self) -> dict[frozenset[str], int]:
        """How many runs of each recipe have succeeded, in the order in which they first did."""
        found: dict[frozenset[str], int] = {}
        for result in self._trials.acting:
            if result.values is not None:
                found[result.recipe] = found.get(result.recipe, 0) + 1
        return found

    def recommend(self) -> Recommendation:
        """The recipe that the evidence favours now: the confirmed one as soon as there is one."""
        belief = self._belief()
        if belief is None:
            return Recommendation(recipe=self._problem.trunk)
        if self._recommended is None or self._recommended[0] is not belief:
            self._recommended = (belief, estimates.recommend(belief, self._judged(belief)))
        return self._recommended[1]

    def gain(self, recipe: Iterable[str]) -> dict[str, Estimate]:
        """Posterior gain of a recipe over the trunk per objective, in its unit.

        Raises:
            ValueError: An unknown proposal.
        """
        belief, chosen = self._belief(), self._problem.known(recipe)
        return {} if belief is None else estimates.gain(belief, chosen)

    def probability(self, recipe: Iterable[str]) -> float:
        """Posterior probability that a recipe beats the trunk with every objective in its margin.

        0 of the trunk itself, and while no run of the trunk has succeeded.

        Raises:
            ValueError: An unknown proposal.
        """
        belief, chosen = self._belief(), self._problem.known(recipe)
        if belief is None:
            return 0.0
        return asking.assess(belief, rows([chosen], self._problem.proposals)[0]).probability

    def noise(self) -> dict[str, float]:
        """Run-to-run sd near the trunk per objective, in its unit; 0 of one that is deterministic.

        Empty while no run of the trunk has succeeded.
        """
        belief = self._belief()
        if belief is None:
            return {}
        sds = budget.noise_sds(belief) * belief.scale.margin
        return {o.name: float(sd) for o, sd in zip(self.objectives, sds, strict=True)}

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
        known, done = self._decided, self.done
        if known is None or known[0] is not belief or known[1] != done:
            confirmed = candidates.confirmed(belief, self._judged(belief))
            known = (belief, done, decide(belief, self.recommend().recipe, confirmed, done=done))
            self._decided = known
        return dict(known[2])

    def effects(
        self,
        *,
        singles: bool = True,
        pairs: bool = True,
        among: Iterable[Iterable[str]] | None = None,
    ) -> list[Effect]:
        """Main effects on the trunk and pairwise interactions, in gain units, with intervals.

        Args:
            singles: Whether to work out the main effects.
            pairs: Whether to work out the interactions, which takes longer.
            among: Only the interactions of these pairs; None for all. Those of members of the trunk
                are left out, and the numbers are those that all pairs give.

        Raises:
            ValueError: An unknown proposal.
        """
        belief = self._belief()
        chosen = None if among is None else {self._problem.known(pair) for pair in among}
        if belief is None:
            return []
        return estimates.effects(belief, singles=singles, pairs=pairs, among=chosen)

    def front(self) -> Front:
        """The Pareto front over the improve objectives, among recipes within their guards."""
        belief = self._belief()
        return Front() if belief is None else front.front(belief, self.recommend().recipe)

    def members(self) -> list[TrunkMember]:
        """What each member of the trunk still adds to it, in the order of proposing; posterior.

        Runs from before `move_trunk` count. Empty while no run of the trunk has succeeded.
        """
        belief = self._belief()
        return [] if belief is None else members.members(belief)

    def removable(self) -> tuple[str, ...]:
        """Members of the trunk that are dead weight and may leave it together; posterior."""
        belief = self._belief()
        return () if belief is None else members.removable(belief, members.members(belief))

    def coalitions(
        self, members: Iterable[str], *, impossible: Iterable[Iterable[str]] = ()
    ) -> NDArray[np.float64] | None:
        """Joint draws of the gain of every coalition of members over the root, shape (S, 2^n, J).

        In the objectives' units; member i, in the order of proposing, is in coalition a if bit i
        of a is set. None while no run of the trunk has succeeded.

        Args:
            members: The members, at most `stats.shapley.MOST`.
            impossible: Recipes that cannot be merged: like what holds a conflict or is known to
                crash they are worth nothing beyond the root.

        Raises:
            ValueError: An unknown proposal, or more members than can be enumerated.
        """
        belief, order = self._belief(), self._ordered(members)
        if len(order) > shapley.MOST:
            raise ValueError(
                f"{len(order)} members have 2^{len(order)} coalitions; at most {shapley.MOST} "
                "members are enumerated, and `credit` samples the coalitions of more"
            )
        if belief is None:
            return None
        closed = {self._problem.known(recipe) for recipe in impossible}
        return coalitions.gains(belief, coalitions.every(order), closed)

    def credit(
        self,
        members: Iterable[str] | None = None,
        *,
        owners: Mapping[str, Mapping[int, float]] | None = None,
        impossible: Iterable[Iterable[str]] = (),
    ) -> tuple[Credit, ...]:
        """How the gain of a recipe over the root is divided over its members, per objective.

        Shapley values of joint posterior draws: exact up to `stats.shapley.MOST` members, with more
        from some thousand coalitions, which takes the extra `credit`. Empty while no run of the
        trunk has succeeded.

        Args:
            members: The recipe; None: what the trunk holds.
            owners: Shares in each member of groups, which are numbers; None: no groups.
            impossible: Recipes that cannot be merged, worth nothing beyond the root.

        Raises:
            ValueError: An unknown proposal, or shares of owners that do not sum to 1.
            ModuleNotFoundError: Many members, and shapiq is not installed.
        """
        order = self._ordered(self.held if members is None else members)
        belief = self._belief()
        if belief is None:
            return ()
        closed = frozenset(self._problem.known(recipe) for recipe in impossible)
        found = coalitions.splits(belief, order, closed)
        divide = partial(shares.shares, level=self._problem.level, width=width_of(belief))
        return tuple(
            divide(split, order, objective, owners=owners, errors=errors)
            for objective, (split, errors) in zip(self._problem.objectives, found, strict=True)
        )

    def credit_in_all(
        self,
        members: Iterable[str] | None = None,
        *,
        owners: Mapping[str, Mapping[int, float]] | None = None,
        impossible: Iterable[Iterable[str]] = (),
    ) -> Credit | None:
        """How the gain on all objectives to improve together is divided, in margins.

        The sum of the divisions of `credit`, each by its objective's margin: a sum of games is
        divided as its parts are. Arguments and errors are those of `credit`; None while no run of
        the trunk has succeeded.
        """
        order = self._ordered(self.held if members is None else members)
        belief = self._belief()
        if belief is None:
            return None
        closed = frozenset(self._problem.known(recipe) for recipe in impossible)
        split, errors = coalitions.split_in_all(belief, order, closed)
        return shares.shares(
            split,
            order,
            Objective("in all", margin=1.0, unit="margins"),
            owners=owners,
            level=self._problem.level,
            width=width_of(belief),
            errors=errors,
        )

    def made_possible(
        self,
        members: Iterable[str] | None = None,
        *,
        impossible: Iterable[Iterable[str]] = (),
    ) -> list[MadePossible]:
        """How likely each member turned each other one from a loss to a gain, both on the root.

        On objectives to improve; a part of no account. Empty while no run of the trunk succeeded.

        Args:
            members: The recipe; None: what the trunk holds.
            impossible: Recipes that cannot be merged: what stands in one gains nothing by itself.

        Raises:
            ValueError: An unknown proposal.
        """
        order = self._ordered(self.held if members is None else members)
        belief = self._belief()
        if belief is None:
            return []
        closed = {self._problem.known(recipe) for recipe in impossible}
        found = coalitions.turned(belief, order, closed)
        return [
            MadePossible(
                by=by,
                proposal=proposal,
                objective=self._problem.objectives[j].name,
                probability=float(found[a, b, j]),
            )
            for a, by in enumerate(order)
            for b, proposal in enumerate(order)
            if a != b
            for j in self._problem.improve
        ]

    def worlds(self, count: int, *, seed: int = 0) -> Worlds | None:
        """Joint posterior draws of all objectives as whole functions of the recipe.

        One draw is one world: it answers for any recipe, in any order, and always the same, and it
        says of each whether it runs. None while no run of the trunk has succeeded.

        Args:
            count: How many worlds.
            seed: Tells independent sets of worlds of one state of knowledge apart.

        Raises:
            ValueError: count is below 1, or the seed below 0.
        """
        if count < 1 or seed < 0:
            raise ValueError(f"{count} worlds of seed {seed}: draw one at least, with seed 0 or up")
        belief = self._belief()
        return None if belief is None else Worlds(belief, count, seed)

    def belongs(self, *, lifted: Iterable[str] = ()) -> dict[str, float]:
        """Probability of each proposal to add half a margin or more to the recommended recipe.

        Posterior, of the rest of the recipe; between 0 and 1, for `credit.information`. Empty while
        no run of the trunk has succeeded.

        Args:
            lifted: Proposals that are forbidden and taken as if they were not: what people said of
                them is nothing that runs taught.
        """
        belief = self._belief()
        if belief is None:
            return {}
        allowed = frozenset(lifted)
        if allowed:
            belief, best = prices.lifted(belief, self._trials, allowed)
        else:
            best = self.recommend().recipe
        found = coalitions.belongs(belief, best)
        return dict(zip(self.proposals, found.tolist(), strict=True))

    def price_of_veto(self, proposal: str) -> Price | None:
        """What it costs to keep a proposal out; None while no run of the trunk has succeeded.

        Posterior, of the recipe that the evidence favours now with the veto against that without
        it, whether the proposal is forbidden already or not.

        Raises:
            ValueError: An unknown proposal, or one that is in the trunk.
        """
        (known,) = self._problem.known([proposal])
        if known in self._problem.trunk:
            raise ValueError(f"{proposal!r} is in the trunk: nothing keeps it out")
        belief = self._belief()
        return None if belief is None else prices.veto(belief, self._trials, proposal)

    def price_of_force(self, proposal: str) -> Price | None:
        """What it costs to merge a proposal whatever the evidence says; as `price_of_veto`.

        Of one that is in the trunk: what it adds to the trunk. None also of one that cannot be
        merged with the trunk or is known to crash.

        Raises:
            ValueError: An unknown proposal.
        """
        self._problem.known([proposal])
        belief = self._belief()
        return None if belief is None else prices.force(belief, self._trials, proposal)

    def candidates(self) -> list[Candidate]:
        """Every recipe that entered confirmation, with its evidence, in order of its number."""
        belief = self._belief()
        return [] if belief is None else list(self._judged(belief))

    def transfer(self) -> list[Transfer]:
        """Per proposal and objective, whether small-scale evidence has held; posterior.

        Empty while nothing but the deciding rung has run, and of one rung.
        """
        belief = self._belief()
        return [] if belief is None else transfers.transfers(belief)

    def agreement(self) -> list[Agreement]:
        """Per lower rung and objective, how far it orders recipes as the deciding rung does."""
        belief = self._belief()
        return [] if belief is None else transfers.agreements(belief)

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

    def adopt(self, other: Integrator) -> bool:
        """Takes over what another one has worked out already, if it knows the very same.

        Nothing that is said changes by it: the same results give the same statistics. For whoever
        builds one anew at every line of a ledger, where only some lines are results that act.

        Returns:
            Whether it does.
        """
        same = self._problem == other._problem and self._trials.acting == other._trials.acting
        if same and self._belief_key() == other._belief_key():
            self._belief_at, self._recommended = other._belief_at, other._recommended
            self._decided = other._decided
            return True
        return False

    def _judged(self, belief: Belief) -> list[Candidate]:
        """Every candidate, weighed once for what was asked and is known."""
        known = self._weighed
        if known is None or known[0] is not belief or known[1] is not self._trials:
            known = (belief, self._trials, candidates.judged(belief, self._trials))
            self._weighed = known
        return known[2]

    def _ordered(self, members: Iterable[str]) -> tuple[str, ...]:
        """Known proposals, in the order of proposing."""
        return in_order(self._problem.known(members), self._problem.proposals)

    def _belief(self) -> Belief | None:
        if not self._problem.proposals:
            return None
        key = self._belief_key()
        if self._belief_at is None or self._belief_at[0] != key:
            self._belief_at = (key, believe(self._problem, self._trials.acting))
        return self._belief_at[1]

    def _belief_key(self) -> tuple[object, ...]:
        """What tells states of knowledge of this one apart."""
        return (len(self._trials.acting), len(self._trials.observed), self._problem)
