"""Pictures of the arena as SVG: gain against runs per landscape, and medians against BOCS.

Colours are those of Okabe and Ito, which people with any colour vision tell apart; line styles and
widths carry the same distinction. Rivals that are clearly behind stay thin.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from arena import methods
from arena.catalogue import BUDGET, MARKS

if TYPE_CHECKING:
    from pathlib import Path

    from arena.figures import Board, Score

STYLES: dict[str, tuple[str, str]] = {
    "mainstem_search": ("#D55E00", "-"),
    "mainstem_budget": ("#D55E00", ":"),
    "one_at_a_time": ("#999999", ":"),
    "greedy": ("#009E73", "--"),
    "greedy_reverts": ("#009E73", ":"),
    "random_search": ("#999999", "-."),
    "screening": ("#E69F00", "--"),
    "genetic": ("#F0C000", "-."),
    "tpe": ("#CC79A7", "--"),
    "botorch_gp": ("#56B4E9", "-"),
    "smac_forest": ("#56B4E9", ":"),
    "bocs": ("#0072B2", "-"),
    "told": ("#000000", ":"),
}


def draw(boards: list[Board], folder: Path) -> dict[str, str]:
    """Writes a picture per landscape that has scores; file names by landscape.

    The medians of all landscapes go into `arena-medians.svg`.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    mpl.rcParams.update(
        {"svg.hashsalt": "arena", "svg.fonttype": "none", "font.size": 10, "axes.axisbelow": True}
    )
    folder.mkdir(parents=True, exist_ok=True)
    names = {}
    for board in boards:
        if board.scores:
            names[board.spec.name] = f"arena-{board.spec.name}.svg"
            _gains(board, folder / names[board.spec.name])
    _medians(boards, folder / "arena-medians.svg")
    return names


def _gains(board: Board, file: Path) -> None:
    """Mean gain against runs per proposal, one line a method."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8.5, 4.5), layout="constrained")
    budget = board.spec.budget
    for score in board.scores:
        colour, dashes = STYLES[score.method]
        width = 2.8 if score.method == methods.OURS else 1.5
        along = np.arange(1, budget + 1) / board.spec.n
        mean = score.curves.mean(axis=0)
        axes.plot(along, mean, dashes, color=colour, linewidth=width, label=score.label)
        if score.method == methods.OURS and score.repeats > 1:
            error = score.curves.std(axis=0, ddof=1) / score.repeats**0.5
            axes.fill_between(along, mean - error, mean + error, color=colour, alpha=0.2, lw=0)
    axes.axhline(0.95, color="#444444", linewidth=0.8)
    axes.set(
        xlim=(0, BUDGET),
        ylim=(min(0.0, max(-0.5, _lowest(board))), 1.02),
        xlabel=f"runs per proposal (n = {board.spec.n})",
        ylabel="true gain, share of the best",
        title=board.spec.title,
        xticks=[0, 1, *MARKS, 6, BUDGET],
    )
    _finish(figure, axes, file)


def _lowest(board: Board) -> float:
    """The lowest mean gain after 1n runs."""
    return min(float(score.curves.mean(axis=0)[board.spec.n :].min()) for score in board.scores)


def _medians(boards: list[Board], file: Path) -> None:
    """Median runs as a ratio to BOCS; nothing where a median is beyond the budget."""
    import matplotlib.pyplot as plt

    shown = [board for board in boards if any(math.isfinite(s.ratio) for s in board.scores)]
    figure, axes = plt.subplots(figsize=(8.5, 1.6 + 0.5 * max(len(shown), 1)), layout="constrained")
    labelled: set[str] = set()
    for place, board in enumerate(shown):
        for score in board.scores:
            if math.isfinite(score.ratio):
                _dot(axes, score, place, labelled)
    axes.axvline(1.0, color="#444444", linewidth=0.8)
    axes.set(xlabel="median runs to keep 95% of the best gain, BOCS = 1", xscale="log")
    ticks = [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks(range(len(shown)), [board.spec.title for board in shown])
    axes.invert_yaxis()
    _finish(figure, axes, file)


def _dot(axes: Any, score: Score, place: int, labelled: set[str]) -> None:
    colour, _ = STYLES[score.method]
    ours = score.method == methods.OURS
    mark = "D" if ours else ("*" if score.method == methods.LIMIT else "o")
    hollow = score.method in {"greedy_reverts", "smac_forest", "random_search"}
    axes.plot(
        score.ratio,
        place,
        mark,
        color=colour,
        markerfacecolor="white" if hollow else colour,
        markersize=9 if ours else 7,
        linestyle="none",
        label=None if score.label in labelled else score.label,
    )
    labelled.add(score.label)


def _finish(figure: Any, axes: Any, file: Path) -> None:
    """The grid, the legend beside the axes, the file."""
    import matplotlib.pyplot as plt

    axes.grid(color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    figure.savefig(file, format="svg", metadata={"Date": None})
    plt.close(figure)
