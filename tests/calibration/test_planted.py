"""Does a planted organisation's log give back its veto rate and silo width?

Quick forms, with fixed seeds, of what `make bench BENCH_ARGS=planted` counts.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from scipy import stats

import planted as bench

if TYPE_CHECKING:
    from pathlib import Path

CASES = 16


def least(share: float) -> int:
    """The fewest of the cases that a true share explains, 99% of the time."""
    return int(stats.binom.ppf(0.01, CASES, share))


@pytest.mark.parametrize("name", [name for name, cell in bench.CELLS.items() if cell.claimed])
def test_rate_and_width_are_given_back(name: str) -> None:
    """Of 24 intervals 18 or more hold the rate, of 16 sets 10 the width, and 9 modes are it."""
    found = bench.measured(partial(bench.case, bench.CELLS[name]), CASES)
    assert found["silent"] <= CASES // 8
    assert found["covered"] * found["cases"] >= least(0.9) - found["silent"]
    assert found["held"] * found["cases"] >= least(bench.GOAL_SET) - found["silent"]
    assert found["right"] * found["cases"] >= least(bench.GOAL_MODE) - found["silent"]


def test_the_count_can_fail() -> None:
    """Approvals of which a tenth stand the wrong way round look like vetoes."""
    found = bench.measured(partial(bench.case, bench.CELLS["a tenth of approvals wrong"]), 10)
    assert found["covered"] * found["cases"] < stats.binom.ppf(0.01, 10, 0.9)
    assert found["off"] > 0.05


def test_figures_go_between_the_markers_of_the_page(tmp_path: Path) -> None:
    """A miss of a goal that holds is named; what claims nothing never is one."""
    row = {"covered": 0.9, "width": 0.2, "off": 0.01, "held": 0.95, "right": 0.7, "widths": 1.2}
    cells = [
        {"name": name, "group": cell.group, "cases": 100, "silent": 0, **row}
        for name, cell in bench.CELLS.items()
    ]
    only_silos = {key: row[key] for key in ("held", "right", "widths")}
    cells.append(
        {"name": "p", "group": "the lab's own policies", "cases": 50, "silent": 0, **only_silos}
    )
    page = tmp_path / "page.md"
    page.write_text(f"a\n{bench.BEGIN}\nbefore\n{bench.END}\nb\n", encoding="utf-8")
    bench.write_docs({"cells": cells}, page)
    said = page.read_text(encoding="utf-8")
    assert said.startswith("a\n")
    assert said.endswith("\nb\n")
    assert "before" not in said
    assert said.count("**short of a goal**") == 3
    assert "| 90.0% ± 3.0% | 0.20 | +0.010 | 95.0% | 70.0% ± 4.6% | 1.20 |" in said
    assert "| p | 50 | | | | 95.0% | 70.0% ± 6.5% | 1.20 |" in said
    assert bench.table({"cells": cells}).count(" *\n") == 3
    page.write_text("no markers", encoding="utf-8")
    with pytest.raises(ValueError, match="has no line"):
        bench.write_docs({"cells": cells}, page)
