"""The frontier as one page: HTML that needs nothing else, for screens, print and screen readers."""

from __future__ import annotations

import datetime as dt
from html import escape
from typing import TYPE_CHECKING, Any

from mainstem.domain.stack import Direction
from mainstem.frontier import words
from mainstem.plots.progress import Level, progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_STYLE = """
body { font: 16px/1.5 sans-serif; color: #222; background: #fff; max-width: 52rem;
       margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; }
table { border-collapse: collapse; margin: .8rem 0; } caption { text-align: left; color: #555; }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid #ccc;
         vertical-align: top; } td.n, th.n { text-align: right; }
.answer { font-weight: 600; } .limits { color: #444; font-size: .92rem; }
figure { margin: 1rem 0; } figcaption { color: #444; font-size: .92rem; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; }
               section, figure, table { break-inside: avoid; } }
"""

_MOST_LEVELS = 4  # as many styles as are left beside the trunk's

_ANSWER = ' class="answer"'

_UNITS = ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (1.0, "seconds"))

_WEB = ("https://", "http://")


def page(report: Mapping[str, Any]) -> str:
    """The page, with its pictures inside.

    Args:
        report: What `report.report` gives.
    """
    shown = [one for one in report["objectives"] if one["references"]]
    parts = [_head(report), *(_objective(report, one) for one in shown), _rest(report)]
    parts += [_claims(report)] if report["claims"] else []
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Frontier of {escape(report['stack'])}</title>\n<style>{_STYLE}</style>\n</head>\n"
        "<body>\n<main>\n"
        + "\n".join(part for part in parts if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _head(report: Mapping[str, Any]) -> str:
    runs, trunk = report["trunk"]["runs"], report["trunk"]["commit"][:10]
    return (
        f"<h1>How far {escape(report['stack'])} is from the frontier</h1>\n"
        f"<p>Trunk {escape(trunk)}, {runs} runs of it at rung {escape(report['rung'])}, as of "
        f"{escape(report['as_of'][:10])}. A reference is compared only where harness, version, "
        "unit and scale are stated and the same. Gaps are what the trunk has to gain, with "
        f"{report['level']:.0%} intervals of both sides' noise.</p>"
    )


def _objective(report: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """One objective: where it stands, its picture, its references, what would close the gap."""
    parts = ["<section>", f"<h2>{escape(one['objective'])}</h2>"]
    parts += [
        f"<p{_ANSWER if k == 0 else ''}>{escape(said)}</p>"
        for k, said in enumerate(words.standing(one))
    ]
    parts += [f"<p>{escape(said)}</p>" for said in words.trend(report, one)]
    picture = _picture(report, one)
    if picture is not None:
        said = "Steps are merges, with the gains that were confirmed; the bar is the interval now."
        parts.append(f"<figure>\n{picture}\n<figcaption>{said}</figcaption>\n</figure>")
    rows = [_reference(row) for row in one["references"]]
    columns = ("reference", "value", "date", "how", "compared")
    parts.append(_table("References", columns, rows, right=(1,)))
    if one["prospects"]:
        parts.append(_prospects(one))
    return "\n".join([*parts, "</section>"])


def _picture(report: Mapping[str, Any], one: Mapping[str, Any]) -> str | None:
    """The trunk over time beside what it is compared with; None where there is nothing to draw."""
    levels = [row for row in one["references"] if row["comparable"]][:_MOST_LEVELS]
    if one["trunk"] is None or not levels or report["since"] is None:
        return None
    steps, until_s = trend(report, one)
    in_s, name = next((s, name) for s, name in _UNITS if until_s >= 2.0 * s or s == 1.0)
    trunk = one["trunk"]
    ends = None if trunk["low"] is None else (trunk["low"], trunk["high"])
    unit = f", {one['unit']}" if one["unit"] else ""
    return progress(
        "trunk",
        [(since_s / in_s, value) for since_s, value in steps],
        [Level(name=row["id"], value=row["value"]) for row in levels],
        until=until_s / in_s,
        ends=ends,
        title=f"{one['objective']} of the trunk over time",
        description="; ".join(words.standing(one)),
        axis=f"{name} since {report['since'][:10]}",
        unit=f"{one['objective']}{unit}",
    )


def trend(
    report: Mapping[str, Any], one: Mapping[str, Any]
) -> tuple[list[tuple[float, float]], float]:
    """The trunk's values since when, in seconds of the record, and the present likewise.

    Backwards from what it is measured at now, by what was confirmed at each merge.
    """
    sign = 1.0 if one["direction"] == Direction.MAXIMIZE else -1.0
    value, steps = one["trunk"]["mean"], []
    for merge in reversed(report["merges"]):
        steps.append((_since_s(report["since"], merge["at"]), value))
        gain = merge["gain"].get(one["objective"])
        value -= 0.0 if gain is None else sign * gain["mean"]
    steps.append((0.0, value))
    return steps[::-1], max(_since_s(report["since"], report["as_of"]), 1.0)


def _since_s(since: str, at: str) -> float:
    first, then = (dt.datetime.fromisoformat(text) for text in (since, at))
    return (then - first).total_seconds()


def _reference(row: Mapping[str, Any]) -> list[str]:
    """A row of the table of references, as HTML."""
    source = escape(row["source"])
    if row["source"].startswith(_WEB):
        source = f'<a href="{source}" rel="nofollow noreferrer">{source}</a>'
    note = f"<br>{escape(row['note'])}" if row["note"] else ""
    compared = "yes" if row["comparable"] else f"no: {escape(words.mismatches(row))}"
    return [
        f"{escape(row['id'])}<br>{source}{note}",
        escape(words.value(row)),
        escape(row["date"]),
        escape(words.obtained(row)),
        compared,
    ]


def _prospects(one: Mapping[str, Any]) -> str:
    rows = [[escape(cell) for cell in words.prospect(row)] for row in one["prospects"]]
    said = "Open and shelved proposals, by what they are expected to close for the trials they take"
    return _table(said, words.PROSPECT, rows, right=(3, 4, 5))


def _rest(report: Mapping[str, Any]) -> str:
    """What has no reference, and references of what is no objective."""
    parts = [f"<li>{escape(said)}</li>" for said in words.rest(report)]
    if not parts:
        return ""
    return "<section>\n<h2>Not compared</h2>\n<ul>\n" + "\n".join(parts) + "\n</ul>\n</section>"


def _claims(report: Mapping[str, Any]) -> str:
    rows = [[escape(cell) for cell in words.claim(row)] for row in report["claims"]]
    table = _table("References that were proposed here", words.CLAIM, rows, right=())
    runs = "\n".join(f"<li>{escape(words.runs(row))}</li>" for row in report["claims"])
    return (
        f"<section>\n<h2>Claimed and reproduced</h2>\n{table}\n"
        f"<p>The runs behind each:</p>\n<ul>\n{runs}\n</ul>\n</section>"
    )


def _table(
    caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int]
) -> str:
    """A table of cells that are HTML already."""

    def cells(tag: str, found: Sequence[str]) -> str:
        kinds = (' class="n"' if k in right else "" for k in range(len(found)))
        return "".join(f"<{tag}{kind}>{c}</{tag}>" for kind, c in zip(kinds, found, strict=True))

    head = f"<tr>{cells('th', columns)}</tr>"
    body = "\n".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>"
    return f"<table>{title}\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
