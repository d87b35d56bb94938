"""A measurement: what a finished trial says. A crash is evidence, never a number."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


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
        curves: Of objectives that were reported by step, the points `(step, value)`, thinned.
        stopped_at: The step at which the trial ended early: its values are predicted. None of a
            whole run.
    """

    values: Mapping[str, float] = field(default_factory=dict)
    failure: Failure | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    stopped_at: int | None = None

    @property
    def succeeded(self) -> bool:
        """Whether every objective was measured."""
        return self.failure is None
