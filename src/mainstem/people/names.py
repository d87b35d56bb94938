"""Names beside proposals: hidden from everybody until the verdict is sealed.

Who knows the author judges another text: so no listing shows authors unless it is asked to, and
asking for those of proposals that are not decided yet is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.verdict import VerdictKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import ProposalId
    from mainstem.engine.record import Record

NAMES_SHOWN = "names-shown"
"""The kind of line that says who was shown the authors of undecided proposals."""


def sealed(record: Record) -> set[ProposalId]:
    """The proposals whose verdict stands: in the trunk, or decided by a campaign that has ended.

    `open` is no verdict that stands. A version that was superseded is sealed with the newest one:
    they have the same authors.
    """
    campaign = record.latest()
    decided = set(record.merged)
    if campaign is not None and campaign.ended:
        decided |= {
            p
            for p in campaign.judged
            if campaign.verdicts.get(p, {}).get("kind", VerdictKind.OPEN) != VerdictKind.OPEN
        }
    newest = {p: record.newest(p) for p in record.proposals}
    return {
        p
        for p, last in newest.items()
        if p in record.merged or (last is not None and last.id in decided)
    }


def with_authors(
    rows: Sequence[Mapping[str, Any]], authors: Mapping[ProposalId, Mapping[str, float]]
) -> list[dict[str, Any]]:
    """Rows that have an `id`, each with the parts of its authors by handle."""
    return [{**row, "authors": dict(authors[row["id"]])} for row in rows]
