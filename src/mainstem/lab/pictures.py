"""The pictures of a replay: ends beside one another, courses in panels, and the tornado."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.lab import words
from mainstem.plots.courses import Line, courses, reach
from mainstem.plots.gains import Gain, gains
from mainstem.plots.tornado import Bar, tornado

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SURE = "90% of campaigns (thin), the mean's interval (thick)"


def ends(report: Mapping[str, Any], *, narrow: bool = False) -> str:
    """What every way ends with, the best on average on top."""
    rows = sorted(report["policies"], key=lambda row: -float(row["gain"]["mean"]))
    found = [
        Gain(
            label=row["name"],
            value=row["gain"]["mean"],
            low=row["gain"]["low"],
            high=row["gain"]["high"],
            inner=_inner(row["gain"]),
            group=0 if row["name"] == report["reference"] else 1,
        )
        for row in rows
    ]
    best = rows[0]
    return gains(
        found,
        groups=[f"{report['reference']}: {_SURE}", "other ways"],
        lines={},
        title="What every way of working ends with",
        description=(
            f"Mean gain of the last trunk over campaigns with {report['budget']} runs each, with "
            f"intervals. Highest: {best['name']}, {words.estimate(best['gain'])} margins."
        ),
        axis=f"gain with {report['budget']} runs, margins",
        narrow=narrow,
    )


def panels(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """For each way but the reference its name, and its course beside the reference's."""
    reference, *others = report["policies"]
    first = _line(reference)
    every = reach([first, *(_line(row) for row in others)])
    return [(row["name"], _panel(report, first, row, every)) for row in others]


def assumptions(report: Mapping[str, Any], *, narrow: bool = False) -> str | None:
    """The tornado; None where nothing was varied."""
    found = report["assumptions"]
    if found is None:
        return None
    first = found["moved"][0]
    return tornado(
        [_bar(row) for row in found["moved"]],
        base=found["mean"],
        title="What assumptions matter",
        description=(
            "How far each assumption moves what rules cost, from one end of its range to the "
            f"other. The one with the largest part in the variance: {first['label']}."
        ),
        axis="what rules cost on average, margins",
        beside="share of variance",
        narrow=narrow,
    )


def _panel(
    report: Mapping[str, Any], first: Line, row: Mapping[str, Any], every: tuple[float, float]
) -> str:
    """One way's course beside the reference's."""
    line = _line(row)
    return courses(
        [line, first],
        until=float(max(report["budget"], 1)),
        ends=every,
        title=f"{row['name']} beside {first.name}",
        description=(
            f"Mean gain by number of runs, with bands of {report['level']:.0%} of campaigns. "
            f"{row['name']} ends at {words.estimate(row['gain'])} margins, {first.name} at "
            f"{words.number(float(first.middle[-1]))}."
        ),
        axis="runs",
        unit="gain, margins",
    )


def _line(row: Mapping[str, Any]) -> Line:
    course: Sequence[Mapping[str, float]] = row["course"]
    spent, middle, low, high = (
        np.array([float(point[key]) for point in course]) for key in ("runs", "mean", "low", "high")
    )
    return Line(name=row["name"], spent=spent, middle=middle, low=low, high=high)


def _inner(found: Mapping[str, Any]) -> tuple[float, float] | None:
    low, high = found["mean_low"], found["mean_high"]
    return None if low is None or high is None else (low, high)


def _bar(row: Mapping[str, Any]) -> Bar:
    return Bar(
        label=row["label"],
        low=row["at_low"],
        high=row["at_high"],
        low_at=row["said_low"],
        high_at=row["said_high"],
        said=words.share(row),
    )
