r"""Silos: which teams own which components, and what recipes that are run together say of it.

**Definition.** Components stand in an order in which neighbours lie beside each other. A silo of
width w gives each team w neighbouring components; at the two ends a team may own fewer, and one at
least owns w. So a width has up to w layouts, by where the first border lies, and two widths never
have a layout in common. A width of all components is no silo. A team runs together, and sees
interactions of, only proposals that lie wholly within what it owns.

**Likelihood of a recipe** of k >= 2 of the n proposals of its round, given a layout in which team b
has :math:`n_b` of them and a leak :math:`\lambda`: with probability :math:`\lambda` it was chosen
from the whole round, else by one team, which had its turn in proportion to its proposals,

.. math:: P(S) = (1 - \lambda) \frac{n_b}{N_k \binom{n_b}{k}} [S \subset b]
                 + \lambda \binom{n}{k}^{-1}, \qquad N_k = \sum_{b: n_b \ge k} n_b.

Sizes are taken as they are. Where no team has k proposals, the recipe is one of the whole round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.lab.decisions_log import DecisionsLog, LoggedDecision

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

MOST_LEAK = 0.5
"""An organisation that chooses more of its recipes across teams than this has no silos."""

NOBODY = -1
"""The team of a proposal that no team owns wholly."""

_LEAKS = 40
_MOST_RATIO = 700.0  # the largest log that exp takes


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Who owns what.

    Attributes:
        width: How many components the widest team owns.
        team: Each component's team, from 0, in the order of the components.
    """

    width: int
    team: tuple[int, ...]


def layouts(components: int) -> tuple[Layout, ...]:
    """Every layout of so many components, the narrowest first.

    Raises:
        ValueError: There is no component.
    """
    if components < 1:
        raise ValueError(f"{components} components: a layout needs one at least")
    return tuple(
        layout
        for width in range(1, components + 1)
        for first in range(1, width + 1)
        if (layout := _layout(components, width, first)).width == width
    )


def _layout(components: int, width: int, first: int) -> Layout:
    """Teams of a width, of which the first owns fewer components or as many."""
    team = [(at + width - first) // width for at in range(components)]
    widest = max(team.count(one) for one in team)
    return Layout(width=widest, team=tuple(team))


def log_prior(known: Sequence[Layout]) -> Floats:
    """Log prior probability of each layout: widths alike, and the layouts of a width alike."""
    widths = [layout.width for layout in known]
    return np.array([-np.log(len(set(widths)) * widths.count(width)) for width in widths])


def owners(log: DecisionsLog, layout: Layout) -> dict[int, int]:
    """The team that owns each proposal, by its number: `NOBODY` for one of several teams.

    Proposals without a component are left out.
    """
    team = dict(zip(log.components, layout.team, strict=False))  # no component has no place
    found: dict[int, int] = {}
    for one in log.decisions:
        if one.components:
            own, *more = (team[name] for name in one.components)
            found[one.number] = own if all(other == own for other in more) else NOBODY
    return found


def counted_runs(log: DecisionsLog) -> list[tuple[int, frozenset[int]]]:
    """Recipes that say something of silos, with their round: two proposals or more, all placed."""
    placed = {one.number for one in log.decisions if one.components}
    return [
        (run.round, run.members)
        for run in log.runs
        if len(run.members) > 1 and run.members <= placed
    ]


def log_likelihood(log: DecisionsLog, known: Sequence[Layout]) -> Floats:
    r"""Log likelihood of the recipes under each layout, up to what is common to all.

    The leak is integrated out, alike from 0 to `MOST_LEAK`.

    Returns:
        Shape (layouts,).
    """
    runs = counted_runs(log)
    if not runs:
        return np.zeros(len(known))
    ratios = np.array([_ratios(log, runs, layout) for layout in known])
    leaks = (np.arange(_LEAKS) + 0.5) * MOST_LEAK / _LEAKS
    terms = np.log(leaks[:, None] + (1.0 - leaks[:, None]) * ratios[:, None, :])
    return np.asarray(np.logaddexp.reduce(terms.sum(-1), axis=-1) - np.log(_LEAKS))


def _ratios(
    log: DecisionsLog, runs: Sequence[tuple[int, frozenset[int]]], layout: Layout
) -> Floats:
    """How much likelier a team chose each recipe than the whole round did."""
    teams = owners(log, layout)
    sizes = {at: _sizes(members, teams) for at, members in _rounds(log.decisions).items()}
    return np.array([_ratio(members, teams, sizes[at]) for at, members in runs])


def _rounds(decisions: Sequence[LoggedDecision]) -> dict[int, list[int]]:
    """The numbers of each round's proposals whose components are known."""
    found: dict[int, list[int]] = {}
    for one in decisions:
        if one.components:
            found.setdefault(one.round, []).append(one.number)
    return found


def _sizes(members: Sequence[int], teams: Mapping[int, int]) -> dict[int, int]:
    """How many of a round's proposals each team owns."""
    found: dict[int, int] = {}
    for number in members:
        found[teams[number]] = found.get(teams[number], 0) + 1
    return found


def _ratio(members: frozenset[int], teams: Mapping[int, int], sizes: Mapping[int, int]) -> float:
    """P(S | a team chose) / P(S | the whole round chose), for a recipe S."""
    k, n = len(members), sum(sizes.values())
    able = sum(size for team, size in sizes.items() if team != NOBODY and size >= k)
    if not able:
        return 1.0
    owner = {teams[number] for number in members}
    if len(owner) > 1 or NOBODY in owner:
        return 0.0
    own = sizes[owner.pop()]
    log_ratio = math.log(own / able) + _log_choose(n, k) - _log_choose(own, k)
    return math.exp(min(log_ratio, _MOST_RATIO))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
