"""A replay as one page: HTML that needs nothing else, light and dark, on screens and in print."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from mainstem.lab import pictures, words
from mainstem.stats.sobol import INSTALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# Pictures are drawn on white, for print; in the dark their light is turned and their hue kept.
_STYLE = """
:root { color-scheme: light dark; --ink: #222; --pale: #555; --soft: #444; --line: #ccc;
        --ground: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e4; --pale: #aaa; --soft: #bbb; --line: #444; --ground: #121212; }
  figure svg { filter: invert(.93) hue-rotate(180deg); }
}
body { font: 16px/1.5 sans-serif; color: var(--ink); background: var(--ground);
       max-width: 52rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.2; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .4rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .8rem 0; }
caption { text-align: left; color: var(--pale); }
th, td { text-align: left; padding: .2rem .9rem .2rem 0; border-bottom: 1px solid var(--line);
         vertical-align: top; overflow-wrap: normal; }
td.n, th.n { text-align: right; } td.n, td:first-child { white-space: nowrap; }
.answer { font-weight: 600; } .limits { color: var(--soft); font-size: .92rem; }
figure { margin: 1rem 0; } figcaption { color: var(--soft); font-size: .92rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr));
          gap: .6rem; } .panels figure { margin: 0; }
.least { min-width: 44rem; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; }
               section, figure, table { break-inside: avoid; } }
"""


def page(report: Mapping[str, Any]) -> str:
    """The page, with its pictures inside.

    Args:
        report: What `mainstem.lab.report.report` gives.
    """
    parts = [_head(report), _said(report), _ends(report), _courses(report), _assumptions(report)]
    parts += [_limits(report), _method(report)]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>The lab on {escape(report['stack'])}</title>\n<style>{_STYLE}</style>\n</head>\n"
        "<body>\n<main>\n" + "\n".join(parts) + "\n</main>\n</body>\n</html>\n"
    )


def _head(report: Mapping[str, Any]) -> str:
    record = report["record"]
    return (
        f"<h1>What would another way of working have cost {escape(report['stack'])}?</h1>\n"
        f"<p>Campaign {escape(record['campaign'])} ran {record['recipes']} recipes of "
        f"{len(record['proposals'])} proposals {record['runs']} times. Here every way of working "
        f"plays on landscapes drawn from what those runs say, with {report['budget']} runs "
        "each.</p>"
    )


def _said(report: Mapping[str, Any]) -> str:
    """The sentences, the conclusion in bold."""
    first, *rest = report["said"]
    text = "\n".join(f"<p>{escape(one)}</p>" for one in rest)
    return f'<section id="said">\n<p class="answer">{escape(first)}</p>\n{text}\n</section>'


def _ends(report: Mapping[str, Any]) -> str:
    """All ways at a glance, as a picture and as numbers."""
    columns = ("way", "campaigns", "gain", "costs", "behind", "never ran")
    rows = [_row(row) for row in report["policies"]]
    return (
        '<section id="ends">\n<h2>What every way ends with</h2>\n<figure class="wide">'
        f'<div class="least">\n{pictures.ends(report)}\n</div></figure>\n'
        + _table("", columns, rows, right=(1, 2, 3, 4, 5))
        + '<p class="limits">Gain in margins, summed over what is to be improved, with '
        f"{report['level']:.0%} of campaigns. Costs: gain of {escape(report['reference'])} less "
        "that of this way, campaign by campaign, with the interval of the mean. Behind: share of "
        "campaigns in which it ends behind. Never ran: share of last trunks that nobody ever "
        "ran.</p>\n</section>"
    )


def _row(row: Mapping[str, Any]) -> list[str]:
    cost = row["price"]
    return [
        escape(row["name"]),
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
    body = "\n".join(drawn)
    return (
        '<section id="courses">\n<h2>Gain against compute</h2>\n'
        f'<p class="limits">{said}</p>\n<div class="panels">\n{body}\n</div>\n</section>'
    )


def _assumptions(report: Mapping[str, Any]) -> str:
    """The tornado, or how to have it."""
    head = '<section id="assumptions">\n<h2>What assumptions matter</h2>\n'
    picture = pictures.assumptions(report)
    if picture is None:
        return (
            f"{head}<p>Nothing was varied: <code>mainstem lab --replay --assumptions 16</code> "
            f"does, and takes SALib (<code>{escape(INSTALL)}</code>).</p>\n</section>"
        )
    found = report["assumptions"]
    said = (
        "What silos, levels, vetoes and intern silos cost on average against the same tests "
        f"without them: {words.number(found['mean'])} margins over all assumptions. A bar reaches "
        "from the lower to the upper quarter of an assumption's range. Beside it the share of the "
        "variance that the assumption has a part in, alone or with others (total-order index, "
        f"{found['level']:.0%} interval by the bootstrap, {found['points']} points of "
        f"{found['campaigns']} campaigns)."
    )
    return (
        f'{head}<figure class="wide"><div class="least">\n{picture}\n</div>\n'
        f"<figcaption>{said}</figcaption></figure>\n</section>"
    )


def _limits(report: Mapping[str, Any]) -> str:
    """What of the figures was never measured, way by way."""
    columns = ("way", "last trunks that never ran", "runs of what never ran", "breaks a margin")
    rows = [
        [
            escape(row["name"]),
            *(words.percent(row["extrapolated"][key]) for key in ("trunks", "runs")),
            words.percent(row["breaks_a_margin"]),
        ]
        for row in report["policies"]
    ]
    return (
        '<section id="limits">\n<h2>What is extrapolated</h2>\n'
        "<p>Gains of recipes that nobody ran are the model's word: a policy that leads there is "
        "judged by what the recorded runs suggest of them.</p>\n"
        + _table("", columns, rows, right=(1, 2, 3))
        + "</section>"
    )


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
    return f'<section id="method">\n<h2>How it was done</h2>\n<p>{escape(said)}</p>\n</section>'


def _table(
    caption: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int] = (),
) -> str:
    """A table that scrolls where it is wider than the screen."""

    def cell(tag: str, at: int, text: str) -> str:
        kind = ' class="n"' if at in right else ""
        return f"<{tag}{kind}>{text}</{tag}>"

    head = "".join(cell("th", k, escape(name)) for k, name in enumerate(columns))
    body = "\n".join(
        "<tr>" + "".join(cell("td", k, text) for k, text in enumerate(row)) + "</tr>"
        for row in rows
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{title}<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>\n"
    )
