from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from arena import cache
from arena.play import Episode
from arena.rungs import figures
from arena.rungs.bench import Plan
from arena.rungs.methods import entrants
from arena.rungs.report import cells, goals, markdown, text

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = 240
"""Ticks of a table of three proposals."""


def keep(plan: Plan, name: str, costs: list[int], **rules: list[int]) -> None:
    """Episodes that reach the best gain after so many ticks, by each rule of recommending."""
    (spec,) = plan.specs()
    every = {"own": costs, **rules}
    for repeat in range(len(costs)):
        gains = {
            rule: [0.0] * (ticks[repeat] - 1) + [1.0] * (BUDGET + 1 - ticks[repeat])
            for rule, ticks in every.items()
        }
        key = plan.key(spec, entrants()[name], repeat)
        cache.write(plan.folder, key, Episode(gains=gains, runs=9, seconds=1.0), {})


@pytest.fixture
def plan(tables: Path, tmp_path: Path) -> Plan:
    """Five repeats of a table, nothing played."""
    return Plan(folder=tmp_path / "kept", tables=tables, landscapes=("tiny3",), repeats=5)


def test_costs_are_medians_and_ratios_are_of_medians(plan: Plan) -> None:
    """In runs of the top rung, eight ticks each; ours over both rungs, over theirs."""
    keep(plan, "mainstem", [80, 16, 40, 32, 48])
    keep(plan, "mainstem_top", [80, 96, 64, 88, 72])
    (board,) = figures.boards(plan)
    ours, top = board.scores
    assert ours.median.value == pytest.approx(5.0)
    assert ours.ratio is None
    assert top.median.value == pytest.approx(10.0)
    assert top.ratio is not None
    assert top.ratio.value == pytest.approx(0.5)
    assert top.ratio.low < 0.5 < top.ratio.high
    assert "goal 0.5 or less: reached" in goals([board])


def test_rivals_get_their_best_setting_and_rule(plan: Plan) -> None:
    """One row a family: the lowest median over settings and rules of recommending."""
    keep(plan, "mainstem", [40] * 5)
    keep(plan, "halving_random_4", [64] * 5, seen=[48] * 5, model=[56] * 5)
    keep(plan, "halving_random_8", [72] * 5, seen=[80] * 5, model=[32] * 5)
    (board,) = figures.boards(plan)
    (rival,) = board.scores[1:]
    assert (rival.setting, rival.rule, rival.median.value) == ("eta 8", "model", 4.0)
    assert board.best_rival is rival
    assert "successive halving, random recipes, eta 8 [m]" in cells(rival, board)
    assert "1.25 [1.25, 1.25]; goal 1 or less: not reached" in goals([board])


def test_beyond_the_budget_is_said_so(plan: Plan) -> None:
    """A median that most repeats never reach has no number, and a ratio to it is nought."""
    keep(plan, "mainstem", [40] * 5)
    keep(plan, "screened_greedy", [80, 241, 241, 241, 80])
    (board,) = figures.boards(plan)
    greedy = board.scores[1]
    assert math.isinf(greedy.median.value)
    assert greedy.share == pytest.approx(0.4)
    row = cells(greedy, board)
    assert row[2].startswith("> 30 [10.0, > 30]")
    assert row[5].startswith("0.00 [0.00, 0.50]")


def test_ratios_are_over_the_repeats_that_both_played() -> None:
    """Others do not count; without any there is none; of two that never get there it is NaN."""
    found = figures.ratio({0: 2.0, 1: 4.0, 2: 6.0, 3: 100.0}, {0: 4.0, 1: 8.0, 2: 12.0})
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert figures.ratio({0: 1.0}, {1: 1.0}) is None
    never = figures.ratio({0: math.inf}, {0: math.inf})
    assert never is not None
    assert math.isnan(never.value)


def test_intervals_of_medians_cover(plan: Plan) -> None:
    """Of 100 samples of 50 from a skewed law, 80 or more of the 90% intervals hold its median."""
    del plan
    rng = np.random.default_rng(0)
    found = [figures.median(rng.exponential(size=50)) for _ in range(100)]
    assert sum(one.low <= math.log(2) <= one.high for one in found) >= 80


def test_text_and_markdown_say_the_same(plan: Plan) -> None:
    """The same cells; ours stands out on the page."""
    keep(plan, "mainstem", [40] * 5)
    keep(plan, "mainstem_top", [80] * 5)
    (board,) = figures.boards(plan)
    for cell in cells(board.scores[1], board):
        assert cell in text(board)
        assert cell in markdown(board)
    assert "| **Mainstem over both rungs** |" in markdown(board)
    assert "rank correlation 1.00" in markdown(board).splitlines()[0]
