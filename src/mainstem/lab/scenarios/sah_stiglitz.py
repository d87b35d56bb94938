"""Sah and Stiglitz 1986: two screeners, one after the other or either of them.

A project passes a screener with probability p. In a hierarchy both must let it pass: p^2. In a
polyarchy one is enough: 1 - (1 - p)^2. So a polyarchy takes more of the good ones and more of the
bad ones, and which is better depends on what is on offer: neither is better as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.lab.scenarios.scenario import Figure, Scenario, Target, share

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

PASSES = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Probabilities that one screener lets a project pass."""

GOOD, BAD = 0.7, 0.4
"""Of a good and of a bad project, for the share of good ones at which both structures are even."""

_WITHIN = 0.003


def hierarchy(p: float) -> float:
    """The probability that both let a project pass."""
    return p * p


def polyarchy(p: float) -> float:
    """The probability that one or both let a project pass."""
    return 1.0 - (1.0 - p) ** 2


def even(good: float, bad: float) -> float:
    """The share of good projects at which both structures earn the same.

    A good project earns what a bad one loses. Above it the polyarchy is better, below it the
    hierarchy: both differ by 2p(1 - p) in what they take.

    Args:
        good: The probability that one screener passes a good project.
        bad: The same of a bad one.
    """
    more_good, more_bad = (polyarchy(p) - hierarchy(p) for p in (good, bad))
    return more_bad / (more_good + more_bad)


def play(rng: np.random.Generator, size: int) -> Mapping[str, Figure]:
    """Both structures on `size` projects of each kind."""
    found = {}
    for p in PASSES:
        first, second = rng.random((2, size)) < p
        found[_name("hierarchy", p)] = share(int((first & second).sum()), size)
        found[_name("polyarchy", p)] = share(int((first | second).sum()), size)
    found["share of good projects at which both are even"] = Figure(
        value=even(GOOD, BAD), error=0.0
    )
    return found


def _name(structure: str, p: float) -> str:
    return f"{structure} passes, p={p}"


SCENARIO = Scenario(
    name="sah-stiglitz",
    paper="Sah and Stiglitz 1986, American Economic Review 76",
    definition=(
        "two screeners who each let a project pass with probability p, independently; a hierarchy "
        "takes what both pass, a polyarchy what one passes"
    ),
    targets=tuple(
        Target(
            name=_name(structure, p), value=exact(p), tolerance=_WITHIN, source=f"exact: {formula}"
        )
        for p in PASSES
        for structure, exact, formula in (
            ("hierarchy", hierarchy, "p^2"),
            ("polyarchy", polyarchy, "1 - (1 - p)^2"),
        )
    ),
    play=play,
    full=400_000,
    quick=20_000,
)
