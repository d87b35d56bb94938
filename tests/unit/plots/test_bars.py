"""Horizontal bars."""

from __future__ import annotations

from hypothesis import given, strategies as st

from mainstem.plots.bars import Bar, bars
from tests.unit.plots import anything
from tests.unit.plots.reading import SVG, links, parsed, sane, texts


def draw(*found: Bar, axis: str = "trials", until: float | None = None) -> str:
    """A picture of them."""
    return bars(found, title="t", description="d", axis=axis, until=until)


def lengths(picture: str) -> list[float]:
    """Of the bars."""
    return [float(one.get("width") or 0) for one in parsed(picture).iter(f"{SVG}rect")][1:]


def test_bars_are_as_long_as_their_values() -> None:
    """From 0; beside each its number, or what is to be said instead."""
    picture = draw(
        Bar(label="oom", value=4.0, said="4 of 9", href="/f"), Bar(label="timeout", value=2.0)
    )
    first, second = lengths(picture)
    assert abs(first - 2.0 * second) < 0.2
    assert {"oom", "4 of 9", "timeout", "2", "trials"} <= set(texts(picture))
    assert links(picture) == {"oom: 4 of 9": "/f"}


def test_shares_are_shown_against_the_whole() -> None:
    """An axis that ends at 1 whatever the longest is."""
    (half,) = lengths(draw(Bar(label="a", value=0.5), until=1.0))
    (whole,) = lengths(draw(Bar(label="a", value=1.0), until=1.0))
    assert abs(2.0 * half - whole) < 0.2


def test_an_axis_can_be_left_out() -> None:
    """Then the picture is only as high as its rows."""
    assert parsed(draw(Bar(label="a", value=1.0), axis="")).get("height") == "48"
    assert "There is nothing to show yet." in texts(draw())


@given(
    st.lists(
        st.builds(
            Bar,
            label=anything.words,
            value=anything.numbers,
            said=anything.words,
            low=anything.maybe,
            high=anything.maybe,
            group=st.integers(0, 9),
            href=anything.hrefs,
        ),
        max_size=4,
    ),
    st.one_of(st.just(""), anything.words),
)
def test_anything_has_a_sane_picture(found: list[Bar], axis: str) -> None:
    """Nothing, 0, below 0, what is no number."""
    sane(draw(*found, axis=axis))
