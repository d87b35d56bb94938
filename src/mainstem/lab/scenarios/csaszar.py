"""Csaszar 2012: how many must agree? A higher threshold trades commission for omission.

Of n screeners at least c must let a project pass. The probability of that is a binomial tail. A
bad project that passes is an error of commission, a good one that does not is an error of
omission: each step up in c lowers the one and raises the other, so consensus is a choice of errors
and no way to have fewer of both.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mainstem.lab.scenarios.scenario import Figure, Kind, Scenario, Target, share

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

SCREENERS, GOOD, BAD = 5, 0.7, 0.3
"""How many, and the probability that one of them passes a good and a bad project."""

_WITHIN = 0.003


def passes(p: float, threshold: int, screeners: int = SCREENERS) -> float:
    """The probability that `threshold` or more of the screeners let a project pass."""
    return sum(
        math.comb(screeners, k) * p**k * (1.0 - p) ** (screeners - k)
        for k in range(threshold, screeners + 1)
    )


def commission(threshold: int) -> float:
    """The probability that a bad project is taken."""
    return passes(BAD, threshold)


def omission(threshold: int) -> float:
    """The probability that a good project is lost."""
    return 1.0 - passes(GOOD, threshold)


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """Every threshold on `size` good and `size` bad projects."""
    good, bad = ((rng.random((size, SCREENERS)) < p).sum(axis=1) for p in (GOOD, BAD))
    found: dict[str, Figure] = {}
    for c in range(1, SCREENERS + 1):
        found[_name("commission", c)] = share(int((bad >= c).sum()), size)
        found[_name("omission", c)] = share(int((good < c).sum()), size)
    for c in range(2, SCREENERS + 1):
        # The same projects at both thresholds: what changes is who had exactly c - 1 votes.
        found[_step("commission", c)] = _change(-int((bad == c - 1).sum()), size)
        found[_step("omission", c)] = _change(int((good == c - 1).sum()), size)
    return found


def _change(count: int, size: int) -> Figure:
    part = share(abs(count), size)
    return Figure(value=math.copysign(part.value, count), error=part.error)


def _name(error: str, threshold: int) -> str:
    return f"{error}, {threshold} of {SCREENERS}"


def _step(error: str, threshold: int) -> str:
    return f"{error}, from {threshold - 1} to {threshold}"


SCENARIO = Scenario(
    name="csaszar",
    paper="Csaszar 2012, Strategic Management Journal 33",
    definition=(
        "five screeners who each pass a good project with probability .7 and a bad one with .3, "
        "independently; a project is taken if c of them pass it"
    ),
    targets=(
        *(
            Target(
                name=_name(error, c), value=exact(c), tolerance=_WITHIN, source="exact: binomial"
            )
            for c in range(1, SCREENERS + 1)
            for error, exact in (("commission", commission), ("omission", omission))
        ),
        *(
            Target(name=_step(error, c), value=0.0, kind=kind, source="the paper")
            for c in range(2, SCREENERS + 1)
            for error, kind in (("commission", Kind.BELOW), ("omission", Kind.ABOVE))
        ),
    ),
    play=play,
    full=400_000,
    quick=20_000,
)
