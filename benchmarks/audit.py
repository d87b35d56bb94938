"""The audit on planted organisations: false alarms, power, and intervals of the odds ratio.

Each history has 150 decisions, half of them on proposals of seniors, and some proposals that still
wait. A decider sees the evidence and merges with log odds linear in it, or by another rule, plus
what the organisation adds for seniors; the intercept is such that 30% are merged. Seniors are
staff, the others students and agents; teams cut across. Runs and waits depend on the evidence too,
so that a difference in merit alone makes groups wait and run differently, without any bias.

*False alarms* are questions other than the first whose corrected p-value is at most 5%, in
organisations that treat all alike. *Power* is the share of histories in which the planted question
is answered so. *Intervals* are 90% ones of the log odds ratio of seniority, beside those of the
likelihood of the very model that made the decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import special, stats

from mainstem.stats import association, audit, logistic
from mainstem.stats.audit import Question

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

ALPHA = 0.05
LEVEL = 0.9
BASE_RATE = 0.3
MERIT = 0.8
"""By how many sds of true gain seniors are better, where they are."""

STRENGTHS = (2.0, 4.0, 6.2)
GOAL_POWER, GOAL_COVER, GOAL_WIDTH = 0.8, 0.87, 1.3
NOISE = 0.7
"""Sd of what is measured of a gain, in sds of true gain."""

_FORCED, _VETOED = 0.1, 0.05  # of what is merged and of what is not, in a fair organisation
_LATER = 1.5  # sd of the noise of a later measurement, from fewer runs
_OPEN = 30  # proposals that still wait
_SEED = 6


def linear(z: Floats) -> Floats:
    """Log odds of merging rise by 1 for each sd of evidence."""
    return z


def steep(z: Floats) -> Floats:
    """Log odds rise by 2 for each sd."""
    return 2.0 * z


def bar(z: Floats) -> Floats:
    """Nearly all above a bar are merged, nearly none below."""
    return np.asarray(4.0 * np.tanh(3.0 * (z - 0.5)))


def saturating(z: Floats) -> Floats:
    """What is good enough is good enough."""
    return np.minimum(2.0 * z, 1.0)


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """How an organisation decides.

    Attributes:
        rule: Log odds of merging by standardised evidence, up to the intercept.
        odds: Odds ratio of merging for seniors, given the evidence.
        hoarding: Times as many runs for a senior's proposal.
        vetoes: Share of the others' proposals that is vetoed when it would be merged.
        merit: By how many sds of true gain seniors are better.
        decisions: How many there are.
        later: Whether the audit is handed what a later measurement said, the error that the
            evidence at the decision avoids.
    """

    rule: Callable[[Floats], Floats] = linear
    odds: float = 1.0
    hoarding: float = 1.0
    vetoes: float = 0.0
    merit: float = 0.0
    decisions: int = 150
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class History:
    """What an audit sees of an organisation, and what it does not."""

    decisions: audit.Decisions
    waits: audit.Waits
    standardised: Floats


def _gains(rng: np.random.Generator, senior: NDArray[np.bool_], merit: float) -> Floats:
    return rng.normal(size=len(senior)) + merit * (senior - 0.5)


def _measured(rng: np.random.Generator, gain: Floats, noise: float = NOISE) -> Floats:
    """Posterior means: what was measured, shrunk by its noise, blind to the author."""
    return np.asarray((gain + noise * rng.normal(size=len(gain))) / (1.0 + noise**2))


_SD = float(1.0 / np.sqrt(1.0 + NOISE**2))  # of the evidence, without a difference in merit


@cache
def intercept(organisation: Organisation) -> float:
    """The log odds at which so many are merged as the base rate says, vetoes included."""
    rng = np.random.default_rng([_SEED, 1])
    senior = np.arange(20_000) % 2 == 0
    z = _measured(rng, _gains(rng, senior, organisation.merit)) / _SD
    eta = organisation.rule(z) + np.log(organisation.odds) * senior
    kept = np.where(senior, 1.0, 1.0 - organisation.vetoes)
    low, high = -20.0, 20.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        below = np.mean(special.expit(middle + eta) * kept) < BASE_RATE
        low, high = (middle, high) if below else (low, middle)
    return low


def history(organisation: Organisation, number: int) -> History:
    """One history of an organisation: what was decided, and what still waits."""
    rng = np.random.default_rng([_SEED, 2, number])
    filed = organisation.decisions + _OPEN
    senior = np.arange(filed) % 2 == 0
    kind = np.where(senior, "staff", np.where(rng.random(filed) < 2.0 / 3.0, "student", "agent"))
    gain = _gains(rng, senior, organisation.merit)
    evidence = _measured(rng, gain)
    z = evidence / _SD
    eta = intercept(organisation) + organisation.rule(z) + np.log(organisation.odds) * senior
    merged = rng.random(filed) < special.expit(eta)
    # Fair overrides are drawn after the outcome, so that they leave the planted odds as they are.
    forced = merged & (rng.random(filed) < _FORCED)
    vetoed = ~merged & (rng.random(filed) < _VETOED)
    vetoed |= merged & ~forced & ~senior & (rng.random(filed) < organisation.vetoes)
    runs = rng.poisson(8.0 * np.exp(0.3 * z) * np.where(senior, organisation.hoarding, 1.0)) + 1.0
    # The sooner of two exponential times, the verdict and the end of what is seen.
    waits = rng.exponential(1.0 / (1.0 + 5.0 * np.exp(0.3 * z)))
    claimed = rng.random(filed) < 0.6
    held = rng.random(filed) < 0.6
    team = rng.integers(3, size=filed)
    shown = (_measured(rng, gain, _LATER) if organisation.later else evidence)[:, None]
    own = slice(organisation.decisions)
    return History(
        decisions=audit.Decisions(
            merged=(merged & ~vetoed)[own],
            evidence=shown[own],
            senior=senior[own],
            kind=kind[own],
            team=team[own],
            runs=runs[own],
            override=(forced.astype(np.int64) - vetoed)[own],
            claimed=claimed[own],
            held=held[own],
        ),
        waits=audit.Waits(
            waits=waits,
            judged=np.arange(filed) < organisation.decisions,
            kind=kind,
            evidence=shown,
        ),
        standardised=z[own],
    )


@dataclass(frozen=True, kw_only=True)
class Cell:
    """An organisation and what is counted of its histories.

    Attributes:
        organisation: The organisation, without a difference in merit.
        planted: The question that is to be answered; None where all are treated alike.
        measured: Whether the interval of the log odds ratio is counted.
        claimed: Whether the goals of the table hold for it.
    """

    organisation: Organisation
    planted: Question | None = None
    measured: bool = False
    claimed: bool = True


CELLS: dict[str, Cell] = {
    "fair": Cell(organisation=Organisation(), measured=True),
    "fair, steep in the evidence": Cell(organisation=Organisation(rule=steep)),
    "fair, nearly a bar": Cell(organisation=Organisation(rule=bar)),
    "fair, saturating": Cell(organisation=Organisation(rule=saturating)),
    "fair, 40 decisions": Cell(organisation=Organisation(decisions=40)),
    "fair, 20 decisions": Cell(organisation=Organisation(decisions=20)),
    **{
        f"seniors' odds times {odds:g}": Cell(
            organisation=Organisation(odds=odds), planted=Question.SENIORITY, measured=True
        )
        for odds in STRENGTHS
    },
    "the same at 4, steep": Cell(
        organisation=Organisation(odds=4.0, rule=steep),
        planted=Question.SENIORITY,
        measured=True,
        claimed=False,
    ),
    "seniors get twice the runs": Cell(
        organisation=Organisation(hoarding=2.0), planted=Question.COMPUTE
    ),
    "half of the others' merges vetoed": Cell(
        organisation=Organisation(vetoes=0.5), planted=Question.OVERRIDES
    ),
    "fair, audited by a later measurement": Cell(
        organisation=Organisation(later=True, rule=steep), claimed=False
    ),
}
MERITS = (0.0, MERIT)


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Audits so many histories of each organisation."""
    del folder
    histories = 30 if quick else 500
    return {
        "histories": histories,
        "cells": [
            {"name": name, "merit": merit, **audited(cell, merit, histories)}
            for name, cell in CELLS.items()
            for merit in MERITS
        ],
    }


