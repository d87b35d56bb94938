"""Recipes by two objectives."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import given, strategies as st

from mainstem.plots import svg
from mainstem.plots.scatter import Kind, Point, scatter
from tests.unit.plots import anything
from tests.unit.plots.reading import SVG, links, parsed, sane, texts, tips, ways

if TYPE_CHECKING:
    from collections.abc import Callable


def draw(*points: Point, zero: bool = True) -> str:
    """A picture of them."""
    return scatter(points, title="t", description="d", x_axis="loss", y_axis="speed", zero=zero)


def test_points_lie_where_their_values_are_in_the_cross_of_their_intervals() -> None:
    """Right and up is more; an interval's ends lie where they are."""
    picture = draw(
        Point(label="trunk", x=0.0, y=0.0, kind=Kind.TRUNK),
        Point(label="a", x=1.0, y=2.0, across=(0.5, 1.5), up=(1.0, 3.0), href="/r/a"),
        Point(label="b", x=2.0, y=1.0),
    )
    marks = [
        (float(one.get("cx") or 0), float(one.get("cy") or 0))
        for one in parsed(picture).iter(f"{SVG}circle")
    ][1:]
    (ax, ay), (bx, by) = marks
    assert ax < bx
    assert ay < by
    across, up = ways(picture, svg.style(0).colour)
    assert across[0][0] < ax < across[1][0]
    assert abs(across[0][0] + across[1][0] - 2.0 * ax) < 0.3
    assert abs((across[1][0] - across[0][0]) - (bx - ax)) < 0.3
    assert abs(up[0][1] - up[1][1]) / 2.0 - (by - ay) < 0.3
    assert links(picture) == {"a: +1.00 [+0.50, +1.50], +2.0 [+1.0, +3.0] (on the front)": "/r/a"}
    assert {"trunk", "a", "b"} <= set(texts(picture))


def test_what_is_beaten_is_pale_and_has_no_cross() -> None:
    """A hollow mark, with its numbers in the tooltip; its interval takes no room."""
    near = draw(Point(label="a", x=1.0, y=1.0), Point(label="c", x=0.5, y=0.5, kind=Kind.DOMINATED))
    wide = Point(
        label="c", x=0.5, y=0.5, across=(-99.0, 99.0), up=(-99.0, 99.0), kind=Kind.DOMINATED
    )
    circles = re.findall(r"<circle[^>]*>", near)
    assert circles == re.findall(r"<circle[^>]*>", draw(Point(label="a", x=1.0, y=1.0), wide))
    assert "c: +0.5, +0.5 (another is better in both)" in tips(near)
    assert "c" not in texts(near)


def test_what_is_far_behind_does_not_squeeze_what_matters() -> None:
    """It lies at the edge, and the legend says how many do; the front is never cut."""
    rest = [Point(label=f"r{k}", x=0.1 * k, y=0.0, kind=Kind.DOMINATED) for k in range(10)]
    far = Point(label="far", x=-1e6, y=-1e6, kind=Kind.DOMINATED)
    near = Point(label="a", x=2.0, y=1.0, across=(-5.0, 9.0))
    picture = draw(near, *rest, far)
    assert "another is better in both; at the edge: 1 far beyond it" in texts(picture)
    (across,) = ways(picture, svg.style(0).colour)
    assert across[1][0] - across[0][0] > 400.0
    assert "far: \N{MINUS SIGN}1e+06, \N{MINUS SIGN}1e+06 (another is better in both)" in tips(
        picture
    )
    sane(picture)


def test_the_trunk_s_name_is_not_upon_the_points_about_it() -> None:
    """With hollow points at all four corners of its mark it stands farther away, with a line."""
    crowd = [
        Point(label=f"r{j}{k}", x=0.02 * j, y=0.02 * k, kind=Kind.RAN)
        for j in range(-5, 6)
        for k in (-2, -1, 1, 2)
    ]
    ends = [Point(label="e", x=x, y=x) for x in (-1.0, 1.0)]
    picture = draw(Point(label="the trunk", x=0.0, y=0.0, kind=Kind.TRUNK), *crowd, *ends)
    (name,) = [one for one in parsed(picture).iter(f"{SVG}text") if one.text == "the trunk"][1:]
    x, y = float(name.get("x") or 0), float(name.get("y") or 0)
    wide = svg.width_of("the trunk", 12.0) * (1.0 if name.get("text-anchor") == "start" else -1.0)
    rings = [
        (float(one.get("cx") or 0), float(one.get("cy") or 0))
        for one in parsed(picture).iter(f"{SVG}circle")
    ]
    low, high = sorted((x, x + wide))
    assert [(a, b) for a, b in rings if low < a < high and y - 11.0 < b < y + 3.0] == []


def test_names_never_lie_upon_each_other() -> None:
    """Of many points in one place four have theirs, at its corners, the best; all have tooltips."""
    crowd = [Point(label=f"set {k}", x=1.0, y=1.0) for k in range(20)]
    picture = draw(*crowd, Point(label="best set", x=1.0, y=1.0, kind=Kind.BEST), zero=False)
    assert "best set" in texts(picture)
    assert sum(text.startswith("set ") for text in texts(picture)) == 3
    assert sum(tip.startswith("set ") for tip in tips(picture)) == 20


def test_a_name_lies_where_the_fewest_points_are() -> None:
    """Of the places beside its mark."""

    def height(*others: Point) -> float:
        ends = (Point(label="far", x=1.0, y=1.0), Point(label="near", x=-1.0, y=-1.0))
        picture = draw(Point(label="home", x=0.0, y=0.0, kind=Kind.TRUNK), *ends, *others)
        [words] = [t for t in parsed(picture).iter(f"{SVG}text") if t.text == "home"]
        return float(words.get("y") or 0)

    def crowd(y: float) -> list[Point]:
        places = [k / 50.0 for k in range(-10, 11)]
        return [Point(label="r", x=x, y=y, kind=Kind.RAN) for x in places]

    assert height(*crowd(0.06)) > height(*crowd(-0.06)) + 20.0


def test_without_a_recipe_there_are_words() -> None:
    """None, or none with a number."""
    assert "No recipe has a value yet." in texts(draw(Point(label="a", x=float("nan"), y=1.0)))


@given(
    st.lists(
        st.builds(
            Point,
            label=anything.words,
            x=anything.numbers,
            y=anything.numbers,
            across=st.one_of(st.none(), st.tuples(anything.numbers, anything.numbers)),
            up=st.one_of(st.none(), st.tuples(anything.numbers, anything.numbers)),
            kind=st.sampled_from(Kind),
            href=anything.hrefs,
        ),
        max_size=5,
    ),
    st.sampled_from([draw, partial(draw, zero=False)]),
)
def test_anything_has_a_sane_picture(points: list[Point], drawn: Callable[..., str]) -> None:
    """Nothing, one, equal ones, what is no number; with 0 on the axes and without."""
    sane(drawn(*points))
