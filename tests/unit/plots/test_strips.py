"""A forest inside a table."""

from __future__ import annotations

from itertools import pairwise

from mainstem.plots import colours, svg
from mainstem.plots.strips import WIDTH, Strip, Strips, strips
from tests.unit.plots.reading import outside, parsed, texts, ways


def centre(picture: str) -> float:
    """Where the mark of an estimate is."""
    (circle,) = parsed(picture).iter("{http://www.w3.org/2000/svg}circle")
    return float(circle.get("cx") or 0)


def draw(*found: Strip | None) -> Strips:
    """Estimates against a margin of 1."""
    return strips(found, lines=(-1.0, 1.0))


def test_all_cells_lie_on_one_axis() -> None:
    """Equal steps are equal distances, from row to row; 0 and the margins have their lines."""
    a, b, c = draw(
        Strip(value=0.0, low=-1.0, high=1.0),
        Strip(value=1.0, low=0.0, high=2.0),
        Strip(value=2.0, low=1.0, high=3.0),
    ).cells
    assert abs((centre(b) - centre(a)) - (centre(c) - centre(b))) < 0.2
    (way,) = ways(a, svg.style(0).colour)
    assert abs(way[0][0] + way[-1][0] - 2 * centre(a)) < 0.2
    assert abs(ways(b, colours.INK)[0][0][0] - centre(a)) < 0.2
    assert [round(line[0][0] - centre(b), 0) for line in ways(a, colours.PALE)][1] == 0.0


def test_the_axis_has_round_numbers_inside_the_picture() -> None:
    """It stands in the head of the column, once."""
    found = draw(Strip(value=120.0, low=-30.0, high=200.0))
    assert "0" in texts(found.head)
    assert len(texts(found.head)) >= 2
    assert outside(found.head) == []
    assert texts(found.cells[0]) == []


def test_numbers_of_the_axis_have_room_beside_each_other() -> None:
    """Short ones are several, long ones few."""
    few = draw(Strip(value=2.5e7, low=-1.2e7, high=9e7)).head
    several = texts(draw(Strip(value=0.2, low=-0.3, high=0.5)).head)
    assert len(several) >= 3
    for head in (few, draw(Strip(value=0.2, low=-0.3, high=0.5)).head):
        root = parsed(head)
        ends = sorted(
            (float(t.get("x") or 0), 0.5 * svg.width_of(t.text or "", 11.0))
            for t in root.iter("{http://www.w3.org/2000/svg}text")
        )
        assert all(a + w < b - v for (a, w), (b, v) in pairwise(ends))


def test_what_is_far_beyond_the_others_ends_in_an_arrow() -> None:
    """One outlier does not squeeze a hundred rows together."""
    usual = [Strip(value=k / 50, low=k / 50 - 0.1, high=k / 50 + 0.1) for k in range(60)]
    found = draw(*usual, Strip(value=1e9, low=1.0, high=2e9))
    assert abs(centre(found.cells[59]) - centre(found.cells[0])) > 0.4 * WIDTH
    assert "<circle" not in found.cells[-1]
    tips = [way for way in ways(found.cells[-1], svg.style(0).colour) if len(way) == 3]
    assert all(tip[0][0] < tip[1][0] > tip[2][0] for tip in tips)  # they point to the right
    assert tips
    assert outside(found.cells[-1]) == []


def test_nothing_is_drawn_where_nothing_is_known() -> None:
    """And an estimate without an interval is its mark alone."""
    empty, bare = draw(None, Strip(value=0.5, low=None, high=None)).cells
    assert empty == ""
    assert ways(bare, svg.style(0).colour) == []
    assert draw().cells == ()
    assert parsed(draw().head).get("aria-hidden") == "true"
