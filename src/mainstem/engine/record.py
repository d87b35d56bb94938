"""The ledger, folded: what every command needs to know of what has happened.

The ledger is the only memory. A campaign that was killed goes on because everything that it decided
from can be read back here, in the order in which it was written.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.override import Override, OverrideKind
from mainstem.domain.proposal import CommitId, Conflict, Proposal, ProposalId, TreeId
from mainstem.domain.reference import Claim, ReferenceId
from mainstem.domain.stopper import from_plain
from mainstem.domain.trial import Purpose, Trial, TrialId
from mainstem.domain.verdict import VerdictKind
from mainstem.engine.campaign_record import Asked, CampaignRecord, Finished, PlayedRung

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry

__all__ = [
    "BATCH_ASKED",
    "CAMPAIGN_ENDED",
    "CAMPAIGN_JOINED",
    "CAMPAIGN_OPENED",
    "CHECK_FINISHED",
    "CONFLICT_FOUND",
    "MERGED",
    "MERGE_PLANNED",
    "OVERRIDE",
    "PROPOSAL_TAKEN",
    "PROPOSAL_WITHDRAWN",
    "RUNS_IMPORTED",
    "TRIAL_FINISHED",
    "TRIAL_LATE",
    "TRUNK_FAILED",
    "TRY_FINISHED",
    "TRY_OPENED",
    "VERDICT",
    "Asked",
    "CampaignRecord",
    "Finished",
    "Record",
    "advance",
    "fold",
    "setup_digest",
]

PROPOSAL_TAKEN = "proposal-taken"
PROPOSAL_WITHDRAWN = "proposal-withdrawn"
CONFLICT_FOUND = "conflict-found"
CAMPAIGN_OPENED = "campaign-opened"
CAMPAIGN_JOINED = "campaign-joined"
BATCH_ASKED = "batch-asked"
TRIAL_FINISHED = "trial-finished"
TRIAL_LATE = "trial-late"
"""A result of a trial that has one: kept as evidence of what ran, and counted nowhere."""

TRUNK_FAILED = "trunk-failed"
VERDICT = "verdict"
CAMPAIGN_ENDED = "campaign-ended"
CHECK_FINISHED = "check-finished"
MERGE_PLANNED = "merge-planned"
MERGED = "merged"
OVERRIDE = "override"
RUNS_IMPORTED = "runs-imported"
"""Runs that somebody else made: evidence for the search of campaigns that open later."""

TRY_OPENED = "try-opened"
TRY_FINISHED = "try-finished"
"""Of `mainstem try`: kept beside the record, and folded into nothing that decides."""


PAIR = 2
"""What a confirmation pair takes of a budget, in trials of the rung that confirms."""


@dataclass(kw_only=True)
class Record:
    """What the ledger holds.

    Attributes:
        proposals: Every proposal that was taken, in the order of proposing.
        conflicts: Sets that git cannot merge, by the trunk commit that they were found on.
        campaigns: By id, in the order of opening.
        checks: Bodies of `check-finished`, in order.
        planned: Body of the last `merge-planned`: what a merge was about to do.
        merges: Bodies of `merged`, in order.
        merged: Proposals that are in the trunk.
        superseded: Proposals that a later version took the place of, each with that version.
        overrides: What people decided against the evidence or without it, in order.
        imports: Bodies of `runs-imported`, in order.
        taken: How many proposals were ever taken, for the next one's place in the order.
        active: The campaign that was opened or taken up last.
        seq: The number of the last line that was folded.
    """

    proposals: dict[ProposalId, Proposal] = field(default_factory=dict)
    conflicts: dict[CommitId, dict[frozenset[ProposalId], Conflict]] = field(default_factory=dict)
    campaigns: dict[str, CampaignRecord] = field(default_factory=dict)
    checks: list[Mapping[str, Any]] = field(default_factory=list)
    planned: Mapping[str, Any] | None = None
    merges: list[Mapping[str, Any]] = field(default_factory=list)
    merged: set[ProposalId] = field(default_factory=set)
    superseded: dict[ProposalId, ProposalId] = field(default_factory=dict)
    overrides: list[Override] = field(default_factory=list)
    imports: list[Mapping[str, Any]] = field(default_factory=list)
    taken: int = 0
    active: str = ""
    seq: int = 0

    def in_order(self) -> list[Proposal]:
        """Every proposal, in the order of proposing."""
        return sorted(self.proposals.values(), key=lambda p: p.order)

    def open_proposals(self) -> list[Proposal]:
        """Proposals that can be merged yet, in the order of proposing.

        They are not in the trunk, not superseded, not vetoed and not withdrawn.
        """
        closed = self.merged | self.closed()
        return [p for p in self.in_order() if p.id not in closed]

    def standing(self) -> dict[ProposalId, Override]:
        """The override that stands of each proposal that has one."""
        last = {override.proposal: override for override in self.overrides}
        return {p: o for p, o in last.items() if o.kind is not OverrideKind.LIFT}

    def closed(self) -> set[ProposalId]:
        """Proposals that nothing is asked of any more: superseded, vetoed or withdrawn."""
        return self.superseded.keys() | {p for p, o in self.standing().items() if o.bars}

    def newest(self, proposal: ProposalId) -> Proposal | None:
        """The last version of a proposal; None if there is no such proposal."""
        later = {p.follows: p.id for p in self.proposals.values() if p.follows is not None}
        while proposal in later:
            proposal = later[proposal]
        return self.proposals.get(proposal)

    def latest(self) -> CampaignRecord | None:
        """The campaign that was opened or taken up last."""
        return self.campaigns.get(self.active)

    def conflicts_on(self, trunk: CommitId) -> list[Conflict]:
        """Conflicts found on that trunk."""
        return list(self.conflicts.get(trunk, {}).values())


def fold(entries: Iterable[Entry]) -> Record:
    """The state after all entries; kinds that are not known here are passed over."""
    record = Record()
    for entry in entries:
        advance(record, entry)
    return record


def advance(record: Record, entry: Entry) -> None:
    """Takes one more entry into the state."""
    record.seq = entry.seq
    if entry.kind == OVERRIDE:
        record.overrides.append(_override(entry))
    step = _STEPS.get(entry.kind)
    if step is not None:
        step(record, entry.body)


def _override(entry: Entry) -> Override:
    return Override(
        seq=entry.seq,
        at=entry.at,
        proposal=ProposalId(entry.body["proposal"]),
        kind=OverrideKind(entry.body["kind"]),
        reason=entry.body["reason"],
        by=entry.body["by"],
    )


def _proposal_taken(record: Record, body: Mapping[str, Any]) -> None:
    tree = body["tree"]
    proposal = Proposal(
        id=ProposalId(body["id"]),
        branch=body["branch"],
        commit=CommitId(body["commit"]),
        base=CommitId(body["base"]),
        tree=None if tree is None else TreeId(tree),
        components=tuple(body["components"]),
        order=body["order"],
        claim=body["claim"],
        follows=body.get("follows"),
        reference=_claim(body.get("reference")),
    )
    record.proposals[proposal.id] = proposal
    record.taken = max(record.taken, proposal.order)


def _claim(row: Mapping[str, Any] | None) -> Claim | None:
    """What a proposal claims to bring here; None in lines of proposals that bring nothing."""
    if row is None:
        return None
    return Claim(
        reference=ReferenceId(row["id"]), objective=row["objective"], gain=float(row["gain"])
    )


def _proposal_withdrawn(record: Record, body: Mapping[str, Any]) -> None:
    record.superseded[ProposalId(body["id"])] = ProposalId(body["by"])


def _conflict_found(record: Record, body: Mapping[str, Any]) -> None:
    members = frozenset(ProposalId(p) for p in body["proposals"])
    conflict = Conflict(proposals=members, paths=tuple(body["paths"]))
    record.conflicts.setdefault(CommitId(body["trunk"]), {})[members] = conflict


def _campaign_opened(record: Record, body: Mapping[str, Any]) -> None:
    record.active = body["campaign"]
    record.campaigns[record.active] = CampaignRecord(
        id=body["campaign"],
        seed=body["seed"],
        trunk=CommitId(body["trunk"]),
        setup=body["setup"],
        batch=body["batch"],
        budget=body["budget"],
        rung=body["rung"],
        proposals=[ProposalId(p) for p in body["proposals"]],
        trees=_trees(body),
        inherited=list(body["inherited"]),
        until=body.get("until", body["budget"]),
        rungs={
            row["rung"]: PlayedRung(cost=row["cost"], setup=row["setup"])
            for row in body.get("rungs", ())
        },
        imports=len(record.imports),
    )


def _trees(body: Mapping[str, Any]) -> dict[ProposalId, TreeId | None]:
    return {ProposalId(p): None if t is None else TreeId(t) for p, t in body["trees"].items()}


def _campaign_joined(record: Record, body: Mapping[str, Any]) -> None:
    campaign = record.campaigns[body["campaign"]]
    record.active = campaign.id
    campaign.proposals += [ProposalId(p) for p in body["proposals"]]
    campaign.trees |= _trees(body)
    campaign.budget = body["budget"]
    campaign.until = body.get("until", body["budget"])
    campaign.ended = False


def _batch_asked(record: Record, body: Mapping[str, Any]) -> None:
    campaign = record.campaigns[body["campaign"]]
    batch = []
    for row in body["trials"]:
        name = TrialId(row["trial"])
        trial = Trial(
            id=int(name.rpartition(".")[2]),
            recipe=frozenset(row["recipe"]),
            seed=row["seed"],
            rung=row["rung"] if campaign.rungs else None,
            purpose=Purpose(row["purpose"]),
        )
        tree = row["tree"]
        batch.append(
            Asked(
                name=name,
                trial=trial,
                tree=None if tree is None else TreeId(tree),
                stopper=from_plain(row["stopper"]) if "stopper" in row else None,
            )
        )
    campaign.batches.append(batch)


def _trial_finished(record: Record, body: Mapping[str, Any]) -> None:
    campaign = record.campaigns.get(body["campaign"])
    if campaign is None:
        return
    name = TrialId(body["trial"])
    result = Finished(
        name=name,
        values=body["values"],
        failure=body["failure"],
        run=body.get("run", {}),
        curves={k: [(s, v) for s, v in points] for k, points in body.get("curves", {}).items()},
        stopped_at=body.get("stopped_at"),
    )
    campaign.finished.setdefault(name, result)
    if campaign.trunk_failure is not None and result.values is not None:
        trunk = {asked.name: asked.trial for asked in campaign.asked() if not asked.trial.recipe}
        failed = trunk.get(TrialId(campaign.trunk_failure["trial"]))
        if name in trunk and (failed is None or trunk[name].rung == failed.rung):
            campaign.trunk_failure = None


def _trial_late(record: Record, body: Mapping[str, Any]) -> None:
    campaign = record.campaigns.get(body["campaign"])
    if campaign is not None:
        campaign.late.setdefault(TrialId(body["trial"]), []).append(body["values"])


def _trunk_failed(record: Record, body: Mapping[str, Any]) -> None:
    failure = body["failure"]
    record.campaigns[body["campaign"]].trunk_failure = {
        "trial": body["trial"],
        "cause": failure["cause"],
        "detail": failure["what"],
    }


def _verdict(record: Record, body: Mapping[str, Any]) -> None:
    campaign = record.campaigns[body["campaign"]]
    campaign.verdicts[ProposalId(body["proposal"])] = body


def _campaign_ended(record: Record, body: Mapping[str, Any]) -> None:
    campaign = record.campaigns[body["campaign"]]
    campaign.ended = True
    # A pair may not have fitted into what is left.
    spent = campaign.left < PAIR
    campaign.judged = {
        p
        for p in campaign.proposals
        if not spent or campaign.verdicts.get(p, {}).get("kind") != VerdictKind.OPEN
    }


def _check_finished(record: Record, body: Mapping[str, Any]) -> None:
    record.checks.append(body)


def _runs_imported(record: Record, body: Mapping[str, Any]) -> None:
    record.imports.append(body)


def _merge_planned(record: Record, body: Mapping[str, Any]) -> None:
    record.planned = body


def _merged(record: Record, body: Mapping[str, Any]) -> None:
    record.merges.append(body)
    record.planned = None
    record.merged |= {ProposalId(p) for p in body["recipe"]}


_STEPS = {
    PROPOSAL_TAKEN: _proposal_taken,
    PROPOSAL_WITHDRAWN: _proposal_withdrawn,
    CONFLICT_FOUND: _conflict_found,
    CAMPAIGN_OPENED: _campaign_opened,
    CAMPAIGN_JOINED: _campaign_joined,
    BATCH_ASKED: _batch_asked,
    TRIAL_FINISHED: _trial_finished,
    TRIAL_LATE: _trial_late,
    TRUNK_FAILED: _trunk_failed,
    VERDICT: _verdict,
    CAMPAIGN_ENDED: _campaign_ended,
    CHECK_FINISHED: _check_finished,
    RUNS_IMPORTED: _runs_imported,
    MERGE_PLANNED: _merge_planned,
    MERGED: _merged,
}
"""What each kind of entry does to the state: the life of a ledger as a table."""


def setup_digest(stack: Stack) -> str:
    """A digest of what makes campaigns ask one question: command, metrics, objectives, rungs, ...

    With one rung in play (`Stack.at`) it is a digest of what makes trials at it comparable.
    """
    rung = stack.confirm_rung
    content = {
        "command": stack.command,
        "metrics": [stack.metrics.source, dict(stack.metrics.patterns)],
        "objectives": [[o.name, o.direction, o.role, str(o.margin)] for o in stack.objectives],
        "rung": [rung.name, {k: str(v) for k, v in rung.parameters.items()}],
        "run": [stack.timeout_s, stack.run.threads, stack.run.network],
        "env": [list(stack.run.env), list(stack.run.private)],
        "alpha": stack.decisions.alpha,
    }
    if stack.rung_costs:
        content["rungs"] = [
            [r.name, r.cost, setup_digest(stack.at(r))] for r in stack.rungs_in_play
        ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
