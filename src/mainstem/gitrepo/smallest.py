"""Shrinks a failing set until none of its members can be left out.

Delta debugging (Zeller and Hildebrandt 2002, algorithm ddmin, complements only): halves are dropped
first, then quarters and so on down to single members, which are tried until none can go. Failing
need not be monotone: the answer is always a set that was seen to fail.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")


def smallest(items: Sequence[_Item], fails: Callable[[Sequence[_Item]], bool]) -> list[_Item]:
    """A part of `items`, in their order, that fails, and no longer does without any one member.

    Args:
        items: A sequence that fails; the empty one must not.
        fails: Whether a part fails.
    """
    kept = list(items)
    pieces = 2
    while len(kept) > 1:
        size = -(-len(kept) // pieces)
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            if rest and fails(rest):
                kept = rest
                pieces = max(pieces - 1, 2)
                break
        else:
            if size == 1:
                break
            pieces = min(pieces * 2, len(kept))
    return kept
