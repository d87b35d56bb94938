"""What an organisation's log says of its way of deciding: veto rate and silo width, with intervals.

The posterior of both together on a grid: layouts of teams (`lab.teams`) by veto rates
(`lab.vetoes`), exact up to the grid. Recipes that were run together tell the layout; so do
decisions that take no heed of interactions across teams. Decisions tell the veto rate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import logsumexp

from mainstem.lab import teams, vetoes
from mainstem.lab.vetoes import ANGLES, Counts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from mainstem.lab.decisions_log import DecisionsLog

    Floats = NDArray[np.float64]

LEVEL = 0.9

FEWEST = 20
"""Below so many telling decisions nothing is concluded of vetoes; below so many decisions, or so
many recipes and decisions that tell of teams, nothing of silos."""


@dataclass(frozen=True, kw_only=True)
class VetoRate:
    """How often a senior vetoes what evidence would merge.

    Attributes:
        median: The posterior's median.
        low: Lower end of the 90% interval; 0 where no rate explains the log better than none.
        high: Upper end; 1 where no rate explains it better than always.
        cdf: The posterior probability of a rate up to each of `edges`.
        edges: Rates, ascending from 0 to 1.
    """

    median: float
    low: float
    high: float
    cdf: tuple[float, ...] = field(repr=False)
    edges: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class SiloWidth:
    """How many neighbouring components the widest team owns.

    Attributes:
        probability: Posterior probability of each width from 1 on.
        mode: The likeliest width.
        within: The fewest widths that together have 90%, ascending.
        layout: The likeliest layout of the likeliest width: components by team.
    """

    probability: tuple[float, ...]
    mode: int
    within: tuple[int, ...]
    layout: tuple[tuple[str, ...], ...]

    @property
    def no_silo(self) -> float:
        """The probability that everybody looks at the whole stack."""
        return self.probability[-1]


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What a log says.

    Attributes:
        decisions: How many it holds.
        counts: What of them counts.
        recipes: How many recipes say something of silos.
        interacting: How many decisions do, by interactions.
        components: The components in their order.
        levels: How many vetoes came from each level of seniority; what the log does not say is
            left out.
        veto_rate: None where nothing is concluded.
        silo_width: None where nothing is concluded.
    """

    decisions: int
    counts: Counts
    recipes: int
    interacting: int
    components: tuple[str, ...]
    levels: Mapping[int, int]
    veto_rate: VetoRate | None
    silo_width: SiloWidth | None


def recovered(log: DecisionsLog) -> Recovered:
    """Veto rate and silo width of an organisation, by its log."""
    found = vetoes.counts(log)
    known = teams.layouts(max(len(log.components), 1))
    recipes = len(teams.counted_runs(log))
    interacting = sum(bool(one.beside and one.gain and one.components) for one in log.decisions)
    posterior = teams.log_prior(known)[:, None] + vetoes.log_likelihood(log, known)
    posterior += teams.log_likelihood(log, known)[:, None]
    posterior = np.exp(posterior - logsumexp(posterior))
    enough = min(len(log.decisions), recipes + interacting) >= FEWEST
    return Recovered(
        decisions=len(log.decisions),
        counts=found,
        recipes=recipes,
        interacting=interacting,
        components=log.components,
        levels=_levels(log),
        veto_rate=_veto_rate(posterior.sum(axis=0)) if found.telling >= FEWEST else None,
        silo_width=_silo_width(posterior.sum(axis=1), known, log)
        if enough and len(log.components) > 1
        else None,
    )


def _levels(log: DecisionsLog) -> dict[int, int]:
    """Vetoes that were written down, by the level that they came from."""
    levels = [one.by for one in log.decisions if one.vetoed and one.by is not None]
    return {level: levels.count(level) for level in sorted(set(levels))}


def _veto_rate(mass: Floats) -> VetoRate:
    """The posterior of the rate, from what each cell of `ANGLES` has of it."""
    half = 0.5 * (ANGLES[1] - ANGLES[0])
    angles = np.append(ANGLES - half, ANGLES[-1] + half)
    cdf = np.append(0.0, np.cumsum(mass))
    tail = 0.5 * (1.0 - LEVEL)
    low, median, high = np.interp([tail, 0.5, 1.0 - tail], cdf, angles)
    best = int(np.argmax(mass))
    return VetoRate(
        median=_rate(median),
        low=0.0 if best == 0 else _rate(low),
        high=1.0 if best == len(mass) - 1 else _rate(high),
        cdf=tuple(map(float, cdf)),
        edges=tuple(map(_rate, angles)),
    )


def _rate(angle: float) -> float:
    return float(np.sin(angle) ** 2)


def _silo_width(mass: Floats, known: tuple[teams.Layout, ...], log: DecisionsLog) -> SiloWidth:
    """The posterior of the width, from each layout's."""
    width = np.array([layout.width for layout in known])
    probability = np.array([mass[width == one].sum() for one in range(1, width.max() + 1)])
    order = np.argsort(-probability, kind="stable")
    enough = int(np.searchsorted(np.cumsum(probability[order]), LEVEL)) + 1
    mode = int(order[0]) + 1
    own = max((at for at in range(len(known)) if width[at] == mode), key=lambda at: mass[at])
    groups: dict[int, list[str]] = {}
    for name, team in zip(log.components, known[own].team, strict=True):
        groups.setdefault(team, []).append(name)
    return SiloWidth(
        probability=tuple(map(float, probability)),
        mode=mode,
        within=tuple(sorted(int(at) + 1 for at in order[:enough])),
        layout=tuple(map(tuple, groups.values())),
    )


def plain(found: Recovered) -> dict[str, Any]:
    """The documented JSON of what a log says (docs/recovery.md)."""
    c, rate, silo = found.counts, found.veto_rate, found.silo_width
    return {
        "decisions": found.decisions,
        "counted": {
            "merged": c.merged,
            "approved_not_merged": c.vetoed,
            "unclear": c.unclear,
            "refused_by_evidence": c.refused,
            "unused": c.unused,
        },
        "vetoes_written": c.written,
        "vetoes_of_refused": c.beside_the_point,
        "vetoes_by_level": {str(level): count for level, count in found.levels.items()},
        "veto_rate": None
        if rate is None
        else {"median": rate.median, "low": rate.low, "high": rate.high, "level": LEVEL},
        "recipes": found.recipes,
        "interacting": found.interacting,
        "components": list(found.components),
        "silo_width": None
        if silo is None
        else {
            "mode": silo.mode,
            "within": list(silo.within),
            "level": LEVEL,
            "probability": list(silo.probability),
            "no_silo": silo.no_silo,
            "teams": [list(team) for team in silo.layout],
        },
        "fewest": FEWEST,
    }
