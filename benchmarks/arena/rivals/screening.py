"""A screening design: Plackett-Burman blocks with fold-over, main effects by ridge regression.

The textbook answer to many factors and few runs (Plackett and Burman 1946). Columns and signs are
drawn anew for each pair of blocks. It recommends every proposal whose effect is below zero.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arena.rivals.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits, Floats
    from arena.play import Meter

LABEL = "screening design, ridge"
VERSION = "1"
NEEDS: tuple[str, ...] = ()
SLOW = False
MODELLED = False

_RIDGE = 1.0


def play(meter: Meter, budget: int, rng: np.random.Generator) -> Iterator[Bits]:
    """A block, its fold-over, the next block."""
    del budget
    tally, n = Tally(meter, rng), meter.n
    while True:
        design = paley(n)
        design = design[:, rng.permutation(design.shape[1])[:n]] * rng.choice([-1, 1], n)
        for block in (design, -design):
            for row in block[rng.permutation(len(block))]:
                tally.run((row > 0).astype(np.int64))
                yield (ridge(tally.recipes, tally.values) < 0.0).astype(np.int64)


def paley(n: int) -> Bits:
    """A two-level design of Paley's first kind in +-1, shape (q + 1, q): columns are orthogonal.

    q is the smallest prime of at least n that leaves 3 when divided by 4.
    """
    q = n
    while not (q % 4 == 3 and all(q % d for d in range(2, int(q**0.5) + 1))):
        q += 1
    squares = {(i * i) % q for i in range(1, q)}
    first = np.array([-1] + [1 if i in squares else -1 for i in range(1, q)])
    rows = [np.roll(first, shift) for shift in range(q)]
    return np.vstack([*rows, np.ones(q, int)])


def ridge(x: Bits, y: Floats) -> Floats:
    """Main effects in +-1 coding, shape (n,), from recipes (N, n) and values (N,)."""
    z = 2.0 * x - 1.0
    z = z - z.mean(axis=0)
    gram = z.T @ z + _RIDGE * np.eye(z.shape[1])
    return np.asarray(np.linalg.solve(gram, z.T @ (y - y.mean())))
