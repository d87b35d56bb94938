"""The figures as text for the terminal and as Markdown for the documentation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from arena import methods
from arena.catalogue import MARKS
from arena.play import OWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from arena.catalogue import Goal
    from arena.figures import Against, Board, Mean, Score

HEADS = (
    *("method", "repeats", "median runs", "to BOCS", "share", "worse"),
    *(f"{mark}n" for mark in MARKS),
    "s per ask",
)
_MARKED = {OWN: "", "seen": " [s]", "model": " [m]"}

LEGEND = (
    "Median runs until the recommended recipe keeps 95% of the best gain, the same as a ratio to "
    "BOCS on the same repeats, and the share of repeats that get there within 10n runs; how many "
    "repeats end with a recipe that is truly worse than the trunk; mean gain after 2n, 4n, 8n runs "
    "as a share of the best, with standard errors; processor seconds of the method's own work per "
    "four runs. [s], [m]: scored best with a model over all its runs, among "
    "the recipes that ran or over all recipes; without a mark its own recommendation was best."
)


def ends(boards: Sequence[Board]) -> str:
    """How often a campaign of ours ends with a recipe truly worse than the trunk, over all."""
    ours = [s for board in boards for s in board.scores if s.method == methods.OURS]
    if not ours:
        return ""
    below, played = sum(s.below for s in ours), sum(s.repeats for s in ours)
    lowest = min(s.worst for s in ours)
    return (
        f"Of {played} campaigns of Mainstem {below} end with a recipe that is truly worse than the "
        f"trunk; the least gain that one ends with is {lowest:.2f} of the best."
    )


def text(board: Board) -> str:
    """A landscape for the terminal."""
    rows = [HEADS, *(cells(score, board) for score in board.scores)]
    goal = goal_cells(board.spec.goal)
    if goal is not None:
        rows.append(goal)
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
    tail = [f"  {line}" for line in _tail(board)]
    return "\n".join([board.spec.title, *(f"  {line}" for line in lines), *tail])


def markdown(board: Board, picture: str | None) -> str:
    """A landscape for the documentation; `picture` is the path of its plot, as links see it."""
    rows = [cells(score, board) for score in board.scores]
    goal = goal_cells(board.spec.goal)
    if goal is not None:
        rows.append(tuple(f"*{cell}*" if cell else "" for cell in goal))
    lines = [f"### {board.spec.title}", ""]
    if picture is not None:
        lines += [f"![Gain against runs: {board.spec.title}]({picture})", ""]
    lines += ["| " + " | ".join(HEADS) + " |", "|" + "---|" * len(HEADS)]
    lines += ["| " + " | ".join(_strong(row, score)) + " |" for row, score in _paired(rows, board)]
    tail = _tail(board)
    return "\n".join([*lines, *([""] if tail else []), "\n\n".join(tail)]).rstrip()


def cells(score: Score, board: Board) -> tuple[str, ...]:
    """One row."""
    return (
        score.label + _MARKED[score.rule],
        str(score.repeats),
        runs(score.median, board.spec.budget),
        "" if math.isnan(score.ratio) else f"{score.ratio:.2f}",
        f"{score.share:.2f}",
        str(score.below),
        *(_mean(gain) for gain in score.gains),
        seconds(score.ask_s),
    )


def goal_cells(goal: Goal) -> tuple[str, ...] | None:
    """The row of what is aimed at; None where nothing is."""
    wanted = (goal.median, goal.share, *goal.gains)
    if all(one is None for one in wanted):
        return None
    median = "" if goal.median is None else f"{goal.median:.0f}"
    share = "" if goal.share is None else f"{goal.share:.2f}"
    gains = ("" if gain is None else f"{gain:.2f}" for gain in goal.gains)
    return ("goal for Mainstem", "", median, "", share, "", *gains, "")


def runs(median: float, budget: int) -> str:
    """A median, or that it is beyond the budget."""
    return f"{median:.0f}" if math.isfinite(median) else f"> {budget}"


def seconds(value: float) -> str:
    """Seconds with two digits that count."""
    return f"{value:.1f}" if value >= 1.0 else f"{value:.2g}"


def _mean(value: Mean) -> str:
    error = "" if math.isnan(value.error) else f" ± {value.error:.2f}"
    return f"{value.mean:.2f}{error}"


def _tail(board: Board) -> list[str]:
    out = []
    if board.against:
        parts = "; ".join(_difference(one) for one in board.against)
        out.append(f"Mainstem less the best rival, paired: {parts}.")
    if board.spec.goal.reference:
        kind = "Goal" if goal_cells(board.spec.goal) is None else "Measured before, other seeds"
        out.append(f"{kind}: {board.spec.goal.reference}.")
    return out


def _difference(one: Against) -> str:
    error = "" if math.isnan(one.difference.error) else f" ± {one.difference.error:.3f}"
    return f"{one.mark}n {one.difference.mean:+.3f}{error} ({one.rival}, {one.level:.2f})"


def _paired(
    rows: Sequence[tuple[str, ...]], board: Board
) -> list[tuple[tuple[str, ...], Score | None]]:
    scores: list[Score | None] = list(board.scores)
    scores += [None] * (len(rows) - len(scores))
    return list(zip(rows, scores, strict=True))


def _strong(row: tuple[str, ...], score: Score | None) -> tuple[str, ...]:
    """Our row stands out."""
    ours = score is not None and score.method == methods.OURS
    return (f"**{row[0]}**", *row[1:]) if ours else row
