"""The pictures of an import: each record's gain, each change's effect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from scipy import special

from mainstem.plots.gains import Gain, gains

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_ROWS = 60
"""A picture with more rows is for nobody."""


def record_gains(report: Mapping[str, Any], *, narrow: bool = False) -> str | None:
    """Every tested record's gain over the best before it; None if there is none.

    An interval leaves 0 out at its lower end exactly where the record's test supports a gain.
    """
    rows = report["rows"][-MOST_ROWS:]
    if not rows:
        return None
    alpha, pooled = report["alpha"], report["pooled"]
    found = [_record(row, alpha, pooled) for row in rows]
    supported = report["supported"]["any"]
    return gains(
        found,
        groups=["supported by both spreads", "by the pooled spread only", "not supported"],
        lines={one["what"]: one["wanted"] for one in report["criteria"] if one["wanted"] > 0.0},
        title=f"Gain of each record over the best before it, {report['metric']}",
        description=(
            f"{len(rows)} records with two seeds or more. Thin: {1 - 2 * alpha:.0%} intervals with "
            "each record's own spread; thick: with the pooled one. A lower end above 0 is a gain "
            f"at one-sided p < {alpha:g}: {supported['own']} by their own spread, "
            f"{supported['pooled']} by the pooled one. Dashed: gains that are asked for."
        ),
        axis=f"gain over the best earlier value{_unit(report['unit'])}",
        narrow=narrow,
    )


def _record(row: Mapping[str, Any], alpha: float, pooled: Mapping[str, Any]) -> Gain:
    tests, gain, n = row["tests"]["any"], row["gain"], row["seeds"]
    own = pool = None
    if row["sd"] > 0.0:
        own = _half(row["sd"], n - 1, n, alpha)
    if pooled["sd"]:
        pool = _half(pooled["sd"], pooled["degrees"], n, alpha)
    held = [test is not None and test["supported"] for test in (tests["own"], tests["pooled"])]
    return Gain(
        label=f"{row['record']} {row['label']}",
        value=gain,
        low=None if own is None else gain - own,
        high=None if own is None else gain + own,
        inner=None if pool is None else (gain - pool, gain + pool),
        group=0 if all(held) else 1 if held[1] else 2,
    )


def _half(sd: float, degrees: float, runs: int, alpha: float) -> float:
    """Half of the interval of a mean whose lower end is the one-sided test's."""
    return float(special.stdtrit(degrees, 1.0 - alpha)) * sd / math.sqrt(runs)


def effects(report: Mapping[str, Any], objective: str, *, narrow: bool = False) -> str | None:
    """Each change's effect alone on the baseline; None if there is none."""
    unit = next(o["unit"] for o in report["objectives"] if o["name"] == objective)
    rows = [row for row in report["effects"] if objective in row["gain"]]
    rows = sorted(rows, key=lambda row: -row["gain"][objective]["mean"])[:MOST_ROWS]
    if not rows:
        return None
    found = [
        Gain(
            label=row["change"],
            value=row["gain"][objective]["mean"],
            low=row["gain"][objective]["low"],
            high=row["gain"][objective]["high"],
            group=0 if row["alone"] else 1,
        )
        for row in rows
    ]
    return gains(
        found,
        groups=["ran alone", "known from combinations only"],
        lines={},
        title=f"What each change does to {objective}, alone on the baseline",
        description=(
            "Posterior means with 90% intervals, above 0 is better. "
            + "; ".join(f"{g.label} {g.value:+.3g}" for g in found[:12])
            + "."
        ),
        axis=f"gain on {objective}{_unit(unit)}",
        narrow=narrow,
    )


def _unit(unit: str) -> str:
    return f" ({unit})" if unit else ""
