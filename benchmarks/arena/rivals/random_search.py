"""Random search: recipes drawn uniformly, the lowest recommended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from arena.landscapes import Bits
    from arena.play import Meter

LABEL = "random search"
VERSION = "1"
NEEDS: tuple[str, ...] = ()
SLOW = False
MODELLED = True


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """One fresh recipe a run."""
    del budget
    tally = Tally(meter, rng)
    while True:
        tally.run(rng.integers(0, 2, meter.n))
        yield tally.lowest()
