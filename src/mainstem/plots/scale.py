"""From a gain or a loss to one of nine colours and a sign, so that neither is needed to see it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.plots import axes, colours, svg

if TYPE_CHECKING:
    from mainstem.plots.colours import Colour

BOUNDS = (0.5, 1.0, 2.0, 4.0)
"""In margins: from where on a gain or a loss has the first, second, third and fourth strength."""

SIGNS = ("", "+", "+", "++", "++")
_MINUS = "\N{MINUS SIGN}"
_KEY, _BOX = 30.0, 15.0


@dataclass(frozen=True, kw_only=True)
class Strength:
    """How a value is shown.

    Attributes:
        level: -4 to 4; 0 is neither gain nor loss.
        ground: The colour of its cell.
        ink: The colour of words on it.
        sign: `+` or `++`, or as many minus signs; "" for neither.
    """

    level: int
    ground: Colour
    ink: Colour
    sign: str


def strength(value: float, margin: float) -> Strength:
    """How a value is shown, by how many margins it is; what is no number is neither."""
    size = abs(value) / margin if margin > 0.0 and math.isfinite(value) else 0.0
    size = math.inf if math.isinf(value) or (margin <= 0.0 and value) else size
    level = 0 if math.isnan(value) else sum(size >= bound for bound in BOUNDS)
    return _shown(level if value > 0.0 else -level)


def _shown(level: int) -> Strength:
    k = abs(level)
    side = colours.GAINS if level > 0 else colours.LOSSES
    sign = SIGNS[k] if level > 0 else SIGNS[k].replace("+", _MINUS)
    return Strength(
        level=level,
        ground=side[k - 1] if k else colours.NONE,
        ink=colours.GROUND if k == len(BOUNDS) else colours.INK,
        sign=sign,
    )


def legend(x: float, y: float, words: str) -> list[str]:
    """All nine in a row with what they begin at and what it counts, `LEGEND` by `KEY` pixels."""
    parts = []
    for k, level in enumerate(range(-4, 5)):
        one, left = _shown(level), x + _KEY * k
        parts.append(svg.box(left, y, _KEY, _BOX, colour=one.ground, edge=colours.LINE))
        middle = left + 0.5 * _KEY
        parts.append(svg.text(middle, y + 12.0, one.sign, anchor="middle", colour=one.ink))
    for bound in BOUNDS:
        for side in (-1, 1):
            edge = x + _KEY * (4.5 + side * (BOUNDS.index(bound) + 0.5))
            number = axes.short(side * bound)
            parts.append(svg.text(edge, y + _BOX + 14.0, number, anchor="middle", size=12))
    parts.append(svg.text(x, y + _BOX + 31.0, svg.fit(words, LEGEND, 12.0), size=12))
    return parts


LEGEND = 9 * _KEY
"""How wide the legend is, in pixels."""
KEY = _BOX + 36.0
"""How high."""
