"""A batch between the integrator and the ledger: which recipes, which trees, which line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import ProposalId
from mainstem.engine import record as records
from mainstem.engine.restore import members

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import Conflict, TreeId
    from mainstem.domain.stopper import Stopper
    from mainstem.domain.trial import Trial
    from mainstem.engine.record import Asked, CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.engine.workshop import Workshop
    from mainstem.integrator import Integrator


def merged(
    shop: Workshop, record: Record, integrator: Integrator, trials: Sequence[Trial]
) -> list[TreeId | Conflict]:
    """The trees of the trials' recipes on the trunk, or the conflicts.

    Raises:
        GitError: A commit is missing.
    """
    orders = [members(trial.recipe, integrator) for trial in trials]
    recipes = [[record.proposals[ProposalId(p)] for p in order] for order in orders]
    return shop.trees.trees(shop.trunk, recipes)


def batch_entry(
    campaign: CampaignRecord,
    integrator: Integrator,
    trials: Sequence[Trial],
    trees: Sequence[TreeId | None],
    stoppers: Mapping[int, Stopper],
) -> tuple[str, Mapping[str, Any]]:
    """The ledger's record of a batch; a trial without a tree is void.

    Args:
        campaign: The campaign.
        integrator: As it stands after the ask.
        trials: The trials.
        trees: Their recipes' trees.
        stoppers: When trials may end early, by their numbers.
    """
    rows = [
        {
            "trial": f"{campaign.id}.{trial.id}",
            "recipe": list(members(trial.recipe, integrator)),
            "seed": trial.seed,
            "rung": campaign.rung_of(trial),
            "purpose": trial.purpose,
            "tree": None if integrator.is_void(trial) else tree,
            **({"stopper": stoppers[trial.id].plain()} if trial.id in stoppers else {}),
        }
        for trial, tree in zip(trials, trees, strict=True)
    ]
    return records.BATCH_ASKED, {"campaign": campaign.id, "trials": rows}


def runnable(batch: Sequence[Asked]) -> list[Asked]:
    """The trials of a batch that are not void."""
    return [asked for asked in batch if asked.tree is not None]


def meet(state: Restored, batch: Sequence[Asked]) -> None:
    """Notes the trees of a batch that was just asked: what shares a tree shares its runs."""
    for asked in batch:
        if asked.tree is not None:
            state.sharing.meet(state.integrator, asked.tree, asked.trial.recipe)


def tell(state: Restored, campaign: CampaignRecord, batch: Sequence[Asked]) -> None:
    """Tells a whole batch, in the order of its trials."""
    for asked in batch:
        state.sharing.tell(state.integrator, asked, campaign.finished[asked.name])
