"""What the ledger holds of one campaign: what it is, what it asked, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.trial import Trial, TrialId


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A trial that a campaign asked for.

    Attributes:
        name: Its name in the ledger, such as `c1.12`.
        trial: What was asked.
        tree: The recipe's tree; None where git could not merge it: the trial is void.
    """

    name: TrialId
    trial: Trial
    tree: TreeId | None


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A finished trial.

    Attributes:
        name: Its name in the ledger.
        values: Raw value per objective; None if it failed.
        failure: Cause and words of a failure, as `{"cause", "what"}`.
        run: What the executor recorded.
    """

    name: TrialId
    values: Mapping[str, float] | None
    failure: Mapping[str, str] | None
    run: Mapping[str, Any]


@dataclass(kw_only=True)
class CampaignRecord:
    """What the ledger holds of one campaign.

    Attributes:
        id: Such as `c1`.
        seed: Its seed.
        trunk: The trunk's commit when it was opened.
        setup: Digest of the stack's settings that decide what a trial is.
        batch: How many trials are asked for at once.
        budget: The budget it was last run with; None for none.
        until: The part of the budget for the proposals that are in it now, if others wait.
        rung: The rung it runs at.
        proposals: The proposals that take part, in the order of proposing.
        trees: Each proposal's tree alone on the trunk; None where it conflicts with it.
        inherited: Earlier evidence that was carried over: `{trial, recipe, without, seed, values}`;
            `without` names what of the trunk's merged members the run left out.
        batches: Asked trials, batch by batch.
        finished: Results by trial name.
        late: What was measured of trials that had a result; counted nowhere.
        verdicts: The last recorded verdict per proposal.
        judged: The proposals whose turn was over when it last came to an end: all that were in it,
            or, where the whole budget was spent, those of them that were decided.
        ended: Whether it ran to its end.
        trunk_failure: The trial of the trunk that failed, as `{"trial", "cause", "detail"}`; None
            again as soon as one succeeds.
    """

    id: str
    seed: int
    trunk: CommitId
    setup: str
    batch: int
    budget: int | None
    rung: str
    proposals: list[ProposalId]
    trees: dict[ProposalId, TreeId | None] = field(default_factory=dict)
    inherited: list[Mapping[str, Any]] = field(default_factory=list)
    batches: list[list[Asked]] = field(default_factory=list)
    finished: dict[TrialId, Finished] = field(default_factory=dict)
    late: dict[TrialId, list[Mapping[str, float] | None]] = field(default_factory=dict)
    verdicts: dict[ProposalId, Mapping[str, Any]] = field(default_factory=dict)
    until: int | None = None
    judged: set[ProposalId] = field(default_factory=set)
    ended: bool = False
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

    def trunk_ran(self) -> bool:
        """Whether any run of the trunk has succeeded, here or in what was inherited."""
        inherited = any(
            not row["recipe"] and not row.get("without") and row["values"] for row in self.inherited
        )
        return inherited or any(
            not asked.trial.recipe and result.values is not None
            for asked, result in self.ended_trials()
        )
