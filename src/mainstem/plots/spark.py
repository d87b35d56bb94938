"""A spark: a tiny line among words, without axes; the last value is marked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Sequence


def spark(
    values: Sequence[float], *, label: str, width: int = 120, height: int = 24, group: int = 0
) -> str:
    """Draws values in their order, equally far apart; what is not finite is left out.

    Args:
        values: From the first to the last.
        label: What they are, in words: all that a screen reader has of it.
        width: In pixels.
        height: In pixels.
        group: Its look.
    """
    look = svg.style(group)
    known = [(k, value) for k, value in enumerate(values) if math.isfinite(value)]
    low, high = axes.span([value for _, value in known], room=0.0)
    x = axes.linear(0.0, max(len(values) - 1, 1), 4.0, width - 5.0)
    y = axes.linear(low, high, height - 4.0, 4.0)
    points = [(x(k), y(min(max(value, low), high))) for k, value in known]
    parts = [svg.path(points, colour=look.colour, width=1.5)] if len(points) > 1 else []
    parts += [svg.mark(*points[-1], look, size=2.5)] if points else []
    named = svg.said(label)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="plot spark" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" role="img" aria-label="{named}">'
        f"<title>{named}</title>{''.join(parts)}</svg>"
    )
