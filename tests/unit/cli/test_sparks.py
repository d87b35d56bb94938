from __future__ import annotations

import pytest
from hypothesis import given, strategies as st
from rich.cells import cell_len

from mainstem.cli.sparks import bar, fit, interval, padded, spark

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("muon", 4, "muon"),
        ("muon-and-rope", 8, "muon-an\N{HORIZONTAL ELLIPSIS}"),
        ("abc", 1, "\N{HORIZONTAL ELLIPSIS}"),
        ("\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 4, 5, "\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 2 + "…"),
    ],
)
def test_a_text_fits(text: str, width: int, shown: str) -> None:
    """By the cells that it takes, not by its letters; what is cut says so."""
    assert fit(text, width) == shown
    assert cell_len(padded(text, width)) == width


def test_without_unicode_all_is_ascii() -> None:
    """Where a terminal has no blocks, the same is drawn with signs that everybody has."""
    drawn = (
        fit("muon-and-rope", 8, unicode=False),
        spark([0.0, 0.5, 1.0], 3, unicode=False),
        bar(0.5, 10, unicode=False),
        interval(-0.5, 0.1, 0.7, 11, unicode=False),
    )
    assert drawn == ("muon-...", "_=#", "[####----]", "   --o---- ")


@pytest.mark.parametrize(
    ("values", "width", "drawn"),
    [
        ([], 5, ""),
        ([0.0, 0.0], 5, "▁▁"),
        ([0.0, 1.0, 2.0], 5, "▁▅█"),
        ([0.0, -1.0], 5, "█▁"),
        ([float("nan"), 1.0], 5, "█"),
        (list(range(100)), 4, "▁▃▆█"),
    ],
)
def test_a_course_is_columns(values: list[float], width: int, drawn: str) -> None:
    """From the lowest or 0 up to the highest; of many values even ones, first and last in it."""
    assert spark(values, width) == drawn


@pytest.mark.parametrize(
    ("part", "drawn"),
    [(0.0, "░░░░"), (0.5, "██░░"), (0.53, "██▏░"), (1.0, "████"), (7.0, "████"), (-1.0, "░░░░")],
)
def test_a_bar_is_as_full_as_it_says(part: float, drawn: str) -> None:
    """To an eighth of a cell; never longer than its room."""
    assert bar(part, 4) == drawn


@pytest.mark.parametrize(
    ("ends", "drawn"),
    [
        ((-1.0, 0.0, 1.0), "──●──"),
        ((0.5, 0.5, 1.0), "  │●─"),
        ((-1.0, -1.0, -0.5), "●─│  "),
        ((-0.5, 0.5, 1.0), " ─┼●─"),
        ((-3.0, -2.0, -0.5), "<─│  "),
        ((0.0, 3.0, 4.0), "  ┼─>"),
    ],
)
def test_an_interval_is_drawn_where_it_lies(ends: tuple[float, float, float], drawn: str) -> None:
    """Worse is to the left of the middle; what goes on beyond ends in an arrow."""
    assert interval(*ends, 5) == drawn


@given(st.lists(NUMBERS, max_size=40), NUMBERS, st.integers(1, 60), st.booleans())
def test_nothing_is_wider_than_its_room(
    values: list[float], part: float, width: int, unicode: bool
) -> None:
    """Whatever the numbers are, not a number and infinite ones included."""
    assert cell_len(spark(values, width, unicode=unicode)) <= width
    assert cell_len(bar(part, max(2, width), unicode=unicode)) == max(2, width)
