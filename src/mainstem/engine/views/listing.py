"""`show` of a long record whose landscape is not weighed anew.

Weighing ten thousand runs takes a minute, and who wants to see a list does not wait for it. What
lines say (proposals, verdicts, merges, what people decided, counts) is read off the record as it
is. Gains, the best set, the front and interactions are those of the last weighing, with the line
that it ended at; where there was none, gains are those that stood beside the verdicts when they
were written down. Nothing old is shown as if it were of now: the key `weighed` says as of when.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.domain.verdict import Verdict, VerdictKind
from mainstem.engine.restore import aliases
from mainstem.engine.views.overview import lines_only
from mainstem.engine.views.proposals import NO_TRIAL, counted, judged, listed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import ProposalId
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Aliases
    from mainstem.engine.views.proposals import Numbers

MOST_RUNS = 400
"""With fewer runs of a campaign, earlier ones included, the landscape is weighed at each look."""

LEVEL = 0.9
"""What part of the posterior an interval holds that stands beside a verdict: `Integrator`'s own."""

_NOTHING: Mapping[str, Any] = {
    "best": None,
    "front": [],
    "hypervolume": None,
    "interactions": [],
    "margins": {},
    "noise_sd": {},
}
"""The keys of `show` that are weighed, beside those of proposals, where nothing was."""

_UNDECIDED = Verdict(kind=VerdictKind.OPEN, reason="no verdict is written down yet")


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """What was shown when the landscape was weighed last.

    Attributes:
        line: The last line that was taken in.
        report: The documented JSON of `show` as of that line.
        told: Proposals of which a verdict was written down since.
    """

    line: int
    report: Mapping[str, Any]
    told: frozenset[str] = field(default=frozenset())


def runs(campaign: CampaignRecord | None) -> int:
    """How many runs the landscape of a campaign is fitted to."""
    return 0 if campaign is None else len(campaign.finished) + len(campaign.inherited)


def listing(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord,
    weighed: Weighed | None,
    *,
    trunk: str,
) -> dict[str, Any]:
    """The documented JSON of `show`, from the record and what was weighed last.

    Args:
        stack: The stack's description.
        record: What the ledger holds.
        campaign: The latest campaign.
        weighed: The last weighing of this ledger with these settings, if there was one.
        trunk: The trunk's commit.
    """
    if weighed is not None and weighed.report["campaign"] != campaign.id:
        weighed = None  # of other proposals, or on another trunk
    old = {} if weighed is None else weighed.report
    grouped = aliases({p: campaign.trees[p] for p in campaign.proposals})
    done = old["trials"]["done"] if old else 0
    return {
        **lines_only(stack, record, campaign),
        "trunk": {"commit": trunk, "objectives": old["trunk"]["objectives"] if old else {}},
        **{key: old.get(key, nothing) for key, nothing in _NOTHING.items()},
        "proposals": _rows(stack, record, campaign, weighed, grouped),
        "weighed": {
            "line": None if weighed is None else weighed.line,
            "trials": done,
            "since": len(campaign.finished) - done,
        },
    }


def _rows(
    stack: Stack,
    record: Record,
    campaign: CampaignRecord,
    weighed: Weighed | None,
    grouped: Aliases,
) -> list[dict[str, Any]]:
    """Every proposal: its verdict as it stands, its gains as they were weighed last."""
    known = {} if weighed is None else {p["id"]: p for p in weighed.report["proposals"]}
    told = frozenset[str]() if weighed is None else weighed.told
    evidence: dict[str, Verdict] = {}
    for proposal in campaign.proposals:
        then, line = known.get(proposal), campaign.verdicts.get(proposal)
        if then is not None and not (line is not None and proposal in told) and _by_evidence(then):
            evidence[proposal] = _verdict(then["verdict"], then["reason"], then["with"])
        elif line is not None:
            evidence[proposal] = _verdict(line["kind"], line["reason"], line["others"])
        else:
            evidence[proposal] = _UNDECIDED
    closed = grouped.closed(record)
    found = judged(record, evidence, unknown=NO_TRIAL, closed=closed, same_as=grouped.same_as)
    return listed(
        record,
        found,
        counted(campaign, grouped.same_as),
        lambda proposal: _numbers(stack, campaign, known.get(proposal), proposal),
    )


def _by_evidence(then: Mapping[str, Any]) -> bool:
    """Whether a verdict that was shown was the evidence's, not a person's or a later version's."""
    return then["override"] is None and then["superseded_by"] is None and not then["merged"]


def _verdict(kind: str, reason: str, others: Sequence[str]) -> Verdict:
    return Verdict(kind=VerdictKind(kind), reason=reason, others=tuple(others))


def _numbers(
    stack: Stack, campaign: CampaignRecord, then: Mapping[str, Any] | None, proposal: ProposalId
) -> Numbers:
    """A proposal's gains as they were weighed last, else as they stood beside its verdict."""
    if then is not None:
        return then["gain"], then["gain_in_best"]
    beside = campaign.verdicts.get(proposal, {}).get("evidence", {}).get("gain", {})
    units = {objective.name: objective.unit for objective in stack.objectives}
    gain = {
        name: {
            **{key: value[key] for key in ("mean", "low", "high")},
            "level": LEVEL,
            "unit": units.get(name, ""),
        }
        for name, value in beside.items()
    }
    return gain, None
