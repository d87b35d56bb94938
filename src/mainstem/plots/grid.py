"""A grid of numbers: where gains came from, by component and objective, and where nobody works."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import colours, scale, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LABELS, _ROW, _HEAD = 190.0, 44.0, 40.0
_WIDEST, _NARROWEST, _ROOM = 190.0, 96.0, 570.0
_BESIDE, _CELL, _NAME = 2, 46.0, 26.0  # a telephone's: cells in a line, their height, a name's
_KEY = "in margins of the objective"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A cell.

    Attributes:
        value: The gain, above 0 is better; None where nothing is known.
        said: The number in words.
        below: A second line, smaller, such as how many proposals it is of.
        note: What a tooltip says beside them.
        href: Where more of it is; None for nowhere.
    """

    value: float | None
    said: str
    below: str = ""
    note: str = ""
    href: str | None = None


def grid(
    rows: Sequence[str],
    columns: Sequence[str],
    entries: Mapping[tuple[int, int], Entry],
    *,
    margins: Sequence[float],
    empty: str = "nobody works here",
    title: str,
    description: str,
    narrow: bool = False,
) -> str:
    """Draws cells.

    Args:
        rows: Such as components, from the top down.
        columns: Such as objectives, with their units.
        entries: By row and column; what is not in it is empty.
        margins: Per column, the smallest change that matters: what strength is measured by.
        empty: What a row without any entry says.
        title: What the picture is.
        description: What can be read from it.
        narrow: Whether it is for a telephone: cells stand below the name of their row, each with
            the name of its column, and those without an entry are left out.
    """
    if not rows or not columns:
        return svg.nothing(title, description, "There is nothing to show yet.", narrow=narrow)
    if narrow:
        height, parts = _stacked(rows, columns, entries, margins, empty)
        legend = scale.legend(0.5 * (svg.PHONE - scale.LEGEND), height, _KEY)
        bottom = round(height + scale.KEY + 6.0)
        return svg.picture(title, description, svg.PHONE, bottom, [*parts, *legend])
    wide = min(max(_ROOM / len(columns), _NARROWEST), _WIDEST)
    width = round(_LABELS + wide * len(columns) + 8.0)
    parts = []
    for k, name in enumerate(columns):
        x = _LABELS + wide * (k + 0.5)
        words = svg.fit(name, wide - 8.0)
        parts.append(svg.tip(name, [svg.text(x, _HEAD - 12.0, words, anchor="middle", bold=True)]))
    for i, name in enumerate(rows):
        y = _HEAD + _ROW * i
        label = svg.text(_LABELS - 14.0, y + 26.0, svg.fit(name, _LABELS - 18.0), anchor="end")
        parts.append(svg.tip(name, [label]))
        own = [(j, entries[i, j]) for j in range(len(columns)) if (i, j) in entries]
        parts += [] if own else _nobody(empty, _LABELS, y, wide * len(columns))
        for j in range(len(columns) if own else 0):
            entry = entries.get((i, j), Entry(value=None, said=""))
            drawn = _entry(entry, _LABELS + wide * j, y, wide, margins[j])
            parts.append(svg.shown(entry.href, _told(name, columns[j], entry), drawn))
    height = _HEAD + _ROW * len(rows) + 10.0
    legend = scale.legend(_LABELS, height, _KEY)
    return svg.picture(
        title,
        description,
        max(width, round(_LABELS + scale.LEGEND + 20.0)),
        round(height + scale.KEY + 6.0),
        [*parts, *legend],
    )


def _told(row: str, column: str, entry: Entry) -> str:
    """A cell's tooltip."""
    said = f"{row}, {column}: {entry.said or 'nothing known'}"
    return "; ".join(one for one in (said, entry.below, entry.note) if one)


