"""What do fair shares cost, and whom do they protect? Whole campaigns of the real engine.

*Cost*: the proposals of a landscape of the arena are spread over contributors in several ways, and
the campaign is played with shares and without, on the same landscape with the same seed: trials
until every verdict stands, and until the recommended recipe has .9 of the best gain and keeps it.
Where a spread makes nobody wait both are the same campaign, line by line
(`tests/unit/engine/test_turns.py`), and it is played once. The goal is at most 1.1 times the trials
until every verdict.

*Flood*: one contributor files 40 of 50, beside ten who file one each; and others like it. Trials
until the verdict of each of the others, against the same campaign with one of the flood filed: the
median over the others, then over campaigns, is to be at most 1.1, the upper end of its bootstrap
interval at most 1.2. The same without shares says what the others are protected from.

Campaigns are kept one by one, for this very code.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import simulated
from arena.landscapes import Pairwise, Rugged
from mainstem.decisions import shares as deciding
from mainstem.decisions.shares import Claims
from mainstem.engine import opening, turns
from plans import code_digest
from simulated import Course, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from arena.landscapes import Landscape

    Floats = NDArray[np.float64]

MOST_COST = 1.1
"""Trials with shares, at most, as a multiple of those without."""

MOST_DELAY, MOST_BOUND = 1.1, 1.2
"""The others' trials until a verdict, at most, as a multiple; and the upper end of its interval."""

GAIN = 0.9
"""The share of the best gain that is to be reached and kept."""

ANY_LINE = 1
"""A line for which turns would be taken if they cost nothing."""

QUICK = 2
_SEED, _DRAWS = 29, 2000
_LANDSCAPES: dict[str, Callable[[np.random.Generator], Landscape]] = {
    "pairwise-12": lambda rng: Pairwise(12, rng),
    "rugged-12": lambda rng: Rugged(12, rng),
    "pairwise-20": lambda rng: Pairwise(20, rng),
    "pairwise-30": lambda rng: Pairwise(30, rng),
    "pairwise-41": lambda rng: Pairwise(41, rng),
    "pairwise-50": lambda rng: Pairwise(50, rng),
}


@dataclass(frozen=True, kw_only=True)
class Spread:
    """Proposals of a landscape, spread over contributors.

    Attributes:
        landscape: Its name.
        filed: How many each contributor files; all of the landscape's together.
        repeats: How many campaigns are played.
    """

    landscape: str
    filed: tuple[int, ...]
    repeats: int

    @property
    def owners(self) -> list[int]:
        """Per place the number of its owner; what an owner files is spread evenly."""
        spots = ((k + 0.5) / n for n in self.filed for k in range(n))
        owners = (owner for owner, n in enumerate(self.filed) for _ in range(n))
        return [owner for _, owner in sorted(zip(spots, owners, strict=True))]

    def waits(self, least_line: int) -> int:
        """How many proposals wait in the first turn."""
        owners = [{owner: 1.0} for owner in self.owners]
        claims = Claims(owners=owners, weights={}, least_line=least_line)
        return len(owners) - len(deciding.entering(claims, set()))


@dataclass(frozen=True, kw_only=True)
class Flood:
    """Some who file many, beside others.

    Attributes:
        spread: Who files what; `repeats` are those with shares, and of what the others would have.
        floods: The owners who file many: of each only the first is there in the other campaign.
        budget: Trials in all; None: until decided.
        open_repeats: Campaigns without shares: all proposals at once take minutes.
    """

    spread: Spread
    floods: tuple[int, ...]
    budget: int | None
    open_repeats: int


def _spreads(landscape: str, repeats: int, **filed: tuple[int, ...]) -> dict[str, Spread]:
    """Spreads over one landscape, by their names with the landscape's."""
    return {
        f"{landscape}, {name.replace('_', ' ')}": Spread(
            landscape=landscape, filed=parts, repeats=repeats
        )
        for name, parts in filed.items()
    }


