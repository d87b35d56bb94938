"""A measurement: what a finished trial says. A crash is evidence, never a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Cause(StrEnum):
    """Why a trial failed."""

    EXIT = "exit"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    CANNOT_START = "cannot-start"
    METRIC_MISSING = "metric-missing"
    METRIC_INVALID = "metric-invalid"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failed trial's cause.

    Attributes:
        cause: The kind.
        what: One line for people: the value and where it was found.
    """

    cause: Cause
    what: str


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """What a finished trial says.

    Attributes:
        values: Raw value per objective; empty if the trial failed.
        failure: Why it failed, else None.
        notes: What else the trial reported (not an objective), as text.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    failure: Failure | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        """Whether every objective was measured."""
        return self.failure is None