def _stacked(
    rows: Sequence[str],
    columns: Sequence[str],
    entries: Mapping[tuple[int, int], Entry],
    margins: Sequence[float],
    empty: str,
) -> tuple[float, list[str]]:
    """Rows below each other, two cells in a line; how high it is, and what is drawn."""
    y, wide, parts = 4.0, svg.PHONE / _BESIDE, []
    for i, name in enumerate(rows):
        words = svg.text(2.0, y + 17.0, svg.fit(name, svg.PHONE - 4.0), bold=True)
        parts.append(svg.tip(name, [words]))
        y += _NAME
        own = [j for j in range(len(columns)) if (i, j) in entries]
        if own and all(entries[i, j].value is None for j in own):
            entry, told = entries[i, own[0]], _told(name, "", entries[i, own[0]])
            drawn = _known_of_none(entry, y)
            parts.append(svg.shown(entry.href, told, drawn))
            own = []
        elif not own:
            parts += _nobody(empty, 0.0, y, float(svg.PHONE))
        for at, j in enumerate(own):
            place = (wide * (at % _BESIDE), y + _CELL * (at // _BESIDE))
            drawn = _small(entries[i, j], columns[j], place, wide, margins[j])
            told = _told(name, columns[j], entries[i, j])
            parts.append(svg.shown(entries[i, j].href, told, drawn))
        y += _CELL * -(-max(len(own), 1) // _BESIDE) + 6.0
    return y + 4.0, parts


def _known_of_none(entry: Entry, y: float) -> list[str]:
    """A row with the same to say of every column: work without a number."""
    below = svg.fit(entry.below, svg.PHONE - 60.0, 12.0)
    return [
        svg.box(
            1.0, y + 1.0, svg.PHONE - 2.0, _CELL - 2.0, colour=colours.GROUND, edge=colours.LINE
        ),
        svg.text(8.0, y + 27.0, svg.fit(entry.said, 40.0)),
        svg.text(svg.PHONE - 8.0, y + 27.0, below, anchor="end", size=12),
    ]


def _small(
    entry: Entry, column: str, place: tuple[float, float], wide: float, margin: float
) -> list[str]:
    """A cell with the name of its column above its number and its second line."""
    (x, y), shown = place, _strength(entry, margin)
    room, ground = wide - 16.0, colours.GROUND if entry.value is None else shown.ground
    said = svg.fit(entry.said, 0.5 * room)
    below = svg.fit(entry.below, room - svg.width_of(said) - 8.0, 12.0)
    ink, low = shown.ink, y + 37.0
    return [
        svg.box(x + 1.0, y + 1.0, wide - 2.0, _CELL - 2.0, colour=ground, edge=colours.LINE),
        svg.text(x + 8.0, y + 18.0, svg.fit(column, room, 12.0), colour=ink, size=12),
        svg.text(x + 8.0, low, said, colour=ink, bold=shown.level != 0),
        svg.text(x + wide - 8.0, low, below, anchor="end", colour=ink, size=12),
    ]


def _strength(entry: Entry, margin: float) -> scale.Strength:
    return scale.strength(math.nan if entry.value is None else entry.value, margin)


def _entry(entry: Entry, x: float, y: float, wide: float, margin: float) -> list[str]:
    """A cell with its number in the middle, and its second line."""
    shown = _strength(entry, margin)
    ground = colours.GROUND if entry.value is None else shown.ground
    middle = x + 0.5 * wide
    up = y + (20.0 if entry.below else 27.0)
    said = svg.fit(entry.said, wide - 8.0)
    parts = [
        svg.box(x + 1.0, y + 1.0, wide - 2.0, _ROW - 2.0, colour=ground, edge=colours.LINE),
        svg.text(middle, up, said, anchor="middle", colour=shown.ink, bold=shown.level != 0),
    ]
    if entry.below:
        below = svg.fit(entry.below, wide - 8.0, 12.0)
        parts.append(svg.text(middle, y + 35.0, below, anchor="middle", colour=shown.ink, size=12))
    return parts


def _nobody(words: str, x: float, y: float, wide: float) -> list[str]:
    """A row without anything: a dashed frame that says so."""
    frame = (
        f'<rect x="{x + 1.0:.1f}" y="{y + 1.0:.1f}" width="{wide - 2.0:.1f}" '
        f'height="{_ROW - 2.0:.1f}" fill="none" stroke-dasharray="4 4" '
        f"{svg.stroke(colours.PALE)}/>"
    )
    said = svg.fit(words, wide - 16.0)
    return [frame, svg.text(x + 12.0, y + 27.0, said, colour=colours.PALE)]
