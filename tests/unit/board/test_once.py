"""What is made of a campaign once."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

from mainstem.board import ran
from mainstem.board.once import once
from mainstem.engine.snapshot import snapshot

if TYPE_CHECKING:
    from mainstem.engine.campaign_record import CampaignRecord
    from tests.unit.board.looking import Looking


def test_the_same_lines_are_gone_through_once(reader: Looking) -> None:
    """Another copy of them is gone through anew: it may be of other lines."""
    record = reader.record()
    first, second = record.latest(), snapshot(record).latest()
    assert first is not None
    assert second is not None
    seen: list[CampaignRecord] = []
    made = once(lambda campaign: seen.append(campaign) or len(seen))
    assert [made(first), made(first), made(second), made(first)] == [1, 1, 2, 1]


def test_a_record_that_goes_on_is_gone_through_anew(reader: Looking) -> None:
    """A result that came since counts."""
    campaign = snapshot(reader.record()).latest()
    assert campaign is not None
    trial, result = campaign.finished.popitem()
    before = sum(len(one.trials) + len(one.failed) for one in ran.by_recipe(campaign).values())
    campaign.finished[trial] = result
    after = sum(len(one.trials) + len(one.failed) for one in ran.by_recipe(campaign).values())
    assert after == before + 1


def test_what_was_made_goes_with_its_campaign(reader: Looking) -> None:
    """A board that stays open for weeks keeps nothing of lines that are past."""

    class Made:
        pass

    made = once(lambda _: Made())
    campaign = snapshot(reader.record()).latest()
    assert campaign is not None
    kept = weakref.ref(made(campaign))
    assert kept() is not None
    del campaign
    gc.collect()
    assert kept() is None
