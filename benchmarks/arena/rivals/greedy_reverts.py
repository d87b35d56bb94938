"""Greedy with reverts: as `greedy`, and what was kept is tried without in each further pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arena.rivals.greedy import passes
from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "greedy with reverts"
VERSION = "1"
NEEDS: tuple[str, ...] = ()
SLOW = False
MODELLED = False


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Keeps until a run without it is lower."""
    del budget
    yield from passes(Tally(meter, rng), revert=True)
