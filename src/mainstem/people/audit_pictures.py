"""The pictures of an audit, each with the words for those who do not see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.people.audit import curves
from mainstem.people.audit_arrays import gain
from mainstem.plots.forest import Ratio, forest
from mainstem.plots.outcomes import Outcomes, outcomes
from mainstem.plots.waits import Wait, waits
from mainstem.stats import logistic

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from mainstem.people.audit import Audit
    from mainstem.people.audit_arrays import Arrays

UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))
_CURVE = 101  # points of a fitted curve


def unit(longest_s: float) -> tuple[float, str]:
    """Seconds of a unit, and its name, in which the longest wait is at least two."""
    return next(((s, name) for s, name in UNITS if longest_s >= 2.0 * s), UNITS[-1])


def merging(found: Audit, *, narrow: bool = False) -> str | None:
    """Every decision against its measured gain, with fitted curves; None without decisions."""
    d = found.arrays.decisions
    if d is None:
        return None
    at = np.array([gain(one.evidence or {"gain": {}}) for one in found.arrays.decided])
    groups = _groups(found.arrays)
    names = " and ".join(name for name, _ in groups)
    return outcomes(
        [_fitted(name, at, d.merged, own, groups) for name, own in groups],
        title="Merged or not, against the gain measured at the decision",
        description=(
            f"{len(at)} decisions, of which {int(d.merged.sum())} merged, for {names}. Ticks above "
            "are what was merged, ticks below what was not; lines are the share that a logistic "
            "model fits to each. Lines apart from each other are a difference at equal gain."
        ),
        axis="measured gain, in margins (linear about 0, logarithmic far from it)",
        share="share merged",
        narrow=narrow,
    )


def _groups(found: Arrays) -> list[tuple[str, NDArray[np.bool_]]]:
    """Seniors and others where both are known and many enough, else all."""
    d = found.decisions
    if d is None or d.senior is None or d.dated is None or not d.dated.any():
        return [("all decisions", np.ones(len(found.decided), dtype=np.bool_))]
    return [("seniors", d.senior & d.dated), ("others", ~d.senior & d.dated)]


def _fitted(
    name: str,
    at: NDArray[np.float64],
    merged: NDArray[np.bool_],
    own: NDArray[np.bool_],
    groups: Sequence[tuple[str, NDArray[np.bool_]]],
) -> Outcomes:
    """A group with its curve: one slope for all, an intercept for each."""
    seen = np.logical_or.reduce([rows for _, rows in groups])
    nothing = np.empty(0)
    grid = np.linspace(np.arcsinh(at.min()), np.arcsinh(at.max()), _CURVE)
    if merged[seen].all() or not merged[seen].any() or np.ptp(at) == 0.0 or not own.any():
        return Outcomes(name=name, at=at[own], yes=merged[own], curve_at=nothing, curve=nothing)
    x = np.column_stack([*(rows for _, rows in groups if rows.any()), np.arcsinh(at)])[seen]
    fit = logistic.fit(x.astype(np.float64), merged[seen])
    present = [label for label, rows in groups if rows.any()]
    eta = fit.coefficients[present.index(name)] + fit.coefficients[-1] * grid
    curve = 1.0 / (1.0 + np.exp(-eta))
    return Outcomes(
        name=name, at=at[own], yes=merged[own], curve_at=np.sinh(grid), curve=np.asarray(curve)
    )


def odds(found: Audit, *, narrow: bool = False) -> str | None:
    """The odds ratios of merging; None where there is none."""
    rows = [
        row
        for question in found.report["questions"]
        if question["id"] in {"seniority", "kind", "team"}
        for row in question["estimates"]
    ]
    if not rows:
        return None
    return forest(
        [_ratio(row) for row in rows],
        title="Odds of merging at equal evidence, each group against all others",
        description=(
            "Odds ratios with 90% intervals; 1 is no difference. "
            + "; ".join(f"{row['group']}: {_said(row)}" for row in rows)
            + "."
        ),
        axis="odds ratio (1: no difference)",
        narrow=narrow,
    )


def _ratio(row: Mapping[str, Any]) -> Ratio:
    label = f"{row['group']} (n = {row['n']})"
    return Ratio(label=label, value=row["value"], low=row["low"], high=row["high"])


def _said(row: Mapping[str, Any]) -> str:
    high = "no bound" if row["high"] is None else f"{row['high']:.2g}"
    return f"{row['value']:.2g} from {row['low'] or 0.0:.2g} to {high}"


def waiting(found: Audit, *, narrow: bool = False) -> str | None:
    """The share that still waits, by kind; None without kinds."""
    w, drawn = found.arrays.waits, curves(found.arrays)
    if w is None or not drawn or not w.waits.max() > 0.0:
        return None
    # The rest of a curve is level: what still waits may have done so for long.
    until_s = float(1.25 * w.waits[w.judged].max(initial=0.0)) or float(w.waits.max())
    seconds, name = unit(until_s)
    medians = "; ".join(
        f"{group}: half waited {curve.median / seconds:.3g} {name} or less"
        if curve.median is not None
        else f"{group}: half never had a verdict so far"
        for group, _, curve in drawn
    )
    return waits(
        [
            Wait(
                name=group,
                times=curve.times / seconds,
                waiting=curve.waiting,
                low=curve.low,
                high=curve.high,
                left=np.unique(w.waits[own & ~w.judged]) / seconds,
            )
            for group, own, curve in drawn
        ],
        until=until_s / seconds,
        title="How long proposals waited for a sealed verdict, by kind of the lead author",
        description=(
            "Kaplan and Meier's curves with 90% bands; small ticks are what still waits. "
            f"{medians}."
        ),
        axis=f"{name} since filing",
        narrow=narrow,
    )
