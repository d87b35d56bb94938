"""Failures in groups: what went wrong how often, and what they have in common.

Fifty trials that fail for one reason are one thing to mend. Lines that differ in numbers only, such
as an address in memory or a step, are the same line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.board.trials import State
from mainstem.domain.measurement import Cause

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mainstem.board.trials import Row

MOST_LINES = 5
"""Different lines that are shown of a group."""

_READ = 2_000  # characters of a failure's text that are compared
_NUMBERS = re.compile(r"0x[0-9a-fA-F]+|\d+(?:\.\d+)?")

WORDS = {
    Cause.EXIT: "ended with an error",
    Cause.SIGNAL: "killed by a signal",
    Cause.TIMEOUT: "took too long",
    Cause.CANNOT_START: "could not start",
    Cause.METRIC_MISSING: "a metric never arrived",
    Cause.METRIC_INVALID: "a metric is no number",
}
"""What went wrong, by the cause that the record has."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """What some failures said.

    Attributes:
        what: The text of the last one.
        count: How many said it, up to numbers.
        last: The last trial that did.
    """

    what: str
    count: int
    last: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """Failures of one cause.

    Attributes:
        cause: As in the record.
        words: The same in words.
        count: How many there are.
        first: The first trial.
        last: The last trial.
        lines: What they said, the most frequent first, `MOST_LINES` at most.
        kinds: How many different things they said.
        common: Proposals that are in every one of them, where there are several.
    """

    cause: str
    words: str
    count: int
    first: str
    last: str
    lines: tuple[Said, ...]
    kinds: int
    common: tuple[str, ...]


def grouped(rows: Iterable[Row]) -> list[Group]:
    """Failures by cause, the most frequent first.

    Args:
        rows: Trials in the order of asking; those that did not fail are passed over.
    """
    by_cause: dict[str, list[Row]] = {}
    for row in rows:
        if row.state is State.FAILED and row.failure is not None:
            by_cause.setdefault(row.failure["cause"], []).append(row)
    groups = [_group(cause, failed) for cause, failed in by_cause.items()]
    return sorted(groups, key=lambda group: -group.count)


def words_of(cause: str) -> str:
    """A cause in words; one that is not known by its own name."""
    return {str(known): said for known, said in WORDS.items()}.get(cause, cause)


def _group(cause: str, failed: Sequence[Row]) -> Group:
    said: dict[str, list[Row]] = {}
    for row in failed:
        what = "" if row.failure is None else row.failure["what"]
        said.setdefault(_NUMBERS.sub("#", what[:_READ]), []).append(row)
    lines = sorted(said.values(), key=len, reverse=True)
    common = set(failed[0].recipe).intersection(*(row.recipe for row in failed))
    return Group(
        cause=cause,
        words=words_of(cause),
        count=len(failed),
        first=failed[0].trial,
        last=failed[-1].trial,
        lines=tuple(
            Said(
                what=(same[-1].failure or {"what": ""})["what"],
                count=len(same),
                last=same[-1].trial,
            )
            for same in lines[:MOST_LINES]
        ),
        kinds=len(lines),
        common=tuple(p for p in failed[0].recipe if p in common) if len(failed) > 1 else (),
    )
