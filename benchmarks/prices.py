"""Does the 90% interval of a veto's price hold what the veto really costs?

Campaigns as in `intervals`. In the end members of the recommended recipe, drawn at random, are
vetoed one at a time; the truth is the gain of the recipe that is recommended with the veto less the
gain of the one without. The goals are 85 to 95% on landscapes of the model's own kind, 80% or more
elsewhere, and that a veto of a proposal outside the recipe is priced 0 in 95%. Vetoes of one
campaign err together, so shares have the standard error of campaigns.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import keeping
from intervals import KINDS, LEVEL, searched
from mainstem.decisions import prices
from plans import code_digest

if TYPE_CHECKING:
    from intervals import World

VETOES, QUICK = 500, 10
"""Vetoes of members of each kind."""

EACH = 4
"""Vetoes of members in one campaign at most."""

GOALS = {
    "pairs": (0.85, 0.95),
    "the model's own prior": (0.85, 0.95),
    "the same, warped": (0.85, 0.95),
    "Rugged, n = 12": (0.8, 1.0),
    "table classifier12": (0.8, 1.0),
    "table tinylm10": (0.8, 1.0),
}
GOAL_OUTSIDE = 0.95

_TAG = 31


@dataclass(frozen=True, kw_only=True)
class Priced:
    """What one campaign gave.

    Attributes:
        held: Of each vetoed member: whether the interval of its price holds the truth.
        error: Estimate less truth of each, in margins.
        width: Width of each interval, in margins.
        truth: What each veto really changes, in margins.
        outside: Whether the veto of a proposal outside the recipe was priced 0; None where there
            is none.
    """

    held: list[bool]
    error: list[float]
    width: list[float]
    truth: list[float]
    outside: bool | None


def campaign(world: World, number: int) -> Priced:
    """One campaign, and vetoes in the end."""
    integrator = searched(world, number)
    names = integrator.proposals
    place = {name: k for k, name in enumerate(names)}
    best = integrator.recommend().recipe
    rng = np.random.default_rng([_TAG, number])
    order = [names[int(k)] for k in rng.permutation(len(names))]
    inside = [name for name in order if name in best][:EACH]
    outside = next((name for name in order if name not in best), None)
    held, error, width, truths = [], [], [], []
    for price in filter(None, map(integrator.price_of_veto, inside)):
        truth = world.gain(frozenset(place[p] for p in price.with_it)) - world.gain(
            frozenset(place[p] for p in price.without_it)
        )
        found = price.difference["gain"]
        low, high = found.low or 0.0, found.high or 0.0
        held.append(bool(low <= truth <= high))
        error.append((found.mean - truth) / world.margin)
        width.append((high - low) / world.margin)
        truths.append(truth / world.margin)
    return Priced(
        held=held,
        error=error,
        width=width,
        truth=truths,
        outside=None if outside is None else _is_free(integrator.price_of_veto(outside)),
    )


def _is_free(price: Any) -> bool:
    """Whether a veto is priced 0."""
    return bool(price.value.low == price.value.high == 0.0)


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Plays what is missing of every kind; kept in `folder` ten campaigns by ten."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = QUICK if quick else VETOES
    return {name: shares(_played(folder, name, wanted), wanted) for name in KINDS}


def kept(folder: Path, name: str) -> Path:
    """The file of a kind's campaigns, of this very code."""
    package = Path(prices.__file__)
    key = " ".join([name, code_digest(Path(__file__)), package.read_text("utf-8")])
    return folder / f"{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


def _played(folder: Path, name: str, wanted: int) -> list[Priced]:
    """Campaigns until so many members were vetoed."""
    file, count = kept(folder, name), 0
    while True:
        count += 10 if wanted > QUICK else 1
        found = keeping.ten_by_ten(
            file,
            count,
            lambda number: campaign(KINDS[name].world(number), number),
            lambda row: Priced(**row),
        )
        if sum(len(one.held) for one in found) >= wanted:
            return found


def shares(campaigns: list[Priced], wanted: int) -> dict[str, float]:
    """Shares of the first vetoes, so many as are wanted.

    Returns:
        `held`: whose interval holds the truth, with its standard error over campaigns, `error`;
        `outside`: of proposals outside the recipe that were priced 0; `bias` and `width`: median
        error and width in margins; `truth`: the median of what a veto really changes; `vetoes` and
        `campaigns`: how many.
    """
    used, count = [], 0
    for one in campaigns:
        if count < wanted:
            used.append(one)
            count += len(one.held)
    held = np.array([sum(one.held) for one in used], dtype=np.float64)
    sizes = np.array([len(one.held) for one in used], dtype=np.float64)
    share = float(held.sum() / sizes.sum())
    outside = [one.outside for one in used if one.outside is not None]
    return {
        "held": share,
        "error": float(np.sqrt(np.sum((held - share * sizes) ** 2)) / sizes.sum()),
        "outside": float(np.mean(outside)) if outside else float("nan"),
        "bias": float(np.median([e for one in used for e in one.error])),
        "width": float(np.median([w for one in used for w in one.width])),
        "truth": float(np.median([t for one in used for t in one.truth])),
        "vetoes": int(sizes.sum()),
        "campaigns": len(used),
    }


def table(figures: dict[str, Any]) -> str:
    """The shares of each kind."""
    lines = [
        f"share of {LEVEL:.0%} intervals of a veto's price that hold what it costs, in margins",
        (
            f"  {'landscapes':24s}{'held':>7s}{'+-':>7s}{'outside 0':>11s}{'bias':>7s}"
            f"{'width':>7s}{'cost':>7s}{'vetoes':>8s}{'campaigns':>11s}  goal"
        ),
    ]
    for name, found in figures.items():
        low, high = GOALS[name]
        lines.append(
            f"  {name:24s}{found['held']:7.3f}{found['error']:7.3f}{found['outside']:11.3f}"
            f"{found['bias']:+7.2f}{found['width']:7.2f}{found['truth']:+7.2f}"
            f"{found['vetoes']:8.0f}{found['campaigns']:11.0f}  {low:.2f} to {high:.2f}, "
            f"{GOAL_OUTSIDE:.2f}"
        )
    return "\n".join(lines)