def audited(cell: Cell, merit: float, histories: int) -> dict[str, Any]:
    """Counts over histories of one organisation.

    Returns:
        `said`: how often each question's corrected p-value is at most alpha; `alarms`: in how many
        histories any but the first question's is; `cover` and `width` where intervals are counted.
    """
    organisation = replace(cell.organisation, merit=merit)
    said = dict.fromkeys(map(str, Question), 0)
    alarms = 0
    intervals = []
    for number in range(histories):
        one = history(organisation, number)
        rng = np.random.default_rng([_SEED, 3, number])
        found = audit.answers(rng, one.decisions, one.waits)
        yes = [q for q, a in found.items() if a.adjusted is not None and a.adjusted <= ALPHA]
        for question in yes:
            said[str(question)] += 1
        alarms += any(question is not Question.GAIN for question in yes)
        if cell.measured:
            intervals.append(_interval(one, float(np.log(organisation.odds))))
    counts: dict[str, Any] = {"said": said, "alarms": alarms}
    return counts | (_summary(np.array(intervals)) if intervals else {})


def _interval(one: History, truth: float) -> tuple[float, float, float, float]:
    """The interval of a history: does it hold the truth, both widths, and the estimate's error."""
    d = one.decisions
    assert d.senior is not None  # noqa: S101  # this bench's histories have it
    found = association.log_odds_ratio(d.merged, d.evidence, d.senior, LEVEL)
    x = np.column_stack([np.ones(len(d.merged)), one.standardised, d.senior])
    plain = logistic.profile_interval(x, d.merged, 2, LEVEL, firth=False)
    if found is None:
        raise RuntimeError("a history in which nobody was merged, or everybody: no interval")
    holds = float(found.low <= truth <= found.high)
    return holds, found.high - found.low, plain.high - plain.low, found.value - truth


