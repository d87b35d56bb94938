"""Which proposals failed together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.board.ran import together
from mainstem.board.ruined import ruined

if TYPE_CHECKING:
    from tests.unit.board.looking import Looking


def test_runs_that_failed_are_counted_for_each_pair(reader: Looking) -> None:
    """As counting them one by one; what git could not merge never ran."""
    campaign = reader.record().campaigns["c1"]
    failed = [
        asked.trial.recipe
        for asked, result in campaign.ended_trials()
        if result.values is None and asked.tree is not None
    ]
    broke = ruined(campaign)
    assert together(broke, "muon", "old") == sum({"muon", "old"} <= one for one in failed) > 0
    assert together(broke, "rope", "fork") == 0
    assert together(broke, "noise", "nobody") == 0


def test_without_a_campaign_nothing_failed() -> None:
    """Nor anything else."""
    assert ruined(None) == {}
