"""A reference: a result that somebody states, with what is needed to know what it can be held to.

A number from elsewhere says little by itself. Whether the trunk is behind it depends on what
evaluated it, at which scale, over how many seeds; whether it is true depends on who ran it again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

ReferenceId = NewType("ReferenceId", str)
"""What a team calls a reference."""

Scale = str | int | float | bool
"""One property of a run's size, such as steps, parameters, tokens, or the name of a rung."""


class Obtained(StrEnum):
    """How the value came here."""

    PUBLISHED = "published"
    REPRODUCED = "reproduced"
    RECOMPUTED = "recomputed"
    MADE = "made"

    @property
    def said(self) -> str:
        """What it means, in a few words."""
        return {
            Obtained.PUBLISHED: "as its source states it",
            Obtained.REPRODUCED: "run again by whoever wrote it down here",
            Obtained.RECOMPUTED: "worked out from what its source states",
            Obtained.MADE: "made up for an example, no result of anybody",
        }[self]


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A result that somebody states.

    Attributes:
        id: What it is called here.
        objective: The objective of the stack that it is a value of; empty if it is of another
            metric, and then it is compared with nothing.
        metric: What was measured, in its source's words.
        value: The value, in its unit; of several seeds their mean.
        unit: The unit of value, spread, standard error and gain.
        spread: Standard deviation between runs; None if it is not stated.
        seeds: How many runs the value is the mean of; None if it is not stated.
        standard_error: What else the value is uncertain by, such as the draw of a benchmark's
            questions; None if it is not stated.
        scale: What it was run at; empty if it is not stated.
        harness: What evaluated it; empty if it is not stated.
        version: The version of that; empty if it is not stated.
        date: When it was published or measured.
        source: Where it can be looked up: an address, a DOI, an arXiv number, or a file here.
        obtained: How the value came here.
        gain: What the source says it gains over its own baseline, above 0 is better; None if it
            states none.
        note: What else to know.
    """

    id: ReferenceId
    objective: str
    metric: str
    value: float
    unit: str
    date: dt.date
    source: str
    obtained: Obtained
    spread: float | None = None
    seeds: int | None = None
    standard_error: float | None = None
    scale: Mapping[str, Scale] = field(default_factory=dict)
    harness: str = ""
    version: str = ""
    gain: float | None = None
    note: str = ""

    @property
    def stated(self) -> tuple[object, ...]:
        """What two entries have in common that state one result of one source."""
        scale = tuple(sorted((key, str(value)) for key, value in self.scale.items()))
        what = (self.objective, self.metric, self.value, self.source)
        return *what, self.harness, self.version, scale


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a team's own values of an objective are measured with.

    Attributes:
        objective: Its name.
        harness: What evaluates it.
        version: The version of that.
        scale: What it is run at, beside what the rung that confirms says.
        any_scale: Whether references of every scale count: who asks for the result alone.
    """

    objective: str
    harness: str
    version: str
    scale: Mapping[str, Scale] = field(default_factory=dict)
    any_scale: bool = False


@dataclass(frozen=True, kw_only=True)
class Frontier:
    """All that a team's own file says of results elsewhere.

    Attributes:
        references: The results, in the order of the file.
        measured: What its own values are measured with, by objective.
    """

    references: tuple[Reference, ...] = ()
    measured: Mapping[str, Measured] = field(default_factory=dict)

    def reference(self, name: str) -> Reference | None:
        """The reference of that id; None if there is none."""
        return next((one for one in self.references if one.id == name), None)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A reference as a proposal: the effect that was claimed when the branch was proposed.

    Attributes:
        reference: The reference's id.
        objective: On which objective.
        gain: The claimed gain over the trunk, above 0, in the objective's unit.
    """

    reference: ReferenceId
    objective: str
    gain: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.gain) and self.gain > 0.0):
            raise ValueError(f"a claimed gain is above 0, not {self.gain!r}")

    def least(self, margin: float) -> float:
        """The least effect that still is what was claimed, above 0.

        It falls short by no more than a margin, and never by more than half of the claim: else a
        claim below the margin would be borne out by nothing.
        """
        return self.gain - min(margin, 0.5 * self.gain)
