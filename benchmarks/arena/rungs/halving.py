"""Successive halving over brackets of recipes (Jamieson and Talwalkar 2016), our own.

A bracket runs recipes at the small rung and takes the best of them, one in `eta`, to the top; then
comes the next one. The first holds the trunk. Recipes are fresh draws of chance, or, as whoever
knows that good recipes are neighbours would have it, half of a bracket are mutants of the best so
far: one flip, and each further one with chance 1/n. Nothing runs twice at a rung while
there is anything new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from arena.rungs.play import SMALL
from arena.rungs.tally import RungTally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from arena.landscapes import Bits
    from arena.rungs.play import RungMeter

VERSION = "1"

BRACKET = 16
"""Recipes that start together."""

_TRIES = 20


def play(
    meter: RungMeter, budget: int, rng: np.random.Generator, *, eta: int, mutants: float
) -> Iterator[Bits]:
    """Brackets without end; recommends the lowest mean at the top.

    Args:
        meter: Runs recipes.
        budget: Not looked at.
        rng: For recipes and seeds.
        eta: One in so many goes on to the top rung.
        mutants: Share of a bracket that are mutants of the best so far.
    """
    del budget
    tally = RungTally(meter, rng)
    first = True
    while True:
        near = 0 if first else round(mutants * BRACKET)
        bracket = [np.zeros(meter.n, np.int64)] if first else []
        while len(bracket) < BRACKET:
            start = tally.lowest() if len(bracket) < near else None
            bracket.append(_fresh(tally, bracket, start, rng))
        first = False
        values = []
        for recipe in bracket:
            values.append(tally.run(recipe, SMALL))
            yield tally.lowest()
        for place in np.argsort(values, kind="stable")[: max(1, BRACKET // eta)]:
            tally.run(bracket[place], tally.top)
            yield tally.lowest()


def _fresh(
    tally: RungTally, bracket: list[Bits], start: Bits | None, rng: np.random.Generator
) -> Bits:
    """A mutant of `start`, or any recipe; one that has not run, if one is soon found."""
    n, found = tally.n, np.zeros(tally.n, np.int64)
    for _ in range(_TRIES):
        if start is None:
            found = rng.integers(0, 2, n)
        else:
            flips = rng.random(n) < 1.0 / n
            flips[rng.integers(n)] = True
            found = np.asarray(start ^ flips, dtype=np.int64)
        if not tally.has(found, SMALL) and not any((found == one).all() for one in bracket):
            break
    return found
