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
    """
    if not rows or not columns:
        return svg.nothing(title, description, "There is nothing to show yet.")
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
        parts += [] if own else _nobody(empty, y, wide * len(columns))
        for j in range(len(columns) if own else 0):
            entry = entries.get((i, j), Entry(value=None, said=""))
            drawn = _entry(entry, _LABELS + wide * j, y, wide, margins[j])
            said = f"{name}, {columns[j]}: {entry.said or 'nothing known'}"
            told = "; ".join(one for one in (said, entry.below, entry.note) if one)
            parts.append(svg.shown(entry.href, told, drawn))
    height = _HEAD + _ROW * len(rows) + 10.0
    legend = scale.legend(_LABELS, height, "in margins of the objective")
    return svg.picture(
        title,
        description,
        max(width, round(_LABELS + scale.LEGEND + 20.0)),
        round(height + scale.KEY + 6.0),
        [*parts, *legend],
    )


def _entry(entry: Entry, x: float, y: float, wide: float, margin: float) -> list[str]:
    """A cell with its number in the middle, and its second line."""
    value = math.nan if entry.value is None else entry.value
    shown = scale.strength(value, margin)
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


def _nobody(words: str, y: float, wide: float) -> list[str]:
    """A row without anything: a dashed frame that says so."""
    frame = (
        f'<rect x="{_LABELS + 1.0:.1f}" y="{y + 1.0:.1f}" width="{wide - 2.0:.1f}" '
        f'height="{_ROW - 2.0:.1f}" fill="none" stroke-dasharray="4 4" '
        f"{svg.stroke(colours.PALE)}/>"
    )
    said = svg.fit(words, wide - 16.0)
    return [frame, svg.text(_LABELS + 12.0, y + 27.0, said, colour=colours.PALE)]
