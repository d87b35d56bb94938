"""Organisations whose way of deciding is known, and the logs that they would keep.

To see whether the lab gives back what was planted (`lab.recover`), and what becomes of that where
an organisation is not as the model has it: the traits after `logs` are of that kind.

An organisation goes on in rounds. In each, proposals come in on components that chance picks. Every
recipe is chosen by a proposal's team, of the proposals that it owns (or, with the probability of a
leak, of all). The decider looks at one proposal after the other: its measured gain, and its
interactions with what was merged before in the round *and lies in the own silo*; judges with noise;
and a senior may veto what would be merged.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Flag, auto
from typing import TYPE_CHECKING

import numpy as np

from mainstem.domain.stack import Role
from mainstem.lab.decisions_log import DecisionsLog, Gain, LoggedDecision, LoggedRun
from mainstem.lab.teams import Layout, layouts
from mainstem.lab.vetoes import strength

if TYPE_CHECKING:
    from collections.abc import Mapping

MARGIN, GUARD_MARGIN = 0.002, 50.0
_GAIN_SD = 2.0  # of true gains, in margins
_GUARD_SD = 15.0  # of a guard's true gains, in its unit
_LEVELS = 3  # of seniority
_HEAVY = 3.0  # degrees of freedom of judgement with heavy tails


class Kept(Flag):
    """What a log keeps beside evidence and merges."""

    APPROVALS = auto()
    VETOES = auto()
    RECIPES = auto()
    INTERACTIONS = auto()


@dataclass(frozen=True, kw_only=True)
class Planted:
    """An organisation.

    Attributes:
        veto_rate: How often a senior vetoes what evidence would merge.
        layout: Who owns what.
        decisions: How many there are.
        proposals: How many come in each round.
        recipes: How many are run in each round.
        leak: The share of recipes that is chosen of the whole round.
        bar: The strength from which evidence suffices, in sds.
        judgement_sd: The noise of judgement, in sds of strength.
        interaction_sd: Of true interactions of two proposals, in margins.
        written: The probability that a veto is written down.
        logs: What is kept.
        by_strength: How much the log odds of a veto rise for each sd of strength above the bar.
        by_component: Sd of the log odds of a veto between components.
        vetoes_weak: The probability that a senior vetoes what evidence would not merge.
        mislabelled: The share of proposals that the log puts into a wrong component.
        misapproved: The share of decisions whose approval stands the wrong way round in the log.
        overstated: By how much the log's sds of gains are too small: 2 is half of the true ones.
        heavy: Whether judgement has tails of Student's t with 3 degrees.
    """

    veto_rate: float
    layout: Layout
    decisions: int = 150
    proposals: int = 10
    recipes: int = 6
    leak: float = 0.1
    bar: float = 1.0
    judgement_sd: float = 0.5
    interaction_sd: float = 1.0
    written: float = 0.7
    logs: Kept = Kept.APPROVALS | Kept.VETOES | Kept.RECIPES | Kept.INTERACTIONS
    by_strength: float = 0.0
    by_component: float = 0.0
    vetoes_weak: float = 0.0
    mislabelled: float = 0.0
    misapproved: float = 0.0
    overstated: float = 1.0
    heavy: bool = False


@dataclass(kw_only=True)
class _Round:
    """What a round has come to.

    Attributes:
        number: Its number.
        position: Each proposal's component, by the proposal's number.
        interaction: Of each two proposals, the first with the smaller number.
        merged: In the order of merging.
    """

    number: int
    position: dict[int, int]
    interaction: Mapping[tuple[int, int], float]
    merged: list[int] = field(default_factory=list)

    def beside(self, number: int) -> dict[int, float]:
        """The interactions of a proposal with what was merged before."""
        return {one: self.interaction[min(one, number), max(one, number)] for one in self.merged}


def names(layout: Layout) -> tuple[str, ...]:
    """What the components of a planted organisation are called."""
    return tuple(f"part{at + 1}" for at in range(len(layout.team)))


def any_layout(rng: np.random.Generator, components: int) -> Layout:
    """A layout: all widths alike, and all layouts of a width."""
    known = layouts(components)
    width = int(rng.integers(1, components + 1))
    return known[int(rng.choice([at for at, one in enumerate(known) if one.width == width]))]


def log_of(rng: np.random.Generator, planted: Planted) -> DecisionsLog:
    """The log that an organisation keeps."""
    shift = planted.by_component * rng.normal(size=len(planted.layout.team))
    decisions: list[LoggedDecision] = []
    runs: list[LoggedRun] = []
    for start in range(0, planted.decisions, planted.proposals):
        end = min(start + planted.proposals, planted.decisions)
        one = _opened(rng, planted, start // planted.proposals + 1, range(start + 1, end + 1))
        runs += _recipes(rng, planted, one)
        decisions += [_decided(rng, planted, one, number, shift) for number in one.position]
    return DecisionsLog(
        components=names(planted.layout),
        decisions=tuple(_kept(rng, planted, one) for one in decisions),
        runs=tuple(runs) if Kept.RECIPES in planted.logs else (),
    )


def _opened(rng: np.random.Generator, planted: Planted, number: int, proposals: range) -> _Round:
    """A round with its proposals and what nobody knows of them yet."""
    components = len(planted.layout.team)
    return _Round(
        number=number,
        position={one: int(rng.integers(components)) for one in proposals},
        interaction={
            (a, b): planted.interaction_sd * float(rng.normal())
            for a in proposals
            for b in proposals
            if a < b
        },
    )


def _recipes(rng: np.random.Generator, planted: Planted, one: _Round) -> list[LoggedRun]:
    """What is run: chosen by a proposal that chance picks, among its team's or among all."""
    team = {number: planted.layout.team[at] for number, at in one.position.items()}
    numbers = list(team)
    found: list[LoggedRun] = []
    for _ in range(planted.recipes):
        first = int(rng.choice(numbers))
        all_of_them = rng.random() < planted.leak
        others = [p for p in numbers if p != first and (all_of_them or team[p] == team[first])]
        if others:
            more = int(rng.integers(1, len(others) + 1))
            chosen = rng.choice(others, size=more, replace=False)
            members = frozenset({first, *map(int, chosen)})
            found.append(LoggedRun(round=one.number, members=members))
    return found


