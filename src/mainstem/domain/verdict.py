"""Verdicts and the estimates behind them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class VerdictKind(StrEnum):
    """What is decided of a proposal."""

    MERGE = "merge"
    SHELVE = "shelve"
    REWORK = "rework"
    BROKEN = "broken"
    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What is decided of a proposal, and why.

    Attributes:
        kind: The verdict.
        reason: One sentence, in words and numbers.
        others: The proposals that the reason names.
    """

    kind: VerdictKind
    reason: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A mean with an interval.

    Attributes:
        mean: The estimate.
        low: Lower end of the interval, or None where the data give none.
        high: Upper end of the interval, or None where the data give none.
        level: The interval's coverage.
        unit: The unit of all three.
    """

    mean: float
    low: float | None
    high: float | None
    level: float = 0.9
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An effect of one proposal, or the interaction of two, in gain units (above 0 is better).

    Attributes:
        proposals: One proposal: f(i) - f(trunk). Two: f(ab) - f(a) - f(b) + f(trunk).
        objective: The objective's name.
        mean: Posterior mean.
        low: Lower end of the posterior interval.
        high: Upper end of the posterior interval.
        level: The interval's posterior probability.
    """

    proposals: frozenset[str]
    objective: str
    mean: float
    low: float
    high: float
    level: float = 0.9


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The recipe that the evidence favours now.

    Attributes:
        recipe: Its proposals; empty is the trunk.
        gain: Gain over the trunk per objective: of fresh pairs once confirmed, else posterior.
        probability: Posterior probability of being better than the trunk and within every margin.
        confirmed: Whether fresh pairs have proved it.
    """

    recipe: frozenset[str]
    gain: Mapping[str, Estimate] = field(default_factory=dict)
    probability: float = 0.0
    confirmed: bool = False
