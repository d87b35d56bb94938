"""A scenario: a published organisation, what its paper says, and how to play it again.

What is stated is data, so that a page and a test hold the same numbers: a target has a value, a
tolerance and a source. A figure has a Monte-Carlo error, which stands beside the verdict and never
widens a tolerance, except where a caller plays a small size and says so (`slack`).
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

CERTAIN = 2.0
"""A figure is above or below a value if it is so by this many of its Monte-Carlo errors."""


class Kind(enum.StrEnum):
    """How a target binds."""

    NEAR = "near"
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a paper, or the page of targets, says of one figure.

    Attributes:
        name: Of the figure.
        value: What it is near to, above or below.
        tolerance: How far from `value` it may be, in its own unit; 0 for above and below.
        source: Who says so.
        kind: How it binds.
    """

    name: str
    value: float
    tolerance: float = 0.0
    source: str
    kind: Kind = Kind.NEAR


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What was played.

    Attributes:
        value: The estimate.
        error: Its Monte-Carlo standard error, 0 for what is exact.
    """

    value: float
    error: float


class Play(Protocol):
    """Plays a scenario."""

    def __call__(self, rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
        """The figures by name; the same generator gives the same figures.

        Args:
            rng: Everything random comes from here.
            size: Landscapes, or cases, 2 or more.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A published organisation.

    Attributes:
        name: As the bench and the page call it.
        paper: Where it was published.
        definition: What is played, in a few sentences.
        targets: What it is held against.
        play: Plays it. Its figures may be more than the targets; those are shown too.
        full: The size of the published figures.
        quick: A size of a second or so, for tests.
    """

    name: str
    paper: str
    definition: str
    targets: tuple[Target, ...]
    play: Play
    full: int
    quick: int


@dataclass(frozen=True, kw_only=True)
class Check:
    """A target, the figure that was found, and whether it holds."""

    target: Target
    figure: Figure
    held: bool


def check(
    scenario: Scenario, figures: Mapping[str, Figure], *, slack: float = 0.0
) -> tuple[Check, ...]:
    """Holds figures against every target of a scenario.

    Args:
        scenario: Which.
        figures: What `scenario.play` returned.
        slack: So many Monte-Carlo errors are added to each tolerance: 0 for published figures; a
            small size needs some, or its verdict is chance.

    Raises:
        ValueError: A target has no figure.
    """
    missing = [t.name for t in scenario.targets if t.name not in figures]
    if missing:
        raise ValueError(
            f"{scenario.name}: play() returned no figure for {', '.join(missing)}; "
            f"name a figure as its target is named"
        )
    return tuple(
        Check(target=t, figure=figures[t.name], held=_holds(t, figures[t.name], slack))
        for t in scenario.targets
    )


def _holds(target: Target, figure: Figure, slack: float) -> bool:
    """Whether one figure does what is said of it; one that is no number never does."""
    if target.kind is Kind.NEAR:
        room = target.tolerance + slack * figure.error
        return abs(figure.value - target.value) <= room + 1e-12
    ahead = figure.value - target.value
    if target.kind is Kind.BELOW:
        ahead = -ahead
    return ahead > (CERTAIN - slack) * figure.error


def mean(values: NDArray[np.float64]) -> Figure:
    """The mean of independent values, shape (n,), n of 2 or more."""
    return Figure(
        value=float(np.mean(values)), error=float(np.std(values, ddof=1)) / math.sqrt(len(values))
    )


def share(count: int, of: int) -> Figure:
    """A share of independent cases; the error of none or all of them is that of one case less."""
    p = min(max(count / of, 1.0 / of), 1.0 - 1.0 / of)
    return Figure(value=count / of, error=math.sqrt(p * (1.0 - p) / of))


def spread(values: NDArray[np.float64]) -> Figure:
    """The sd of independent values, shape (n,), with the error that their own kurtosis gives.

    var(s) is about (m4 / s^4 - 1) s^2 / 4n (delta method; Cramer 1946, 27.7).
    """
    sd = float(np.std(values, ddof=1))
    if sd == 0.0:
        return Figure(value=0.0, error=0.0)
    kurtosis = float(np.mean((values - np.mean(values)) ** 4)) / sd**4
    return Figure(value=sd, error=sd * math.sqrt(max(kurtosis - 1.0, 0.0) / (4 * len(values))))
