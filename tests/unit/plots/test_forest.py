"""Estimates with intervals, below one another."""

from __future__ import annotations

from hypothesis import given, strategies as st

from mainstem.plots import svg
from mainstem.plots.forest import Ratio, forest
from tests.unit.plots import anything
from tests.unit.plots.reading import sane, texts, ways


def draw(*ratios: Ratio) -> str:
    """A forest of them."""
    return forest(ratios, title="t", description="d", axis="odds ratio")


def test_intervals_lie_where_their_ends_are() -> None:
    """Equal factors are equal distances, and the numbers stand beside."""
    picture = draw(
        Ratio(label="a", value=1.0, low=0.5, high=2.0),
        Ratio(label="b", value=2.0, low=1.0, high=4.0),
    )
    lines = [way for way in ways(picture, svg.style(0).colour) if way[0][1] == way[-1][1]]
    (a1, a2), (b1, b2) = ((way[0][0], way[-1][0]) for way in lines)
    assert abs((a2 - a1) - (b2 - b1)) < 0.2
    assert abs(0.5 * (a1 + a2) - b1) < 0.2
    assert {"a", "b", "1 [0.5, 2]", "2 [1, 4]", "odds ratio"} <= set(texts(picture))


def test_what_has_no_bound_ends_in_an_arrow() -> None:
    """So does what lies beyond the picture; the number beside says which."""
    picture = draw(
        Ratio(label="a", value=3.0, low=0.5, high=None),
        Ratio(label="b", value=3.0, low=None, high=1e6),
    )
    tips = [way for way in ways(picture, svg.style(0).colour) if len(way) == 3]
    assert len(tips) == 3
    assert "3 [0.5, no bound]" in texts(picture)
    assert "3 [0, 1e+06]" in texts(picture)


def test_nothing_lies_outside() -> None:
    """Also where estimates are far out."""
    sane(draw(Ratio(label="a", value=1e9, low=1e-9, high=1e12)))
    sane(draw(Ratio(label="a", value=1.0, low=None, high=None)))


@given(st.lists(anything.words, max_size=3))
def test_any_label_stays_inside(labels: list[str]) -> None:
    """Words of a team, cut where they are too long; none at all is said."""
    sane(draw(*(Ratio(label=label, value=1.0, low=0.5, high=2.0) for label in labels)))
