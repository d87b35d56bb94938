"""Colours and signs of gains and losses."""

from __future__ import annotations

import math

import pytest

from mainstem.plots import colours, svg
from mainstem.plots.scale import KEY, LEGEND, legend, strength
from tests.unit.plots.reading import outside, texts


@pytest.mark.parametrize(
    ("value", "level", "sign"),
    [
        (0.0, 0, ""),
        (0.049, 0, ""),
        (0.05, 1, "+"),
        (0.1, 2, "+"),
        (0.2, 3, "++"),
        (0.4, 4, "++"),
        (-0.05, -1, "\N{MINUS SIGN}"),
        (-9.0, -4, 2 * "\N{MINUS SIGN}"),
        (math.inf, 4, "++"),
        (-math.inf, -4, 2 * "\N{MINUS SIGN}"),
        (math.nan, 0, ""),
    ],
)
def test_strength_counts_margins(value: float, level: int, sign: str) -> None:
    """From half a margin on there is something to see."""
    found = strength(value, 0.1)
    assert (found.level, found.sign) == (level, sign)
    assert (found.ground is colours.NONE) == (level == 0)


def test_without_a_margin_whatever_is_not_zero_is_strong() -> None:
    """Every change of an objective whose margin is 0 matters."""
    assert [strength(value, 0.0).level for value in (-1e-9, 0.0, 1e-9)] == [-4, 0, 4]


def test_the_legend_holds_all_nine() -> None:
    """Inside what it says that it takes."""
    picture = svg.picture("", "", round(LEGEND), round(KEY), legend(0.0, 0.0, "in margins"))
    assert outside(picture) == []
    assert picture.count("<rect") == 1 + 9
    assert "in margins" in texts(picture)
