"""Which campaign `integrate` works on: the one that asks the same question, or a new one.

A campaign is known by its trunk, its settings and its seed. One that is known goes on, and new
proposals and another budget enter it; else a new one opens, with every earlier run that says
something about recipes on its trunk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import Conflict
from mainstem.domain.recipe import in_order
from mainstem.engine import record as records
from mainstem.engine.importing import fresh, imported
from mainstem.engine.lineage import earlier_runs, lineage
from mainstem.engine.rungs import in_play, setups
from mainstem.engine.turns import turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId, Proposal
    from mainstem.engine.lineage import EarlierRun
    from mainstem.engine.ports import Trees
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.turns import Turn
    from mainstem.engine.workshop import Workshop

BATCH = 4
"""Trials asked for at once, unless a campaign is opened with another number."""

_ROUNDING = 1e-9  # parts of trials do not sum to whole ones to the last bit


def take_up(
    shop: Workshop, record: Record, *, budget: float | None, seed: int, batch: int | None
) -> tuple[CampaignRecord, bool]:
    """The latest campaign that asks the same question, else a new one; and whether it was known.

    Raises:
        UsageError: There is no open proposal.
        GitError: A proposal's commit is gone from the repository.
        StoreError: The ledger cannot be written.
        OvertakenError: Others of a team wrote meanwhile: to be done again.
    """
    proposals = record.open_proposals()
    if not proposals:
        raise UsageError("no open proposal: take branches in with `mainstem propose BRANCH...`")
    setup = records.setup_digest(shop.stack)
    for known in reversed(record.campaigns.values()):
        if (known.trunk, known.setup, known.seed) == (shop.trunk, setup, seed):
            if fresh(record, shop.stack, trunk=shop.trunk, after=known.imports):
                break  # it cannot observe what it did not open with: another one does
            _join(shop, record, known, turn(record, known, shop.claims_of), budget)
            return known, True
    first = turn(record, None, shop.claims_of)
    return _open(shop, record, first, budget=budget, seed=seed, batch=batch or BATCH), False


def let_in(shop: Workshop, record: Record, campaign: CampaignRecord) -> bool:
    """Lets in those who waited for their turn, in a campaign that has decided on those before.

    Returns:
        Whether there are any, and budget for them.

    Raises:
        GitError: A proposal's commit is gone from the repository.
        StoreError: The ledger cannot be written.
        OvertakenError: Others of a team wrote meanwhile: to be done again.
    """
    if shop.claims_of is None or campaign.left < 1 - _ROUNDING:
        return False
    following = turn(record, campaign, shop.claims_of)
    if not following.newcomers:
        return False
    _join(shop, record, campaign, following, campaign.budget)
    return True


def _open(
    shop: Workshop,
    record: Record,
    first: Turn,
    *,
    budget: float | None,
    seed: int,
    batch: int,
) -> CampaignRecord:
    """A new campaign on the trunk as it is now."""
    proposals = first.newcomers
    shop.trees.pin(shop.trunk, proposals)
    _find_conflicts(shop, record, proposals)
    setup = records.setup_digest(shop.stack)
    body = {
        "campaign": f"c{len(record.campaigns) + 1}",
        "seed": seed,
        "trunk": shop.trunk,
        "trunk_tree": shop.trunk_tree,
        "setup": setup,
        "batch": batch,
        "budget": budget,
        **_until(first, budget, 0),
        "rung": shop.stack.confirm_rung.name,
        **in_play(shop.stack),
        "proposals": [p.id for p in proposals],
        "trees": _single_trees(shop, proposals),
        "inherited": _inherited(shop, record),
    }
    shop.write(record, [(records.CAMPAIGN_OPENED, body)])
    return record.campaigns[str(body["campaign"])]


def _join(
    shop: Workshop,
    record: Record,
    campaign: CampaignRecord,
    entering: Turn,
    budget: float | None,
) -> None:
    """New proposals and a new budget enter a campaign that goes on."""
    newcomers = entering.newcomers
    if not newcomers and budget == campaign.budget and campaign is record.latest():
        return
    shop.trees.pin(shop.trunk, newcomers)
    _find_conflicts(shop, record, record.open_proposals())
    body = {
        "campaign": campaign.id,
        "proposals": [p.id for p in newcomers],
        "trees": _single_trees(shop, newcomers),
        "budget": budget,
        **_until(entering, budget, campaign.spent),
    }
    shop.write(record, [(records.CAMPAIGN_JOINED, body)])


def _until(entering: Turn, budget: float | None, spent: float) -> dict[str, float | None]:
    """Where some wait, the part of the budget for those who are in; as a key of a line."""
    return {"until": entering.until(budget, spent)} if entering.waiting else {}


def _single_trees(shop: Workshop, proposals: Sequence[Proposal]) -> dict[str, str | None]:
    """Each proposal's tree alone on the trunk; None where it conflicts with it."""
    trees: dict[str, str | None] = {}
    for proposal in proposals:
        tree = shop.trees.tree(shop.trunk, [proposal])
        trees[proposal.id] = None if isinstance(tree, Conflict) else tree
    return trees


def _find_conflicts(shop: Workshop, record: Record, proposals: Sequence[Proposal]) -> None:
    """Writes down conflicts on this trunk that are not known yet."""
    fresh = new_conflicts(shop.trees, record, shop.trunk, proposals)
    shop.write(record, [conflict_entry(shop.trunk, c, record) for c in fresh])


def new_conflicts(
    trees: Trees, record: Record, trunk: CommitId, proposals: Sequence[Proposal]
) -> list[Conflict]:
    """Conflicts on this trunk that are not in the record."""
    known = {c.proposals for c in record.conflicts_on(trunk)}
    return [c for c in trees.conflicts(trunk, proposals) if c.proposals not in known]


def conflict_entry(
    trunk: CommitId, conflict: Conflict, record: Record
) -> tuple[str, Mapping[str, Any]]:
    """The ledger's record of a conflict."""
    members = in_order(conflict.proposals, [p.id for p in record.in_order()])
    body = {"trunk": trunk, "proposals": list(members), "paths": list(conflict.paths)}
    return records.CONFLICT_FOUND, body


def _inherited(shop: Workshop, record: Record) -> list[Mapping[str, Any]]:
    """Earlier runs that say something about recipes on this trunk.

    Runs of the trunk by `check`; runs of earlier campaigns on this trunk; and, where this trunk
    came from merges, those of the trunks before it, each with what of today's trunk it left out.
    Each at a rung that is in play, where there are several with its name. Last, runs that somebody
    else made.
    """
    line = lineage(record, shop.trunk)
    held = frozenset(line.members)
    order = [p.id for p in record.in_order()]
    several = bool(shop.stack.rung_costs)
    own = list(earlier_runs(record, line, setups=setups(shop.stack), tree=shop.trunk_tree))

    def row(run: EarlierRun) -> dict[str, Any]:
        return {
            "trial": run.trial,
            "recipe": list(in_order(run.recipe - held, order)),
            "without": list(in_order(held - run.recipe, order)),
            "seed": run.seed,
            "values": run.values,
            **({"rung": run.rung} if several else {}),
        }

    foreign = imported(record, shop.stack, own, trunk=shop.trunk)
    return [*map(row, own), *({**row(run), "imported": True} for run in foreign)]
