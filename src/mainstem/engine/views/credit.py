"""`credit`: who earned what of the trunk's gain over its root, and what the others taught."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.credit import information
from mainstem.domain.proposal import Conflict
from mainstem.domain.stack import Role
from mainstem.engine.lineage import earlier_runs, lineage, runs_elsewhere
from mainstem.engine.rungs import setups
from mainstem.engine.views.estimates import estimate
from mainstem.engine.views.reproductions import reproductions
from mainstem.engine.views.trunk import landscape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.credit.records import Credit, GroupCredit, MemberCredit
    from mainstem.domain.proposal import CommitId, ProposalId, TreeId
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Stack
    from mainstem.engine.lineage import EarlierRun, Lineage
    from mainstem.engine.ports import Trees
    from mainstem.engine.record import Record
    from mainstem.engine.restore import Restored
    from mainstem.integrator import Integrator

    Owners = Mapping[ProposalId, Mapping[int, float]]

MOST_MERGED = 8
"""Up to so many members git is asked whether each coalition merges: 2^8 merges take seconds."""

MADE_POSSIBLE = 0.5
"""From this probability on one member is said to have made another's gain possible."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a division of the trunk's gain rests on.

    Attributes:
        line: Where the trunk came from.
        runs: Its finished runs, as recipes on the root; one whose tree is that of a coalition of
            its members counts for that too.
        impossible: Coalitions of its members that git cannot merge, as far as it was asked.
        integrator: The landscape of the runs; None where there is nothing to divide.
    """

    line: Lineage
    runs: tuple[EarlierRun, ...]
    impossible: tuple[Recipe, ...]
    integrator: Integrator | None

    @property
    def trials(self) -> list[EarlierRun]:
        """Every run once: what ran as two recipes with one tree, as that of members alone."""
        return list({run.trial: run for run in self.runs}.values())


def evidence(
    stack: Stack, record: Record, trees: Trees, *, trunk: CommitId, tree: TreeId
) -> Evidence:
    """What stands in the ledger of the trunk and of the parts of it.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        trees: Merges coalitions.
        trunk: The trunk's commit.
        tree: The trunk's tree.

    Raises:
        GitError: A commit is missing.
    """
    line = lineage(record, trunk)
    merged, impossible = _coalitions(record, trees, line)
    known = setups(stack)
    runs = [
        *earlier_runs(record, line, setups=known, tree=tree),
        *runs_elsewhere(record, line, setups=known, recipes=merged),
    ]
    return Evidence(
        line=line,
        runs=tuple(runs),
        impossible=tuple(impossible),
        integrator=landscape(stack, record, line, runs) if line.members and runs else None,
    )


def divided(stack: Stack, found: Evidence, owners: Owners | None = None) -> dict[str, Any]:
    """How the gain is divided, per objective and in all; nothing where nothing of it is known.

    Args:
        stack: The stack's description.
        found: What the division rests on.
        owners: Parts of every member, by the number of a group; None: no groups.

    Raises:
        ModuleNotFoundError: Many members, and shapiq is not installed.
    """
    if found.integrator is None:
        return {"objectives": [], "in_all": None}
    members, impossible = found.line.members, found.impossible
    owned = None if owners is None else {str(p): owners[p] for p in members}
    if owned is not None and not all(owned.values()):
        owned = None
    each = found.integrator.credit(members, owners=owned, impossible=impossible)
    in_all = found.integrator.credit_in_all(members, owners=owned, impossible=impossible)
    improve = [one.name for one in stack.objectives if one.role is Role.IMPROVE]
    return {
        "objectives": [_objective(one) for one in each],
        "in_all": None if in_all is None else {"of": improve, **_objective(in_all)},
    }


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
    found = evidence(stack, record, trees, trunk=trunk, tree=tree)
    line = found.line
    return {
        "stack": stack.name,
        "trunk": {"commit": trunk},
        "root": line.root,
        "members": list(line.members),
        "runs": len(found.trials),
        "merges_checked": len(line.members) <= MOST_MERGED,
        **divided(stack, found, owners),
        "information": _information(record, state),
        "reproductions": reproductions(record, trees, line, found.trials),
        "made_possible": made_possible(found),
        "filed_on": {p: _filed_on(record, line, p) for p in line.members},
    }


def made_possible(found: Evidence) -> list[dict[str, Any]]:
    """Which members others could do nothing without: an account of its own, of pairs.

    Because the runs say that one turned another's effect from a loss to a gain, or because git
    cannot merge the one without the other.
    """
    if found.integrator is None:
        return []
    effects: dict[tuple[str, str], dict[str, float]] = {}
    chances = found.integrator.made_possible(found.line.members, impossible=found.impossible)
    for one in chances:
        effects.setdefault((one.by, one.proposal), {})[one.objective] = one.probability
    closed = set(found.impossible)
    rows = []
    for (by, proposal), chance in effects.items():
        needed = {proposal} in closed and {by} not in closed and {by, proposal} not in closed
        if needed or max(chance.values()) >= MADE_POSSIBLE:
            rows.append(
                {"id": proposal, "by": by, "probability": chance, "merges_only_with": needed}
            )
    return rows


def _filed_on(record: Record, line: Lineage, proposal: ProposalId) -> list[str]:
    """The members that were in the trunk which a member's branch started from."""
    held = line.held.get(record.proposals[proposal].base, frozenset())
    return [p for p in line.members if p in held]


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


def _overruled(record: Record, state: Restored) -> list[str]:
    """What people keep out of the latest campaign and git could merge, as it is known there."""
    campaign, same_as = record.latest(), state.aliases.same_as
    trees = {} if campaign is None else campaign.trees
    kept_out = {
        same_as.get(p, p)
        for p, override in record.standing().items()
        if override.bars and trees.get(p) is not None
    }
    return [p for p in state.aliases.barred(record) if p in kept_out]


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


def _information(record: Record, state: Restored | None) -> list[dict[str, Any]]:
    """What is known of each proposal of the latest campaign, in nats: a second account.

    As if nobody had vetoed or withdrawn any: no run taught that.
    """
    belongs = {}
    if state is not None:
        belongs = state.integrator.belongs(lifted=_overruled(record, state))
    nats = information.nats(np.array(list(belongs.values())))
    return [
        {"id": proposal, "nats": float(brought), "belongs": probability}
        for (proposal, probability), brought in zip(belongs.items(), nats, strict=True)
    ]
