"""What ran at which rung: every finished trial of the trunk's lineage, as a run of a recipe.

A campaign decides at one rung; a forecast needs several. So trials of all rungs are gathered, those
of `mainstem check` and the pairs of `mainstem try` too, as long as they ran with today's settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.engine import record as records
from mainstem.engine.lineage import earlier_runs, lineage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Stack
    from mainstem.engine.lineage import Lineage
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Record

KINDS = (records.TRY_OPENED, records.TRY_FINISHED)
"""The lines that are read here beside the record: pairs that were tried."""


@dataclass(frozen=True, kw_only=True)
class Climb:
    """One finished run.

    Attributes:
        trial: Its name in the ledger.
        recipe: What the trunk held by then, and the trial's own members.
        rung: The name of the rung that it ran at.
        seed: Its seed.
        values: Raw value per objective.
    """

    trial: str
    recipe: Recipe
    rung: str
    seed: int
    values: Mapping[str, float]


def climbs(
    stack: Stack, record: Record, entries: Iterable[Entry], *, trunk: CommitId, tree: TreeId
) -> list[Climb]:
    """Every run that can be placed on a rung; of one recipe, rung and seed the first one counts.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        entries: Its lines of the kinds `KINDS`, in order.
        trunk: The trunk's commit.
        tree: The trunk's tree.
    """
    rungs = {records.setup_digest(stack.at(rung)): rung.name for rung in stack.rungs}
    line = lineage(record, trunk)
    lines = list(entries)
    found: dict[tuple[Recipe, str, int], Climb] = {}
    for run in (*_ran(record, line, rungs, tree), *_tried(record, line, rungs, lines)):
        found.setdefault((run.recipe, run.rung, run.seed), run)
    return list(found.values())


def _ran(record: Record, line: Lineage, rungs: Mapping[str, str], tree: TreeId) -> Iterator[Climb]:
    """Trials of campaigns, and runs of `check`, each at the rung of its own."""
    for run in earlier_runs(record, line, setups=rungs, tree=tree):
        if run.values is not None:
            yield Climb(
                trial=run.trial,
                recipe=run.recipe,
                rung=run.rung,
                seed=run.seed,
                values=run.values,
            )


def _tried(
    record: Record, line: Lineage, rungs: Mapping[str, str], lines: Sequence[Entry]
) -> Iterator[Climb]:
    """Both halves of the pairs of `try`, where the branch is a proposal."""
    by_commit = {proposal.commit: proposal.id for proposal in record.in_order()}
    calls: dict[str, tuple[Recipe, ProposalId, str]] = {}
    for entry in lines:
        body = entry.body
        if entry.kind == records.TRY_OPENED:
            held, proposal = line.held.get(body["trunk"]), by_commit.get(body["commit"])
            if held is not None and proposal is not None and body["setup"] in rungs:
                calls[body["try"]] = (held, proposal, body["rung"])
        elif entry.kind == records.TRY_FINISHED and body["try"] in calls:
            held, proposal, rung = calls[body["try"]]
            recipes = (held, held | {proposal})
            for trial, recipe, values in zip(body["trials"], recipes, body["values"], strict=True):
                if values is not None:
                    yield Climb(
                        trial=trial, recipe=recipe, rung=rung, seed=body["seed"], values=values
                    )
