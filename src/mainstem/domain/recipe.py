"""A recipe: a set of proposals on a root commit. The trunk is the recipe with none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Recipe = frozenset[str]
"""The ids of the proposals that are merged onto the root."""

TRUNK: Recipe = frozenset()
"""The recipe with no proposal."""


def in_order(recipe: Iterable[str], order: Sequence[str]) -> tuple[str, ...]:
    """The recipe's members in the order of merging, which is the order of proposing.

    Raises:
        KeyError: A member is not in `order`.
    """
    place = {proposal: at for at, proposal in enumerate(order)}
    return tuple(sorted(recipe, key=lambda proposal: place[proposal]))


def label(recipe: Iterable[str], order: Sequence[str]) -> str:
    """The recipe for people: `a + b`, or `trunk`."""
    return " + ".join(in_order(recipe, order)) or "trunk"
