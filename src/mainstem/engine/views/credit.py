"""`credit`: who earned what of the trunk's gain over its root, and what the others taught."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.credit import information
from mainstem.domain.proposal import Conflict
from mainstem.engine.lineage import earlier_runs, lineage, runs_elsewhere
from mainstem.engine.record import setup_digest
from mainstem.engine.views.estimates import estimate
from mainstem.engine.views.trunk import landscape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.credit.records import Credit, GroupCredit, MemberCredit
    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Stack
    from mainstem.engine.lineage import Lineage
    from mainstem.engine.ports import Trees
    from mainstem.engine.record import Record
    from mainstem.engine.restore import Restored

    Owners = Mapping[ProposalId, Mapping[int, float]]

MOST_MERGED = 8
"""Up to so many members git is asked whether each coalition merges: 2^8 merges take seconds."""


def credit(
    stack: Stack,
    record: Record,
    state: Restored | None,
    trees: Trees,
    *,
    trunk: CommitId,
    tree: TreeId,
    owners: Owners,
) -> dict[str, Any]:
    """The documented JSON of `mainstem credit`, with groups of owners by their numbers.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        state: The latest campaign, for what its proposals taught; None if there is none.
        trees: Merges coalitions.
        trunk: The trunk's commit.
        tree: The trunk's tree.
        owners: Parts of every proposal, by the number of a group; one of no group has no parts.

    Raises:
        GitError: A commit is missing.
        ModuleNotFoundError: Many members, and shapiq is not installed.
    """
    line = lineage(record, trunk)
    merged, impossible = _coalitions(record, trees, line)
    setup = setup_digest(stack)
    runs = [
        *earlier_runs(record, line, setup=setup, tree=tree),
        *runs_elsewhere(record, line, setup=setup, recipes=merged),
    ]
    owned: dict[str, Mapping[int, float]] = {p: owners[p] for p in line.members}
    found: tuple[Credit, ...] = ()
    if line.members and runs:
        found = landscape(stack, record, line, runs).credit(
            line.members, owners=owned if all(owned.values()) else None, impossible=impossible
        )
    return {
        "stack": stack.name,
        "trunk": {"commit": trunk},
        "root": line.root,
        "members": list(line.members),
        "runs": len(runs),
        "merges_checked": len(line.members) <= MOST_MERGED,
        "objectives": [_objective(one) for one in found],
        "information": _information(state),
    }


def _coalitions(
    record: Record, trees: Trees, line: Lineage
) -> tuple[dict[TreeId, Recipe], list[Recipe]]:
    """Coalitions of the trunk's members on its root: their trees, and those that do not merge."""
    if len(line.members) > MOST_MERGED:
        return {}, []
    wanted = [
        chosen
        for size in range(len(line.members) + 1)
        for chosen in combinations(line.members, size)
    ]
    made = trees.trees(line.root, [[record.proposals[p] for p in chosen] for chosen in wanted])
    recipes: dict[TreeId, Recipe] = {}
    impossible: list[Recipe] = []
    for chosen, tree in zip(wanted, made, strict=True):
        if isinstance(tree, Conflict):
            impossible.append(frozenset(chosen))
        else:
            recipes[tree] = frozenset(chosen)
    return recipes, impossible


def _objective(found: Credit) -> dict[str, Any]:
    return {
        "objective": found.objective,
        "total": estimate(found.total),
        "members": [_member(member) for member in found.members],
        "groups": [_group(group) for group in found.groups],
    }


def _member(found: MemberCredit) -> dict[str, Any]:
    return {
        "id": found.proposal,
        "value": estimate(found.value),
        "percent": found.percent,
        "alone": estimate(found.alone),
        "beside": {other: estimate(value) for other, value in found.beside.items()},
        "sampling_error": found.error,
    }


def _group(found: GroupCredit) -> dict[str, Any]:
    return {"group": found.group, "value": estimate(found.value), "percent": found.percent}


def _information(state: Restored | None) -> list[dict[str, Any]]:
    """What is known of each proposal of the latest campaign, in nats: a second account."""
    belongs = {} if state is None else state.integrator.belongs()
    nats = information.nats(np.array(list(belongs.values())))
    return [
        {"id": proposal, "nats": float(brought), "belongs": probability}
        for (proposal, probability), brought in zip(belongs.items(), nats, strict=True)
    ]
