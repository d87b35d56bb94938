"""`show` and `status`: where the whole campaign stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.recipe import in_order
from mainstem.domain.stack import Role
from mainstem.engine.restore import members
from mainstem.engine.rungs import counted
from mainstem.engine.views.estimates import best, estimate, estimates
from mainstem.engine.views.proposals import rows, superseded_by, verdicts
from mainstem.engine.views.repeats import not_repeatable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored


ALL_PAIRS = 100
"""Up to so many proposals all interactions are worked out for who keeps looking: 4,950 of them."""


def show(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    *,
    trunk: str,
    pairs: bool = True,
) -> dict[str, Any]:
    """The documented JSON of `mainstem show` while no trial runs.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        campaign: The latest campaign, if any.
        state: Its state.
        trunk: The trunk's commit.
        pairs: Whether to work out the interactions; of a thousand proposals there are a million.
    """
    judged = verdicts(record, state)
    integrator = state.integrator if state is not None else None
    return {
        **lines_only(stack, record, campaign),
        "trunk": {
            "commit": trunk,
            "objectives": estimates(integrator.trunk()) if integrator else {},
        },
        "best": best(state.integrator) if state is not None else None,
        **_front(state),
        "proposals": rows(record, campaign, state, judged),
        "interactions": interactions(state) if state is not None and pairs else [],
        "margins": integrator.margins() if integrator else {},
        "noise_sd": integrator.noise_sd() if integrator else {},
        "weighed": None,
    }


def lines_only(stack: Stack, record: Record, campaign: CampaignRecord | None) -> dict[str, Any]:
    """The keys of `show` that are read off the record: nothing is weighed for them."""
    return {
        "stack": stack.name,
        "campaign": campaign.id if campaign is not None else None,
        "measured_on": campaign.trunk if campaign is not None else None,
        "conflicts": _conflicts(record, campaign),
        "improve": [o.name for o in stack.objectives if o.role is Role.IMPROVE],
        "trials": _counts(campaign),
        "rungs": counted(campaign),
        "not_repeatable": not_repeatable(record),
    }


def _front(state: Restored | None) -> dict[str, Any]:
    """The Pareto front and its hypervolume: two keys of `show`."""
    if state is None:
        return {"front": [], "hypervolume": None}
    found = state.integrator.front()
    points = [
        {
            "recipe": list(members(point.recipe, state.integrator)),
            "objectives": estimates(point.gain),
            "probability": point.probability,
            "runs": point.runs,
        }
        for point in found.points
    ]
    volume = found.hypervolume
    return {"front": points, "hypervolume": None if volume is None else estimate(volume)}


def _conflicts(record: Record, campaign: CampaignRecord | None) -> list[dict[str, Any]]:
    """What git cannot merge on the campaign's trunk, of proposals that can be merged yet."""
    if campaign is None:
        return []
    order, closed = [p.id for p in record.in_order()], record.closed()
    return [
        {"proposals": list(in_order(c.proposals, order)), "paths": list(c.paths)}
        for c in record.conflicts_on(campaign.trunk)
        if not c.proposals & closed
    ]


def interactions(
    state: Restored, among: Collection[Collection[str]] | None = None
) -> list[dict[str, Any]]:
    """Pairwise interactions, the best established first.

    Args:
        state: The campaign's state.
        among: Only those of these pairs; None for all. The numbers are the same.
    """
    place = {proposal: at for at, proposal in enumerate(state.integrator.proposals)}
    found = [
        {
            "pair": sorted(effect.proposals, key=place.__getitem__),
            "objective": effect.objective,
            "mean": effect.mean,
            "low": effect.low,
            "high": effect.high,
        }
        for effect in state.integrator.effects(singles=False, among=among)
    ]

    def strength(found: dict[str, Any]) -> float:
        spread = float(found["high"]) - float(found["low"])
        return abs(float(found["mean"])) / spread if spread > 0.0 else 0.0

    return sorted(found, key=strength, reverse=True)


def _counts(campaign: CampaignRecord | None) -> dict[str, float | None]:
    results = campaign.finished.values() if campaign is not None else ()
    return {
        "done": len(results),
        "failed": sum(result.values is None for result in results),
        "running": 0,
        "spent": campaign.spent if campaign is not None else 0,
        "budget": campaign.budget if campaign is not None else None,
    }


def status(
    record: Record,
    campaign: CampaignRecord | None,
    state: Restored | None,
    *,
    progress: Mapping[str, Any],
) -> dict[str, Any]:
    """The documented JSON of `mainstem status`.

    Args:
        record: What the ledger holds.
        campaign: The latest campaign, if any.
        state: Its state.
        progress: What is at work: `running`, `queued`, `slots`, `pid`, and in a team `workers`.
    """
    judged = verdicts(record, state)
    standing = record.standing()
    return {
        "campaign": campaign.id if campaign is not None else None,
        "ended": campaign.ended if campaign is not None else False,
        "pid": progress.get("pid"),
        "running": list(progress.get("running", [])),
        "queued": int(progress.get("queued", 0)),
        "workers": list(progress.get("workers", [])),
        "spent": campaign.spent if campaign is not None else 0,
        "budget": campaign.budget if campaign is not None else None,
        "rungs": counted(campaign),
        "eta_s": eta_s(campaign, slots=int(progress.get("slots", 0))),
        "trunk_failure": _trunk_failure(campaign),
        "not_repeatable": not_repeatable(record),
        "best": best(state.integrator) if state is not None else None,
        "proposals": [
            {
                "id": p,
                "verdict": verdict.kind,
                "merged": p in record.merged,
                "superseded_by": superseded_by(record, p),
                "override": None if p not in standing else standing[p].kind,
            }
            for p, verdict in judged.items()
        ],
    }


def eta_s(campaign: CampaignRecord | None, *, slots: int) -> float | None:
    """Seconds until the budget is spent at the present pace; None without a budget or a pace."""
    if campaign is None or campaign.budget is None or campaign.ended or slots < 1:
        return None
    walls = [float(result.run.get("wall_s", 0.0)) for result in campaign.finished.values()]
    return campaign.left * sum(walls) / campaign.spent / slots if walls else None


def _trunk_failure(campaign: CampaignRecord | None) -> dict[str, str] | None:
    """The trial of the trunk that stopped the campaign; None once one has succeeded."""
    if campaign is None or campaign.trunk_failure is None:
        return None
    return dict(campaign.trunk_failure)
