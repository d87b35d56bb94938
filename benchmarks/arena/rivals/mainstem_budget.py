"""Mainstem that is told its budget, and keeps runs back for confirmation; else the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arena.rivals import mainstem_search

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "Mainstem, told its budget"
VERSION = mainstem_search.VERSION
NEEDS = mainstem_search.NEEDS
SLOW = False
MODELLED = False


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """The same campaign with `budget=`."""
    yield from mainstem_search.campaign(meter, rng, budget=budget, most=budget)
