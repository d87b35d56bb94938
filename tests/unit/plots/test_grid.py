"""Numbers by component and objective."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from mainstem.plots import colours
from mainstem.plots.grid import Entry, grid
from tests.unit.plots import anything
from tests.unit.plots.reading import links, sane, texts, tips


def draw(
    rows: list[str],
    columns: list[str],
    entries: dict[tuple[int, int], Entry],
    margins: list[float] | None = None,
) -> str:
    """A picture of them."""
    wanted = margins or [1.0] * len(columns)
    return grid(rows, columns, entries, margins=wanted, title="t", description="d")


def test_each_cell_has_its_number_and_its_strength_by_its_own_margin() -> None:
    """The same gain is much for one objective and nothing for another."""
    picture = draw(
        ["data"],
        ["loss", "speed"],
        {
            (0, 0): Entry(value=0.5, said="+0.5", below="2 proposals", href="/s"),
            (0, 1): Entry(value=0.5, said="+0.50"),
        },
        [0.1, 100.0],
    )
    assert {"data", "loss", "speed", "+0.5", "+0.50", "2 proposals"} <= set(texts(picture))
    assert links(picture) == {"data, loss: +0.5; 2 proposals": "/s"}
    edge = f' stroke="{colours.LINE.light}"'
    assert picture.count(f'fill="{colours.GAINS[3].light}"{edge}') == 2  # and in the legend
    assert picture.count(f'fill="{colours.NONE.light}"{edge}') == 2


def test_where_nobody_works_is_said() -> None:
    """A row without an entry says so once; a missing cell beside others is empty."""
    picture = draw(["data", "kernels"], ["loss", "speed"], {(0, 0): Entry(value=1.0, said="+1")})
    assert texts(picture).count("nobody works here") == 1
    assert "data, speed: nothing known" in tips(picture)
    assert not any(tip.startswith("kernels, ") for tip in tips(picture))


def test_without_rows_or_columns_there_are_words() -> None:
    """And no frame around nothing."""
    assert "There is nothing to show yet." in texts(draw([], ["loss"], {}))
    assert "There is nothing to show yet." in texts(draw(["data"], [], {}))


@settings(max_examples=30)
@given(st.data())
def test_anything_has_a_sane_picture(data: st.DataObject) -> None:
    """Whatever the cells hold."""
    rows = data.draw(st.lists(anything.words, max_size=4))
    columns = data.draw(st.lists(anything.words, max_size=4))
    entry = st.builds(
        Entry,
        value=anything.maybe,
        said=anything.words,
        below=anything.words,
        note=anything.words,
        href=anything.hrefs,
    )
    places = st.tuples(st.integers(0, 3), st.integers(0, 3))
    entries = data.draw(st.dictionaries(places, entry, max_size=5))
    margins = data.draw(st.lists(anything.margins, min_size=4, max_size=4))
    sane(draw(rows, columns, entries, margins))
