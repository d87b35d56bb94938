"""The statistics that decide: false merges under nulls, and pairs to decide against a t-test.

False merges: the first candidate, threshold pi^2 / (6 alpha), a look after each of up to 200 pairs.
Pairs to decide: Gaussian differences, stopped at the cap that gives power .9, beside the fixed-size
one-sided t-test of the same level and power (42, 20, 12, 7, 5 pairs at .5, .75, 1, 1.5, 2 sd).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.stats.evidence import log_evidence, spending

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    Draw = Callable[[np.random.Generator, int], NDArray[np.float64]]

ALPHA = 0.05
BAR = float(np.log(spending(1) / ALPHA))
FIXED = {0.5: 42, 0.75: 20, 1.0: 12, 1.5: 7, 2.0: 5}

NULLS: dict[str, tuple[Draw, Draw]] = {
    "normal": (lambda r, n: r.normal(size=n),) * 2,
    "t, 3 degrees": (lambda r, n: r.standard_t(3, n),) * 2,
    "lognormal": (lambda r, n: r.lognormal(size=n),) * 2,
    "exponential": (lambda r, n: r.exponential(size=n),) * 2,
    "normal, sd ratio 3": (lambda r, n: r.normal(size=n), lambda r, n: 3.0 * r.normal(size=n)),
    "gamma(4) against normal": (
        lambda r, n: r.normal(size=n),
        lambda r, n: (r.gamma(4.0, size=n) - 4.0) / 2.0,
    ),
    "normal against gamma(4)": (
        lambda r, n: (r.gamma(4.0, size=n) - 4.0) / 2.0,
        lambda r, n: r.normal(size=n),
    ),
}


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Simulates both."""
    del folder
    campaigns, repeats, pairs = (200, 100, 100) if quick else (2000, 1000, 200)
    nulls = {name: _false_merges(arms, campaigns, pairs) for name, arms in NULLS.items()}
    decide = {str(effect): _pairs_to_decide(effect, repeats) for effect in FIXED}
    return {"campaigns": campaigns, "false_merges": nulls, "pairs": decide}


def _false_merges(arms: tuple[Draw, Draw], campaigns: int, pairs: int) -> int:
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(campaigns):
        d = arms[0](rng, pairs) - arms[1](rng, pairs)
        wrong += any(log_evidence(d[:n]) >= BAR for n in range(2, pairs + 1))
    return wrong


def _pairs_to_decide(effect: float, repeats: int) -> dict[str, float]:
    rng = np.random.default_rng(2)
    crossed = []
    for _ in range(repeats):
        d = rng.normal(effect, 1.0, 400)
        crossed.append(next((n for n in range(2, 401) if log_evidence(d[:n]) >= BAR), 400))
    cap = float(np.quantile(crossed, 0.9))
    return {"mean": float(np.minimum(crossed, cap).mean()), "cap": cap}


def table(figures: dict[str, Any]) -> str:
    """Both as text."""
    campaigns = figures["campaigns"]
    bound = campaigns * ALPHA + 2.33 * np.sqrt(campaigns * ALPHA * (1 - ALPHA))
    lines = [f"false merges of {campaigns} null campaigns (99% bound for alpha: {bound:.0f})"]
    lines += [f"  {name:26s}{count:6d}" for name, count in figures["false_merges"].items()]
    lines.append("mean pairs to decide (power .9), and against the fixed-size t-test")
    for effect, fixed in FIXED.items():
        mean = figures["pairs"][str(effect)]["mean"]
        lines.append(f"  {effect:4.2f} sd {mean:6.1f} of {fixed:2d}: {mean / fixed:.2f}")
    return "\n".join(lines)
