"""What the trunk is measured at now, and how it came there, merge by merge.

Runs count that nobody picked because they looked good: of `check`, of the trunk in a campaign, and
both arms of confirmation pairs. A search run of the recipe that was merged later is left out: it is
part of why that recipe was chosen (the winner's curse).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.domain.trial import Purpose
from mainstem.engine import record as records
from mainstem.engine.lineage import lineage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Record


@dataclass(frozen=True, kw_only=True)
class TrunkRun:
    """A run of the trunk as it is now.

    Attributes:
        trial: Its name in the ledger.
        seed: Its seed.
        values: Raw value per objective.
    """

    trial: str
    seed: int
    values: Mapping[str, float]


def runs(stack: Stack, record: Record, tree: TreeId) -> list[TrunkRun]:
    """Every run of the trunk with today's settings that nobody picked, once per seed.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        tree: The trunk's tree.
    """
    found: dict[int, TrunkRun] = {}
    for run in _every(stack, record, tree):
        found.setdefault(run.seed, run)
    return list(found.values())


def _every(stack: Stack, record: Record, tree: TreeId) -> Iterator[TrunkRun]:
    setup = records.setup_digest(stack.at(stack.confirm_rung))
    for check in record.checks:
        if check["setup"] == setup and check["trunk_tree"] == tree:
            for row in check["trials"]:
                if row["values"] is not None and row["counts"]:
                    yield TrunkRun(trial=row["trial"], seed=row["seed"], values=row["values"])
    for campaign in record.campaigns.values():
        for asked, result in campaign.ended_trials():
            trial = asked.trial
            picked = bool(trial.recipe) and trial.purpose is not Purpose.CONFIRM
            if asked.tree != tree or picked or campaign.setup_of(trial) != setup:
                continue
            if result.values is not None:
                yield TrunkRun(trial=asked.name, seed=trial.seed, values=result.values)


@dataclass(frozen=True, kw_only=True)
class Step:
    """A merge that led to the trunk.

    Attributes:
        at: When it was written down (ISO 8601, UTC).
        commit: The trunk's commit from then on.
        recipe: What was merged, in order.
        gain: The confirmed gain over the trunk before it, per objective, as JSON; empty where it
            was forced and nothing was confirmed.
        forced: What of it a person forced.
    """

    at: str
    commit: str
    recipe: tuple[str, ...]
    gain: Mapping[str, Mapping[str, Any]]
    forced: tuple[str, ...]


def steps(record: Record, entries: Sequence[Entry], trunk: CommitId) -> list[Step]:
    """The merges that led to the trunk, in order.

    Args:
        record: What the ledger holds.
        entries: The whole ledger.
        trunk: The trunk's commit.
    """
    at = {e.body["new"]: e.at for e in entries if e.kind == records.MERGED}
    return [
        Step(
            at=at[merge["new"]],
            commit=merge["new"],
            recipe=tuple(merge["recipe"]),
            gain=merge.get("gain", {}),
            forced=tuple(merge.get("forced", ())),
        )
        for merge in lineage(record, trunk).merges
    ]
