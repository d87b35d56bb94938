"""How many peaks an NK landscape has (Kauffman and Levin 1987; Weinberger 1991).

The plainest check of a landscape: its strict local optima, solutions better than each that differs
in one bit. Where every contribution depends on every locus their expected number is known:
2^n / (n + 1), 93.1 at n = 10.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.scenarios import kauffman
from mainstem.lab.scenarios.kauffman import Neighbours
from mainstem.lab.scenarios.scenario import Figure, Scenario, Target, mean

if TYPE_CHECKING:
    from collections.abc import Mapping

N = 10
STATED = {
    Neighbours.RANDOM: {0: 1.0, 1: 3.4, 2: 7.5, 5: 32.2, 9: 93.1},
    Neighbours.ADJACENT: {0: 1.0, 1: 4.0, 2: 9.2, 5: 34.7, 9: 93.1},
}
"""Mean number of strict local optima by k."""

_WITHIN = 0.05  # of what is stated


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """The mean number of optima of `size` landscapes of each kind."""
    found = {}
    for neighbours, stated in STATED.items():
        for k in stated:
            counts = [
                kauffman.optima(kauffman.landscape(N, k, neighbours, rng)) for _ in range(size)
            ]
            found[_name(neighbours, k)] = mean(np.array(counts, dtype=np.float64))
    return found


def _name(neighbours: Neighbours, k: int) -> str:
    return f"K={k}, {neighbours} neighbours"


SCENARIO = Scenario(
    name="local-optima",
    paper="Kauffman and Levin 1987, Journal of Theoretical Biology 128",
    definition=(
        "NK landscapes of 10 loci; strict local optima under flips of one bit; the others that a "
        "locus depends on are drawn, or the next k on a ring"
    ),
    targets=tuple(
        Target(name=_name(neighbours, k), value=value, tolerance=_WITHIN * value, source="targets")
        for neighbours, stated in STATED.items()
        for k, value in stated.items()
    ),
    play=play,
    full=2000,
    quick=60,
)
