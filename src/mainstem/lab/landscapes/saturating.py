"""Diminishing returns: gains share one ceiling, as those of real recipes do.

The sum r of main effects and pairs becomes C (1 - exp(-r / C)) above the trunk; losses stay as they
are. As the arena draws it (docs/benchmarks.md): C = 4, about four single gains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.landscapes.pairwise import Pairwise, pairwise

if TYPE_CHECKING:
    from mainstem.lab.landscapes.landscape import BoolArray, FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Saturating(Pairwise):
    """Main effects and pairs behind a ceiling.

    Attributes:
        ceiling: What all gains together stay below, in gain units, above 0.

    Raises:
        ValueError: The ceiling is not above 0.
    """

    ceiling: float

    def __post_init__(self) -> None:
        if not self.ceiling > 0.0:
            raise ValueError(f"ceiling {self.ceiling} must be above 0")

    def truth(self, recipes: BoolArray) -> FloatArray:
        """The sum behind the ceiling, shape (m, 1)."""
        total = super().truth(recipes)
        bounded = -self.ceiling * np.expm1(-np.maximum(total, 0.0) / self.ceiling)
        return np.where(total > 0.0, bounded, total)


def saturating(
    n: int,
    rng: np.random.Generator,
    *,
    noise: float = 1.0,
    ceiling: float = 4.0,
    pairs_per: float = 0.5,
) -> Saturating:
    """Draws one.

    Args:
        n: How many proposals.
        rng: The generator.
        noise: Sd of a run; effects are about 1.
        ceiling: What all gains together stay below.
        pairs_per: Interactions per proposal.

    Raises:
        ValueError: Noise is below 0, or the ceiling is not above 0.
    """
    drawn = pairwise(n, rng, noise=noise, pairs_per=pairs_per)
    return Saturating(**vars(drawn), ceiling=ceiling)
