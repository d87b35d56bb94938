"""A heatmap of pairs: what two proposals do together beyond the sum, ordered by component.

The lower half of a square, as a pair is the same both ways; the diagonal holds what each does
alone. Gains and losses differ by colour and by sign, what is sure by a frame, and what was never
tried together is hatched, so that nobody takes a guess for a measurement; what was tried and only
ever failed is hatched both ways, so that nobody takes it for a gap.

On a telephone there is room for the square of some fifteen. Of more it shows the pairs that are
best established, one below the other, each a link as large as a finger; whoever wants the square
turns to a component.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, gains, scale, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LABELS, _GROUPS, _BELOW = 170.0, 96.0, 120.0
_LARGEST, _SMALLEST, _SQUARE = 44.0, 13.0, 500.0  # a square so large is on a tablet too
_NARROWEST = 620.0
_PHONE_LABELS, _PHONE_GROUP, _FINGER = 104.0, 20.0, 13.5  # a telephone's: names, groups, cells
_PHONE_NAMES, _EASY = 160.0, 26.0  # names get so much where cells are still so large
_SIGN = 11.5  # pixels of the smallest sign, which still is in its cell
_STRONGEST = 12  # pairs on a telephone, where the square has no room
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
        failed: Whether they were tried, but in no run that succeeded; `tried` is False then.
        conflict: Whether they cannot be merged together.
        note: What a tooltip says beside the numbers, such as the trials behind it.
        href: Where more of it is; None for nowhere.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    tried: bool = True
    failed: bool = False
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
    narrow: bool = False,
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
        narrow: Whether it is for a telephone.
    """
    if not items:
        return svg.nothing(title, description, "There are no proposals yet.", narrow=narrow)
    order = _ordered(items)
    if narrow and len(items) * _FINGER > svg.PHONE - _PHONE_LABELS:
        return _list(items, cells, margin, title=title, description=description, unit=unit)
    layout = _phone(items, order) if narrow else _screen(items)
    parts = _names([items[k] for k in order], layout)
    hatched: list[tuple[float, float]] = []
    broken: list[tuple[float, float]] = []
    for row, a in enumerate(order):
        for column, b in enumerate(order[: row + 1]):
            cell = cells.get((a, b)) or cells.get((b, a))
            x, y, size = layout.left + layout.size * column, layout.tops[row], layout.size
            if cell is None:
                parts.append(svg.box(x, y, size, size, colour=colours.GROUND, edge=colours.LINE))
                continue
            words = _told(cell, _of(items, a, b), unit)
            drawn = _cell(cell, x, y, size, margin)
            parts.append(svg.shown(cell.href, words, drawn, tabbed=False))
            hatched += [] if cell.tried or cell.conflict else [(x, y)]
            broken += [(x, y)] if cell.failed and not cell.conflict else []
    parts += [_hatch(hatched, layout.size), _hatch(broken, layout.size, back=True)]
    parts += _borders([items[k].group for k in order], layout)
    keys, height = _legend(layout, margin, unit, failed=bool(broken))
    return svg.picture(
        title, description, layout.width, round(height), [p for p in [*parts, *keys] if p]
    )


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """Where a square stands.

    Attributes:
        left: Where cells begin.
        tops: Where each row begins, and where the last one ends.
        size: Of a cell.
        below: Pixels for the names of columns.
        width: Of the picture.
        narrow: Whether groups have lines of their own.
    """

    left: float
    tops: tuple[float, ...]
    size: float
    below: float
    width: int
    narrow: bool


def _screen(items: Sequence[Item]) -> _Layout:
    size = min(max(_SQUARE / len(items), _SMALLEST), _LARGEST)
    left = _GROUPS + _LABELS
    width = round(max(left + size * len(items) + 16.0, _NARROWEST))
    tops = tuple(12.0 + size * k for k in range(len(items) + 1))
    return _Layout(left=left, tops=tops, size=size, below=_BELOW, width=width, narrow=False)


def _phone(items: Sequence[Item], order: Sequence[int]) -> _Layout:
    """A square as wide as a telephone; the name of each group stands in a line above its rows."""
    names = axes.margin((item.label for item in items), _PHONE_NAMES) - 14.0
    left = max(_PHONE_LABELS, min(names, svg.PHONE - 2.0 - _EASY * len(items)))
    size = min((svg.PHONE - left - 2.0) / len(items), _LARGEST)
    tops, before = [4.0], None
    for k in order:
        tops[-1] += _PHONE_GROUP if items[k].group not in {before, ""} else 0.0
        tops.append(tops[-1] + size)
        before = items[k].group
    below = axes.margin((item.label for item in items), _BELOW)
    return _Layout(
        left=left,
        tops=tuple(tops),
        size=size,
        below=below,
        width=svg.PHONE,
        narrow=True,
    )


def _of(items: Sequence[Item], a: int, b: int) -> str:
    return items[a].label if a == b else f"{items[a].label} and {items[b].label}"


def _list(
    items: Sequence[Item],
    cells: Mapping[tuple[int, int], Cell],
    margin: float,
    *,
    title: str,
    description: str,
    unit: str,
) -> str:
    """The pairs that are best established, where the square has no room."""
    pairs = [
        (cell.value, cell, _of(items, a, b))
        for (a, b), cell in cells.items()
        if a != b and cell.value is not None and cell.tried and not cell.conflict
    ]
    pairs.sort(key=lambda pair: -_established(pair[1], pair[0]))
    shown = pairs[:_STRONGEST]
    return gains.gains(
        [
            gains.Gain(label=of, value=value, low=cell.low, high=cell.high, href=cell.href)
            for value, cell, of in shown
        ],
        groups=[f"best established, {len(shown)} of {len(pairs):,} pairs that ran together"],
        lines={"the margin": margin},
        title=title,
        description=description,
        axis=f"beyond the sum, {unit}".rstrip(", "),
        narrow=True,
    )


