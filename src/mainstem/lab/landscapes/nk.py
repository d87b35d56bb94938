"""NK: how good a part is hangs on itself and on K others.

f(x) is the mean over n parts of a contribution, uniform on 0 to 1, drawn for each of the 2^(K + 1)
states of a part and its K neighbours (Kauffman and Levin 1987, J. Theor. Biol. 128:11; Kauffman and
Weinberger 1989, 141:211). Neighbours are the next K on a ring, or drawn at random for each part. At
K = 0 parts add up; at K = n - 1 every recipe is worth something unrelated. A proposal flips a part.

The trunk of a real stack is good already. So the origin of the cube is laid on a recipe between two
percentiles of a sample: 50 to 100 is any recipe of the better half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.landscapes.landscape import in_blocks
from mainstem.lab.landscapes.pairwise import MARGIN_SDS, gain_objective

if TYPE_CHECKING:
    from mainstem.domain.stack import Objective
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray, IntArray

NEIGHBOURS = ("random", "ring")

SAMPLE = 1000
"""Recipes of which the trunk is chosen by its percentile."""


@dataclass(frozen=True, kw_only=True, eq=False)
class NK:
    """A landscape of Kauffman's.

    Attributes:
        parts: Each part's own place and those of its neighbours, shape (n, K + 1).
        contributions: By part and state, shape (n, 2^(K + 1)); bit b of a state is whether the
            b-th of `parts` is flipped.
        trunk: The state of the parts in the trunk, shape (n,).
        noise: Standard deviation of a run.
        components: Of each proposal, its component.
        objectives: The one objective, to be maximised.
    """

    parts: IntArray
    contributions: FloatArray
    trunk: BoolArray
    noise: float
    components: tuple[str, ...]
    objectives: tuple[Objective, ...]

    @property
    def n(self) -> int:
        """How many proposals there are."""
        return len(self.parts)

    def fitness(self, states: BoolArray) -> FloatArray:
        """The mean of the contributions, shape (m,), of states of the parts, shape (m, n)."""
        bits = 1 << np.arange(self.parts.shape[1])
        state = states[:, self.parts] @ bits
        return np.asarray(self.contributions[np.arange(self.n), state].mean(axis=1))

    def truth(self, recipes: BoolArray) -> FloatArray:
        """Fitness above the trunk's, shape (m, 1)."""
        gain = self.fitness(recipes ^ self.trunk) - self.fitness(self.trunk[None])
        return np.asarray(gain[:, None])

    def noise_sd(self, recipes: BoolArray) -> FloatArray:
        """The same everywhere, shape (m, 1)."""
        return np.full((len(recipes), 1), self.noise)


def nk(
    n: int,
    k: int,
    rng: np.random.Generator,
    *,
    neighbours: str = "random",
    noise: float = 0.02,
    trunk: tuple[float, float] = (0.0, 100.0),
) -> NK:
    """Draws one.

    Args:
        n: How many proposals.
        k: Neighbours of each part.
        rng: The generator.
        neighbours: `random` or `ring`.
        noise: Sd of a run; the fitness of recipes has one of about .29 / sqrt(n).
        trunk: Between which percentiles of recipes the trunk lies.

    Raises:
        ValueError: K is not between 0 and n - 1, or the neighbours are of no known kind.
    """
    if not 0 <= k < n or neighbours not in NEIGHBOURS or noise < 0.0:
        raise ValueError(
            f"n {n}, K {k}, neighbours {neighbours!r}, noise {noise}: K lies between 0 and n - 1, "
            f"neighbours are {' or '.join(NEIGHBOURS)}, noise is 0 or above"
        )
    parts = _ring(n, k) if neighbours == "ring" else _random(n, k, rng)
    drawn = NK(
        parts=parts,
        contributions=rng.random((n, 2 ** (k + 1))),
        trunk=np.zeros(n, dtype=np.bool_),
        noise=noise,
        components=in_blocks(n),
        objectives=(gain_objective(margin=MARGIN_SDS * (noise or 0.02)),),
    )
    return NK(**{**vars(drawn), "trunk": _between(drawn, trunk, rng)})


def _ring(n: int, k: int) -> IntArray:
    """Each part and the next K, shape (n, K + 1)."""
    return np.asarray((np.arange(n)[:, None] + np.arange(k + 1)) % n)


def _random(n: int, k: int, rng: np.random.Generator) -> IntArray:
    """Each part and K others, shape (n, K + 1)."""
    others = rng.random((n, n))
    np.fill_diagonal(others, -1.0)
    return np.asarray(np.argsort(others, axis=1)[:, : k + 1], dtype=np.int64)


def _between(land: NK, percentiles: tuple[float, float], rng: np.random.Generator) -> BoolArray:
    """A recipe of a sample that lies between two percentiles of it, shape (n,)."""
    states = rng.random((SAMPLE, land.n)) < 0.5
    fitness = land.fitness(states)
    low, high = np.percentile(fitness, percentiles)
    return np.asarray(states[rng.choice(np.flatnonzero((fitness >= low) & (fitness <= high)))])
