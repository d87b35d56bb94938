"""Tables for telephones: every cell says which column it is of, so that a row can be a card.

A table of five columns is wider than a telephone, and scrolled sideways its rows lose their names.
So the sheet shows each row of a wide table as a card there: its name, and below it column and
value, one after another. That takes each cell to know the head of its column, and explicit roles,
as what is no longer laid out as a table is no longer read as one. Both are put here into HTML that
is done already, so that no page has to think of it; a table of two columns stays as it is. A cell
with a dash says that there is nothing: a card leaves it out.
"""

from __future__ import annotations

import re
from html import escape, unescape

FEWEST = 3
"""Columns of a table that becomes cards; with fewer there is room."""

_TABLE = re.compile(r"<table\b([^>]*)>(.*?)</table>", re.DOTALL)
_HEAD = re.compile(r"<thead>(.*?)</thead>", re.DOTALL)
_COLUMN = re.compile(r"<t([hd])\b([^>]*)>(.*?)</t\1>", re.DOTALL)
_OPENS = re.compile(r"<(tr|th|td|thead|tbody)\b([^>]*)>((?:<span[^>]*>)?-(?:</span>)?</td>)?")
_SPAN = re.compile(r'\bcolspan="(\d+)"')
_CLASS = re.compile(r'\bclass="([^"]*)"')
_MARKUP = re.compile(r"<svg\b.*?</svg>|<[^>]*aria-hidden[^>]*>[^<]*</[a-z]+>|<[^>]*>", re.DOTALL)
_ROLES = {"tr": "row", "thead": "rowgroup", "tbody": "rowgroup"}


def labelled(html: str) -> str:
    """The same page with tables that a telephone can show as cards.

    Args:
        html: A page or a part of one, well-formed, with text escaped; tables hold no tables.
    """
    return _TABLE.sub(_table, html)


def _table(found: re.Match[str]) -> str:
    said, inside = found.groups()
    head = _HEAD.search(inside)
    if head is None:
        return found.group()
    names = [_words(cell) for _, _, cell in _COLUMN.findall(head.group(1))]
    if len(names) < FEWEST:
        return found.group()
    before, body = inside[: head.end()], inside[head.end() :]
    cells = _Cells(names)
    return (
        f'<table role="table"{_classed(said)}>{_OPENS.sub(_headed, before)}'
        f"{_OPENS.sub(cells.opened, body)}</table>"
    )


def _words(cell: str) -> str:
    """The head of a column as text, without arrows and pictures."""
    return " ".join(unescape(_MARKUP.sub(" ", cell)).split())


def _classed(said: str) -> str:
    if _CLASS.search(said):
        return _CLASS.sub(r'class="\1 cards"', said)
    return f'{said} class="cards"'


def _headed(found: re.Match[str]) -> str:
    """A row or a cell of the head, with its role."""
    tag, said, _ = found.groups()
    role = _ROLES.get(tag, "columnheader" if tag == "th" else "cell")
    return f'<{tag} role="{role}"{said}>'


class _Cells:
    """Goes through a table's cells, and knows in which column each one is."""

    def __init__(self, names: list[str]) -> None:
        """Args: the heads of the columns."""
        self._names = [escape(name) for name in names]
        self._at = 0

    def opened(self, found: re.Match[str]) -> str:
        """A row or a cell with its role, and a cell with the head of its column."""
        tag, said, dash = found.groups()
        if tag in _ROLES:
            self._at = 0
            return f'<{tag} role="{_ROLES[tag]}"{said}>'
        at, span = self._at, _SPAN.search(said)
        self._at += 1 if span is None else int(span.group(1))
        if tag == "th":
            return f'<th role="rowheader"{said}>'
        name = self._names[at] if at < len(self._names) and span is None else ""
        label = f' data-label="{name}"' if name else ""
        none = ' data-none=""' if dash else ""
        return f'<td role="cell"{label}{none}{said}>{dash or ""}'