def _summary(rows: Floats) -> dict[str, float]:
    """Coverage, median widths one over the other, and bias over histories."""
    return {
        "cover": float(rows[:, 0].mean()),
        "width": float(np.median(rows[:, 1]) / np.median(rows[:, 2])),
        "bias": float(rows[:, 3].mean()),
    }


def most(histories: int) -> int:
    """The most false alarms that a true rate of alpha explains, 99% of the time: 37 of 500."""
    return int(stats.binom.ppf(0.99, histories, ALPHA))


def table(figures: dict[str, Any]) -> str:
    """Every organisation beside its goals."""
    histories = figures["histories"]
    lines = [
        f"{histories} histories each; corrected p-values of {ALPHA:g} or less are alarms",
        f"goals: at most {most(histories)} with false alarms, power {GOAL_POWER:.0%} at odds of 4,",
        f"  {LEVEL:.0%} intervals that cover {GOAL_COVER:.0%}, {GOAL_WIDTH} times the likelihood's",
        "",
        (
            f"  {'organisation':38s}{'merit':>6s}{'alarms':>8s}{'planted':>9s}{'cover':>7s}"
            f"{'width':>7s}{'bias':>7s}"
        ),
    ]
    return "\n".join(lines + [_row(row, histories) for row in figures["cells"]])


def _row(row: dict[str, Any], histories: int) -> str:
    """One organisation; a star where it misses a goal that holds for it."""
    cell = CELLS[row["name"]]
    power = row["said"][str(cell.planted)] / histories if cell.planted else None
    fair = cell.planted is None
    missed = cell.claimed and (
        (fair and row["alarms"] > most(histories))
        or (cell.organisation.odds == STRENGTHS[1] and power is not None and power < GOAL_POWER)
        or (cell.measured and (row["cover"] < GOAL_COVER or row["width"] > GOAL_WIDTH))
    )
    return (
        f"  {row['name']:38s}{row['merit']:6.1f}"
        f"{row['alarms'] if fair else '':>8}{'' if power is None else f'{power:.3f}':>9s}"
        + (
            f"{row['cover']:7.3f}{row['width']:7.2f}{row['bias']:7.2f}"
            if cell.measured
            else " " * 21
        )
        + (" *" if missed else "")
    ).rstrip()
