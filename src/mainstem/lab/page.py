"""A replay as one page, or inside another: HTML, light and dark, on screens and in print."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.lab import pictures, words
from mainstem.plots import blocks, svg
from mainstem.plots.forms import either
from mainstem.plots.sheet import document
from mainstem.stats.sobol import INSTALL

if TYPE_CHECKING:
    from collections.abc import Mapping


def page(report: Mapping[str, Any]) -> str:
    """The replay as a page that needs nothing else.

    Args:
        report: What `mainstem.lab.report.report` gives.
    """
    stack = report["stack"]
    head = f"<h1>What would another way of working have cost {svg.said(stack)}?</h1>"
    return document(f"The lab on {stack}", f"{head}\n{body(report)}")


def body(report: Mapping[str, Any]) -> str:
    """What stands in a page below its title, with its pictures inside."""
    parts = [_head(report), _said(report), _ends(report), _courses(report), _assumptions(report)]
    return "\n".join(part for part in (*parts, _limits(report), _method(report)) if part)


def _head(report: Mapping[str, Any]) -> str:
    record = report["record"]
    return (
        f"<p>Campaign {svg.said(record['campaign'])} ran {record['recipes']} recipes of "
        f"{len(record['proposals'])} proposals {record['runs']} times. Here every way of working "
        f"plays on landscapes drawn from what those runs say, with {report['budget']} runs "
        "each.</p>"
    )


def _said(report: Mapping[str, Any]) -> str:
    """The sentences, the conclusion in bold."""
    first, *rest = report["said"]
    parts = [blocks.paragraph(first, "answer"), *map(blocks.paragraph, rest)]
    text = "\n".join(parts)
    return f'<section id="said">\n{text}\n</section>'


def _ends(report: Mapping[str, Any]) -> str:
    """All ways at a glance, as a picture and as numbers."""
    columns = ("way", "campaigns", "gain", "costs", "behind", "never ran")
    rows = [_row(row) for row in report["policies"]]
    said = (
        "Gain in margins, summed over what is to be improved, with "
        f"{report['level']:.0%} of campaigns. Costs: gain of {report['reference']} less that of "
        "this way, campaign by campaign, with the interval of the mean. Behind: share of campaigns "
        "in which it ends behind. Never ran: share of last trunks that nobody ever ran."
    )
    parts = [
        blocks.figure(either(partial(pictures.ends, report))),
        blocks.table(columns, rows, right=(1, 2, 3, 4, 5)),
        blocks.paragraph(said, "limits"),
    ]
    return blocks.section("What every way ends with", parts, key="ends")


def _row(row: Mapping[str, Any]) -> list[str]:
    cost = row["price"]
    return [
        svg.said(row["name"]),
        f"{row['campaigns']:,}",
        words.estimate(row["gain"]),
        "-" if cost is None else f"{words.number(cost['mean'])} {words.of_mean(cost)}",
        "-" if cost is None else words.percent(cost["ahead"]),
        words.percent(row["extrapolated"]["trunks"]),
    ]


def _courses(report: Mapping[str, Any]) -> str:
    """A panel for each way."""
    drawn = [f"<figure>\n{picture}\n</figure>" for _, picture in pictures.panels(report)]
    if not drawn:
        return ""
    said = (
        f"Mean gain of the trunk against runs; bands hold {report['level']:.0%} of campaigns. All "
        "panels have the same axes. The trunk moves when something is merged: whoever merges at "
        "the end of a campaign gains at the end."
    )
    panels = "\n".join(drawn)
    parts = [blocks.paragraph(said, "limits"), f'<div class="panels">\n{panels}\n</div>']
    return blocks.section("Gain against compute", parts, key="courses")


def _assumptions(report: Mapping[str, Any]) -> str:
    """The tornado, or how to have it."""
    title, key = "What assumptions matter", "assumptions"
    picture = either(partial(pictures.assumptions, report))
    if picture is None:
        said = (
            "<p>Nothing was varied: <code>mainstem lab --replay --assumptions 16</code> "
            f"does, and takes SALib (<code>{svg.said(INSTALL)}</code>).</p>"
        )
        return blocks.section(title, [said], key=key)
    found = report["assumptions"]
    said = (
        "What silos, levels, vetoes and intern silos cost on average against the same tests "
        f"without them: {words.number(found['mean'])} margins over all assumptions. A bar reaches "
        "from the lower to the upper quarter of an assumption's range. Beside it the share of the "
        "variance that the assumption has a part in, alone or with others (total-order index, "
        f"{found['level']:.0%} interval by the bootstrap, {found['points']} points of "
        f"{found['campaigns']} campaigns)."
    )
    return blocks.section(title, [blocks.figure(picture, said)], key=key)


def _limits(report: Mapping[str, Any]) -> str:
    """What of the figures was never measured, way by way."""
    columns = ("way", "last trunks that never ran", "runs of what never ran", "breaks a margin")
    rows = [
        [
            svg.said(row["name"]),
            *(words.percent(row["extrapolated"][key]) for key in ("trunks", "runs")),
            words.percent(row["breaks_a_margin"]),
        ]
        for row in report["policies"]
    ]
    said = (
        "Gains of recipes that nobody ran are the model's word: a policy that leads there is "
        "judged by what the recorded runs suggest of them."
    )
    parts = [blocks.paragraph(said), blocks.table(columns, rows, right=(1, 2, 3))]
    return blocks.section("What is extrapolated", parts, key="limits")


def _method(report: Mapping[str, Any]) -> str:
    staff = report["staff"]
    said = (
        f"{report['worlds']} landscapes were drawn from the posterior of the recorded campaign. "
        "Campaign number k of each way is played in the same landscape, with the same staff and "
        "the same noise of runs, so that ways are compared in pairs. What git cannot merge or is "
        "known to crash is taken back at no cost. A trunk is worth the sum of gain over margin of "
        "the objectives to improve; one that breaks a margin is worth less than nothing. "
        f"Staff: {staff['people']} people, {staff['students']} of them students. "
        f"Seed {report['seed']}. Each way and its source: Mainstem's docs/parts/lab.md."
    )
    return blocks.section("How it was done", [blocks.paragraph(said)], key="method")
