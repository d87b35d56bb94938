"""Main effects and pairs: the landscape on which a model of pairs is at home.

As the arena draws it (docs/benchmarks.md): a proposal helps with probability `helpful`, harms with
probability `harmful`, else it does nothing alone; sizes are |N(1, .5)|. Each pair interacts with
probability 2 pairs_per / (n - 1), by N(-.3, 1): most pairs get in each other's way. Noise is
Gaussian and the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.domain.stack import Direction, Objective
from mainstem.lab.landscapes.landscape import in_blocks

if TYPE_CHECKING:
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray

MARGIN_SDS = 0.5
"""The margin of drawn landscapes, in sds of a run: half of what one run can tell."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairwise:
    """The sum of main effects and of pairs.

    Attributes:
        main: Gains of proposals alone, shape (n,).
        pair: Interactions, upper triangle, shape (n, n), in gain units.
        noise: Standard deviation of a run.
        components: Of each proposal, its component.
        objectives: The one objective, to be maximised.
    """

    main: FloatArray
    pair: FloatArray
    noise: float
    components: tuple[str, ...]
    objectives: tuple[Objective, ...]

    @property
    def n(self) -> int:
        """How many proposals there are."""
        return len(self.main)

    def truth(self, recipes: BoolArray) -> FloatArray:
        """The sum, shape (m, 1)."""
        x = recipes.astype(np.float64)
        return np.asarray(x @ self.main + np.sum((x @ self.pair) * x, axis=1))[:, None]

    def noise_sd(self, recipes: BoolArray) -> FloatArray:
        """The same everywhere, shape (m, 1)."""
        return np.full((len(recipes), 1), self.noise)


def pairwise(
    n: int,
    rng: np.random.Generator,
    *,
    noise: float = 1.0,
    helpful: float = 0.4,
    harmful: float = 0.3,
    pairs_per: float = 1.5,
) -> Pairwise:
    """Draws one.

    Args:
        n: How many proposals.
        rng: The generator.
        noise: Sd of a run; effects are about 1.
        helpful: Share of proposals that gain alone.
        harmful: Share that lose alone.
        pairs_per: Interactions per proposal.

    Raises:
        ValueError: Noise is below 0, or shares do not fit into 1.
    """
    if noise < 0.0 or not 0.0 <= helpful <= helpful + harmful <= 1.0:
        raise ValueError(f"noise {noise}, helpful {helpful}, harmful {harmful}: no such landscape")
    main, pair = drawn_effects(
        n, rng, helpful=helpful, harmful=harmful, chance=min(2.0 * pairs_per / max(n - 1, 1), 1.0)
    )
    return Pairwise(
        main=main,
        pair=pair,
        noise=noise,
        components=in_blocks(n),
        objectives=(gain_objective(margin=MARGIN_SDS * (noise or 1.0)),),
    )


def drawn_effects(
    n: int, rng: np.random.Generator, *, helpful: float, harmful: float, chance: float
) -> tuple[FloatArray, FloatArray]:
    """Main effects, shape (n,), and pairs, upper triangle of shape (n, n), in gain units.

    Args:
        n: How many proposals.
        rng: The generator.
        helpful: Share of proposals that gain alone.
        harmful: Share that lose alone.
        chance: That a pair interacts.
    """
    kind = rng.random(n)
    size = np.abs(rng.normal(1.0, 0.5, n))
    main = np.where(kind < helpful, size, np.where(kind < helpful + harmful, -size, 0.0))
    at_work = rng.random((n, n)) < chance
    return main, np.triu(np.where(at_work, rng.normal(-0.3, 1.0, (n, n)), 0.0), k=1)


def gain_objective(*, margin: float) -> Objective:
    """The one objective of a drawn landscape."""
    return Objective("gain", margin=margin, direction=Direction.MAXIMIZE)
