"""An audit as one page, or inside another: HTML for screens, print and screen readers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.people import audit_pictures as pictures
from mainstem.people.audit_words import CANNOT_TELL, NOT_ASKED, NOT_FOUND, READING, TITLES, YES
from mainstem.plots import blocks, svg
from mainstem.plots.forms import either
from mainstem.plots.sheet import document
from mainstem.stats.audit import Question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.people.audit import Audit

_BADGES = {
    YES: blocks.badge("found", "warn"),
    NOT_FOUND: blocks.badge("not found", "good"),
    CANNOT_TELL: blocks.badge("cannot tell", "idle"),
    NOT_ASKED: blocks.badge("not asked", "idle"),
}

_GROUPED = (Question.SENIORITY, Question.KIND, Question.TEAM)

_GAIN = (
    "Each tick is a decision: above what was merged, below what was not. Lines: the share that a "
    "logistic model fits, with one slope for all."
)
_ODDS = (
    "Odds ratios of merging at equal evidence, each group against all others, with 90% intervals; "
    "an arrow goes on beyond the picture."
)
_WAITING = "Kaplan and Meier's curves with 90% bands; small ticks are proposals that still wait."


def page(found: Audit) -> str:
    """The audit as a page that needs nothing else."""
    stack = found.report["stack"]
    head = f"<h1>How {svg.said(stack)} decides: an audit</h1>"
    return document(f"Audit of {stack}", f"{head}\n{body(found)}")


def body(found: Audit) -> str:
    """What stands in a page below its title, with its pictures inside."""
    report = found.report
    drawn = {
        Question.GAIN: (either(partial(pictures.merging, found)), _GAIN),
        _first_of_groups(report): (either(partial(pictures.odds, found)), _ODDS),
        Question.WAITING: (either(partial(pictures.waiting, found)), _WAITING),
    }
    questions = [
        _question(report, row, *drawn.get(Question(row["question"]), (None, "")))
        for row in report["questions"]
    ]
    parts = [_head(report), _overview(report), *questions, _limits(report), _reading()]
    parts.append(_method(report))
    return "\n".join(parts)


def _first_of_groups(report: Mapping[str, Any]) -> Question:
    """The first question about groups with something to draw: the picture shows all of them."""
    asked = {Question(row["question"]) for row in report["questions"] if row["estimates"]}
    return next((q for q in _GROUPED if q in asked), Question.SENIORITY)


def _head(report: Mapping[str, Any]) -> str:
    share = f", of which {report['merged']} merged" if report["decisions"] else ""
    return (
        f"<p>{report['filed']} proposals filed, {report['decisions']} decided with known "
        f"evidence{share}, by {report['authors']} lead authors. This page is about decisions on "
        "groups of proposals. It has no figure of any person.</p>"
    )


def _overview(report: Mapping[str, Any]) -> str:
    """All answers at a glance."""
    rows = [
        [
            f'<a href="#{row["id"]}">{svg.said(TITLES[Question(row["question"])])}</a>',
            _BADGES[row["status"]],
            "-" if row["p_corrected"] is None else _is(row["p_corrected"]).removeprefix("= "),
        ]
        for row in report["questions"]
    ]
    return blocks.table(("question", "answer", "corrected p"), rows, right=(2,))


def _question(
    report: Mapping[str, Any], row: Mapping[str, Any], picture: str | None, caption: str
) -> str:
    """One question: what was asked, the answer, the numbers, and what cannot be told."""
    parts = [blocks.paragraph(row["answer"], "answer")]
    if row["p"] is not None:
        corrected = _is(row["p_corrected"])
        parts.append(
            f"<p>n = {row['n']}, p {_is(row['p'])}, p {corrected} after correction for all "
            "questions.</p>"
        )
    if picture is not None:
        parts.append(blocks.figure(picture, caption))
    if row["estimates"]:
        level = f"{report['level']:.0%} interval"
        rows = [[svg.said(e["what"]), str(e["n"]), *_ends(row, e)] for e in row["estimates"]]
        parts.append(blocks.table(("", "n", "estimate", level), rows, right=(1, 2, 3)))
    parts += _described(report, row["id"])
    if row["cannot_tell"]:
        parts.append(blocks.paragraph(" ".join(row["cannot_tell"]), "limits"))
    title, badge = TITLES[Question(row["question"])], _BADGES[row["status"]]
    return blocks.section(title, parts, key=row["id"], badge=badge)


def _described(report: Mapping[str, Any], question: str) -> list[str]:
    """What stands beside a question without a test."""
    if question == "compute" and report["compute"]["groups"]:
        return [_compute(report)]
    if question == "overrides" and report["overrides"]["cells"]:
        return [_overrides(report)]
    return []


def _compute(report: Mapping[str, Any]) -> str:
    rows = [
        [
            svg.said(g["group"]),
            str(g["people"]),
            str(g["proposals"]),
            f"{g['proposals_share']:.0%}",
            "-" if g["trials_share"] is None else f"{g['trials_share']:.0%}",
        ]
        for g in report["compute"]["groups"]
    ]
    jain = report["compute"]["jain"]
    said = (
        "" if jain is None else f"<p>Jain's index over all contributors: {jain:.2f} (1: even).</p>"
    )
    columns = ("lead authors", "people", "filed", "of what was filed", "of all trials")
    return blocks.table(columns, rows, right=(1, 2, 3, 4), caption="Shares of compute") + said


def _overrides(report: Mapping[str, Any]) -> str:
    rows = [
        [svg.said(c["by"]), svg.said(c["of"]), str(c["vetoes"]), str(c["forces"])]
        for c in report["overrides"]["cells"]
    ]
    columns = ("by", "on proposals of", "vetoed", "forced")
    return blocks.table(columns, rows, right=(2, 3), caption="Overrides that stand, by kind")


def _limits(report: Mapping[str, Any]) -> str:
    said = blocks.points(report["cannot_tell"])
    return blocks.section("What these records cannot tell", [said], key="limits")


def _reading() -> str:
    return blocks.section("How to read the numbers", [blocks.paragraph(READING)], key="reading")


def _method(report: Mapping[str, Any]) -> str:
    said = (
        "Given the evidence that stood in the ledger at each decision: the measured gain, the "
        "probability that the proposal belongs into the best set, and whether it was found not to "
        "run beside the others. Permutation and bootstrap tests; weighted Holm correction for all "
        f"questions together, at {report['alpha']:.0%} (half of it for seniority); intervals of "
        f"{report['level']:.0%}, not corrected. Draws with seed {report['seed']}. Each test with "
        "its source is in Mainstem's docs/statistics.md."
    )
    return blocks.section("How it was asked", [blocks.paragraph(said)], key="method")


def _ends(question: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, str]:
    """An estimate and its interval, in the unit of its question."""
    if question["id"] == "waiting":
        longest = max(
            e for r in question["estimates"] for e in (r["value"] or 0.0, r["high"] or 0.0)
        )
        scale, name = pictures.unit(longest)
        value = "not seen" if row["value"] is None else f"{row['value'] / scale:.3g} {name}"
        ends = ("?" if e is None else f"{e / scale:.3g}" for e in (row["low"], row["high"]))
        return value, f"[{', '.join(ends)}]"
    if question["id"] in {"overrides", "claims"}:
        return f"{row['value']:.0%}", f"[{row['low']:.0%}, {row['high']:.0%}]"
    high = "no bound" if row["high"] is None else number(row["high"])
    return number(row["value"]), f"[{number(row['low'] or 0.0)}, {high}]"


def _is(p_value: float) -> str:
    """A p-value behind its letter, as HTML."""
    return f"= {number(p_value)}" if p_value >= 0.001 else "&lt; 0.001"


def number(value: float) -> str:
    """A p-value or a ratio, with two or three digits."""
    if value >= 1000.0:
        return "over 1,000"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 10.0 else f"{value:.3g}"