_TWELVE = {
    "each_one": (1,) * 12,
    "four_times_three": (3,) * 4,
    "Zipf": (5, 2, 2, 1, 1, 1),
    "two": (9, 3),
    "half_by_one": (6, *(1,) * 6),
    "flood": (10, 1, 1),
}
_TWENTY = {
    "each_one": (1,) * 20,
    "four_times_five": (5,) * 4,
    "Zipf": (8, 4, 3, 2, 2, 1),
    "two": (15, 5),
    "half_by_one": (10, *(1,) * 10),
    "flood": (16, *(1,) * 4),
    "two_floods": (8, 8, *(1,) * 4),
}
COSTS = {
    **_spreads("pairwise-12", 24, **_TWELVE),
    **_spreads("rugged-12", 24, **_TWELVE),
    **_spreads("pairwise-20", 16, **_TWENTY),
    **_spreads("pairwise-30", 8, flood=(24, *(1,) * 6)),
    **_spreads("pairwise-41", 8, flood=(33, *(1,) * 8)),
    **_spreads("pairwise-50", 3, flood=(40, *(1,) * 10)),
}
"""Whose cost is measured, by name.

Each flood files four of five. Of 41 the line was the shortest that waited with a least line of 32;
of 50 it is the shortest that waits as shares are.
"""

_FORTY = Spread(landscape="pairwise-50", filed=(40, *(1,) * 10), repeats=50)
FLOODS = {
    "40 of 50": Flood(spread=_FORTY, floods=(0,), budget=None, open_repeats=3),
    "40 of 50, 200 trials": Flood(spread=_FORTY, floods=(0,), budget=200, open_repeats=0),
    "two file 20 of 50": Flood(
        spread=replace(_FORTY, filed=(20, 20, *(1,) * 10)),
        floods=(0, 1),
        budget=None,
        open_repeats=3,
    ),
    "40 of 50, one files the rest": Flood(
        spread=replace(_FORTY, filed=(40, 10)), floods=(0,), budget=None, open_repeats=3
    ),
    "10 of 20": Flood(
        spread=Spread(landscape="pairwise-20", filed=(10, *(1,) * 10), repeats=16),
        floods=(0,),
        budget=None,
        open_repeats=16,
    ),
}
"""Whose delay is measured, by name."""


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Plays what is missing; every campaign is kept in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    small = "pairwise-12"
    return {
        "cost": {
            name: cost(folder, replace(spread, repeats=QUICK) if quick else spread)
            for name, spread in COSTS.items()
            if not quick or spread.landscape == small
        },
        "flood": {
            name: delay(folder, flood)
            for name, flood in ({"10 of 12": _SMALL} if quick else FLOODS).items()
        },
    }


_SMALL = Flood(
    spread=Spread(landscape="pairwise-12", filed=(10, 1, 1), repeats=QUICK),
    floods=(0,),
    budget=None,
    open_repeats=QUICK,
)


# ---- what a spread costs


def cost(folder: Path, spread: Spread) -> dict[str, Any]:
    """Trials with turns and without, and their ratio.

    Returns:
        `beyond`: how many proposals are beyond their owners' places; `waits`: how many of them wait
        as shares are, which is none where the line is short; `campaigns`: how many were played;
        `trials` and `gain`: medians of trials until all verdicts, and until the gain is kept,
        without turns, with them, and their ratio with its 90% interval; `end`: the mean gain in the
        end without turns and with them. Turns are those that any line would make.
    """
    numbers = range(spread.repeats)
    plain = [kept(folder, spread, number, everything(spread, number)) for number in numbers]
    turned = plain
    if spread.waits(ANY_LINE):
        turned = [
            kept(folder, spread, number, replace(everything(spread, number), least_line=ANY_LINE))
            for number in numbers
        ]
    return {
        "beyond": spread.waits(ANY_LINE),
        "waits": spread.waits(deciding.LEAST_LINE),
        "campaigns": spread.repeats,
        "trials": beside([c.trials for c in plain], [c.trials for c in turned]),
        "gain": beside([trials_to_keep(c) for c in plain], [trials_to_keep(c) for c in turned]),
        "end": [_mean_end(plain), _mean_end(turned)],
    }


