"""Intervals of `mainstem frontier`: of the gap to a reference, and of the day it is closed.

*Gaps*: both sides are drawn anew in each world, trunk and reference normal about 2.5 and 2.0; how
often the 90% interval holds the gap of 0.5. *Forecasts*: merges come as a Poisson process, half a
merge a day, and gain 0.5 on average; a world is looked at after some days, with three merges or
more, and the gap that is left takes ten merges or so. How often the 90% interval holds the day on
which the gap is closed in that very world, and how often it has no upper end. The forecast assumes
normal gains that do not get rarer: skewed ones and shrinking ones show what that costs.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from mainstem.domain.reference import Obtained, Reference, ReferenceId
from mainstem.domain.stack import Objective
from mainstem.domain.verdict import Estimate
from mainstem.frontier import gaps
from mainstem.frontier.gaps import LEVEL, Gap
from mainstem.frontier.pace import LEAST_MERGES, forecast

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WORLDS, QUICK_WORLDS = 2000, 100
RATE, GAIN, LEFT = 0.5, 0.5, 5.0
_SEED = 7
_LONG = 600  # merges of a world's future
_LOSS = Objective("loss", margin=0.05, unit="nats")


@dataclass(frozen=True, kw_only=True)
class GapCell:
    """A kind of gap.

    Attributes:
        runs: Of the trunk, whose sd is 0.05.
        seeds: Of the reference.
        sd: Of the reference's runs.
        stated: Whether it states its spread, as measured.
    """

    runs: int
    seeds: int
    sd: float = 0.05
    stated: bool = True


@dataclass(frozen=True, kw_only=True)
class PaceCell:
    """A kind of progress.

    Attributes:
        days: After which a world is looked at.
        skewed: Gains are exponential, not normal with a sd of half their mean.
        shrinks: Each gain is this times the one before.
    """

    days: float
    skewed: bool = False
    shrinks: float = 1.0


GAPS = {
    "3 runs, 3 seeds": GapCell(runs=3, seeds=3),
    "10 runs, 2 seeds four times as noisy": GapCell(runs=10, seeds=2, sd=0.2),
    "4 runs, 1 seed, no spread stated": GapCell(runs=4, seeds=1, stated=False),
    "20 runs, 5 seeds": GapCell(runs=20, seeds=5),
}
PACES = {
    "8 days": PaceCell(days=8.0),
    "25 days": PaceCell(days=25.0),
    "25 days, exponential gains": PaceCell(days=25.0, skewed=True),
    "25 days, gains shrink by 2% a merge": PaceCell(days=25.0, shrinks=0.98),
    "25 days, gains shrink by 8% a merge": PaceCell(days=25.0, shrinks=0.92),
}


def least(worlds: int) -> int:
    """So many of as many worlds are covered at least, but in one case of a hundred."""
    return int(stats.binom.ppf(0.01, worlds, LEVEL))


def gaps_held(cell: GapCell, worlds: int) -> int:
    """In how many worlds the interval holds the gap."""
    rng = np.random.default_rng([_SEED, cell.runs, cell.seeds])
    held = 0
    for _ in range(worlds):
        theirs = rng.normal(2.0, cell.sd, cell.seeds)
        reference = Reference(
            id=ReferenceId("r"),
            objective="loss",
            metric="loss",
            value=float(theirs.mean()),
            unit="nats",
            spread=float(np.std(theirs, ddof=1)) if cell.stated else None,
            seeds=cell.seeds,
            date=dt.date(2026, 1, 1),
            source="doi:10.1234/x",
            obtained=Obtained.MADE,
        )
        found = gaps.gap(rng.normal(2.5, 0.05, cell.runs), reference, _LOSS).value
        held += (found.low or 0.0) <= 0.5 <= (found.high or 0.0)
    return held


def paces_held(cell: PaceCell, worlds: int) -> dict[str, int]:
    """In how many worlds the interval holds the day, is later, and has no upper end."""
    rng = np.random.default_rng([_SEED, int(cell.days), cell.skewed, round(100 * cell.shrinks)])
    known = Gap(value=Estimate(mean=LEFT, low=LEFT, high=LEFT), parts=(), assumed=False)
    counts = {"worlds": 0, "held": 0, "late": 0, "early": 0, "open": 0}
    while counts["worlds"] < worlds:
        so_far = int(rng.poisson(RATE * cell.days))
        path = _gains(cell, so_far + _LONG, rng)
        gains = path[:so_far]
        if so_far < LEAST_MERGES or gains.sum() <= 0.0:
            continue
        found = forecast(gains, days=cell.days, gap=known, rng=rng)
        took = _took(path[so_far:], rng)
        low, high = found.low or 0.0, math.inf if found.high is None else found.high
        counts["worlds"] += 1
        counts["held"] += low <= took <= high
        counts["early"] += took < low
        counts["late"] += took > high
        counts["open"] += found.high is None
    return counts


def _gains(cell: PaceCell, count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """What merges gain, in order."""
    if cell.skewed:
        return rng.exponential(GAIN, count)
    return rng.normal(GAIN, 0.5 * GAIN, count) * cell.shrinks ** np.arange(count)


def _took(path: NDArray[np.float64], rng: np.random.Generator) -> float:
    """The days until the gap is closed; inf for never."""
    there = np.flatnonzero(np.cumsum(path) >= LEFT)
    return float(rng.gamma(there[0] + 1, 1.0 / RATE)) if len(there) else math.inf


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Coverage of every cell."""
    del folder
    worlds = QUICK_WORLDS if quick else WORLDS
    return {
        "worlds": worlds,
        "gaps": {name: gaps_held(cell, worlds) for name, cell in GAPS.items()},
        "paces": {name: paces_held(cell, worlds) for name, cell in PACES.items()},
    }


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    worlds = figures["worlds"]
    lines = [f"{worlds} worlds each; 90% intervals", "", "gap  held"]
    lines += [f"{name}  {held / worlds:.1%}" for name, held in figures["gaps"].items()]
    lines += ["", "forecast  held  closed before  closed later  no upper end"]
    for name, row in figures["paces"].items():
        shares = (f"{row[key] / worlds:.1%}" for key in ("held", "early", "late", "open"))
        lines.append(f"{name}  {'  '.join(shares)}")
    return "\n".join(lines)
