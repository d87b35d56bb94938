"""A heatmap of pairs: what two proposals do together beyond the sum, ordered by component.

The lower half of a square, as a pair is the same both ways; the diagonal holds what each does
alone. Gains and losses differ by colour and by sign, what is sure by a frame, and what was never
tried together is hatched, so that nobody takes a guess for a measurement.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, scale, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LABELS, _GROUPS, _BELOW = 170.0, 96.0, 120.0
_LARGEST, _SMALLEST, _SQUARE = 44.0, 13.0, 560.0
_NARROWEST = 620.0
_DOUBLE = 20.0  # pixels: a smaller cell has room for one sign


@dataclass(frozen=True, kw_only=True)
class Item:
    """A row, and the column of the same name.

    Attributes:
        label: Its name.
        group: What it is ordered and set apart by.
        href: Where more of it is; None for nowhere.
    """

    label: str
    group: str = ""
    href: str | None = None


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What two do together, or one alone.

    Attributes:
        value: The gain, above 0 is better; None where nothing is known.
        low: Lower end of its interval; None where there is none.
        high: Upper end.
        tried: Whether they ever ran together; else the value is the model's word.
        conflict: Whether they cannot be merged together.
        note: What a tooltip says beside the numbers, such as the trials behind it.
        href: Where more of it is; None for nowhere.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    tried: bool = True
    conflict: bool = False
    note: str = ""
    href: str | None = None


def heatmap(
    items: Sequence[Item],
    cells: Mapping[tuple[int, int], Cell],
    *,
    margin: float,
    title: str,
    description: str,
    unit: str = "",
) -> str:
    """Draws pairs of up to some sixty items; links of cells are for the pointer only.

    Args:
        items: Rows from the top down, and columns; groups are put together, in the order in which
            they first come.
        cells: By the numbers of two items, in any order; of one item with itself, what it does
            alone. Pairs that are not in it stay empty.
        margin: The smallest change that matters: what strength is measured by.
        title: What the picture is.
        description: What can be read from it.
        unit: Of values and margin.
    """
    if not items:
        return svg.nothing(title, description, "There are no proposals yet.")
    order = _ordered(items)
    size = min(max(_SQUARE / len(items), _SMALLEST), _LARGEST)
    left, top = _GROUPS + _LABELS, 12.0
    side = size * len(items)
    width = max(left + side + 16.0, _NARROWEST)
    keys_top = top + side + _BELOW + 8.0
    parts = _names([items[k] for k in order], left, top, size)
    hatched: list[tuple[float, float]] = []
    for row, a in enumerate(order):
        for column, b in enumerate(order[: row + 1]):
            cell = cells.get((a, b)) or cells.get((b, a))
            x, y = left + size * column, top + size * row
            if cell is None:
                parts.append(svg.box(x, y, size, size, colour=colours.GROUND, edge=colours.LINE))
                continue
            of = items[a].label if a == b else f"{items[a].label} and {items[b].label}"
            words = _told(cell, of, unit)
            drawn = _cell(cell, x, y, size, margin)
            parts.append(svg.shown(cell.href, words, drawn, tabbed=False))
            hatched += [] if cell.tried or cell.conflict else [(x, y)]
    parts.append(_hatch(hatched, size))
    parts += _borders([items[k].group for k in order], left, top, size)
    parts += _legend(12.0, keys_top, margin, unit)
    height = keys_top + scale.KEY + 12.0
    return svg.picture(title, description, round(width), round(height), [p for p in parts if p])


def _ordered(items: Sequence[Item]) -> list[int]:
    """Numbers of items, group by group."""
    first: dict[str, int] = {}
    for item in items:
        first.setdefault(item.group, len(first))
    return sorted(range(len(items)), key=lambda k: first[items[k].group])


def _told(cell: Cell, of: str, unit: str) -> str:
    """A cell's tooltip."""
    unit = f" {unit}" if unit else ""
    if cell.conflict:
        said = "cannot be merged together"
    elif cell.value is None or math.isnan(cell.value):
        said = "nothing is known"
    else:
        said = f"{axes.interval(cell.value, cell.low, cell.high)}{unit}"
    untried = "" if cell.tried or cell.conflict else "; never ran together"
    return f"{of}: {said}{untried}{f'; {cell.note}' if cell.note else ''}"