def everything(spread: Spread, number: int) -> Question:
    """Everything that is filed, at once and without a budget."""
    return Question(
        owners=tuple(enumerate(spread.owners)), least_line=None, budget=None, seed=number
    )


def trials_to_keep(course: Course) -> float:
    """Trials until the gain is reached and kept; infinite if it never is."""
    below = [k for k, (_, gain) in enumerate(course.gains) if gain < GAIN]
    after = below[-1] + 1 if below else 0
    return float(course.gains[after][0]) if after < len(course.gains) else math.inf


def _mean_end(courses: Sequence[Course]) -> float:
    return float(np.mean([course.gains[-1][1] for course in courses]))


def beside(plain: Sequence[float], shared: Sequence[float]) -> dict[str, float]:
    """Medians of both, and the ratio of medians with a 90% interval, campaigns drawn in pairs."""
    both = np.array([plain, shared], dtype=np.float64)
    rng = np.random.default_rng(_SEED)
    drawn = rng.integers(both.shape[1], size=(_DRAWS, both.shape[1]))
    middles = np.median(both[:, drawn], axis=2)
    ratios = middles[1] / middles[0]
    low, high = np.quantile(ratios, [0.05, 0.95], method="nearest")
    medians = np.median(both, axis=1)
    return {
        "plain": float(medians[0]),
        "shared": float(medians[1]),
        "ratio": float(medians[1] / medians[0]),
        "low": float(low),
        "high": float(high),
    }


# ---- whom shares protect


def delay(folder: Path, flood: Flood) -> dict[str, Any]:
    """The others' trials until a verdict as multiples of those without the flood.

    Returns:
        `fair`: the median over campaigns with shares, its bootstrap 90% interval as `low` and
        `high`, and how many campaigns; `open`: the same without shares, None where none is played.
    """
    with_shares = [
        _delayed(folder, flood, number, flooded(flood, number))
        for number in range(flood.spread.repeats)
    ]
    without = [
        _delayed(
            folder, flood, number, replace(everything(flood.spread, number), budget=flood.budget)
        )
        for number in range(flood.open_repeats)
    ]
    return {"fair": middle(with_shares), "open": middle(without) if without else None}


def _delayed(folder: Path, flood: Flood, number: int, question: Question) -> float:
    """The ratio of one campaign."""
    course = kept(folder, flood.spread, number, question)
    return ratio(flood, course, kept(folder, flood.spread, number, alone(flood, number)))


def flooded(flood: Flood, number: int) -> Question:
    """With shares, as far as the others have to wait."""
    line = deciding.LEAST_LINE
    question = replace(everything(flood.spread, number), budget=flood.budget)
    if flood.spread.waits(line):
        question = replace(question, least_line=line, first_turn=True)
    return question


def alone(flood: Flood, number: int) -> Question:
    """With the first proposal of each flood only."""
    owners = flood.spread.owners
    first = {owner: owners.index(owner) for owner in flood.floods}
    kept = [(k, owner) for k, owner in enumerate(owners) if first.get(owner, k) == k]
    return replace(everything(flood.spread, number), owners=tuple(kept), budget=flood.budget)


def ratio(flood: Flood, course: Course, without: Course) -> float:
    """The median over the others of trials until the verdict, against those without the flood.

    Who has no verdict without it either is left out; who has none because of it waits for ever.
    """
    others = [k for k, owner in enumerate(flood.spread.owners) if owner not in flood.floods]
    decided = [k for k in others if k in without.sealed]
    return float(np.median([course.sealed.get(k, math.inf) / without.sealed[k] for k in decided]))


