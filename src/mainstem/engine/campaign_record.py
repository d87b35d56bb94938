"""What the ledger holds of one campaign: what it is, what it asked, what came of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.stopper import Stopper
    from mainstem.domain.trial import Trial, TrialId


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A trial that a campaign asked for.

    Attributes:
        name: Its name in the ledger, such as `c1.12`.
        trial: What was asked.
        tree: The recipe's tree; None where git could not merge it: the trial is void.
        stopper: When it may end early, as fixed when it was asked; None: it is to run whole.
    """

    name: TrialId
    trial: Trial
    tree: TreeId | None
    stopper: Stopper | None = None


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A finished trial.

    Attributes:
        name: Its name in the ledger.
        values: Raw value per objective; None if it failed.
        failure: Cause and words of a failure, as `{"cause", "what"}`.
        run: What the executor recorded.
        curves: Of objectives that were reported by step, the points.
        stopped_at: The step at which it ended early: its values are predicted; else None.
    """

    name: TrialId
    values: Mapping[str, float] | None
    failure: Mapping[str, str] | None
    run: Mapping[str, Any]
    curves: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    stopped_at: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlayedRung:
    """A rung of a campaign that runs at several.

    Attributes:
        cost: Of one trial at it, in the unit of the stack's rungs.
        setup: Digest of what makes trials at it comparable.
    """

    cost: float
    setup: str


@dataclass(kw_only=True)
class CampaignRecord:
    """What the ledger holds of one campaign.

    Attributes:
        id: Such as `c1`.
        seed: Its seed.
        trunk: The trunk's commit when it was opened.
        setup: Digest of the stack's settings that decide what a trial is.
        batch: How many trials are asked for at once.
        budget: The budget it was last run with, in trials of the rung that confirms; None for none.
        until: The part of the budget for the proposals that are in it now, if others wait.
        rung: The rung that confirms.
        rungs: The rungs it runs at by name, the cheapest first and `rung` last; empty if that is
            the only one: then a trial's rung is None.
        proposals: The proposals that take part, in the order of proposing.
        trees: Each proposal's tree alone on the trunk; None where it conflicts with it.
        inherited: Earlier evidence that was carried over: `{trial, recipe, without, seed, values}`,
            and where there are several rungs its `rung`; `without` names what of the trunk's merged
            members the run left out; `imported` is there, and true, where somebody else made it.
        batches: Asked trials, batch by batch.
        finished: Results by trial name.
        late: What was measured of trials that had a result; counted nowhere.
        verdicts: The last recorded verdict per proposal.
        judged: The proposals whose turn was over when it last came to an end: all that were in it,
            or, where the whole budget was spent, those of them that were decided.
        ended: Whether it ran to its end.
        imports: How many imports of runs stood in the ledger when it was opened.
        trunk_failure: The trial of the trunk that failed, as `{"trial", "cause", "detail"}`; None
            again as soon as one succeeds.
    """

    id: str
    seed: int
    trunk: CommitId
    setup: str
    batch: int
    budget: float | None
    rung: str
    proposals: list[ProposalId]
    rungs: Mapping[str, PlayedRung] = field(default_factory=dict)
    trees: dict[ProposalId, TreeId | None] = field(default_factory=dict)
    inherited: list[Mapping[str, Any]] = field(default_factory=list)
    batches: list[list[Asked]] = field(default_factory=list)
    finished: dict[TrialId, Finished] = field(default_factory=dict)
    late: dict[TrialId, list[Mapping[str, float] | None]] = field(default_factory=dict)
    verdicts: dict[ProposalId, Mapping[str, Any]] = field(default_factory=dict)
    until: float | None = None
    judged: set[ProposalId] = field(default_factory=set)
    ended: bool = False
    imports: int = 0
    trunk_failure: Mapping[str, str] | None = None

    def asked(self) -> Iterable[Asked]:
        """All asked trials in order."""
        return (asked for batch in self.batches for asked in batch)

    def ended_trials(self) -> Iterable[tuple[Asked, Finished]]:
        """The asked trials that have finished, with their results, in the order of asking."""
        return (
            (asked, self.finished[asked.name])
            for asked in self.asked()
            if asked.name in self.finished
        )

    @property
    def costs(self) -> dict[str, float]:
        """Cost of a trial at each of several rungs; empty if there is only one."""
        return {name: rung.cost for name, rung in self.rungs.items()}

    @property
    def shares(self) -> dict[str, float]:
        """What a trial takes of the budget: its cost as a part of one at the rung that confirms."""
        costs = self.costs or {self.rung: 1.0}
        return {name: cost / costs[self.rung] for name, cost in costs.items()}

    @property
    def spent(self) -> float:
        """Finished trials, in trials of the rung that confirms: a cheaper one is a part of one."""
        if not self.rungs:
            return len(self.finished)
        shares = self.shares
        return math.fsum(shares[self.rung_of(asked.trial)] for asked, _ in self.ended_trials())

    @property
    def left(self) -> float:
        """What is left of the budget, in the same unit; infinite without one, and never below 0."""
        return math.inf if self.budget is None else max(0, self.budget - self.spent)

    def rung_of(self, trial: Trial) -> str:
        """The name of a trial's rung."""
        return self.rung if trial.rung is None else trial.rung

    def setup_of(self, trial: Trial) -> str:
        """Digest of what makes a trial comparable with others, at its rung."""
        return self.setup if trial.rung is None else self.rungs[trial.rung].setup

    def trunk_ran(self, trial: Trial) -> bool:
        """Whether a run of the trunk at a trial's rung has succeeded, here or before.

        Args:
            trial: A trial of this campaign.
        """
        inherited = any(
            not row["recipe"]
            and not row.get("without")
            and row["values"]
            and row.get("rung") == trial.rung
            for row in self.inherited
        )
        return inherited or any(
            not asked.trial.recipe and result.values is not None and asked.trial.rung == trial.rung
            for asked, result in self.ended_trials()
        )
