"""The statistics that decide: false merges, pairs to decide against a t-test, confirmed intervals.

*False merges.* The first candidate, a look after each of up to 200 pairs. Each cell is one test
under its null: the gain at a gain of 0, or a guard's at a loss of exactly its margin. All other
tests are taken to pass, so what is counted bounds what a campaign merges, where they must pass too.

*Pairs to decide.* Gaussian differences, the threshold of the first candidate, stopped at the cap
that gives power .9, beside the fixed-size one-sided t-test of the same level and power.

*Intervals.* Candidates of many true gains, with a guard's and a gain's test; each ends when it is
confirmed or its pairs are used up. All of them count, merged or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

from mainstem.stats import evidence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Shape = tuple[int, int]
    Draw = Callable[[np.random.Generator, Shape], NDArray[np.float64]]

ALPHA = 0.05
LEVEL = 0.9
BAR = float(np.log(evidence.spending(1) / ALPHA))
LOOKS = 200
MARGIN = 0.5
"""The guard's margin, in the unit of the noises below."""

FIXED = {0.5: 42, 0.75: 20, 1.0: 12, 1.5: 7, 2.0: 5}
GOALS = {0.5: 0.87 * 42, 0.75: 0.95 * 20, 1.0: 1.03 * 12, 1.5: 7 + 1.5, 2.0: 5 + 1.5}
"""Pairs of the fixed test by effect, and the most that may be taken on average."""

_BLOCK = 2000  # sequences at a time


