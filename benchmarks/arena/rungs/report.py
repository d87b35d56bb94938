"""The figures of the arena with two rungs as text for the terminal and for the documentation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from arena.play import OWN
from arena.rungs.catalogue import MOST_OF_RIVALS
from arena.rungs.methods import OURS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arena.rungs.figures import Board, Middle, Score

HEADS = ("method", "repeats", "median cost", "share", "end", "ours as a multiple")
_MARKED = {OWN: "", "seen": " [s]", "model": " [m]"}

LEGEND = (
    "Median cost, in runs of the top rung, until the recommended recipe has 95% of the best gain "
    "there and keeps it, with a 90% bootstrap interval; the share of repeats that get there within "
    "10n; mean gain at 10n as a share of the best; and the median of Mainstem over both rungs as a "
    "multiple of the method's, on the same repeats. [s], [m]: scored best with a model "
    "over all its runs, among the recipes that ran or over all recipes; without a mark its own "
    "recommendation was best."
)


def goals(boards: Sequence[Board]) -> str:
    """What was aimed at, and what was measured, a line each."""
    lines = []
    for board in boards:
        top, rival = board.top_only, board.best_rival
        if board.spec.most is not None and top is not None and top.ratio is not None:
            what = f"cost against the top rung alone on {board.spec.name}"
            lines.append(_goal(what, top, board.spec.most))
        if board.spec.kind == "real" and rival is not None and rival.ratio is not None:
            what = f"cost against the best rival on {board.spec.name} ({rival.family})"
            lines.append(_goal(what, rival, MOST_OF_RIVALS))
    return "\n".join(lines)


def _goal(what: str, score: Score, most: float) -> str:
    """A goal and whether it is reached."""
    said = "not known" if score.ratio is None else _multiple(score.ratio)
    reached = score.ratio is not None and score.ratio.value <= most
    return f"- {what}: {said}; goal {most:g} or less: {'reached' if reached else 'not reached'}"


def text(board: Board) -> str:
    """A landscape for the terminal."""
    rows = [HEADS, *(cells(score, board) for score in board.scores)]
    widths = [max(len(row[k]) for row in rows) for k in range(len(HEADS))]
    lines = [
        "  ".join(
            [
                row[0].ljust(widths[0]),
                *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
            ]
        )
        for row in rows
    ]
    return "\n".join([board.spec.title, *(f"  {line}" for line in lines)])


def markdown(board: Board) -> str:
    """A landscape for the documentation."""
    lines = [f"### Rungs: {board.spec.title}", ""]
    lines += ["| " + " | ".join(HEADS) + " |", "|" + "---|" * len(HEADS)]
    for score in board.scores:
        name, *rest = cells(score, board)
        lines.append(
            "| " + " | ".join([f"**{name}**" if score.method == OURS else name, *rest]) + " |"
        )
    return "\n".join(lines)


def cells(score: Score, board: Board) -> tuple[str, ...]:
    """One row."""
    setting = f", {score.setting}" if score.setting else ""
    return (
        score.family + setting + _MARKED[score.rule],
        str(len(score.costs)),
        _cost(score.median, board.spec.budget / board.spec.ticks),
        f"{score.share:.2f}",
        f"{score.end:.2f}",
        "" if score.ratio is None else _multiple(score.ratio),
    )


def _cost(found: Middle, budget: float) -> str:
    """A median cost with its interval, or that it is beyond the budget."""

    def said(value: float) -> str:
        return f"{value:.1f}" if math.isfinite(value) else f"> {budget:g}"

    return f"{said(found.value)} [{said(found.low)}, {said(found.high)}]"


def _multiple(found: Middle) -> str:
    """A ratio with its interval; 0 is against a median beyond the budget."""

    def said(value: float) -> str:
        if math.isnan(value):
            return "?"
        return f"{value:.2f}" if math.isfinite(value) else "beyond"

    return f"{said(found.value)} [{said(found.low)}, {said(found.high)}]"
