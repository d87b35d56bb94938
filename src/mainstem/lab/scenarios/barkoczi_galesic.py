"""Barkoczi and Galesic 2016: which network is better depends on how people learn from others.

100 agents on an NK landscape of 15 loci, K = 7, scored (f / max f)^8. Each round an agent draws
three of its contacts. Who follows the best member takes the best of the three, who conforms takes
what at least two of them hold; either only if it is better than its own, else it tries one flip.
Followers of the best settle too early where all see all. Conformists need to see a solution twice:
that slows them, and there it is the well connected who do better. On a simple task the best member
is the better guide, on a complex one a small majority is.

The rules and networks are those of the authors' published programme: the full network, a ring on
which everybody sees the next 19, and, as the most clustered one, cliques of 20 in a ring, which
have its mean path of 3.83. Contributions are not rounded to a tenth, as they are there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.scenarios import kauffman, networks, society
from mainstem.lab.scenarios.kauffman import Neighbours
from mainstem.lab.scenarios.scenario import Figure, Kind, Scenario, Target, mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

LOCI, COMPLEX, SIMPLE, AGENTS, DEGREE, ROUNDS = 15, 7, 1, 100, 19, 200

_SIDE_BY_SIDE = 25  # landscapes at once

RULES = {"best of 3": society.best_member(3), "conform to 3": society.conformity(3)}
NETWORKS = {
    "full": networks.full(AGENTS),
    "ring": networks.ahead(AGENTS, DEGREE),
    "cliques": networks.caves(AGENTS, DEGREE + 1),
}


def courses(
    k: int, rng: np.random.Generator, size: int, *, seen: Sequence[str] = tuple(NETWORKS)
) -> Mapping[tuple[str, str], NDArray[np.float64]]:
    """Mean score by round for each rule and network, each of shape (landscapes, ROUNDS + 1).

    Args:
        k: Of the landscapes.
        rng: Draws all.
        size: Landscapes.
        seen: Names of networks to play.
    """
    found: dict[tuple[str, str], list[NDArray[np.float64]]] = {}
    for first in range(0, size, _SIDE_BY_SIDE):
        count = min(_SIDE_BY_SIDE, size - first)
        scores, starts = _landscapes(k, rng, count)
        for rule, imitate in RULES.items():
            for name in seen:
                network = networks.copies(NETWORKS[name], count)
                paid = society.search(
                    scores, starts, network, imitate, rounds=ROUNDS, rng=rng, bits=LOCI
                )
                means = paid.reshape(ROUNDS + 1, count, AGENTS).mean(axis=2)
                found.setdefault((rule, name), []).append(means.T)
    return {key: np.concatenate(rows) for key, rows in found.items()}


def _landscapes(
    k: int, rng: np.random.Generator, count: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Scores of some landscapes one after the other, and where the agents of each start."""
    scores, starts = [], []
    for number in range(count):
        scores.append(kauffman.scored(kauffman.landscape(LOCI, k, Neighbours.RANDOM, rng)))
        own = rng.choice(2**LOCI, size=AGENTS, replace=False)
        starts.append(own + number * 2**LOCI)
    return np.concatenate(scores), np.concatenate(starts)


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """Both rules on three networks, on complex landscapes and on simple ones."""
    rugged = courses(COMPLEX, rng, size)
    smooth = courses(SIMPLE, rng, size, seen=("full",))
    last = {key: rows[:, -1] for key, rows in rugged.items()}
    found = {f"{rule}, {name}": mean(values) for (rule, name), values in last.items()}
    for rule in RULES:
        for name in ("ring", "cliques"):
            found[_gap(rule, name)] = mean(last[rule, "full"] - last[rule, name])
    best, conform = RULES
    found[_COMPLEX] = mean(last[conform, "full"] - last[best, "full"])
    found[_SIMPLE] = mean((smooth[best, "full"] - smooth[conform, "full"]).mean(axis=1))
    return found


def _gap(rule: str, name: str) -> str:
    return f"{rule}: full - {name}"


_COMPLEX = "conform to 3 - best of 3, full network, complex, end"
_SIMPLE = "best of 3 - conform to 3, full network, simple, all rounds"


def _sign(name: str, kind: Kind) -> Target:
    return Target(name=name, value=0.0, kind=kind, source="the paper")


SCENARIO = Scenario(
    name="barkoczi-galesic",
    paper="Barkoczi and Galesic 2016, Nature Communications 7",
    definition=(
        "NK landscapes of 15 loci, K = 7, score (f / max f)^8; 100 agents, 200 rounds; each round "
        "an agent draws three contacts and takes the best, or what two of them hold, if that is "
        "better than its own, else tries one flip; a full network, a ring on which each sees the "
        "next 19, and cliques of 20 in a ring; score at the end"
    ),
    targets=(
        _sign(_gap("best of 3", "ring"), Kind.BELOW),
        _sign(_gap("best of 3", "cliques"), Kind.BELOW),
        _sign(_gap("conform to 3", "ring"), Kind.ABOVE),
        _sign(_gap("conform to 3", "cliques"), Kind.ABOVE),
        _sign(_COMPLEX, Kind.ABOVE),
        _sign(_SIMPLE, Kind.ABOVE),
    ),
    play=play,
    full=2000,
    quick=20,
)