def _established(cell: Cell, value: float) -> float:
    """By how many of its interval's widths a value is from 0; none where it has none."""
    if cell.low is None or cell.high is None or not cell.high > cell.low:
        return 0.0
    found = abs(value) / (cell.high - cell.low)
    return found if math.isfinite(found) else 0.0


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
    gap = "only ever failed together" if cell.failed else "never ran together"
    untried = "" if cell.tried or cell.conflict else f"; {gap}"
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
        font = min(max(0.5 * size if len(sign) > 1 else 0.62 * size, _SIGN), 18.0)
        middle = x + 0.5 * size
        ink = colours.PALE if cell.conflict else shown.ink
        words = svg.text(
            middle, y + 0.5 * size + 0.36 * font, sign, anchor="middle", colour=ink, size=font
        )
        parts.append(words)
    return parts


def _square(x: float, y: float, size: float) -> list[tuple[float, float]]:
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]


def _hatch(corners: Sequence[tuple[float, float]], size: float, *, back: bool = False) -> str:
    """Strokes through cells, all in one path, rising or falling; pointers see what lies below."""
    if not corners:
        return ""
    side = -size if back else size  # falling strokes are the same, drawn from the right
    way = "".join(
        f"M{x + d0 * side:.1f} {y + d1 * size:.1f}L{x + d1 * side:.1f} {y + d0 * size:.1f}"
        for x, y in ((x + size if back else x, y) for x, y in corners)
        for d0, d1 in ((0.0, 0.5), (0.0, 1.0), (0.5, 1.0))
    )
    return f'<path d="{way}" fill="none" pointer-events="none" {svg.stroke(colours.PALE, 0.8)}/>'


def _names(items: Sequence[Item], layout: _Layout) -> list[str]:
    """Names of rows at the left with their groups, and of columns below."""
    parts, before, size = [], None, layout.size
    font = min(max(size - 2.0, 11.5 if layout.narrow else 11.0), 13.0)
    room = layout.left - (8.0 if layout.narrow else _GROUPS + 8.0)
    for k, item in enumerate(items):
        y = layout.tops[k] + 0.5 * size + 0.36 * font
        name = svg.fit(item.label, room - 2.0, font)
        words = svg.text(layout.left - 8.0, y, name, anchor="end", size=font)
        parts.append(svg.shown(item.href, item.label, [words]))
        if item.group != before:
            parts.append(_group(item.group, layout, k, y))
        x = layout.left + size * (k + 0.5) + 0.36 * font
        below = svg.fit(item.label, layout.below - 12.0, font)
        down = layout.tops[-1] + 7.0
        column = svg.text(x, down, below, anchor="end", size=font, turned=True)
        parts.append(svg.tip(item.label, [column]))
        before = item.group
    return parts


def _group(name: str, layout: _Layout, k: int, y: float) -> str:
    """A group's name beside its first row, or in a line above it."""
    if not layout.narrow:
        words = svg.fit(name, _GROUPS - 4.0, 12.0)
        return svg.text(8.0, y, words, colour=colours.PALE, size=12, bold=True)
    words = svg.fit(name, layout.width - 4.0, 12.0)
    return svg.text(2.0, layout.tops[k] - 5.0, words, colour=colours.PALE, size=12, bold=True)


def _borders(groups: Sequence[str], layout: _Layout) -> list[str]:
    """Lines between groups, as far as the half of the square reaches."""
    end, left, tops = layout.tops[-1], layout.left, layout.tops
    parts = []
    for k in range(1, len(groups)):
        if groups[k] != groups[k - 1]:
            at, y = left + layout.size * k, tops[k - 1] + layout.size
            start = 0.0 if layout.narrow else 8.0
            parts.append(svg.line(start, y, at, y, colour=colours.INK))
            parts.append(svg.line(at, y, at, end, colour=colours.INK))
    return parts


def _legend(layout: _Layout, margin: float, unit: str, *, failed: bool) -> tuple[list[str], float]:
    """The scale, and what frame, hatching and cross mean; and where the picture ends."""
    keys = [
        (Cell(value=margin, low=0.5 * margin, high=margin), "framed: its interval leaves 0 out"),
        (Cell(value=None, tried=False), "hatched: never ran together"),
        (Cell(value=None, conflict=True), "cannot be merged together"),
    ]
    if failed:
        keys.append((Cell(value=None, tried=False, failed=True), "both ways: only failed together"))
    x, y = (4.0 if layout.narrow else 12.0), layout.tops[-1] + layout.below + 8.0
    said = f"in margins of {axes.short(margin)} {unit}".rstrip()
    parts, end = scale.legend(x, y, said), y + scale.KEY + 12.0
    beside = (x, y + scale.KEY) if layout.narrow else (x + scale.LEGEND + 40.0, y)
    for k, (cell, words) in enumerate(keys):
        left, at = beside[0], beside[1] - 2.0 + 19.0 * k
        parts += _cell(cell, left, at, 15.0, margin)
        parts += [_hatch([(left, at)], 15.0)] if not cell.tried else []
        parts += [_hatch([(left, at)], 15.0, back=True)] if cell.failed else []
        parts.append(svg.text(left + 22.0, at + 12.0, words, size=12))
    return parts, end + 19.0 * (len(keys) if layout.narrow else max(0, len(keys) - 3))
