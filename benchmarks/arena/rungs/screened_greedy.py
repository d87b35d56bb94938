"""Greedy over both rungs, as a careful team works: the small rung screens, the top decides.

Passes over all proposals in an order of chance, each flipped on top of what is kept. What is lower
than the kept recipe at the small rung is run at the top; what is lower there too is kept. Each pass
takes one seed more an arm than the last, from two at the small rung and one at the top.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arena.rungs.play import SMALL
from arena.rungs.tally import RungTally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from arena.landscapes import Bits
    from arena.rungs.play import RungMeter

VERSION = "1"


def play(meter: RungMeter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Passes without end; recommends what is kept."""
    del budget
    tally = RungTally(meter, rng)
    kept = np.zeros(meter.n, np.int64)
    seeds = 1
    while True:
        bar = {}
        for rung, count in ((SMALL, seeds + 1), (tally.top, seeds)):
            bar[rung] = yield from _mean(tally, kept, rung, count, kept)
        for place in rng.permutation(meter.n):
            tried = kept.copy()
            tried[place] ^= 1
            found = {SMALL: (yield from _mean(tally, tried, SMALL, seeds + 1, kept))}
            if found[SMALL] >= bar[SMALL]:
                continue
            values = [tally.run(tried, tally.top)]
            while len(values) < seeds:
                yield kept
                values.append(tally.run(tried, tally.top))
            found[tally.top] = float(np.mean(values))
            if found[tally.top] < bar[tally.top]:
                kept, bar = tried, found
            yield kept
        seeds += 1


def _mean(
    tally: RungTally, recipe: Bits, rung: int, count: int, kept: Bits
) -> Generator[Bits, None, float]:
    """Runs a recipe so many times, recommending what is kept; returns the mean."""
    values = []
    for _ in range(count):
        values.append(tally.run(recipe, rung))
        yield kept
    return float(np.mean(values))
