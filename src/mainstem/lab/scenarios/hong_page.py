"""Hong and Page 2004: groups of diverse problem solvers against groups of the best ones.

A ring of 2,000 values; a solver is an ordered triple of steps, which it tries one after the other,
over and over, and takes whenever the value there is higher. Solvers are ranked by where they end,
averaged over all starts. Ten of them take turns until none can go on. The best ten think alike, so
they get stuck together; ten drawn at random do better, though each alone is worse.

A solver is a map from each place to where it ends from there, an array of 2,000 numbers: one pass
over its three steps is a composition of three such maps, and repeating it until nothing changes is
squaring. So all 1,320 solvers from all 2,000 starts take about ten look-ups of one array.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.scenarios.scenario import Figure, Scenario, Target, mean, share, spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Map = NDArray[np.intp]
    """From places to places, shape (..., places)."""

PLACES, LONGEST, GROUP = 2000, 12, 10
SOLVERS = np.array(list(itertools.permutations(range(1, LONGEST + 1), 3)))
"""Every ordered triple of distinct steps, shape (1320, 3)."""

_AT_ONCE = 20  # parts in which solvers are played: small arrays stay in the processor's cache


@dataclass(frozen=True, kw_only=True)
class Duel:
    """Both groups on one landscape, each the mean value that it reaches over all starts."""

    best: float
    drawn: float
    alone: float


def steps(values: NDArray[np.float64]) -> Map:
    """For each step 1..12, where a try of it leads from each place, shape (12, places)."""
    here = np.arange(len(values))
    there = (here + np.arange(1, LONGEST + 1)[:, None]) % len(values)
    return np.where(values[there] > values, there, here)


def ends(values: NDArray[np.float64]) -> Map:
    """Where each solver ends from each place, shape (1320, places)."""
    tries, parts = steps(values), []
    for solvers in np.array_split(SOLVERS, _AT_ONCE):
        a, b, c = (tries[solvers[:, j] - 1] for j in range(3))
        parts.append(_settled(_then(_then(a, b), c)))
    return np.concatenate(parts)


def relay(ends_of_members: Map) -> Map:
    """Where a group ends from each place: members go on in turn until none can.

    Args:
        ends_of_members: In order of their turns, shape (members, places).
    """
    way = ends_of_members[0]
    for member in ends_of_members[1:]:
        way = member[way]
    ends_of_group: Map = _settled(way[None])[0]
    return ends_of_group


def _then(first: Map, second: Map) -> Map:
    """Maps that go the first way, then the second."""
    both: Map = np.take_along_axis(second, first, axis=-1)
    return both


def _settled(way: Map) -> Map:
    """A map repeated until nothing changes. Values rise along it, so it cannot go in circles."""
    while True:
        twice = _then(way, way)
        if np.array_equal(twice, way):
            return way
        way = twice


def duel(rng: np.random.Generator) -> Duel:
    """Draws a landscape and a random group, and plays both groups."""
    values = rng.uniform(0.0, 100.0, PLACES)
    found = ends(values)
    reached = values[found].mean(axis=1)
    best = np.argsort(-reached, kind="stable")[:GROUP]
    drawn = rng.choice(len(SOLVERS), size=GROUP, replace=False)
    return Duel(
        best=float(values[relay(found[best])].mean()),
        drawn=float(values[relay(found[drawn])].mean()),
        alone=float(reached[best[0]]),
    )


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """Both groups on `size` landscapes."""
    duels = [duel(rng) for _ in range(size)]
    best, drawn = (np.array([getattr(d, of) for d in duels]) for of in ("best", "drawn"))
    return {
        "best group": mean(best),
        "random group": mean(drawn),
        "random group wins, %": _percent(share(int((drawn > best).sum()), size)),
        "best group, sd between landscapes": spread(best),
        "random group, sd between landscapes": spread(drawn),
        "best solver alone": mean(np.array([d.alone for d in duels])),
    }


def _percent(figure: Figure) -> Figure:
    return Figure(value=100.0 * figure.value, error=100.0 * figure.error)


_REPLICATION = "the paper; a replication of 500 runs has 92.34, 94.35 and 98.4%"
_SPREAD = "the paper; no tolerance is stated: that of the mean is taken"

SCENARIO = Scenario(
    name="hong-page",
    paper="Hong and Page 2004, PNAS 101",
    definition=(
        "a ring of 2,000 values, uniform on 0 to 100; solvers are the 1,320 ordered triples of "
        "distinct steps from 1 to 12, ranked by the mean value they reach over all starts; the "
        "best ten and ten random ones take turns until none improves; mean over all starts"
    ),
    targets=(
        Target(name="best group", value=92.3, tolerance=0.3, source=_REPLICATION),
        Target(name="random group", value=94.4, tolerance=0.2, source=_REPLICATION),
        Target(name="random group wins, %", value=98.0, tolerance=2.0, source=_REPLICATION),
        Target(name="best group, sd between landscapes", value=1.3, tolerance=0.3, source=_SPREAD),
        Target(
            name="random group, sd between landscapes", value=0.6, tolerance=0.2, source=_SPREAD
        ),
    ),
    play=play,
    full=300,
    quick=8,
)
