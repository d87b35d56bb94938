"""A mixture: parts of the compute are worked in different ways, one after the other.

Each part starts on the trunk that those before it left, sees all runs so far, and has its weight's
share of the budget; what one leaves over goes to those after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.lab.policies.policy import work

if TYPE_CHECKING:
    from mainstem.lab.desk import Desk
    from mainstem.lab.policies.policy import Way


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Policies with weights.

    Attributes:
        parts: Each policy with its weight, above 0, in the order in which they work.
        name: What it is called in tables.

    Raises:
        ValueError: There is no part, or a weight is not above 0.
    """

    parts: tuple[tuple[Way, float], ...]
    name: str = "mixture"

    def __post_init__(self) -> None:
        if not self.parts or not all(weight > 0.0 for _, weight in self.parts):
            raise ValueError("a mixture needs at least one policy, each with a weight above 0")

    def play(self, desk: Desk) -> None:
        """One part after the other."""
        weights = [weight for _, weight in self.parts]
        for place, (way, weight) in enumerate(self.parts):
            share = weight / sum(weights[place:])
            with desk.within(round(desk.left * share)):
                work(way, desk)
