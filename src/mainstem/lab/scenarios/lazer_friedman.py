"""Lazer and Friedman 2007: well connected groups are faster and end worse.

100 agents on an NK landscape of 20 loci, scored (f / max f)^8. Each round all at once take over
the best solution that they see if it is better than theirs, else try one random flip. Where all
see all, everybody is at the best start after one round and climbs from there; on a ring good
solutions travel slowly, many places are searched meanwhile, and the ring passes the full network.
Where there is one peak (K = 0) all find it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.scenarios import kauffman, networks, society
from mainstem.lab.scenarios.kauffman import Neighbours
from mainstem.lab.scenarios.scenario import Figure, Kind, Scenario, Target, mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

LOCI, EPISTASIS, AGENTS, ROUNDS = 20, 5, 100, 100

_REDRAWS = 400  # of the landscapes, for the error of a crossing


@dataclass(frozen=True, kw_only=True)
class Courses:
    """Mean score of the agents by round, shape (landscapes, ROUNDS + 1)."""

    full: NDArray[np.float64]
    ring: NDArray[np.float64]


def courses(k: int, neighbours: Neighbours, rng: np.random.Generator, size: int) -> Courses:
    """Both networks on the same landscapes, from the same starts."""
    found: dict[str, list[NDArray[np.float64]]] = {"full": [], "ring": []}
    contacts = {"full": networks.full(AGENTS), "ring": networks.ring(AGENTS)}
    for _ in range(size):
        score = kauffman.scored(kauffman.landscape(LOCI, k, neighbours, rng))
        starts = rng.integers(len(score), size=AGENTS)
        for name, network in contacts.items():
            paid = society.search(
                score, starts, network, society.best_contact, rounds=ROUNDS, rng=rng
            )
            found[name].append(paid.mean(axis=1))
    return Courses(full=np.array(found["full"]), ring=np.array(found["ring"]))


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """Both rules for the neighbours of a locus; one peak on a tenth of the landscapes."""
    found: dict[str, Figure] = {}
    for neighbours in Neighbours:
        rugged = courses(EPISTASIS, neighbours, rng, size)
        found |= _rugged(rugged, neighbours, rng)
    smooth = courses(0, Neighbours.RANDOM, rng, max(size // 10, 2))
    for name in ("full", "ring"):
        last = getattr(smooth, name)[:, -1]
        found[f"{name}, one peak, round {ROUNDS}"] = mean(last)
    return found


def _rugged(
    found: Courses, neighbours: Neighbours, rng: np.random.Generator
) -> Mapping[str, Figure]:
    """What is stated of a landscape with many peaks."""
    return {
        f"full, round 20, {neighbours}": mean(found.full[:, 20]),
        f"full, round {ROUNDS}, {neighbours}": mean(found.full[:, ROUNDS]),
        f"ring, round {ROUNDS}, {neighbours}": mean(found.ring[:, ROUNDS]),
        f"crossing, round, {neighbours}": _crossing(found, rng),
        f"ring - full, round {ROUNDS}, {neighbours}": mean(
            found.ring[:, ROUNDS] - found.full[:, ROUNDS]
        ),
    }


def _crossing(found: Courses, rng: np.random.Generator) -> Figure:
    """The first round after which the ring is ahead, with an error from redrawn landscapes."""
    ahead = found.ring - found.full
    drawn = rng.integers(len(ahead), size=(_REDRAWS, len(ahead)))
    rounds = [crossing(ahead[rows].mean(axis=0)) for rows in drawn]
    return Figure(value=float(crossing(ahead.mean(axis=0))), error=float(np.std(rounds)))


def crossing(ahead: NDArray[np.float64]) -> int:
    """The first round from which on a difference by round is above 0; the last if it never is."""
    below = np.flatnonzero(ahead <= 0.0)
    return min(int(below[-1]) + 1, len(ahead) - 1) if len(below) else 0


def _targets(neighbours: Neighbours) -> tuple[Target, ...]:
    return (
        Target(name=f"full, round 20, {neighbours}", value=0.53, tolerance=0.04, source="targets"),
        Target(
            name=f"full, round {ROUNDS}, {neighbours}", value=0.53, tolerance=0.04, source="targets"
        ),
        Target(
            name=f"ring, round {ROUNDS}, {neighbours}", value=0.80, tolerance=0.04, source="targets"
        ),
        Target(
            name=f"crossing, round, {neighbours}",
            value=19.0,
            tolerance=5.0,
            source="targets: 14-24",
        ),
        Target(
            name=f"ring - full, round {ROUNDS}, {neighbours}",
            value=0.0,
            kind=Kind.ABOVE,
            source="the paper",
        ),
    )


SCENARIO = Scenario(
    name="lazer-friedman",
    paper="Lazer and Friedman 2007, Administrative Science Quarterly 52",
    definition=(
        "NK landscapes of 20 loci, K = 5, score (f / max f)^8; 100 agents; each round all at once "
        "copy the best contact if it is better, else try one random flip and keep it if better; a "
        "full network and a ring; the neighbours of a locus drawn, or the next five on a ring"
    ),
    targets=(
        *_targets(Neighbours.RANDOM),
        *_targets(Neighbours.ADJACENT),
        *(
            Target(
                name=f"{name}, one peak, round {ROUNDS}",
                value=1.0,
                tolerance=0.001,
                source="targets: both reach 1",
            )
            for name in ("full", "ring")
        ),
    ),
    play=play,
    full=400,
    quick=8,
)