def _decided(
    rng: np.random.Generator,
    planted: Planted,
    one: _Round,
    number: int,
    shift: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> LoggedDecision:
    """One decision, as whoever sees all would write it down."""
    position, team = one.position[number], planted.layout.team
    decision = LoggedDecision(
        number=number,
        round=one.number,
        components=(names(planted.layout)[position],),
        gain=_evidence(rng),
        beside=one.beside(number),
        merged=False,
    )
    seen = [v for p, v in decision.beside.items() if team[one.position[p]] == team[position]]
    s = strength(decision, sum(seen))
    noise = rng.standard_t(_HEAVY) if planted.heavy else rng.normal()
    approved = bool(s + planted.judgement_sd * noise > planted.bar)
    odds = planted.veto_rate / (1.0 - planted.veto_rate)
    odds *= float(np.exp(planted.by_strength * (s - planted.bar) + shift[position]))
    rate = odds / (1.0 + odds) if approved else planted.vetoes_weak
    vetoed = bool(rng.random() < rate)
    if approved and not vetoed:
        one.merged.append(number)
    level = int(rng.integers(1, _LEVELS + 1))
    return replace(
        decision,
        approved=approved,
        vetoed=vetoed,
        by=level if vetoed else None,
        merged=approved and not vetoed,
    )


def _evidence(rng: np.random.Generator) -> dict[str, Gain]:
    """What is measured of a proposal: its true gain with noise, by how often it ran."""
    sd = float(rng.uniform(0.5, 1.5))
    gain = _GAIN_SD * rng.normal() + sd * rng.normal()
    guard_sd = 10.0 * sd
    guard = _GUARD_SD * rng.normal() + guard_sd * rng.normal()
    return {
        "loss": Gain(mean=gain * MARGIN, sd=sd * MARGIN, margin=MARGIN, role=Role.IMPROVE),
        "params": Gain(mean=guard, sd=guard_sd, margin=GUARD_MARGIN, role=Role.GUARD),
    }


def _kept(rng: np.random.Generator, planted: Planted, one: LoggedDecision) -> LoggedDecision:
    """What of a decision the log keeps, and what it has wrong."""
    written = Kept.VETOES in planted.logs and rng.random() < planted.written
    vetoed = one.vetoed and written
    approved = None
    if Kept.APPROVALS in planted.logs:
        wrong = rng.random() < planted.misapproved and not one.merged and not vetoed
        approved = bool(one.approved) != wrong
    components = one.components
    if rng.random() < planted.mislabelled:
        components = (str(rng.choice(names(planted.layout))),)
    gain = {k: replace(g, sd=g.sd / planted.overstated) for k, g in one.gain.items()}
    return replace(
        one,
        components=components,
        gain=gain,
        beside=one.beside if Kept.INTERACTIONS in planted.logs else {},
        approved=approved,
        vetoed=vetoed,
        by=one.by if vetoed else None,
    )
