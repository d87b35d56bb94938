"""The two halves of a confirmation pair and the hosts they run on.

A pair's difference is the evidence, so both halves should differ in the recipe only. The wish goes
to the executor with each job; whether it came true is seen from what was measured on the hosts, and
stands in the record of the half that ends last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.trial import Purpose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.trial import Run
    from mainstem.engine.campaign_record import Asked, CampaignRecord

KIND = "kind"
"""The fact of a host that is equal where two hosts are of one kind."""

_NAMES = frozenset({"attempt", "cpus", "host", "job", KIND, "mainstem_python", "node", "system"})
"""Facts that may differ between hosts of one kind."""


def pair_of(campaign: CampaignRecord, asked: Asked) -> str:
    """The name that both halves of a pair have and no other trial has; "" for a search trial."""
    if asked.trial.purpose is not Purpose.CONFIRM:
        return ""
    return f"{campaign.id}.s{asked.trial.seed}"


def other_half(campaign: CampaignRecord, asked: Asked) -> Mapping[str, Any] | None:
    """The finished other half of a trial's pair: `trial`, and the `host` it ran on."""
    if not pair_of(campaign, asked):
        return None
    for other, finished in campaign.ended_trials():
        same = other.trial.purpose is Purpose.CONFIRM and other.trial.seed == asked.trial.seed
        if same and other.name != asked.name:
            return {"trial": other.name, "host": dict(finished.run.get("host", {}))}
    return None


def kind_of_other_half(campaign: CampaignRecord, asked: Asked) -> str:
    """The kind of host on which the other half of a trial's pair ran; "" if it has not."""
    other = other_half(campaign, asked)
    return "" if other is None else str(other["host"].get(KIND, ""))


def compared(campaign: CampaignRecord, asked: Asked, run: Run) -> dict[str, Any] | None:
    """How the hosts of a pair compare, once both halves have run; else None.

    Returns:
        `with` (the other half), `same_kind`, and `differs`: facts by name, this half's first.
        Where a host's kind is not known, the facts decide.
    """
    other = other_half(campaign, asked)
    if other is None or not other["host"] or not run.host:
        return None
    mine, theirs = dict(run.host), other["host"]
    names = sorted((mine.keys() | theirs.keys()) - _NAMES)
    differs = {
        name: [mine.get(name, ""), theirs.get(name, "")]
        for name in names
        if mine.get(name, "") != theirs.get(name, "")
    }
    known = KIND in mine and KIND in theirs
    same = mine[KIND] == theirs[KIND] if known else not differs
    return {"with": other["trial"], "same_kind": same, "differs": differs}
