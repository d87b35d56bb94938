"""`show --stale`: what every merged proposal still adds to the trunk as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.decisions.members import TOLERATED, WORTH
from mainstem.decisions.verdict import SURE
from mainstem.domain.proposal import Conflict
from mainstem.domain.trunk import MemberState, TrunkMember
from mainstem.engine.lineage import EarlierRun, Lineage, earlier_runs, lineage, runs_elsewhere
from mainstem.engine.rungs import asked_for, setups
from mainstem.engine.views.estimates import estimates
from mainstem.engine.views.proposals import merge_of
from mainstem.integrator import Integrator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Trees
    from mainstem.engine.record import Record

_NAMED = 3
"""Of the members that a reason names; the JSON has all."""


def stale(
    stack: Stack, record: Record, trees: Trees, *, trunk: CommitId, tree: TreeId
) -> dict[str, Any]:
    """The documented JSON of `mainstem show --stale`.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        trees: Merges the trunk without each of its members.
        trunk: The trunk's commit.
        tree: The trunk's tree.
    """
    line = lineage(record, trunk)
    without = _without_each(record, trees, line)
    known = setups(stack)
    runs = [
        *earlier_runs(record, line, setups=known, tree=tree),
        *runs_elsewhere(record, line, setups=known, recipes=without.recipes),
    ]
    integrator = landscape(stack, record, line, runs)
    found = {m.proposal: m for m in integrator.members()}
    return {
        "stack": stack.name,
        "trunk": {"commit": trunk},
        "runs": len(runs),
        "rule": {"worth": WORTH, "tolerated": TOLERATED, "sure": SURE},
        "margins": integrator.margins(),
        "members": [
            _row(record, p.id, found.get(p.id), line, without)
            for p in record.in_order()
            if p.id in record.merged
        ],
        "removable_together": list(integrator.removable()),
    }


@dataclass(frozen=True, kw_only=True)
class _Without:
    """The trunk without each of its members, as git makes it.

    Attributes:
        recipes: Recipes on the root that lack one member, by tree.
        conflicts: Files that are in the way of leaving a member out.
    """

    recipes: Mapping[TreeId, Recipe]
    conflicts: Mapping[ProposalId, tuple[str, ...]]


def _without_each(record: Record, trees: Trees, line: Lineage) -> _Without:
    """Merges the trunk anew from its root, without one member at a time."""
    recipes: dict[TreeId, Recipe] = {}
    conflicts: dict[ProposalId, tuple[str, ...]] = {}
    whole = trees.tree(line.root, [record.proposals[p] for p in line.members])
    for left_out in line.members:
        rest = [record.proposals[p] for p in line.members if p != left_out]
        tree = trees.tree(line.root, rest)
        if isinstance(tree, Conflict):
            conflicts[left_out] = tree.paths
        # A branch that was cut after the merge of another brings that along: nothing is left out.
        elif tree != whole:
            recipes[tree] = frozenset(p.id for p in rest)
    return _Without(recipes=recipes, conflicts=conflicts)


def landscape(stack: Stack, record: Record, line: Lineage, runs: list[EarlierRun]) -> Integrator:
    """The landscape of the whole lineage, with the trunk where it is now."""
    named = frozenset(line.members).union(*(run.recipe for run in runs))
    integrator = Integrator(
        proposals=[p.id for p in record.in_order() if p.id in named],
        objectives=stack.objectives,
        **asked_for(stack),
    )
    several = bool(stack.rung_costs)
    for run in runs:
        integrator.observe(run.recipe, run.seed, run.values, rung=run.rung if several else None)
    integrator.move_trunk(line.members)
    return integrator


def _row(
    record: Record,
    proposal: ProposalId,
    member: TrunkMember | None,
    line: Lineage,
    without: _Without,
) -> dict[str, Any]:
    """One merged proposal."""
    merge = merge_of(record, proposal) or {}
    found = member or TrunkMember(proposal=proposal, state=MemberState.UNKNOWN)
    conflict = without.conflicts.get(proposal)
    return {
        "id": proposal,
        "state": found.state,
        "reason": _reason(member, known=proposal in line.members),
        "merge_commit": merge["commits"][proposal],
        "campaign": merge["campaign"],
        "adds": estimates(found.adds),
        "matters": found.matters,
        "runs_without": found.runs_without,
        "runs_without_it_alone": found.runs_without_it_alone,
        "unmet": list(found.unmet),
        "conflict": None if conflict is None else list(conflict),
    }


def _reason(member: TrunkMember | None, *, known: bool) -> str:
    """Why a member is in its state, in a few words."""
    if not known:
        return "the trunk was moved by other means since its merge: earlier runs are of other code"
    if member is None:
        return "no run of today's trunk with today's settings"
    if member.matters is None:
        return "no run leaves it out"
    chance = f"the trunk needs it with probability {member.matters:.2f}"
    return f"{chance}, but {_guessed(member.unmet)}" if member.unmet else chance


def _guessed(unmet: Sequence[str]) -> str:
    """What no run has shown."""
    others = ", ".join(unmet[:_NAMED]) + (
        f" and {len(unmet) - _NAMED} more" if len(unmet) > _NAMED else ""
    )
    return f"no run leaves it out beside {others}: a guess"
