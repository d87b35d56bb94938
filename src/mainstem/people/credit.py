"""Credit over people: groups of owners get their names back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mainstem.domain.proposal import ProposalId
    from mainstem.engine.record import Record
    from mainstem.people.directory import Directory

    Owners = Mapping[ProposalId, Mapping[int, float]]


def report(
    directory: Directory, record: Record, divide: Callable[[Owners], Mapping[str, Any]]
) -> dict[str, Any]:
    """The documented JSON of `mainstem credit`.

    Args:
        directory: Who is who.
        record: What the ledger holds.
        divide: Divides the gain over members and groups of owners, which are numbers.
    """
    proposals = record.in_order()
    number = {handle: at for at, handle in enumerate(directory.everyone(proposals))}
    handles = list(number)
    parts = directory.of(proposals)
    found = divide({p: {number[h]: part for h, part in of.items()} for p, of in parts.items()})
    objectives = [
        {
            **{key: value for key, value in one.items() if key != "groups"},
            "people": [
                {
                    "handle": handles[group["group"]],
                    "value": group["value"],
                    "percent": group["percent"],
                }
                for group in one["groups"]
            ],
        }
        for one in found["objectives"]
    ]
    return {
        **found,
        "objectives": objectives,
        "authors": {p: parts[p] for p in found["members"]},
    }
