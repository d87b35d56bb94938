"""The few blocks that pages are made of: HTML text, for the sheet to dress.

What is `words` is text, whatever it holds; what is `html` was made by a page and is trusted.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mainstem.plots import svg

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Iterable[int] = (),
    wordy: Iterable[int] = (),
    caption: str = "",
) -> str:
    """A table that scrolls by itself where it is wider than the page.

    Args:
        columns: Their heads, as words.
        rows: Cells, as HTML.
        right: Columns of numbers, from 0.
        wordy: Columns of sentences, which are not to be squeezed to a word a line.
        caption: What it holds, as words; none if empty.
    """
    of = {**dict.fromkeys(wordy, ' class="text"'), **dict.fromkeys(right, ' class="n"')}
    kinds = [of.get(k, "") for k in range(len(columns))]
    heads = (
        f'<th scope="col"{kind}>{svg.said(name)}</th>' if name else "<td></td>"
        for kind, name in zip(kinds, columns, strict=True)
    )
    head = f"<tr>{''.join(heads)}</tr>"
    body = "\n".join(_row(row, kinds) for row in rows)
    title = f"<caption>{svg.said(caption)}</caption>" if caption else ""
    return scrolled(
        f"<table>{title}\n<thead>{head}</thead>\n<tbody>\n{body}\n</tbody>\n</table>",
        caption or f"table of {', '.join(name for name in columns if name)}",
    )


def _row(cells: Sequence[str], kinds: Sequence[str]) -> str:
    found = (f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, cells, strict=True))
    return f"<tr>{''.join(found)}</tr>"


def scrolled(html: str, label: str) -> str:
    """A block that scrolls sideways by itself, by the keyboard too."""
    named = f'role="group" tabindex="0" aria-label="{svg.said(label)}"'
    return f'<div class="wide" {named}>{html}</div>'


def figure(picture: str, caption: str = "", *, below: str = "") -> str:
    """A picture that scrolls by itself, with what stands below it.

    Args:
        picture: As SVG.
        caption: What is to be known of it, as words; none if empty.
        below: What follows, such as a table of the same numbers, as HTML.
    """
    words = f"\n<figcaption>{svg.said(caption)}</figcaption>" if caption else ""
    after = f"\n{below}" if below else ""
    return f"<figure>\n{scrolled(picture, 'picture')}{words}{after}\n</figure>"


def section(title: str, parts: Iterable[str], *, key: str = "", badge: str = "") -> str:
    """A part of a page with its heading; `key` is its address, `parts` and `badge` are HTML."""
    where = f' id="{svg.said(key)}"' if key else ""
    beside = f" {badge}" if badge else ""
    head = f"<h2>{svg.said(title)}{beside}</h2>"
    return "\n".join([f"<section{where}>", head, *parts, "</section>"])


def points(items: Iterable[str]) -> str:
    """A list of words."""
    return "<ul>\n" + "\n".join(f"<li>{coded(one)}</li>" for one in items) + "\n</ul>"


def badge(words: str, tone: str = "") -> str:
    """A state as a word on a tinted ground; the tone is a class of `mainstem.plots.sheet`."""
    kinds = f"badge {tone}".rstrip()
    return f'<span class="{kinds}">{svg.said(words)}</span>'


def paragraph(words: str, kind: str = "") -> str:
    """A paragraph of words, of a class of `mainstem.plots.sheet`."""
    of = f' class="{kind}"' if kind else ""
    return f"<p{of}>{coded(words)}</p>"


def coded(words: str) -> str:
    """Words as HTML in which `backticks` mark what is typed, as they do on a terminal."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", svg.said(words))


def hidden(summary: str, html: str) -> str:
    """What is a click away."""
    return f"<details>\n<summary>{svg.said(summary)}</summary>\n{html}\n</details>"
