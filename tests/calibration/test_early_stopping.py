"""Ending trials early, with and without, in a quick form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import early_stopping as bench


def test_steps_are_saved_and_what_is_merged_stands() -> None:
    """Two landscapes with curves that keep their distance; confirmation stays whole.

    `make bench BENCH_ARGS=early-stopping` plays 100 of four kinds each, misleading ones among them.
    """
    ruled, whole = (
        [bench.play(bench.World("power law", number), rule=rule) for number in (0, 1)]
        for rule in (True, False)
    )
    assert sum(each.stopped for each in ruled) > 0
    assert all(each.stopped == 0 for each in whole)
    assert sum(each.search for each in ruled) < bench.STEPS * sum(e.searched for e in ruled)
    assert not any(each.false for each in ruled)
    gains = [np.mean([each.gain for each in played]) for played in (ruled, whole)]
    assert gains[0] > 0.9 * gains[1]


def test_the_figures_are_what_they_say() -> None:
    """Shares and means by hand over two landscapes."""
    base = bench.Played(
        verdicts=["merge", "shelve"],
        gain=4.0,
        false=False,
        search=1000,
        trials=20,
        searched=10,
        stopped=0,
        error=None,
    )
    ruled = replace(base, verdicts=["merge", "merge"], gain=3.0, search=600, stopped=4, error=2.0)
    found = bench.shares(
        [
            bench.Threefold(ruled=ruled, whole=base, jittered=base),
            bench.Threefold(ruled=base, whole=base, jittered=ruled),
        ]
    )
    assert found["saved"] == pytest.approx(0.2)
    assert (found["verdicts"], found["verdicts_jittered"]) == (0.75, 0.75)
    assert found["gain"] == pytest.approx(-0.125)
    assert (found["stopped"], found["error"], found["false"]) == (2.0, 2.0, 0.0)
    assert "20.0%" in bench.table({"power law": found})
