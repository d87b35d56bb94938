"""Where the trunk came from: the merges in the ledger that lead to its commit.

The trunk is a point of one landscape, whose root is the commit that the first of these merges
started from. A recipe that ran on an earlier trunk is a recipe on that root too: what the trunk
held by then, and the trial's own members. So runs from before a merge still count. A trunk that was
moved by other means than `merge` starts anew: what ran before is other code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import ProposalId

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.domain.recipe import Recipe
    from mainstem.engine.record import Asked, Finished, Record


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """The merges that lead to a trunk, from its root.

    Attributes:
        root: The commit that the first of them started from; the trunk itself if there is none.
        merges: Their entries in the ledger, in order.
        held: What the trunk held by then, by each of its commits from the root on.
    """

    root: CommitId
    merges: tuple[Mapping[str, Any], ...] = ()
    held: Mapping[CommitId, Recipe] = field(default_factory=dict)

    @property
    def members(self) -> tuple[ProposalId, ...]:
        """What the trunk holds, in the order of merging."""
        return tuple(ProposalId(p) for merge in self.merges for p in merge["recipe"])


def lineage(record: Record, trunk: CommitId) -> Lineage:
    """The merges that lead to the trunk as it is now."""
    merges: list[Mapping[str, Any]] = []
    root = trunk
    for merge in reversed(record.merges):
        if merge["new"] == root:
            merges.insert(0, merge)
            root = merge["old"]
    held: dict[CommitId, Recipe] = {root: frozenset()}
    for merge in merges:
        held[merge["new"]] = held[merge["old"]] | frozenset(merge["recipe"])
    return Lineage(root=root, merges=tuple(merges), held=held)


@dataclass(frozen=True, kw_only=True)
class EarlierRun:
    """A finished run, as one of a recipe on the root.

    Attributes:
        trial: Its name in the ledger.
        recipe: What the trunk held by then, and the trial's own members.
        seed: Its seed.
        values: Raw value per objective; None if it failed.
    """

    trial: str
    recipe: Recipe
    seed: int
    values: Mapping[str, float] | None


def earlier_runs(
    record: Record, line: Lineage, *, setup: str, tree: TreeId
) -> Iterator[EarlierRun]:
    """Every finished run on the lineage with the same settings, those of `check` first.

    Args:
        record: What the ledger holds.
        line: Where the trunk came from.
        setup: Digest of the settings.
        tree: The trunk's tree: a check of it counts, whatever its commit.
    """
    whole: Recipe = frozenset(line.members)
    for check in record.checks:
        held = whole if check["trunk_tree"] == tree else line.held.get(check["trunk"])
        if held is None or check["setup"] != setup:
            continue
        for row in check["trials"]:
            if row["values"] is not None and row["counts"]:
                yield EarlierRun(
                    trial=row["trial"], recipe=held, seed=row["seed"], values=row["values"]
                )
    for campaign in record.campaigns.values():
        held = line.held.get(campaign.trunk)
        if held is None or campaign.setup != setup:
            continue
        for asked, result in campaign.ended_trials():
            yield _run(asked, result, held | asked.trial.recipe)


def runs_elsewhere(
    record: Record, line: Lineage, *, setup: str, recipes: Mapping[TreeId, Recipe]
) -> Iterator[EarlierRun]:
    """Finished runs of these trees that are not known as runs of these recipes.

    Such as those of a proposal that takes back what an earlier one brought: its tree is the trunk
    without that one, and what has one tree is one recipe.

    Args:
        record: What the ledger holds.
        line: Where the trunk came from.
        setup: Digest of the settings.
        recipes: Recipes on the root by their trees.
    """
    for campaign in record.campaigns.values():
        if campaign.setup != setup:
            continue
        held = line.held.get(campaign.trunk)
        for asked, result in campaign.ended_trials():
            recipe = None if asked.tree is None else recipes.get(asked.tree)
            if recipe is None or (held is not None and held | asked.trial.recipe == recipe):
                continue
            yield _run(asked, result, recipe)


def _run(asked: Asked, result: Finished, recipe: Recipe) -> EarlierRun:
    """A campaign's trial as a run of a recipe on the root."""
    return EarlierRun(trial=asked.name, recipe=recipe, seed=asked.trial.seed, values=result.values)
