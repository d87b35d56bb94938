"""Gains with intervals about 0, with lines for what is asked for."""

from __future__ import annotations

from functools import partial

from hypothesis import given, strategies as st

from mainstem.plots import colours, svg
from mainstem.plots.gains import Gain, gains
from tests.unit.plots import anything
from tests.unit.plots.reading import SVG, links, outside, parsed, sane, texts, tips, ways


def draw(*found: Gain, **lines: float) -> str:
    """A picture of them."""
    return gains(
        found,
        groups=["yes", "no"],
        lines=lines,
        title="t",
        description="d",
        axis="gain (nats)",
    )


def spans(picture: str, group: int) -> list[tuple[float, float]]:
    """From where to where each interval of a group reaches."""
    level = [way for way in ways(picture, svg.style(group).colour) if way[0][1] == way[-1][1]]
    return [(way[0][0], way[-1][0]) for way in level][1:]  # the first is the legend's


def test_intervals_lie_where_their_ends_are() -> None:
    """Equal steps are equal distances; the inner interval lies in the other; 0 has its line."""
    picture = draw(
        Gain(label="a", value=1.0, low=0.0, high=2.0, inner=(0.5, 1.5)),
        Gain(label="b", value=2.0, low=1.0, high=3.0),
        wanted=1.0,
    )
    (a1, a2), (i1, i2), (b1, b2) = spans(picture, 0)
    assert abs((a2 - a1) - (b2 - b1)) < 0.2
    assert abs((i2 - i1) - 0.5 * (a2 - a1)) < 0.2
    assert abs(0.5 * (a1 + a2) - b1) < 0.2
    zero, wanted = (ways(picture, colour) for colour in (colours.INK, colours.PALE))
    assert any(abs(way[0][0] - a1) < 0.2 and abs(way[-1][0] - a1) < 0.2 for way in zero)
    assert any(abs(way[0][0] - b1) < 0.2 and abs(way[-1][0] - b1) < 0.2 for way in wanted)
    assert {"a", "b", "+1.0", "+2.0", "yes", "no", "wanted", "gain (nats)"} <= set(texts(picture))


def test_what_is_far_from_the_others_does_not_squeeze_them() -> None:
    """It ends in an arrow, as an interval does that goes on; its number stands beside."""
    near = [Gain(label=f"n{k}", value=k / 10, low=k / 10 - 1, high=k / 10 + 1) for k in range(8)]
    picture = draw(*near, Gain(label="far", value=-90.0, low=-91.0, high=-89.0, group=1))
    widths = [b - a for a, b in spans(picture, 0)]
    assert min(widths) > 100
    tips = [way for way in ways(picture, svg.style(1).colour) if len(way) == 3]
    assert tips
    assert "\N{MINUS SIGN}90.0" in texts(picture)


def test_nothing_lies_outside_and_text_is_text() -> None:
    """One gain, none of whose ends is known; long and hostile labels."""
    picture = draw(Gain(label="<b>&" + "x" * 90, value=0.0, low=None, high=None))
    assert outside(picture) == []
    assert any(w.startswith("<b>&x") and w[-1] == "\N{HORIZONTAL ELLIPSIS}" for w in texts(picture))
    assert any(w.startswith("<b>&" + "x" * 90) for w in tips(picture))
    assert outside(draw(Gain(label="a", value=1e9, low=-1e12, high=1e12), wanted=5e8)) == []


def test_a_phone_has_a_form_of_its_own() -> None:
    """As narrow as a phone, with the same numbers; each name above its interval, not beside it."""
    found = [
        Gain(label="a name of some length", value=1.0, low=0.5, high=1.5),
        Gain(label="b", value=-1.0, low=-2.0, high=0.0, group=1),
    ]
    picture = partial(
        gains, found, groups=["yes " * 30, "no"], lines={"wanted": 1.0}, title="t", axis="gain"
    )
    broad, phone = picture(description="d"), picture(description="d", narrow=True)
    root = parsed(phone)
    assert float(root.get("width") or 0) <= 326.0
    assert outside(phone) == []
    assert set(tips(phone)) == set(tips(broad))
    rows = {t.text: float(t.get("y") or 0) for t in root.iter(f"{SVG}text")}
    for label, group in (("a name of some length", 0), ("b", 1)):
        level = [w for w in ways(phone, svg.style(group).colour) if w[0][1] == w[-1][1]][-1]
        assert level[0][1] - 20.0 < rows[label] < level[0][1] - 5.0
    ids = [root.get("aria-labelledby"), parsed(broad).get("aria-labelledby")]
    assert ids[0] != ids[1]


def test_a_row_leads_to_what_it_is_of() -> None:
    """Its tooltip has the whole interval; one without a number has a row with a dash."""
    picture = draw(
        Gain(label="muon", value=1.0, low=0.5, high=1.5, href="/proposals/muon"),
        Gain(label="rope", value=float("nan"), low=0.5, high=1.5, group=1),
    )
    assert links(picture) == {"muon: +1.00 [+0.50, +1.50]": "/proposals/muon"}
    assert {"rope", "-"} <= set(texts(picture))
    assert len(ways(picture, svg.style(1).colour)) == 1  # the legend's
    assert "Nothing is measured yet." in texts(draw())


@given(
    st.lists(
        st.builds(
            Gain,
            label=anything.words,
            value=anything.numbers,
            low=anything.maybe,
            high=anything.maybe,
            inner=st.one_of(st.none(), st.tuples(anything.numbers, anything.numbers)),
            group=st.integers(0, 9),
            href=anything.hrefs,
        ),
        max_size=12,
    ),
    st.dictionaries(anything.words, anything.numbers, max_size=2),
)
def test_anything_has_a_sane_picture(found: list[Gain], lines: dict[str, float]) -> None:
    """Nothing, one, equal ones, what is no number, the longest names."""
    for narrow in (False, True):
        sane(
            gains(
                found,
                groups=["a"],
                lines=lines,
                title="t",
                description="d",
                axis="gain (nats)",
                narrow=narrow,
            )
        )