def normal(rng: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Sd 1, skewness 0."""
    return rng.normal(size=shape)


def t3(rng: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Student's t with 3 degrees of freedom: skewness 0, variance 3, no fourth moment."""
    return rng.standard_t(3, shape)


def lognormal(rng: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Skewness 6.2."""
    return rng.lognormal(size=shape) - np.exp(0.5)


def exponential(rng: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Sd 1, skewness 2."""
    return rng.exponential(size=shape) - 1.0


def gamma(rng: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Gamma(4), sd 1, skewness 1."""
    return (rng.gamma(4.0, size=shape) - 4.0) / 2.0


def bad_seeds(rng: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Normal, but 5% of the seeds lose another 4 sds."""
    return rng.normal(size=shape) + 4.0 * ((rng.random(shape) < 0.05) - 0.05)


def constant(_: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """No noise at all."""
    return np.zeros(shape)


def times(factor: float, draw: Draw) -> Draw:
    """The same noise so many times as large."""
    return lambda rng, shape: factor * draw(rng, shape)


@dataclass(frozen=True, kw_only=True)
class Null:
    """Noise of the loss in both arms, each with mean 0.

    Attributes:
        trunk: The trunk's.
        candidate: The candidate's.
        rate: The share of false merges that is claimed at most; None: no claim.
    """

    trunk: Draw
    candidate: Draw
    rate: float | None

    def differences(self, rng: np.random.Generator, campaigns: int) -> NDArray[np.float64]:
        """Gains of the candidate that gains nothing, shape (campaigns, LOOKS)."""
        shape = (campaigns, LOOKS)
        return self.trunk(rng, shape) - self.candidate(rng, shape)


def _equal(draw: Draw) -> Null:
    """Both arms alike: the signs are fair coins, and the claim is exact."""
    return Null(trunk=draw, candidate=draw, rate=ALPHA)


def _shapes(name: str, one: Draw, other: Draw, rate: float | None = 2.0 * ALPHA) -> dict[str, Null]:
    """Arms of one mean and two shapes, in both directions."""
    return {
        f"trunk {name}": Null(trunk=one, candidate=other, rate=rate),
        f"trunk {' against '.join(reversed(name.split(' against ')))}": Null(
            trunk=other, candidate=one, rate=rate
        ),
    }


NULLS: dict[str, Null] = {
    "both normal": _equal(normal),
    "both t with 3 degrees": _equal(t3),
    "both lognormal": _equal(lognormal),
    "both exponential": _equal(exponential),
    "both negative exponential": _equal(times(-1.0, exponential)),
    **_shapes("normal against normal with 3 sds", normal, times(3.0, normal), ALPHA),
    **_shapes("gamma(4) against normal", gamma, normal),
    **_shapes("gamma(4) against constant", gamma, constant),
    **_shapes("gamma(4) against gamma(4) with 3 sds", gamma, times(3.0, gamma)),
    **_shapes("5% bad seeds against normal", bad_seeds, normal),
    **_shapes("exponential against constant", exponential, constant, None),
    **_shapes("lognormal against constant", lognormal, constant, None),
}

GAINS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0)
CAPS = (12, 24, 40, 75, 150)
"""True gains of candidates, in sds of a difference, and the pairs after which they end."""

NOISES: dict[str, Draw] = {
    "normal": normal,
    "t with 3 degrees": lambda rng, shape: t3(rng, shape) / np.sqrt(3.0),
    "exponential arms": lambda rng, shape: (
        (exponential(rng, shape) - exponential(rng, shape)) / np.sqrt(2.0)
    ),
    "gamma(4) against constant": times(-1.0, gamma),
    "exponential against constant": times(-1.0, exponential),
}
"""Noise of a difference, sd 1."""


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Simulates all three."""
    del folder
    campaigns, repeats, each = (400, 1000, 10) if quick else (2000, 20_000, 100)
    return {
        "campaigns": campaigns,
        "gain": {name: false_merges(null, campaigns) for name, null in NULLS.items()},
        "guard": {name: false_merges(null, campaigns, MARGIN) for name, null in NULLS.items()},
        "repeats": repeats,
        "pairs": {str(effect): pairs_to_decide(effect, repeats) for effect in FIXED},
        "candidates": each * len(GAINS) * len(CAPS),
        "intervals": {name: intervals(noise, each) for name, noise in NOISES.items()},
    }


def false_merges(null: Null, campaigns: int, margin: float = 0.0) -> int:
    """How many campaigns pass a test under its null, at any look.

    Args:
        null: The noise of both arms.
        campaigns: How many.
        margin: The guard's margin, and the candidate's true loss; 0: the gain's test.
    """
    gains = null.differences(np.random.default_rng(1 if margin else 2), campaigns) - margin
    return int(np.sum(evidence.log_path(gains + margin, BAR)[:, -1] >= BAR))


def pairs_to_decide(effect: float, repeats: int) -> dict[str, float]:
    """Mean pairs until the gain is proved, stopped at the cap that gives power .9."""
    most = int(60.0 / effect**2) + 25
    blocks = [
        first_at_bar(np.random.default_rng([3, start]).normal(effect, 1.0, (_BLOCK, most)))
        for start in range(0, repeats, _BLOCK)
    ]
    taken = np.concatenate(blocks)[:repeats]
    cap = int(np.quantile(taken, 0.9, method="inverted_cdf"))
    stopped = np.minimum(taken, cap)
    error = float(stopped.std() / np.sqrt(repeats))
    return {"mean": float(stopped.mean()), "error": error, "cap": cap}


def first_at_bar(d: NDArray[np.float64]) -> NDArray[np.int64]:
    """After how many pairs each sequence is decided, one more than all where it is not."""
    reached = evidence.log_path(d, BAR) >= BAR
    return np.where(reached.any(1), reached.argmax(1) + 1, d.shape[1] + 1)


def intervals(noise: Draw, each: int) -> dict[str, Any]:
    """Coverage and width at the end of candidates, `each` for every true gain and cap.

    Width is a ratio of means: that of the time-uniform interval to that of the t interval which
    takes the number of pairs for fixed. Also the ratio by true gain.
    """
    held: list[bool] = []
    widths: dict[float, list[tuple[float, float]]] = {gain: [] for gain in GAINS}
    for gain in GAINS:
        for cap in CAPS:
            d = gain + noise(np.random.default_rng([4, cap, int(4 * gain)]), (each, cap))
            both = np.maximum(first_at_bar(d), first_at_bar(d + MARGIN))
            for row, pairs in zip(d, np.minimum(both, cap), strict=True):
                low, high, fixed = _both_intervals(row[:pairs])
                held.append(low <= gain <= high)
                widths[gain].append((high - low, fixed))
    every = np.concatenate([np.array(found) for found in widths.values()])
    return {
        "coverage": float(np.mean(held)),
        "width": float(every[:, 0].mean() / every[:, 1].mean()),
        "by_gain": {
            str(gain): float(np.mean([w for w, _ in rows]) / np.mean([f for _, f in rows]))
            for gain, rows in widths.items()
        },
    }


def _both_intervals(d: NDArray[np.float64]) -> tuple[float, float, float]:
    """The time-uniform interval, and the width of the t interval for so many pairs."""
    low, high = evidence.confidence_interval(d, LEVEL)
    quantile = stats.t.ppf(0.5 + 0.5 * LEVEL, len(d) - 1)
    fixed = 2.0 * quantile * d.std(ddof=1) / np.sqrt(len(d))
    return (
        -np.inf if low is None else low,
        np.inf if high is None else high,
        float(fixed),
    )


def bound(campaigns: int, rate: float) -> int:
    """The most false merges at this rate: 123 of 2,000 at alpha, 226 at twice alpha.

    More has probability 1% where alpha is claimed, and 2.5% where twice alpha is.
    """
    sds = 2.326 if rate <= ALPHA else 1.96
    return round(campaigns * rate + sds * float(np.sqrt(campaigns * rate * (1.0 - rate))))


def table(figures: dict[str, Any]) -> str:
    """All three as text."""
    return "\n".join([*_of_nulls(figures), "", *_of_pairs(figures), "", *_of_intervals(figures)])


def _of_nulls(figures: dict[str, Any]) -> list[str]:
    campaigns = figures["campaigns"]
    lines = [
        f"false merges of {campaigns} null campaigns, {LOOKS} looks each, alpha {ALPHA}",
        f"  {'noise':48s}{'gain':>6s}{'guard':>7s}  at most",
    ]
    for name, null in NULLS.items():
        most = "no claim" if null.rate is None else str(bound(campaigns, null.rate))
        gain, guard = figures["gain"][name], figures["guard"][name]
        lines.append(f"  {name:48s}{gain:6d}{guard:7d}  {most}")
    return lines


def _of_pairs(figures: dict[str, Any]) -> list[str]:
    lines = [f"mean pairs to decide (power .9; {figures['repeats']} repeats), goal, fixed t-test"]
    for effect, fixed in FIXED.items():
        found = figures["pairs"][str(effect)]
        lines.append(
            f"  {effect:4.2f} sd {found['mean']:6.2f} +- {found['error']:.2f}"
            f"{GOALS[effect]:8.2f}{fixed:5d}"
        )
    return lines


def _of_intervals(figures: dict[str, Any]) -> list[str]:
    lines = [
        f"intervals of confirmed gains, nominal {LEVEL:.0%}, of {figures['candidates']} candidates",
        f"  {'noise':30s}coverage  width to the t interval's, and by true gain",
    ]
    for name, found in figures["intervals"].items():
        by_gain = " ".join(f"{float(g):g}:{w:.2f}" for g, w in found["by_gain"].items())
        lines.append(f"  {name:30s}{found['coverage']:8.1%}  {found['width']:.2f}  ({by_gain})")
    return lines
