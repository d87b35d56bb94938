"""What an address asks for that the latest campaign does not hold: where it was, and its evidence.

Addresses of pairs and of recipes are sent to others, and stay in pull requests. A later campaign is
of other proposals, on another trunk: an old address must not lead nowhere, and must not show that
campaign's numbers as if they were today's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.board.page import NotHereError
from mainstem.domain.proposal import ProposalId

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.engine.campaign_record import CampaignRecord
    from mainstem.engine.record import Record

_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Bygone:
    """Proposals of which the latest campaign does not hold all.

    Attributes:
        ids: All that were asked for, in the order of proposing.
        latest: The campaign that pages show; None before the first.
        missing: Those that it does not hold, each with what became of it in words.
        campaign: The last one that held all of them; None if none did.
        runs: In that one, names of runs of just these, or of all that hold them; with the failed.
        was_in: By proposal, the last campaign that held it; None if none did.
    """

    ids: tuple[ProposalId, ...]
    latest: str | None
    missing: tuple[tuple[ProposalId, str], ...]
    campaign: CampaignRecord | None
    runs: tuple[str, ...]
    was_in: tuple[tuple[ProposalId, str | None], ...]


def bygone(record: Record, wanted: Sequence[str], *, exactly: bool) -> Bygone | None:
    """Where proposals are found that the latest campaign does not hold; None if it holds all.

    Args:
        record: What the ledger holds.
        wanted: Ids of proposals.
        exactly: Whether runs of just these are meant, and not all that hold them among others.

    Raises:
        NotHereError: There is no such proposal.
    """
    for one in wanted:
        if one not in record.proposals:
            names = ", ".join(str(p.id) for p in record.in_order()[:_NAMED]) or "none yet"
            raise NotHereError(f"there is no proposal {one!r}; there are: {names}")
    found = sorted({ProposalId(p) for p in wanted}, key=lambda p: record.proposals[p].order)
    latest = record.latest()
    held = () if latest is None else latest.proposals
    missing = [p for p in found if p not in held]
    if not missing:
        return None
    campaign = _last_with(record, found)
    return Bygone(
        ids=tuple(found),
        latest=None if latest is None else latest.id,
        missing=tuple((p, _became(record, p)) for p in missing),
        campaign=campaign,
        runs=() if campaign is None else _runs(campaign, frozenset(found), exactly=exactly),
        was_in=tuple((p, _id(_last_with(record, [p]))) for p in found),
    )


def _last_with(record: Record, ids: Sequence[ProposalId]) -> CampaignRecord | None:
    """The last campaign that held all of these."""
    wanted = set(ids)
    every = reversed(record.campaigns.values())
    return next((one for one in every if wanted.issubset(one.proposals)), None)


def _id(campaign: CampaignRecord | None) -> str | None:
    return None if campaign is None else campaign.id


def _runs(
    campaign: CampaignRecord, wanted: frozenset[ProposalId], *, exactly: bool
) -> tuple[str, ...]:
    """Names of the runs of a campaign that speak of these."""
    return tuple(
        asked.name
        for asked, _ in campaign.ended_trials()
        if (asked.trial.recipe == wanted if exactly else wanted <= asked.trial.recipe)
    )


def _became(record: Record, proposal: ProposalId) -> str:
    """Why a campaign of now is not of it, in words."""
    if proposal in record.merged:
        return "in the trunk since"
    if proposal in record.superseded:
        return f"judged in its later version {record.superseded[proposal]}"
    override = record.standing().get(proposal)
    if override is not None:
        return str(override.kind.past)
    return "not judged by it"
