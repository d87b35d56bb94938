"""An `Integrator` put back to where a campaign stands, from the ledger alone.

Asked trials are read back, not asked again, so a campaign goes on with the very trials that were
asked even on another machine. Results act in trial order within each batch and batches act whole:
the state after a restart is the state without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mainstem.domain.override import OverrideKind
from mainstem.domain.proposal import ProposalId
from mainstem.domain.recipe import in_order

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import TreeId
    from mainstem.domain.recipe import Recipe
    from mainstem.domain.stack import Stack
    from mainstem.domain.trial import Trial
    from mainstem.engine.record import Asked, CampaignRecord, Finished, Record
    from mainstem.integrator import Integrator


@dataclass(kw_only=True)
class Sharing:
    """Recipes with the same tree share their trials, each at the rung it ran at.

    Recipes here, as in the ledger, are relative to the campaign's trunk; to the integrator they
    hold what the trunk holds as well.

    Attributes:
        recipes: Recipes that were asked or are known, by tree, in the order of their coming.
        results: Trials that acted so far, by tree, with their values.
    """

    recipes: dict[TreeId, list[Recipe]] = field(default_factory=dict)
    results: dict[TreeId, list[tuple[Trial, Mapping[str, float] | None]]] = field(
        default_factory=dict
    )

    def meet(self, integrator: Integrator, tree: TreeId, recipe: Recipe) -> None:
        """Notes a recipe's tree; what ran as another recipe with this tree counts for it too."""
        known = self.recipes.setdefault(tree, [])
        if recipe in known:
            return
        known.append(recipe)
        for other, values in self.results.get(tree, []):
            if other.recipe != recipe:
                _observe(integrator, recipe, other, values)

    def tell(self, integrator: Integrator, asked: Asked, result: Finished) -> None:
        """Tells a result, and lets it count for every other recipe with the same tree."""
        if asked.tree is None:
            return
        integrator.tell(on_root(asked.trial, integrator), result.values)
        self.results.setdefault(asked.tree, []).append((asked.trial, result.values))
        for other in self.recipes.get(asked.tree, []):
            if other != asked.trial.recipe:
                _observe(integrator, other, asked.trial, result.values)


def _observe(
    integrator: Integrator, recipe: Recipe, ran: Trial, values: Mapping[str, float] | None
) -> None:
    """Lets a trial count as one of another recipe with its tree."""
    integrator.observe(recipe | integrator.held, ran.seed, values, rung=ran.rung)


def on_root(trial: Trial, integrator: Integrator) -> Trial:
    """A trial of the ledger as the integrator knows it: with what the trunk holds."""
    return replace(trial, recipe=trial.recipe | integrator.held)


def members(recipe: Recipe, integrator: Integrator) -> tuple[str, ...]:
    """What a recipe of the integrator adds to the trunk, in the order of proposing."""
    return in_order(recipe - integrator.held, integrator.proposals)


@dataclass(frozen=True, kw_only=True)
class Aliases:
    """Proposals with equal trees are one proposal to the search.

    Attributes:
        first: The first proposal of each tree, in the order of proposing.
        same_as: For every later proposal, the first one with its tree.
    """

    first: tuple[str, ...]
    same_as: Mapping[str, str]

    def barred(self, record: Record) -> list[str]:
        """The first proposals of the trees that are kept out.

        A veto is of a change, whoever filed it too; else a tree is out when all who filed it are.
        """
        closed = record.closed()
        others = {f for p, f in self.same_as.items() if p not in closed}
        vetoed = self._vetoed(record)
        return [p for p in self.first if p in vetoed or (p in closed and p not in others)]

    def closed(self, record: Record) -> set[str]:
        """The proposals that are not judged any more, those with a vetoed tree included."""
        vetoed = self._vetoed(record)
        return {*record.closed(), *vetoed, *(p for p, f in self.same_as.items() if f in vetoed)}

    def _vetoed(self, record: Record) -> set[str]:
        """The first proposals of vetoed trees."""
        standing = record.standing().items()
        vetoed = (p for p, o in standing if o.kind is OverrideKind.VETO)
        return {self.same_as.get(p, p) for p in vetoed} & set(self.first)


