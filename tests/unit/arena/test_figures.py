from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena import cache, report
from arena.figures import Board, Mean, boards
from arena.methods import entrant
from arena.play import Episode
from arena.runner import Plan

if TYPE_CHECKING:
    from pathlib import Path

N, BUDGET = 12, 120


def reached(at: int, level: float = 1.0) -> list[float]:
    """A gain of 0 until run `at`, then the level."""
    return [0.0] * (at - 1) + [level] * (BUDGET - at + 1)


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """Four methods on one landscape, without anything played."""
    return Plan(
        folder=tmp_path,
        tables=tmp_path,
        landscapes=("pairwise-12",),
        methods=("mainstem_search", "bocs", "tpe", "told"),
        repeats=3,
    )


def keep(plan: Plan, method: str, *courses: dict[str, list[float]]) -> None:
    """Files made-up episodes."""
    spec = plan.specs()[0]
    for repeat, gains in enumerate(courses):
        key = cache.Key.of(spec, entrant(method), plan.seed0, repeat)
        cache.write(plan.folder, key, Episode(gains=gains, runs=BUDGET, seconds=3.0), {})


@pytest.fixture
def board(plan: Plan) -> Board:
    """Ours keeps the best gain from 20, 30 and 40 runs on, BOCS from 40, 60 and never."""
    keep(plan, "mainstem_search", *({"own": reached(at)} for at in (20, 30, 40)))
    keep(plan, "bocs", *({"own": reached(at, level)} for at, level in ((40, 1), (60, 1), (9, 0.9))))
    lucky = {"own": reached(100), "seen": reached(50), "model": reached(80)}
    keep(plan, "tpe", lucky, lucky)
    return boards(plan)[0]


def test_medians_shares_and_gains(board: Board) -> None:
    """They are those of the episodes; nothing is said of a method that has not played."""
    ours, bocs, tpe = board.scores[0], board.scores[2], board.scores[1]
    assert [score.method for score in board.scores] == ["mainstem_search", "tpe", "bocs"]
    assert (ours.median, ours.share, ours.repeats) == (30.0, 1.0, 3)
    assert (bocs.median, bocs.share) == (60.0, pytest.approx(2 / 3))
    assert ours.ratio == pytest.approx(0.5)
    assert tpe.ratio == pytest.approx(50 / 50)
    assert ours.gains[0].mean == pytest.approx(1 / 3)
    assert bocs.gains[1].mean == pytest.approx((1 + 0 + 0.9) / 3)
    assert ours.ask_s == pytest.approx(4 * 3.0 / BUDGET)


def test_a_rival_is_given_its_best_rule(board: Board) -> None:
    """Of its own and a model's recommendations, the one with the lowest median."""
    tpe = board.scores[1]
    assert (tpe.rule, tpe.median) == ("seen", 50.0)


def test_differences_are_paired_with_the_best_rival(board: Board) -> None:
    """Over the repeats that both have played, with the standard error of the differences.

    TPE has played twice where BOCS has played three times: too few to be the best.
    """
    after_4n = board.against[1]
    assert (after_4n.mark, after_4n.rival) == (4, "BOCS")
    assert after_4n.difference == Mean.of(np.array([0.0, 1.0, 0.1]))
    assert after_4n.difference.error == pytest.approx(0.5508 / 3**0.5, rel=1e-3)


def test_wild_gains_are_clipped(plan: Plan) -> None:
    """A recipe far worse than the trunk counts as a loss of the whole best gain."""
    keep(plan, "bocs", {"own": [-50.0] * BUDGET})
    score = boards(plan)[0].scores[0]
    assert score.gains[2].mean == -1.0
    assert math.isinf(score.median)
    assert math.isnan(score.ratio)
    assert math.isnan(score.gains[0].error)


def test_who_ends_below_the_trunk_is_counted(plan: Plan) -> None:
    """By the last recommendation, whatever was recommended before; the deepest is named."""
    assert not report.ends(boards(plan))
    dips = [{"own": [*reached(9, end)[:-1], end]} for end in (1.0, -0.25, 0.5)]
    dips[2]["own"][50] = -3.0
    keep(plan, "mainstem_search", *dips)
    found = boards(plan)
    assert (found[0].scores[0].below, found[0].scores[0].worst) == (1, -0.25)
    assert "Of 3 campaigns of Mainstem 1 end" in report.ends(found)
    assert "-0.25 of the best" in report.ends(found)


def test_the_table_names_goals_and_what_is_beyond_the_budget(board: Board) -> None:
    """The terminal's table aligns; medians beyond the budget say so."""
    said = report.text(board).splitlines()
    assert said[0] == "Pairwise, n = 12, noise 1"
    assert any(line.split() == ["goal", "for", "Mainstem", "45", "0.90"] for line in said)
    assert len({len(line) for line in said[1:6]}) == 1
    assert report.runs(math.inf, 120) == "> 120"
    assert "TPE (Optuna) [s]" in report.text(board)


def test_the_page_has_a_row_a_method(board: Board) -> None:
    """Markdown rows have as many cells as the head; ours stands out."""
    said = report.markdown(board, "pictures/x.svg").splitlines()
    rows = [line for line in said if line.startswith("|")]
    assert len(rows) == 2 + 3 + 1
    assert {row.count("|") for row in rows} == {len(report.HEADS) + 1}
    assert any(row.startswith("| **Mainstem** |") for row in rows)
    assert "![Gain against runs: Pairwise, n = 12, noise 1](pictures/x.svg)" in said