def middle(ratios: Sequence[float]) -> dict[str, float]:
    """Median with a bootstrap interval, 5% to 95%."""
    values = np.array(ratios)
    rng = np.random.default_rng(_SEED)
    drawn = np.median(values[rng.integers(len(values), size=(_DRAWS, len(values)))], axis=1)
    low, high = np.quantile(drawn, [0.05, 0.95], method="nearest")
    return {
        "median": float(np.median(values)),
        "low": float(low),
        "high": float(high),
        "campaigns": len(values),
    }


# ---- what is kept


def kept(folder: Path, spread: Spread, number: int, question: Question) -> Course:
    """A campaign that was played by this very code, or is played now."""
    file = folder / f"{_key(spread.landscape, number, question)}.json"
    if file.exists():
        row = json.loads(file.read_text("utf-8"))
        sealed = {int(place): trials for place, trials in row.pop("sealed").items()}
        gains = [(trials, gain) for trials, gain in row.pop("gains")]
        return Course(**row, sealed=sealed, gains=gains)
    landscape = _LANDSCAPES[spread.landscape](np.random.default_rng([_SEED, number, 7]))
    course = simulated.play(landscape, question)
    file.write_text(json.dumps(asdict(course)), encoding="utf-8")
    return course


def _key(landscape: str, number: int, question: Question) -> str:
    """What a campaign depends on; on the code of turns only where compute is shared out."""
    asked = asdict(question)
    sources = [Path(str(m.__file__)).read_text("utf-8") for m in (deciding, turns, opening)]
    if question.least_line is None:
        asked["owners"], sources = [place for place, _ in question.owners], []
    parts = [landscape, number, asked, code_digest(Path(simulated.__file__)), *sources]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


# ---- the figures as text


def table(figures: dict[str, Any]) -> str:
    """Both tables, in Markdown."""
    return "\n".join([*_costs(figures["cost"]), "", *_delays(figures["flood"])])


_HEADS = (
    *("landscape, spread", "beyond", "wait", "campaigns", "to all verdicts", "ratio"),
    *(f"to {GAIN:g} of the gain", "ratio", "gain in the end"),
)


def _costs(cells: dict[str, Any]) -> list[str]:
    lines = [
        f"trials without turns, with one for any line; ratio (at most {MOST_COST} where any wait)",
        "",
        f"| {' | '.join(_HEADS)} |",
        "|" + "---|" * len(_HEADS),
    ]
    for name, cell in cells.items():
        before, after = cell["end"]
        row = [
            *(name, str(cell["beyond"]), str(cell["waits"]), str(cell["campaigns"])),
            *_pair(cell["trials"]),
            *_pair(cell["gain"]),
            f"{before:.2f}, {after:.2f}",
        ]
        lines.append(f"| {' | '.join(row)} |")
    return lines


def _pair(found: dict[str, float]) -> tuple[str, str]:
    """Medians, and their ratio with its interval."""
    medians = f"{found['plain']:.0f}, {found['shared']:.0f}"
    return medians, f"{found['ratio']:.2f} ({found['low']:.2f} to {found['high']:.2f})"


def _delays(cells: dict[str, Any]) -> list[str]:
    lines = [
        f"the others' trials to a verdict, against those without the flood (at most {MOST_DELAY}),",
        f"with 90% intervals, whose upper end is to be at most {MOST_BOUND}",
        "",
        "| flood | with shares | campaigns | without | campaigns |",
        "|---|---|---|---|---|",
    ]
    for name, cell in cells.items():
        row = [name, *_ratio_cells(cell["fair"]), *_ratio_cells(cell["open"])]
        lines.append(f"| {' | '.join(row)} |")
    return lines


def _ratio_cells(found: dict[str, float] | None) -> tuple[str, str]:
    if found is None:
        return "", ""
    interval = f"{found['median']:.2f} ({found['low']:.2f} to {found['high']:.2f})"
    return interval, f"{found['campaigns']:.0f}"
