"""Which of the board's questions is worked out next, and when: numbers in, a choice out.

A campaign writes a line every few seconds, and weighing a large one takes many. So what somebody
waits for without having seen anything comes first and at once; what is only out of date is worked
out again so rarely that the process rests two thirds of the time, and again at once when nobody
works on the campaign any more. What nobody has asked for lately is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

K = TypeVar("K")

WATCHED_S = 150.0
"""So long after it was asked for last an answer is kept up to date: open pages ask again."""

RESTS = 2.0
"""How many times as long as it worked the process rests while lines keep coming."""

LEAST_REST_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Wish(Generic[K]):
    """A question that somebody asks.

    Attributes:
        key: Which.
        rank: Place among those that wait for their first answer; lower ones come first.
        asked_s: When it was asked for last.
        worked_s: When it was worked out last; None: never.
        stale: Whether its answer is not what it would be now.
    """

    key: K
    rank: int
    asked_s: float
    worked_s: float | None
    stale: bool


@dataclass(frozen=True, kw_only=True)
class Turn(Generic[K]):
    """What to do now.

    Attributes:
        key: The question to work out; None: rest.
        again: Whether it is one that has an answer already.
        wait_s: How long to rest before looking again, unless something happens; None: until then.
    """

    key: K | None = None
    again: bool = False
    wait_s: float | None = None


def turn(
    wishes: Iterable[Wish[K]], *, now_s: float, rests_until_s: float, at_rest: bool
) -> Turn[K]:
    """What to do now.

    Args:
        wishes: What is asked for.
        now_s: The present.
        rests_until_s: Until when the process rests from work that moving lines caused.
        at_rest: Whether no more lines are to be expected.
    """
    open_ = [w for w in wishes if w.stale and now_s - w.asked_s <= WATCHED_S]
    first = [w for w in open_ if w.worked_s is None]
    if first:
        # Of equal rank the one that was asked for last: a person waits in front of it.
        return Turn(key=min(first, key=lambda w: (w.rank, -w.asked_s)).key)
    if not open_:
        return Turn()
    if not at_rest and now_s < rests_until_s:
        return Turn(wait_s=rests_until_s - now_s)
    oldest = min(open_, key=lambda w: (w.worked_s or 0.0, w.rank))
    return Turn(key=oldest.key, again=True)


def rest_s(took_s: float) -> float:
    """How long to rest after a piece of work that moving lines caused, and that took so long."""
    return max(LEAST_REST_S, RESTS * took_s)
