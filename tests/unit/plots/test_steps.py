"""A trunk's objective over time."""

from __future__ import annotations

import itertools

from hypothesis import given, strategies as st

from mainstem.plots import svg
from mainstem.plots.steps import Ahead, Line, Step, apart, steps
from tests.unit.plots import anything
from tests.unit.plots.reading import SVG, links, parsed, sane, texts, tips, ways

TRUNK = [
    Step(at=0.0, value=2.0, low=1.9, high=2.1),
    Step(at=10.0, value=1.5, low=1.4, high=1.6, label="muon", href="/proposals/muon"),
    Step(at=30.0, value=1.0, low=0.9, high=1.1, label="rope"),
]


def draw(
    found: list[Step] | None = None,
    *,
    until: float = 40.0,
    lines: list[Line] | None = None,
    margin: float | None = None,
    forecast: list[Ahead] | None = None,
) -> str:
    """A picture of them."""
    return steps(
        TRUNK if found is None else found,
        until=until,
        lines=lines or [],
        margin=margin,
        forecast=forecast or [],
        title="t",
        description="d",
        axis="trials",
        unit="loss",
    )


def test_the_value_holds_until_the_next_merge() -> None:
    """Stairs: level between merges, down where one gained; marks link to what was merged."""
    picture = draw()
    stairs = max(ways(picture, svg.style(0).colour), key=len)
    assert len(stairs) == 6
    level = [(a, b) for a, b in itertools.pairwise(stairs) if a[1] == b[1]]
    assert len(level) == 3
    (x0, y0), (_, y1), (_, y2) = stairs[0], stairs[2], stairs[4]
    assert abs((y2 - y1) - (y1 - y0)) < 0.2
    assert y1 > y0
    assert abs((stairs[-1][0] - x0) / (stairs[2][0] - x0) - 4.0) < 0.01
    assert links(picture) == {"muon: 1.50 [1.40, 1.60]": "/proposals/muon"}
    assert "rope: 1.00 [0.90, 1.10]" in tips(picture)
    assert {"muon", "rope", "trunk 1.00", "trials", "loss"} <= set(texts(picture))


def test_values_are_as_precise_as_they_are_known() -> None:
    """One that is whole in every run has no decimals; a level is said as its words have it."""
    best = Line(name="best set", value=36.123456, said="36.1")
    exact = [Step(at=0.0, value=41.0, low=41.0, high=41.0)]
    assert {"trunk 41", "best set 36.1"} <= set(texts(draw(exact, lines=[best])))


def test_limits_and_levels_lie_where_their_values_are() -> None:
    """A limit is dashed in another colour; each has its name beside it, none upon another."""
    picture = draw(
        lines=[
            Line(name="limit", value=1.5, limit=True),
            Line(name="lab a", value=1.01),
            Line(name="lab b", value=1.0),
        ]
    )
    stairs = max(ways(picture, svg.style(0).colour), key=len)
    (limit, *_) = (way for way in ways(picture, svg.style(1).colour) if way[0][1] == way[-1][1])
    assert limit[0][1] == stairs[2][1]
    assert {"limit 1.5", "lab a 1.01", "lab b 1", "trunk 1.00"} <= set(texts(picture))
    assert "limit: limit 1.5" in tips(picture)
    sane(picture)


def test_a_forecast_begins_at_the_present() -> None:
    """At the last value; the axis reaches to its end."""
    ahead = [Ahead(at=60.0, middle=0.8, low=0.7, high=0.9)]
    picture = draw(forecast=ahead, margin=0.05)
    (fan,) = (way for way in ways(picture, svg.style(3).colour) if len(way) == 2 and way[0][0] > 90)
    stairs = max(ways(picture, svg.style(0).colour), key=len)
    assert fan[0] == stairs[-1]
    assert "forecast 0.8 [0.7, 0.9]" in tips(picture)
    assert "margin 0.05" in tips(picture)


def test_the_last_merge_is_named_at_its_left() -> None:
    """Where the present leaves no room at its right; the value has the margin's precision."""
    found = [Step(at=0.0, value=2.0), Step(at=39.9, value=1.23456, label="muon")]
    picture = draw(found, margin=0.01)
    (name,) = (one for one in parsed(picture).iter(f"{SVG}text") if one.text == "muon")
    assert name.get("text-anchor") == "end"
    assert "trunk 1.235" in texts(picture)
    sane(picture)


def test_a_name_gives_way_to_a_line_that_would_cross_it() -> None:
    """It stands below its mark where a level runs above; and above it where nothing does."""

    def at(lines: list[Line]) -> tuple[float, float]:
        found = draw(lines=lines)
        [name] = [t for t in parsed(found).iter(f"{SVG}text") if t.text == "muon"]
        stairs = max(ways(found, svg.style(0).colour), key=len)
        return float(name.get("y") or 0), stairs[2][1]

    y, mark = at([])
    assert y < mark
    y, mark = at([Line(name="others", value=1.55)])
    assert y > mark
    y, mark = at([Line(name="others", value=1.45)])
    assert y < mark


def test_a_clock_that_was_set_back_draws_no_line_backwards() -> None:
    """Each merge stands where or behind where the one before it does."""
    stairs = max(ways(draw([*TRUNK, Step(at=5.0, value=0.5)]), svg.style(0).colour), key=len)
    assert all(a[0] <= b[0] for a, b in itertools.pairwise(stairs))


def test_what_is_not_measured_is_said() -> None:
    """Words where the picture would be."""
    assert "Nothing is measured yet." in texts(draw([]))


@given(st.lists(st.floats(0.0, 100.0), max_size=9))
def test_names_are_moved_apart(places: list[float]) -> None:
    """In their order, inside, as far apart as asked where there is room."""
    found = apart(sorted(places), 10.0, 0.0, 100.0)
    assert len(found) == len(places)
    assert all(-1e-6 <= place <= 100.0 + 1e-6 for place in found)
    assert all(b - a >= 10.0 - 1e-6 for a, b in itertools.pairwise(found))


@given(
    st.lists(
        st.builds(
            Step,
            at=anything.numbers,
            value=anything.numbers,
            low=anything.maybe,
            high=anything.maybe,
            label=anything.words,
            href=anything.hrefs,
        ),
        max_size=4,
    ),
    st.lists(
        st.builds(Line, name=anything.words, value=anything.numbers, limit=st.booleans()),
        max_size=3,
    ),
    st.lists(
        st.builds(
            Ahead,
            at=anything.numbers,
            middle=anything.numbers,
            low=anything.numbers,
            high=anything.numbers,
        ),
        max_size=2,
    ),
    anything.numbers,
    st.one_of(st.none(), anything.margins),
)
def test_anything_has_a_sane_picture(
    found: list[Step],
    lines: list[Line],
    ahead: list[Ahead],
    until: float,
    margin: float | None,
) -> None:
    """Nothing, one, equal ones, what is no number, the longest names."""
    sane(draw(found, until=until, lines=lines, margin=margin, forecast=ahead))