def _cell(cell: Cell, x: float, y: float, size: float, margin: float) -> list[str]:
    """A cell's ground and its sign; a frame where its interval leaves 0 out."""
    value = math.nan if cell.value is None or cell.conflict else cell.value
    shown = scale.strength(value, margin)
    sure = cell.low is not None and cell.high is not None and (cell.low > 0.0 or cell.high < 0.0)
    sure = sure and cell.tried and not cell.conflict
    ground = colours.GROUND if cell.value is None and not cell.conflict else shown.ground
    parts = [svg.box(x, y, size, size, colour=ground, edge=colours.LINE)]
    if sure:
        inner = svg.path(_square(x + 1.0, y + 1.0, size - 2.0), colour=colours.INK, width=1.4)
        parts.append(inner)
    sign = "\N{MULTIPLICATION SIGN}" if cell.conflict else shown.sign
    sign = sign if size >= _DOUBLE else sign[:1]
    if sign:
        font = min(0.5 * size if len(sign) > 1 else 0.62 * size, 18.0)
        middle = x + 0.5 * size
        ink = colours.PALE if cell.conflict else shown.ink
        words = svg.text(
            middle, y + 0.5 * size + 0.36 * font, sign, anchor="middle", colour=ink, size=font
        )
        parts.append(words)
    return parts


def _square(x: float, y: float, size: float) -> list[tuple[float, float]]:
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]


def _hatch(corners: Sequence[tuple[float, float]], size: float) -> str:
    """Strokes through cells, all in one path; pointers see what lies below."""
    if not corners:
        return ""
    way = "".join(
        f"M{x + d0 * size:.1f} {y + d1 * size:.1f}L{x + d1 * size:.1f} {y + d0 * size:.1f}"
        for x, y in corners
        for d0, d1 in ((0.0, 0.5), (0.0, 1.0), (0.5, 1.0))
    )
    return f'<path d="{way}" fill="none" pointer-events="none" {svg.stroke(colours.PALE, 0.8)}/>'


def _names(items: Sequence[Item], left: float, top: float, size: float) -> list[str]:
    """Names of rows at the left with their groups, and of columns below."""
    parts, before = [], None
    bottom = top + size * len(items)
    font = min(max(size - 2.0, 11.0), 13.0)
    for k, item in enumerate(items):
        y = top + size * (k + 0.5) + 0.36 * font
        name = svg.fit(item.label, _LABELS - 18.0, font)
        words = svg.text(left - 8.0, y, name, anchor="end", size=font)
        parts.append(svg.shown(item.href, item.label, [words]))
        if item.group != before:
            group = svg.fit(item.group, _GROUPS - 10.0, 12.0)
            parts.append(svg.text(8.0, y, group, colour=colours.PALE, size=12, bold=True))
        x = left + size * (k + 0.5) + 0.36 * font
        below = svg.fit(item.label, _BELOW - 12.0, font)
        column = svg.text(x, bottom + 7.0, below, anchor="end", size=font, turned=True)
        parts.append(svg.tip(item.label, [column]))
        before = item.group
    return parts


def _borders(groups: Sequence[str], left: float, top: float, size: float) -> list[str]:
    """Lines between groups, as far as the half of the square reaches."""
    end = top + size * len(groups)
    parts = []
    for k in range(1, len(groups)):
        if groups[k] != groups[k - 1]:
            at = size * k
            across = svg.line(8.0, top + at, left + at, top + at, colour=colours.INK)
            down = svg.line(left + at, top + at, left + at, end, colour=colours.INK)
            parts += [across, down]
    return parts


def _legend(x: float, y: float, margin: float, unit: str) -> list[str]:
    """The scale, and what frame, hatching and cross mean."""
    keys = (
        (Cell(value=margin, low=0.5 * margin, high=margin), "framed: its interval leaves 0 out"),
        (Cell(value=None, tried=False), "hatched: never ran together"),
        (Cell(value=None, conflict=True), "cannot be merged together"),
    )
    said = f"in margins of {axes.short(margin)} {unit}".rstrip()
    parts = scale.legend(x, y, said)
    for k, (cell, words) in enumerate(keys):
        left, at = x + scale.LEGEND + 40.0, y - 2.0 + 19.0 * k
        parts += _cell(cell, left, at, 15.0, margin)
        parts += [_hatch([(left, at)], 15.0)] if not cell.tried else []
        parts.append(svg.text(left + 22.0, at + 12.0, words, size=12))
    return parts
