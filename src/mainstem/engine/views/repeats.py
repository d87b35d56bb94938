"""The same files with the same seed measured twice: did the same come out?

A campaign that is killed takes the same course again only if a trial's seed decides what it
measures. Nothing is run twice to find out, but it happens: `check` does it once, and a worker that
was thought dead comes back with a result that somebody else has measured meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mainstem.engine.record import Record

_Place = tuple[str, str, int]


def not_repeatable(record: Record) -> list[dict[str, Any]]:
    """Trials that measured something else than one with the same tree, seed and settings.

    Returns:
        A row for each: `trial`, `other` (the one before), `seed`, and `objectives` by name, this
        one's value first.
    """
    first: dict[_Place, tuple[str, Mapping[str, float]]] = {}
    found = []
    for place, trial, values in _measured(record):
        other, before = first.setdefault(place, (trial, values))
        differs = {n: [v, before[n]] for n, v in values.items() if before.get(n, v) != v}
        if differs:
            found.append({"trial": trial, "other": other, "seed": place[2], "objectives": differs})
    return found


def _measured(record: Record) -> Iterator[tuple[_Place, str, Mapping[str, float]]]:
    """Everything that was measured, with the settings, the tree and the seed."""
    for check in record.checks:
        for part in (check, *check.get("rungs", ())):
            for run in part["trials"]:
                place = (part["setup"], check["trunk_tree"], run["seed"])
                yield place, run["trial"], run["values"]
    for campaign in record.campaigns.values():
        for asked, result in campaign.ended_trials():
            if asked.tree is None or result.stopped_at is not None:
                continue  # what was predicted was not measured
            place = (campaign.setup_of(asked.trial), asked.tree, asked.trial.seed)
            for values in (result.values, *campaign.late.get(asked.name, ())):
                if values is not None:
                    yield place, asked.name, values
