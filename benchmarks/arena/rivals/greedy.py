"""Greedy: try the next proposal on top of what was kept, keep it if the mean is lower.

Two seeds an arm in the first pass, one more in each further pass. The candidate that is kept brings
its runs along as the new baseline, which is what a merge train does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "greedy, keep if lower"
VERSION = "1"
NEEDS: tuple[str, ...] = ()
SLOW = False
MODELLED = False

_SEEDS = 2


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Keeps for good."""
    del budget
    yield from passes(Tally(meter, rng), revert=False)


def passes(tally: Tally, *, revert: bool) -> Iterator[Bits]:
    """Passes over all proposals; with `revert`, those kept are also tried without."""
    kept = np.zeros(tally.n, np.int64)
    seeds = _SEEDS
    while True:
        baseline = []
        for _ in range(seeds):
            baseline.append(tally.run(kept))
            yield kept
        for i in range(tally.n):
            if kept[i] and not revert:
                continue
            candidate = kept.copy()
            candidate[i] ^= 1
            values = []
            for _ in range(seeds):
                values.append(tally.run(candidate))
                if len(values) < seeds:
                    yield kept
            if np.mean(values) < np.mean(baseline):
                kept, baseline = candidate, values
            yield kept
        seeds += 1