def aliases(trees: Mapping[ProposalId, TreeId | None]) -> Aliases:
    """Groups proposals by their tree on the trunk; those without one stand for themselves."""
    by_tree: dict[TreeId, str] = {}
    same_as: dict[str, str] = {}
    first: list[str] = []
    for proposal, tree in trees.items():
        if tree is not None and tree in by_tree:
            same_as[proposal] = by_tree[tree]
            continue
        if tree is not None:
            by_tree[tree] = proposal
        first.append(proposal)
    return Aliases(first=tuple(first), same_as=same_as)


@dataclass(kw_only=True)
class Restored:
    """A campaign's state in memory.

    Attributes:
        integrator: As it stands after every whole batch.
        sharing: Which recipes share trees.
        aliases: Which proposals share trees.
        waiting: Asked trials of the last batch if it is not whole; else empty.
        closed: Proposals that are not judged any more: superseded, vetoed or withdrawn.
    """

    integrator: Integrator
    sharing: Sharing
    aliases: Aliases
    waiting: list[Asked]
    closed: frozenset[str] = frozenset()


def restore(stack: Stack, record: Record, campaign: CampaignRecord) -> Restored:
    """Puts the integrator back to where the campaign stands.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        campaign: The campaign; a part of the record.
    """
    # Here and not above: commands that restore nothing start in half the time.
    from mainstem.integrator import Integrator

    grouped = aliases({p: campaign.trees[p] for p in campaign.proposals})
    known = [c.proposals for c in record.conflicts_on(campaign.trunk)]
    conflicts = [c for c in known if c <= set(grouped.first)]
    conflicts += [frozenset({ProposalId(p)}) for p in grouped.barred(record)]
    rows = [row for row in campaign.inherited if set(row["recipe"]) <= set(grouped.first)]
    held = dict.fromkeys(p for row in rows for p in row.get("without", ()))
    integrator = Integrator(
        proposals=(*held, *grouped.first),
        objectives=stack.objectives,
        conflicts=sorted(conflicts, key=sorted),
        seed=campaign.seed,
        budget=campaign.until,
        alpha=stack.decisions.alpha,
        **_rungs(campaign),
    )
    for row in rows:
        brought = held.keys() - set(row.get("without", ()))
        recipe = {*brought, *row["recipe"]}
        integrator.observe(recipe, row["seed"], row["values"], rung=row.get("rung"))
    integrator.move_trunk(held)
    sharing = Sharing()
    for proposal in grouped.first:
        tree = campaign.trees[ProposalId(proposal)]
        if tree is not None:
            sharing.meet(integrator, tree, frozenset({proposal}))
    waiting: list[Asked] = []
    for batch in campaign.batches:
        take_up(integrator, sharing, batch)
        runnable = [asked for asked in batch if asked.tree is not None]
        if any(asked.name not in campaign.finished for asked in runnable):
            waiting = runnable
            break
        for asked in runnable:
            sharing.tell(integrator, asked, campaign.finished[asked.name])
    return Restored(
        integrator=integrator,
        sharing=sharing,
        aliases=grouped,
        waiting=waiting,
        closed=frozenset(grouped.closed(record)),
    )


def _rungs(campaign: CampaignRecord) -> dict[str, Any]:
    """What the integrator wants to know of several rungs; nothing where there is only one."""
    costs = campaign.costs
    return {"rungs": costs, "confirm_rung": campaign.rung} if costs else {}


def take_up(integrator: Integrator, sharing: Sharing, batch: Sequence[Asked]) -> None:
    """Takes up a recorded batch: its trials, and the trees of its recipes."""
    integrator.resume(on_root(asked.trial, integrator) for asked in batch)
    integrator.void(on_root(asked.trial, integrator) for asked in batch if asked.tree is None)
    for asked in batch:
        if asked.tree is not None:
            sharing.meet(integrator, asked.tree, asked.trial.recipe)
