"""An import as one page, or inside another: HTML for screens, print and screen readers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mainstem.frontier import import_pictures as pictures, import_words as words
from mainstem.plots import blocks, svg
from mainstem.plots.forms import either
from mainstem.plots.sheet import document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_RECORDS = (
    "Thin lines: intervals by each record's own spread; thick: by the pooled one; an arrow goes on "
    "beyond the picture. A lower end right of 0 is a gain at the stated p."
)
_EFFECTS = "Posterior means with 90% intervals; an arrow goes on beyond the picture."


def page(report: Mapping[str, Any]) -> str:
    """The import as a page that needs nothing else."""
    title = f"{report['file']}: what these {report['shape']} support"
    return document(title, f"<h1>{svg.said(title)}</h1>\n{body(report)}")


def body(report: Mapping[str, Any]) -> str:
    """What stands in a page below its title, with its pictures inside."""
    records = report["shape"] == "records"
    parts = [_source(report)]
    parts += _of_records(report) if records else _of_runs(report)
    parts += [_list("What to know", report["notes"])] if report["notes"] else []
    how = words.HOW_RECORDS if records else words.HOW_RUNS
    parts.append(blocks.section("How it was asked", [blocks.paragraph(how)]))
    return "\n".join(parts)


def _source(report: Mapping[str, Any]) -> str:
    about = f"<p>{svg.said(report['about'])}</p>" if report["about"] else ""
    digest = f'<p class="limits">SHA-256 of the file: {svg.said(report["sha256"])}</p>'
    return about + digest


# ---- records


def _of_records(report: Mapping[str, Any]) -> list[str]:
    answer = [blocks.paragraph(line) for line in words.records(report)]
    parts = [blocks.section("What they support", answer)]
    picture = either(partial(pictures.record_gains, report))
    if picture is not None:
        parts.append(_figure("Gains over the best before", picture, _RECORDS))
        parts.append(blocks.section("Record by record", [_records(report)]))
    return parts


def _records(report: Mapping[str, Any]) -> str:
    wanted = report["criteria"]
    columns = [
        *("record", "date", "label", "by", "seeds", "mean", "sd", "best before", "gain"),
        *(f"p, {one['what']}: own / pooled" for one in wanted),
        *("p, two samples: Welch / pooled", "runs per arm"),
    ]
    rows = [
        [
            str(row["record"]),
            svg.said(row["date"] or "-"),
            svg.said(row["label"]),
            svg.said(row["contributor"]),
            str(row["seeds"]),
            f"{row['mean']:.6g}",
            f"{row['sd']:.2g}",
            f"{row['best_before']['value']:.6g} ({row['best_before']['record']})",
            f"{row['gain']:+.3g}",
            *(_pair(row["tests"][one["id"]], ("own", "pooled")) for one in wanted),
            _pair(row["beside"], ("welch", "pooled")),
            "-" if row["runs_per_arm"] is None else f"{row['runs_per_arm']:,}",
        ]
        for row in report["rows"]
    ]
    return blocks.table(columns, rows, right={0, 4, 5, 6, 8, len(columns) - 1})


def _pair(tests: Mapping[str, Any], spreads: tuple[str, str]) -> str:
    """Two p-values; what supports the gain is bold."""
    cells = []
    for spread in spreads:
        test = tests[spread]
        said = "-" if test is None else words.p_value(test["p"])
        bold = test is not None and test["supported"]
        cells.append(f"<strong>{svg.said(said)}</strong>" if bold else svg.said(said))
    return " / ".join(cells)


# ---- runs


def _of_runs(report: Mapping[str, Any]) -> list[str]:
    answer = [blocks.paragraph(line) for line in words.runs(report)]
    parts = [blocks.section("What they support", answer)]
    names = [o["name"] for o in report["objectives"]]
    if report["wins"]:
        parts.append(blocks.section("The recorded wins", [_wins(report, names)]))
    for name in names:
        picture = either(partial(pictures.effects, report, name))
        if picture is not None:
            parts.append(_figure(f"Effects on {name}", picture, _EFFECTS))
    if report["interactions"]:
        parts.append(blocks.section("Interactions", [_interactions(report)]))
    rows = [
        [svg.said(words.recipe(one["recipe"])), svg.said(words.PURPOSES[one["for"]])]
        for one in report["next"]
    ]
    if rows:
        parts.append(blocks.section("What to run next", [blocks.table(["recipe", "why"], rows)]))
    if report["missing"]:
        parts.append(_list("What is missing", report["missing"]))
    return parts


def _wins(report: Mapping[str, Any], names: Sequence[str]) -> str:
    columns = ["recipe", "runs", *(f"{n}: measured" for n in names)]
    columns += [*(f"{n}: expected [90%]" for n in names), "better with", "verdict"]
    rows = [
        [
            svg.said(words.recipe(win["recipe"])),
            str(win["runs"]),
            *(words.amount(win["measured"][n]) for n in names),
            *(words.estimate(win["gain"][n]) for n in names),
            words.sure(win["probability"]),
            svg.said(win["verdict"]),
        ]
        for win in report["wins"]
    ]
    return blocks.table(columns, rows, right={1, *range(2, 2 + 2 * len(names))})


def _interactions(report: Mapping[str, Any]) -> str:
    rows = [
        [svg.said(" and ".join(one["pair"])), svg.said(one["objective"]), words.estimate(one)]
        for one in report["interactions"]
    ]
    return blocks.table(["pair", "objective", "beyond the sum [90%]"], rows, right={2})


def _figure(title: str, picture: str, caption: str) -> str:
    return blocks.section(title, [blocks.figure(picture, caption)])


def _list(title: str, items: Sequence[str]) -> str:
    return blocks.section(title, [blocks.points(items)])
