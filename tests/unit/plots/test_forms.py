"""A picture in two forms: `mainstem.plots.forms`."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

from mainstem.plots import svg
from mainstem.plots.bars import Bar, bars
from mainstem.plots.forest import Ratio, forest
from mainstem.plots.forms import both, either
from mainstem.plots.gains import Gain, gains
from mainstem.plots.grid import Entry, grid
from mainstem.plots.heatmap import Cell, Item, heatmap
from mainstem.plots.outcomes import Outcomes, outcomes
from mainstem.plots.progress import Level, progress
from mainstem.plots.scatter import Kind, Point, scatter
from mainstem.plots.sheet import STYLE
from mainstem.plots.steps import Ahead, Line, Step, steps
from mainstem.plots.tornado import Bar as Range, tornado
from mainstem.plots.waits import Wait, waits
from tests.unit.plots.reading import SVG, links, outside, parsed


def test_each_form_has_its_block_and_its_own_ids() -> None:
    """The sheet shows one of them; both say the same to those who do not see them."""
    draw = partial(bars, [Bar(label="a", value=1.0)], title="t", description="d", axis="x")
    html = either(draw)
    root = parsed(f"<div>{html}</div>")
    assert [one.get("class") for one in root] == ["broad", "narrow"]
    broad, narrow = (one[0] for one in root)
    assert narrow.get("width") == str(svg.PHONE)
    assert float(broad.get("width") or 0) > svg.PHONE
    assert broad.get("aria-labelledby") != narrow.get("aria-labelledby")
    assert [one[0].text for one in (broad, narrow)] == ["t", "t"]
    assert html == both(draw(), draw(narrow=True))


def test_what_cannot_be_drawn_has_no_form() -> None:
    """A page says so in words."""

    def nothing(*, narrow: bool = False) -> str | None:
        return "<svg/>" if narrow else None

    assert either(nothing) is None


def test_paper_has_the_broad_form() -> None:
    """A sheet of paper is as narrow as a tablet; the rule for phones is of screens alone."""
    before, _, rules = STYLE.partition("@media screen and (max-width: 46rem) {")
    assert ".narrow { display: none; }" in before
    assert ".broad { display: none; }" in rules
    assert ".broad" not in before


LONG = "a name of many words that no telephone has room for " * 3
SAID = {"title": "t", "description": "d"}
TIMES = np.array([0.0, 1.0, 2.0])
SHARES = np.array([1.0, 0.5, 0.2])


def _pairs(items: int) -> dict[tuple[int, int], Cell]:
    return {
        (row, column): Cell(value=0.1 * row, low=0.0, high=1.0, tried=row % 3 > 0, href="/a")
        for row in range(items)
        for column in range(row + 1)
    }


def _square(items: int) -> Any:
    names = [Item(label=f"{k} {LONG}", group=LONG[: k // 3 + 2]) for k in range(items)]
    return partial(heatmap, names, _pairs(items), margin=0.1, unit=LONG, **SAID)


PICTURES = {
    "bars": partial(bars, [Bar(label=LONG, value=1e5, low=0.0, high=2e5)], axis=LONG, **SAID),
    "forest": partial(forest, [Ratio(label=LONG, value=1, low=None, high=9)], axis=LONG, **SAID),
    "gains": partial(
        gains,
        [Gain(label=LONG, value=1.0, low=-1.0, high=2.0)],
        groups=[LONG],
        lines={LONG: 0.5},
        axis=LONG,
        **SAID,
    ),
    "grid": partial(
        grid,
        [LONG, "b", "c"],
        [LONG, "y", "z"],
        {
            **{(0, k): Entry(value=0.1, said=LONG, below=LONG) for k in range(3)},
            (2, 0): Entry(value=None, said="-", below=LONG),
        },
        margins=[1.0] * 3,
        empty=LONG,
        **SAID,
    ),
    "heatmap": _square(9),
    "pairs": _square(40),
    "outcomes": partial(
        outcomes,
        [Outcomes(name=LONG, at=TIMES, yes=TIMES > 1, curve_at=TIMES, curve=SHARES)],
        axis=LONG,
        share=LONG,
        **SAID,
    ),
    "progress": partial(
        progress,
        LONG,
        [(0.0, 123456.0), (5.0, 654321.0)],
        [Level(name=LONG, value=0.0)],
        until=9.0,
        ends=(0.0, 1e6),
        axis=LONG,
        unit=LONG,
        **SAID,
    ),
    "scatter": partial(
        scatter,
        [
            *(Point(label=LONG, x=k, y=-k * 1e5, kind=Kind.RAN, href="/a") for k in range(30)),
            Point(label=LONG, x=9.0, y=-9e5, across=(0.0, 12.0), kind=Kind.BEST, href="/best"),
            Point(label="the trunk", x=0.0, y=0.0, kind=Kind.TRUNK, href="/trunk"),
        ],
        x_axis=LONG,
        y_axis=LONG,
        **SAID,
    ),
    "steps": partial(
        steps,
        [Step(at=0.0, value=84_288.0), Step(at=3.0, value=1e5, low=9e4, high=2e5, label=LONG)],
        until=4.0,
        lines=[Line(name=LONG, value=0.0, limit=True), Line(name="b", value=1.0, href="/b")],
        margin=10.0,
        forecast=[Ahead(at=6.0, middle=1e5, low=0.0, high=2e5)],
        axis=LONG,
        unit=LONG,
        **SAID,
    ),
    "tornado": partial(
        tornado,
        [Range(label=LONG, low=0.0, high=2.0, low_at=LONG, high_at=LONG, said=LONG)],
        base=1.0,
        axis=LONG,
        beside=LONG,
        **SAID,
    ),
    "waits": partial(
        waits,
        [Wait(name=LONG, times=TIMES, waiting=SHARES, low=SHARES, high=SHARES, left=TIMES[1:])],
        until=2.0,
        axis=LONG,
        **SAID,
    ),
    "nothing": partial(bars, [], **SAID),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_phone_shows_all_of_it(name: str) -> None:
    """As wide as a phone, no mark and no word beyond its edges, letters of 11 pixels or more."""
    picture = PICTURES[name](narrow=True)
    root = parsed(picture)
    assert root.get("width") == str(svg.PHONE)
    assert outside(picture) == []
    sizes = [float(one.get("font-size") or svg.FONT_PX) for one in root.iter(f"{SVG}text")]
    assert min(sizes) >= 11.0


def test_what_is_heavy_is_lighter_on_a_phone() -> None:
    """Many points are one group, many pairs a list of the strongest; what counts still leads on."""
    scattered = {one: PICTURES["scatter"](narrow=one == "phone") for one in ("screen", "phone")}
    assert len(links(scattered["screen"])) > 3
    assert sorted(links(scattered["phone"]).values()) == ["/best", "/trunk"]
    few, many = (PICTURES[name](narrow=True) for name in ("heatmap", "pairs"))
    assert len(links(few)) == 45
    assert len(links(many)) == 12
    assert len(many) < 0.1 * len(PICTURES["pairs"]())
