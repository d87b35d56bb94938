"""The trunk over time: what each objective is at now, and what it was before each merge.

The values of before follow from what was confirmed at each merge, backwards from now. Where the
trunk as it is now was not measured yet, they follow forwards from the last trunk that was.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.engine import record as records
from mainstem.engine.lineage import lineage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.board.reader import Reader
    from mainstem.domain.stack import Objective

    Body = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """A merge that led to the trunk as it is now.

    Attributes:
        at: When it was written down (ISO 8601, UTC).
        old: The trunk's commit before.
        new: Its commit since.
        recipe: Ids of what was merged.
        gain: What was confirmed, by objective, as estimates; empty for what was forced alone.
        forced: Which of them nobody proved.
    """

    at: str
    old: str
    new: str
    recipe: tuple[str, ...]
    gain: Body
    forced: tuple[str, ...]


def merges(reader: Reader) -> list[Merge]:
    """The merges that led to the trunk, in order."""
    found = lineage(reader.record(), reader.trunk()).merges
    if not found:
        return []
    many = len(reader.record().merges)
    lines = reader.entries(before=None, kinds=(records.MERGED,), text="", most=many)
    at = {line.body["new"]: line.at for line in lines}
    return [
        Merge(
            at=at.get(merge["new"], ""),
            old=merge["old"],
            new=merge["new"],
            recipe=tuple(merge["recipe"]),
            gain=merge.get("gain") or {},
            forced=tuple(merge.get("forced", ())),
        )
        for merge in found
    ]


def now(
    objective: Objective, found: Sequence[Merge], show: Body | None, frontier: Body | None
) -> dict[str, Any] | None:
    """The trunk's value now, as an estimate; None if it was never measured.

    Args:
        objective: Of which objective.
        found: The merges that led to the trunk.
        show: The JSON of `show`; None if it is not known. What it says goes first, so that a page
            and a terminal say the same.
        frontier: The JSON of `frontier`, which looks for runs of the trunk as it is now.

    Returns:
        An ESTIMATE with `measured`: whether runs of this very trunk are behind it. Else it is what
        an earlier trunk measured and what was confirmed since, and has no interval.
    """
    known = None if show is None else show["trunk"]["objectives"].get(objective.name)
    later = () if show is None else _since(found, show["measured_on"])
    if known is not None and not later:
        return {**known, "measured": True}
    for one in () if frontier is None else frontier["objectives"]:
        if one["objective"] == objective.name and one["trunk"] is not None:
            return {**one["trunk"], "measured": True}
    if known is None:
        return None
    value = known["mean"]
    for merge in later:
        gain = merge.gain.get(objective.name)
        value += 0.0 if gain is None else objective.sign * gain["mean"]
    return {**known, "mean": value, "low": None, "high": None, "measured": False}


def _since(found: Sequence[Merge], commit: str | None) -> Sequence[Merge]:
    """The merges after the trunk was at a commit; none if it never was."""
    places = [k for k, merge in enumerate(found) if merge.old == commit]
    return found[places[0] :] if places else ()


def before(objective: Objective, found: Sequence[Merge], value: float) -> list[float]:
    """The trunk's value before the first merge and after each, the last being `value`."""
    values = [value]
    for merge in reversed(found):
        gain = merge.gain.get(objective.name)
        values.append(values[-1] - (0.0 if gain is None else objective.sign * gain["mean"]))
    return values[::-1]


def seconds(since: str, at: str) -> float:
    """From one time to another, as the record writes them."""
    first, then = (dt.datetime.fromisoformat(text) for text in (since, at))
    if then.tzinfo is None:
        then = then.replace(tzinfo=dt.UTC)
    return (then - first).total_seconds()
