"""Early stopping between the ledger and the rule: which runs it learns from, whom it is given to.

The rule itself is `mainstem.decisions.stopping`. It is worked out when a batch is asked, from the
trials before it in the ledger, and written down with the batch: after a restart, or on another
machine of a team, it is read and not worked out again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.curve import STEP
from mainstem.domain.stack import MetricsSource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.decisions.stopping import Traced
    from mainstem.domain.stack import Stack
    from mainstem.domain.stopper import Stopper
    from mainstem.domain.trial import Trial
    from mainstem.engine.campaign_record import CampaignRecord
    from mainstem.integrator import Integrator


def stoppers(
    stack: Stack, campaign: CampaignRecord, integrator: Integrator, trials: Sequence[Trial]
) -> dict[int, Stopper]:
    """When trials of a batch may end early, by their numbers; those that are missing run whole.

    Args:
        stack: The stack's description.
        campaign: The campaign, without the batch.
        integrator: As it stands after the ask.
        trials: The batch.
    """
    if not stack.run.early_stopping or any(o.name == STEP for o in stack.objectives):
        return {}
    from mainstem.decisions import stopping  # scipy: most commands import nothing

    may = [
        trial
        for trial in trials
        if trial.rung in {None, campaign.rung} and stopping.may_stop(trial, integrator.held)
    ]
    runs = _whole_runs(campaign)
    if not may or not any(run.curves for run in runs):
        return {}
    prints = stack.metrics.source is MetricsSource.STDOUT
    found = stopping.stoppers(
        stack.objectives,
        runs,
        [trial.recipe - integrator.held for trial in may],
        integrator.noise(),
        stack.metrics.patterns if prints else {},
    )
    return {t.id: rule for t, rule in zip(may, found, strict=True) if rule is not None}


def _whole_runs(campaign: CampaignRecord) -> list[Traced]:
    """The campaign's whole runs at the rung that decides, in the order of asking.

    Those below are short already, and their noise and their curves are others.
    """
    from mainstem.decisions.stopping import Traced

    return [
        Traced(recipe=asked.trial.recipe, values=result.values, curves=result.curves)
        for asked, result in campaign.ended_trials()
        if asked.trial.rung in {None, campaign.rung}
        and result.values is not None
        and result.stopped_at is None
    ]
