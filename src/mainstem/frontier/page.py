"""The frontier as one page, or inside another: HTML for screens, print and screen readers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.domain.stack import Direction
from mainstem.frontier import words
from mainstem.plots import blocks, svg
from mainstem.plots.forms import either
from mainstem.plots.numbers import instant
from mainstem.plots.sheet import document
from mainstem.plots.steps import Line, Step, steps

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_LEVELS = 8  # beside one another there is no room for the names of more

_UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))

_WEB = ("https://", "http://")


def page(report: Mapping[str, Any]) -> str:
    """The frontier as a page that needs nothing else.

    Args:
        report: What `report.report` gives.
    """
    stack = report["stack"]
    head = f"<h1>How far {svg.said(stack)} is from the frontier</h1>"
    return document(f"Frontier of {stack}", f"{head}\n{body(report)}")


def body(report: Mapping[str, Any]) -> str:
    """What stands in a page below its title, with its pictures inside."""
    shown = [one for one in report["objectives"] if one["references"]]
    parts = [_head(report), *(_objective(report, one) for one in shown), _rest(report)]
    parts += [_claims(report)] if report["claims"] else []
    return "\n".join(part for part in parts if part)


def _head(report: Mapping[str, Any]) -> str:
    runs, trunk = report["trunk"]["runs"], report["trunk"]["commit"][:10]
    return (
        f"<p>Trunk {svg.said(trunk)}, {runs} runs of it at rung {svg.said(report['rung'])}, as of "
        f"{svg.said(report['as_of'][:10])}. A reference is compared only where harness, version, "
        "unit and scale are stated and the same. Gaps are what the trunk has to gain, with "
        f"{report['level']:.0%} intervals of both sides' noise.</p>"
    )


def _objective(report: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """One objective: where it stands, its picture, its references, what would close the gap."""
    first, *further = words.standing(one)
    parts = [blocks.paragraph(first, "answer")]
    parts += [blocks.paragraph(said) for said in (*further, *words.trend(report, one))]
    picture = _picture(report, one)
    if picture is not None:
        said = "Steps are merges, by the gains that were confirmed; the band is the interval now."
        parts.append(blocks.figure(picture, said))
    rows = [_reference(row) for row in one["references"]]
    columns = ("reference", "value", "date", "how", "compared")
    parts.append(blocks.table(columns, rows, right=(2,), wordy=(0, 1, 3), caption="References"))
    if one["prospects"]:
        parts.append(_prospects(one))
    return blocks.section(one["objective"], parts)


def _picture(report: Mapping[str, Any], one: Mapping[str, Any]) -> str | None:
    """The trunk over time beside what it is compared with; None where there is nothing to draw."""
    levels = [row for row in one["references"] if row["comparable"]][:_MOST_LEVELS]
    if one["trunk"] is None or not levels or report["since"] is None:
        return None
    found, until_s = trend(report, one)
    in_s, name = next((s, name) for s, name in _UNITS if until_s >= 2.0 * s or s == 1.0)
    low, high = one["trunk"]["low"], one["trunk"]["high"]
    drawn = [
        Step(at=since_s / in_s, value=value, label=label)
        for (since_s, value), label in zip(found, ["", *_merged(report)], strict=True)
    ]
    drawn[-1] = replace(drawn[-1], low=low, high=high)
    unit = f", {one['unit']}" if one["unit"] else ""
    draw = partial(
        steps,
        drawn,
        until=until_s / in_s,
        lines=[_line(row) for row in levels],
        title=f"{one['objective']} of the trunk over time",
        description="; ".join(words.standing(one)),
        axis=f"{name} since {instant(report['since'])}",
        unit=f"{one['objective']}{unit}",
    )
    return either(draw)


def _line(row: Mapping[str, Any]) -> Line:
    """A reference, as what somebody reached."""
    href = row["source"] if row["source"].startswith(_WEB) else None
    return Line(name=row["id"], value=row["value"], href=href)


def _merged(report: Mapping[str, Any]) -> list[str]:
    """What each merge brought."""
    held: set[str] = set()
    found = []
    for merge in report["merges"]:
        found.append(" + ".join(name for name in merge["recipe"] if name not in held))
        held |= set(merge["recipe"])
    return found


def trend(
    report: Mapping[str, Any], one: Mapping[str, Any]
) -> tuple[list[tuple[float, float]], float]:
    """The trunk's values since when, in seconds of the record, and the present likewise.

    Backwards from what it is measured at now, by what was confirmed at each merge.
    """
    sign = 1.0 if one["direction"] == Direction.MAXIMIZE else -1.0
    value, found = one["trunk"]["mean"], []
    for merge in reversed(report["merges"]):
        found.append((_since_s(report["since"], merge["at"]), value))
        gain = merge["gain"].get(one["objective"])
        value -= 0.0 if gain is None else sign * gain["mean"]
    found.append((0.0, value))
    return found[::-1], max(_since_s(report["since"], report["as_of"]), 1.0)


def _since_s(since: str, at: str) -> float:
    first, then = (dt.datetime.fromisoformat(text) for text in (since, at))
    return (then - first).total_seconds()


def _reference(row: Mapping[str, Any]) -> list[str]:
    """A row of the table of references, as HTML."""
    source = svg.said(row["source"])
    if row["source"].startswith(_WEB):
        source = f'<a href="{source}" rel="nofollow noreferrer">{source}</a>'
    note = f"<br>{svg.said(row['note'])}" if row["note"] else ""
    compared = "yes" if row["comparable"] else f"no: {svg.said(words.mismatches(row))}"
    return [
        f"{svg.said(row['id'])}<br>{source}{note}",
        svg.said(words.value(row)),
        svg.said(row["date"]),
        svg.said(words.obtained(row)),
        compared,
    ]


def _prospects(one: Mapping[str, Any]) -> str:
    rows = [[svg.said(cell) for cell in words.prospect(row)] for row in one["prospects"]]
    said = "Open and shelved proposals, by what they are expected to close for the trials they take"
    return blocks.table(words.PROSPECT, rows, right=(3, 4, 5), caption=said)


def _rest(report: Mapping[str, Any]) -> str:
    """What has no reference, and references of what is no objective."""
    found = words.rest(report)
    return blocks.section("Not compared", [blocks.points(found)]) if found else ""


def _claims(report: Mapping[str, Any]) -> str:
    rows = [[svg.said(cell) for cell in words.claim(row)] for row in report["claims"]]
    parts = [
        blocks.table(words.CLAIM, rows, caption="References that were proposed here"),
        blocks.paragraph("The runs behind each:"),
        blocks.points(words.runs(row) for row in report["claims"]),
    ]
    return blocks.section("Claimed and reproduced", parts)
