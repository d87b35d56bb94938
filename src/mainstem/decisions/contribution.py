"""What each proposal does, alone on the trunk and next to the best recipe: draws, in margins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstem.decisions import screening
from mainstem.decisions.belief import rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mainstem.decisions.belief import Belief
    from mainstem.domain.recipe import Recipe

PLAIN_WIDTH = 1.5
"""Where effects are plain to see intervals are so many times as wide as the posterior's.

There what hides in the noise elsewhere shows: effects of every order, on which the landscape's
model is less sure to be right than it believes (docs/statistics.md has the coverage).
"""

_TAG = 3


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What one proposal does, in margins.

    Attributes:
        member: Whether it is part of the best recipe.
        alone: Draws of its gain per objective alone on the trunk, shape (S, J).
        within: Draws of what it adds per objective to the rest of the best recipe, shape (S, J).
        alone_value: Draws of its value alone, shape (S,).
        within_value: Draws of what it adds to the value of the rest of the best recipe, (S,).
        alone_gain: Draws of its gain alone, summed over the improve objectives, shape (S,).
        within_gain: Draws of what it adds to that sum at the best recipe, shape (S,).
        joined: Draws of the gain per objective of the best recipe together with it, shape (S, J).
    """

    member: bool
    alone: NDArray[np.float64]
    within: NDArray[np.float64]
    alone_value: NDArray[np.float64]
    within_value: NDArray[np.float64]
    alone_gain: NDArray[np.float64]
    within_gain: NDArray[np.float64]
    joined: NDArray[np.float64]


def contributions(belief: Belief, best: Recipe) -> list[Contribution]:
    """What each proposal does alone and at the best recipe, in the order of proposing."""
    n = belief.n
    at_best = rows([best], belief.problem.proposals)[0]
    alone = np.maximum(np.eye(n), belief.trunk_row)
    flipped = np.abs(at_best - np.eye(n))
    gains = belief.draw_gains(np.concatenate([at_best[None], alone, flipped]), _TAG)
    value = belief.value(gains)
    gain = gains[:, :, list(belief.problem.improve)].sum(2)
    out = []
    for i in range(n):
        member, flip = bool(at_best[i] > 0.5), 1 + n + i
        sign = 1.0 if member else -1.0
        out.append(
            Contribution(
                member=member,
                alone=gains[:, 1 + i],
                within=sign * (gains[:, 0] - gains[:, flip]),
                alone_value=value[:, 1 + i],
                within_value=sign * (value[:, 0] - value[:, flip]),
                alone_gain=gain[:, 1 + i],
                within_gain=sign * (gain[:, 0] - gain[:, flip]),
                joined=gains[:, 0] if member else gains[:, flip],
            )
        )
    return out


def clashes(
    belief: Belief, best: Recipe, proposal: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How much a proposal and each member of the best recipe lose next to one another.

    The interaction on the trunk, f(i m) - f(i) - f(m) + f(trunk), summed over the improve
    objectives: below 0 they are in each other's way.

    Args:
        belief: The state of knowledge.
        best: The best recipe, without the proposal.
        proposal: The proposal's place.

    Returns:
        Draws in margins, shape (S, members of `best` in the order of proposing), and whether each
        pair has run by itself, shape (members,).
    """
    at_best = rows([best], belief.problem.proposals)[0]
    members = np.flatnonzero((at_best > 0.5) & belief.free)
    alone = np.maximum(np.eye(belief.n)[[proposal, *members]], belief.trunk_row)
    both = np.maximum(alone[1:], alone[0])
    gains = belief.draw_gains(np.concatenate([alone, both]), _TAG)
    value = gains[:, :, list(belief.problem.improve)].sum(2)
    k = len(members)
    seen = belief.anywhere
    ran = np.array([bool(np.any(np.all(seen == row, axis=1))) for row in both], dtype=np.bool_)
    return value[:, 1 + k :] - value[:, 1 : 1 + k] - value[:, :1], ran


def interval(
    draws: NDArray[np.float64], level: float, *, width: float = 1.0
) -> tuple[float, float, float]:
    """Median and central interval of draws, shape (S,): the mean of a skewed posterior misleads.

    Args:
        draws: Shape (S,).
        level: The interval's coverage, if the draws are right.
        width: How many times as wide it is made, about the median.
    """
    tail = 0.5 * (1.0 - level)
    low, middle, high = np.quantile(draws, [tail, 0.5, 1.0 - tail])
    low, high = middle - width * (middle - low), middle + width * (high - middle)
    return float(middle), float(low), float(high)


def width_of(belief: Belief) -> float:
    """How many times as wide as the posterior's the intervals of a belief are."""
    return 1.0 if screening.pays(belief) else PLAIN_WIDTH
