"""What is made of a campaign once, for every page that is drawn of the same lines.

A board reads a copy of the record that nobody changes (`engine.snapshot`), and another one at each
new line. So what a page makes of all runs of a campaign stands for as long as that copy is read.
"""

from __future__ import annotations

import functools
import weakref
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.engine.campaign_record import CampaignRecord

P = ParamSpec("P")
T = TypeVar("T")


def once(
    make: Callable[Concatenate[CampaignRecord, P], T],
) -> Callable[Concatenate[CampaignRecord, P], T]:
    """The same function, which goes through a campaign once while it is as it was.

    What it gives is shared by all who ask, threads too: nobody may change it. It is let go with the
    campaign. Two threads that ask first at the same time may both make it.

    Args:
        make: Makes something of a campaign's runs, the same each time. What it is handed beside the
            campaign is hashable.
    """
    known: dict[int, tuple[weakref.ref[CampaignRecord], object, dict[object, T]]] = {}

    @functools.wraps(make)
    def made(campaign: CampaignRecord, /, *args: P.args, **words: P.kwargs) -> T:
        key, mark = id(campaign), _mark(campaign)
        kept = known.get(key)
        if kept is None or kept[0]() is not campaign or kept[1] != mark:
            kept = (weakref.ref(campaign, lambda _: known.pop(key, None)), mark, {})
            known[key] = kept
        asked = (args, tuple(words.items()))
        if asked not in kept[2]:
            kept[2][asked] = make(campaign, *args, **words)
        return kept[2][asked]

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
