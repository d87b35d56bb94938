"""Proposals that failed together: a pair of which every run failed was tried, and is no gap.

`ran` counts what was measured. Whoever looks for pairs that nobody has tried must not be led to one
that was tried and failed, so the runs that failed are counted beside it, at whatever rung.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.board.once import once
from mainstem.board.ran import holding

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.engine.record import CampaignRecord


def ruined(campaign: CampaignRecord | None) -> Mapping[str, int]:
    """By proposal, which runs that failed hold it: bit k is the k-th of them.

    What git could not merge never ran, and is a conflict.

    Args:
        campaign: Where they ran.
    """
    return {} if campaign is None else _ruined(campaign)


@once
def _ruined(campaign: CampaignRecord) -> Mapping[str, int]:
    return holding(
        asked.trial.recipe
        for asked, result in campaign.ended_trials()
        if result.values is None and asked.tree is not None
    )
