"""One-at-a-time A/B tests: each proposal alone against the trunk, then all winners together.

What most teams do. Each arm gets three seeds; what is left of the budget buys further passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "one-at-a-time A/B"
VERSION = "1"
NEEDS: tuple[str, ...] = ()
SLOW = False
MODELLED = False

_SEEDS = 3


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """Recommends the union of those tested so far that are lower than the trunk on the mean."""
    del budget
    tally, n = Tally(meter, rng), meter.n
    trunk, alone = np.zeros(n, np.int64), np.eye(n, dtype=np.int64)
    tested, merged = 0, trunk.copy()
    while True:
        for _ in range(_SEEDS):
            tally.run(trunk)
            yield merged
        for i in range(n):
            for seed in range(_SEEDS):
                tally.run(alone[i])
                if seed == _SEEDS - 1:
                    tested = max(tested, i + 1)
                    merged = _winners(tally, alone[:tested])
                yield merged


def _winners(tally: Tally, alone: Bits) -> Bits:
    """The union of the lone proposals, shape (tested, n), that beat the trunk."""
    bar = tally.mean(np.zeros(alone.shape[1], np.int64))
    wins = [tally.mean(one) < bar for one in alone]
    return np.asarray(alone[wins].sum(axis=0), dtype=np.int64)
