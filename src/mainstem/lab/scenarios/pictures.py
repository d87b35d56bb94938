"""Pictures of scenarios: how groups get on, round by round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.plots import axes, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

WIDTH, _HEIGHT = 760, 300.0
_BAND = 2.0  # standard errors to each side


def curves(
    lines: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    *,
    title: str,
    description: str,
    axis: str,
    unit: str,
) -> str:
    """Draws means by round with bands of two standard errors; at least one line.

    Args:
        lines: By name, in order of their styles: means and standard errors, each of shape (K,)
            with K of 2 or more, the first at round 0.
        title: What the picture is.
        description: What can be read from it.
        axis: What a round is.
        unit: What the means are of; they are drawn from 0.
    """
    bands = {name: _band(mean, error) for name, (mean, error) in lines.items()}
    top = 20.0 + 20.0 * len(lines)
    frame = axes.Frame(left=70.0, top=top, right=WIDTH - 20.0, bottom=top + _HEIGHT)
    rounds = max(len(mean) for mean, _ in lines.values()) - 1
    high = max(max(up) for _, up in bands.values())
    x = axes.linear(0.0, rounds, frame.left, frame.right)
    y = axes.linear(0.0, high or 1.0, frame.bottom, frame.top)
    parts = [
        *axes.legend(frame, list(lines)),
        *axes.across(frame, x, axes.steps(0.0, rounds), axis),
        *axes.up(frame, y, axes.steps(0.0, high or 1.0), unit),
    ]
    for k, (name, (mean, _)) in enumerate(lines.items()):
        look, (low, up) = svg.style(k), bands[name]
        around = [(x(t), y(v)) for t, v in enumerate(low)]
        around += [(x(t), y(v)) for t, v in reversed(list(enumerate(up)))]
        way = [(x(t), y(float(v))) for t, v in enumerate(mean)]
        parts.append(svg.area(around, colour=look.colour))
        parts.append(svg.path(way, colour=look.colour, dash=look.dash))
        parts.append(svg.mark(*way[len(way) // 2], look))
    return svg.picture(title, description, WIDTH, round(frame.bottom + 54.0), parts)


def _band(
    mean: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[Sequence[float], Sequence[float]]:
    """Lower and upper ends; nothing here is below 0."""
    low = [max(float(v), 0.0) for v in mean - _BAND * error]
    return low, [float(v) for v in mean + _BAND * error]
