"""What is made of a campaign once, for every page that is drawn of the same lines.

A board reads a copy of the record that nobody changes (`engine.snapshot`), and another one at each
new line. So what a page makes of all runs of a campaign stands for as long as that copy is read.
"""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.engine.campaign_record import CampaignRecord

T = TypeVar("T")


def once(make: Callable[[CampaignRecord], T]) -> Callable[[CampaignRecord], T]:
    """The same function, which goes through a campaign once while it is as it was.

    What it gives is shared by all who ask, threads too: nobody may change it. It is let go with the
    campaign. Two threads that ask first at the same time may both make it.

    Args:
        make: Makes something of a campaign's runs, the same each time.
    """
    known: dict[int, tuple[weakref.ref[CampaignRecord], object, T]] = {}

    @functools.wraps(make)
    def made(campaign: CampaignRecord) -> T:
        key, mark = id(campaign), _mark(campaign)
        kept = known.get(key)
        if kept is not None and kept[0]() is campaign and kept[1] == mark:
            return kept[2]
        found = make(campaign)
        known[key] = (weakref.ref(campaign, lambda _: known.pop(key, None)), mark, found)
        return found

    return made


def _mark(campaign: CampaignRecord) -> object:
    """What tells a record that is still folded on from what it was: it only grows."""
    return (
        campaign.rung,
        len(campaign.proposals),
        len(campaign.inherited),
        len(campaign.batches),
        len(campaign.finished),
    )
