"""An import as one page: HTML that needs nothing else, for screens, print and screen readers."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from mainstem.frontier import import_pictures as pictures, import_words as words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STYLE = """
body { font: 16px/1.5 sans-serif; color: #222; background: #fff; max-width: 60rem;
       margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .8rem 0; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #ccc;
         vertical-align: top; } td.n, th.n { text-align: right; white-space: nowrap; }
td { overflow-wrap: anywhere; } figure { margin: 1rem 0; } figcaption, .limits { color: #444; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; }
               section, figure { break-inside: avoid; } }
"""

_RECORDS = (
    "Thin lines: intervals by each record's own spread; thick: by the pooled one; an arrow goes on "
    "beyond the picture. A lower end right of 0 is a gain at the stated p."
)
_EFFECTS = "Posterior means with 90% intervals; an arrow goes on beyond the picture."


def page(report: Mapping[str, Any]) -> str:
    """The page, with its pictures inside."""
    records = report["shape"] == "records"
    title = f"{report['file']}: what these {report['shape']} support"
    parts = [f"<h1>{escape(title)}</h1>", _source(report)]
    parts += _of_records(report) if records else _of_runs(report)
    parts += [_list("What to know", report["notes"])] if report["notes"] else []
    how = words.HOW_RECORDS if records else words.HOW_RUNS
    parts.append(_section("How it was asked", [f"<p>{escape(how)}</p>"]))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        "<body>\n<main>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


def _source(report: Mapping[str, Any]) -> str:
    about = f"<p>{escape(report['about'])}</p>" if report["about"] else ""
    digest = f'<p class="limits">SHA-256 of the file: {escape(report["sha256"])}</p>'
    return about + digest


# ---- records


def _of_records(report: Mapping[str, Any]) -> list[str]:
    answer = [f"<p>{escape(line)}</p>" for line in words.records(report)]
    parts = [_section("What they support", answer)]
    picture = pictures.record_gains(report)
    if picture is not None:
        parts.append(_figure("Gains over the best before", picture, _RECORDS))
        parts.append(_section("Record by record", [_records(report)]))
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
            escape(row["date"] or "-"),
            escape(row["label"]),
            escape(row["contributor"]),
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
    return _table(columns, rows, right={0, 4, 5, 6, 8, len(columns) - 1})


def _pair(tests: Mapping[str, Any], spreads: tuple[str, str]) -> str:
    """Two p-values; what supports the gain is bold."""
    cells = []
    for spread in spreads:
        test = tests[spread]
        said = "-" if test is None else words.p_value(test["p"])
        bold = test is not None and test["supported"]
        cells.append(f"<strong>{escape(said)}</strong>" if bold else escape(said))
    return " / ".join(cells)


# ---- runs


def _of_runs(report: Mapping[str, Any]) -> list[str]:
    answer = [f"<p>{escape(line)}</p>" for line in words.runs(report)]
    parts = [_section("What they support", answer)]
    names = [o["name"] for o in report["objectives"]]
    if report["wins"]:
        parts.append(_section("The recorded wins", [_wins(report, names)]))
    for name in names:
        picture = pictures.effects(report, name)
        if picture is not None:
            parts.append(_figure(f"Effects on {name}", picture, _EFFECTS))
    if report["interactions"]:
        parts.append(_section("Interactions", [_interactions(report)]))
    rows = [
        [escape(words.recipe(one["recipe"])), escape(words.PURPOSES[one["for"]])]
        for one in report["next"]
    ]
    if rows:
        parts.append(_section("What to run next", [_table(["recipe", "why"], rows)]))
    if report["missing"]:
        parts.append(_list("What is missing", report["missing"]))
    return parts


def _wins(report: Mapping[str, Any], names: Sequence[str]) -> str:
    columns = ["recipe", "runs", *(f"{n}: measured" for n in names)]
    columns += [*(f"{n}: expected [90%]" for n in names), "better with", "verdict"]
    rows = [
        [
            escape(words.recipe(win["recipe"])),
            str(win["runs"]),
            *(words.amount(win["measured"][n]) for n in names),
            *(words.estimate(win["gain"][n]) for n in names),
            words.sure(win["probability"]),
            escape(win["verdict"]),
        ]
        for win in report["wins"]
    ]
    return _table(columns, rows, right={1, *range(2, 2 + 2 * len(names))})


def _interactions(report: Mapping[str, Any]) -> str:
    rows = [
        [escape(" and ".join(one["pair"])), escape(one["objective"]), words.estimate(one)]
        for one in report["interactions"]
    ]
    return _table(["pair", "objective", "beyond the sum [90%]"], rows, right={2})


# ---- the few elements


def _section(title: str, parts: Sequence[str]) -> str:
    return "\n".join(["<section>", f"<h2>{escape(title)}</h2>", *parts, "</section>"])


def _figure(title: str, picture: str, caption: str) -> str:
    figure = f"<figure>\n{picture}\n<figcaption>{escape(caption)}</figcaption>\n</figure>"
    return _section(title, [figure])


def _list(title: str, points: Sequence[str]) -> str:
    items = "\n".join(f"<li>{escape(point)}</li>" for point in points)
    return _section(title, [f"<ul>\n{items}\n</ul>"])


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: set[int] | None = None
) -> str:
    """A table of cells that are HTML already; heads are text."""

    def cells(tag: str, found: Sequence[str]) -> str:
        kinds = (' class="n"' if k in (right or set()) else "" for k in range(len(found)))
        return "".join(f"<{tag}{kind}>{c}</{tag}>" for kind, c in zip(kinds, found, strict=True))

    head = f"<tr>{cells('th', [escape(c) for c in columns])}</tr>"
    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    table = f"<table>\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    return f'<div class="wide">{table}</div>'
