"""A landscape: what every recipe is truly worth, and how much a run of it scatters.

A policy never sees one. It sees runs, and whoever compares policies sees the truth. Everything is
in gain units: the trunk, the recipe of no proposal, is worth 0 on every objective, and above 0 is
better whatever the objective's direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mainstem.domain.stack import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstem.domain.stack import Objective

BoolArray: TypeAlias = NDArray[np.bool_]
FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]

COMPONENTS = ("data", "architecture", "optimizer", "schedule")
"""The components of a drawn landscape, whose proposals have no names of their own."""


class Landscape(Protocol):
    """What recipes are worth.

    Attributes:
        n: How many proposals there are.
        components: Of each proposal, its component, length n.
        objectives: What is measured, with margins as numbers.
    """

    @property
    def n(self) -> int:
        """How many proposals there are."""
        ...

    @property
    def components(self) -> tuple[str, ...]:
        """Of each proposal, its component."""
        ...

    @property
    def objectives(self) -> tuple[Objective, ...]:
        """What is measured."""
        ...

    def truth(self, recipes: BoolArray) -> FloatArray:
        """The expected gain over the trunk.

        Args:
            recipes: Which proposals are merged, shape (m, n).

        Returns:
            Shape (m, J), in the objectives' units; 0 for the trunk.
        """
        ...

    def noise_sd(self, recipes: BoolArray) -> FloatArray:
        """The standard deviation of one run, shape (m, J), in the objectives' units."""
        ...


def margins(objectives: Sequence[Objective]) -> FloatArray:
    """The margins, shape (J,), in the objectives' units.

    Raises:
        ValueError: A margin is a percentage: of what, no landscape knows.
    """
    relative = [o.name for o in objectives if o.is_relative]
    if relative:
        raise ValueError(
            f"margin of {', '.join(map(repr, relative))} is a percentage: "
            "give a landscape margins as numbers in the objective's unit"
        )
    return np.array([o.margin_at(1.0) for o in objectives])


def improves(objectives: Sequence[Objective]) -> BoolArray:
    """Which objectives are to be improved, shape (J,)."""
    return np.array([o.role is Role.IMPROVE for o in objectives])


def score(objectives: Sequence[Objective], gains: FloatArray) -> FloatArray:
    """What is maximised: the sum of gain over margin of the objectives to improve.

    Args:
        objectives: What was measured.
        gains: Shape (..., J).

    Returns:
        Shape (...), in margins.
    """
    weights = np.where(improves(objectives), 1.0 / margins(objectives), 0.0)
    return np.asarray(gains @ weights)


def breaks(objectives: Sequence[Objective], gains: FloatArray) -> BoolArray:
    """Whether some objective is worse by more than its margin, shape (...) of gains (..., J)."""
    return np.asarray(np.any(gains < -margins(objectives), axis=-1))


def in_blocks(n: int, names: Sequence[str] = COMPONENTS) -> tuple[str, ...]:
    """Components of n proposals: as many of one as of another, neighbours in the same."""
    return tuple(names[place * len(names) // n] for place in range(n))


def alone(n: int) -> BoolArray:
    """The recipes of one proposal each, shape (n, n)."""
    return np.eye(n, dtype=np.bool_)
