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
        rung: The name of the rung it ran at.
    """

    trial: str
    recipe: Recipe
    seed: int
    values: Mapping[str, float] | None
    rung: str


def earlier_runs(
    record: Record, line: Lineage, *, setups: Mapping[str, str], tree: TreeId
) -> Iterator[EarlierRun]:
    """Every finished run on the lineage with the same settings, those of `check` first.

    Args:
        record: What the ledger holds.
        line: Where the trunk came from.
        setups: The rungs that count, by the digest of what makes trials at them comparable.
        tree: The trunk's tree: a check of it counts, whatever its commit.
    """
    whole: Recipe = frozenset(line.members)
    for check in record.checks:
        held = whole if check["trunk_tree"] == tree else line.held.get(check["trunk"])
        if held is not None:
            yield from _checked(check, held, setups)
    for campaign in record.campaigns.values():
        held = line.held.get(campaign.trunk)
        if held is None:
            continue
        for asked, result in campaign.ended_trials():
            rung = setups.get(campaign.setup_of(asked.trial))
            if rung is not None and result.stopped_at is None:  # a prediction was not measured
                yield _run(asked, result, held | asked.trial.recipe, rung)


def _checked(
    check: Mapping[str, Any], recipe: Recipe, setups: Mapping[str, str]
) -> Iterator[EarlierRun]:
    """The trunk's runs of a check, but for those that repeat another."""
    for part in (check, *check.get("rungs", ())):
        rung = setups.get(part["setup"])
        if rung is None:
            continue
        for row in part["trials"]:
            if row["values"] is not None and row["counts"]:
                yield EarlierRun(
                    trial=row["trial"],
                    recipe=recipe,
                    seed=row["seed"],
                    values=row["values"],
                    rung=rung,
                )


def runs_elsewhere(
    record: Record,
    line: Lineage,
    *,
    setups: Mapping[str, str],
    recipes: Mapping[TreeId, Recipe],
) -> Iterator[EarlierRun]:
    """Finished runs of these trees that are not known as runs of these recipes.

    Such as those of a proposal that takes back what an earlier one brought: its tree is the trunk
    without that one, and what has one tree is one recipe.

    Args:
        record: What the ledger holds.
        line: Where the trunk came from.
        setups: As for `earlier_runs`.
        recipes: Recipes on the root by their trees.
    """
    for campaign in record.campaigns.values():
        held = line.held.get(campaign.trunk)
        for asked, result in campaign.ended_trials():
            recipe = None if asked.tree is None else recipes.get(asked.tree)
            rung = setups.get(campaign.setup_of(asked.trial))
            if recipe is None or rung is None or result.stopped_at is not None:
                continue
            if held is not None and held | asked.trial.recipe == recipe:
                continue
            yield _run(asked, result, recipe, rung)


def _run(asked: Asked, result: Finished, recipe: Recipe, rung: str) -> EarlierRun:
    """A campaign's trial as a run of a recipe on the root."""
    return EarlierRun(
        trial=asked.name,
        recipe=recipe,
        seed=asked.trial.seed,
        values=result.values,
        rung=rung,
    )
