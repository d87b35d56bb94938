"""One simulated campaign: what was drawn for it, what was decided, and what became of it.

A `Game` is what was drawn: the landscape, the staff, the noise, the budget. All policies of one
campaign play the same game, each at a `Desk` of its own (`lab.desk`). When a desk closes its books,
the truth comes in: that is the `Course`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mainstem.lab.runs import Runs

if TYPE_CHECKING:
    from mainstem.lab.landscapes.landscape import FloatArray, IntArray, Landscape
    from mainstem.lab.noise import Noise
    from mainstem.lab.organisation import Staff


class Act(StrEnum):
    """What somebody decided of a proposal.

    `approved`: passes on, to the next who is asked. `refused`: not now, on the evidence. `vetoed`:
    whatever the evidence. `merged`: it is in the trunk. Only `merged` changes the trunk.
    """

    APPROVED = "approved"
    REFUSED = "refused"
    VETOED = "vetoed"
    MERGED = "merged"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One decision about one proposal.

    Attributes:
        proposal: Its place, from 0.
        act: What was decided.
        by: The contributor who decided; None: a rule did.
        estimate: The gain that the runs showed, in score (margins); None: no run was looked at.
        se: The estimate's standard error; None as above.
        runs: Runs of the recipe with the proposal that it rests on.
    """

    proposal: int
    act: Act
    by: int | None = None
    estimate: float | None = None
    se: float | None = None
    runs: int = 0


@dataclass(frozen=True, kw_only=True)
class Logged:
    """A decision as the log keeps it: with when, whose and which component.

    Attributes:
        decision: What was decided.
        spent: Runs of the campaign so far.
        author: Whose proposal it is.
        component: The proposal's component.
    """

    decision: Decision
    spent: int
    author: int
    component: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """What became of a campaign. S steps: the beginning, and after that each number of runs once.

    Attributes:
        spent: Runs so far, increasing from 0, shape (S,).
        time: When, in the time of a run, shape (S,).
        gain: The trunk's true gain then, in the objectives' units, shape (S, J).
        merged: What was merged, in order.
        decisions: Every decision, in order.
    """

    spent: IntArray
    time: FloatArray
    gain: FloatArray
    merged: tuple[int, ...]
    decisions: tuple[Logged, ...]

    def gain_at(self, runs: int) -> FloatArray:
        """The trunk's true gain after so many runs, shape (J,)."""
        return np.asarray(self.gain[int(np.searchsorted(self.spent, runs, side="right")) - 1])


@dataclass(frozen=True, kw_only=True, eq=False)
class Game:
    """What was drawn for a campaign; every policy plays the same.

    Attributes:
        landscape: What recipes are worth.
        staff: Who proposes and judges.
        noise: Of runs.
        budget: Runs in all.
        slots: Runs at once.
        runs: What runs give, the same for all.

    Raises:
        ValueError: The budget is below 0, or there is no slot.
    """

    landscape: Landscape
    staff: Staff
    noise: Noise
    budget: int
    slots: int = 4
    runs: Runs = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.budget < 0 or self.slots < 1:
            raise ValueError(f"budget {self.budget} and slots {self.slots}: no such campaign")
        object.__setattr__(self, "runs", Runs(self.landscape, self.noise))
