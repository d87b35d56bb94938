"""A record as it stands, for whoever reads it while somebody else goes on folding.

Folding changes a `Record` in place. A board's pages read it in many threads while lines come in, so
what they read is a copy that nobody changes, and the next lines go into another one. What lines
never change (trials, results, bodies) is shared: of ten thousand trials a copy takes a millisecond.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mainstem.engine.campaign_record import CampaignRecord
    from mainstem.engine.record import Record


def snapshot(record: Record) -> Record:
    """A record of the same lines, which goes on by itself: `advance` on one leaves the other."""
    found = copy.copy(record)
    found.proposals = dict(record.proposals)
    found.conflicts = {trunk: dict(each) for trunk, each in record.conflicts.items()}
    found.campaigns = {name: _campaign(each) for name, each in record.campaigns.items()}
    found.checks = list(record.checks)
    found.merges = list(record.merges)
    found.merged = set(record.merged)
    found.superseded = dict(record.superseded)
    found.overrides = list(record.overrides)
    found.imports = list(record.imports)
    return found


def _campaign(campaign: CampaignRecord) -> CampaignRecord:
    found = copy.copy(campaign)
    found.proposals = list(campaign.proposals)
    found.trees = dict(campaign.trees)
    found.inherited = list(campaign.inherited)
    found.batches = list(campaign.batches)
    found.finished = dict(campaign.finished)
    found.late = {trial: list(each) for trial, each in campaign.late.items()}
    found.verdicts = dict(campaign.verdicts)
    found.judged = set(campaign.judged)
    return found
