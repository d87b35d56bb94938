"""Elements of pictures."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.plots import sheet, svg
from mainstem.plots.visible import in_a_line
from tests.unit.plots import anything
from tests.unit.plots.reading import SVG, links, parsed, sane, texts


def test_a_picture_has_words_for_those_who_do_not_see_it() -> None:
    """Title and description are its label, and nothing in them is read as markup."""
    root = parsed(svg.picture("a < b", "c & d", 100, 50, []))
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (title.text, desc.text) == ("a < b", "c & d")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"


def test_two_pictures_on_one_page_have_labels_of_their_own() -> None:
    """Ids follow from the words."""
    one, two = (parsed(svg.picture(t, "", 9, 9, [])).get("aria-labelledby") for t in ("a", "b"))
    assert one != two


def test_words_stay_words() -> None:
    """Whatever they hold."""
    assert texts(svg.picture("", "", 9, 9, [svg.text(1.0, 2.0, '<b> & "c"')])) == ['<b> & "c"']


def test_groups_differ_without_colour() -> None:
    """No two of the first five have dash and mark in common."""
    looks = {(svg.style(k).dash, svg.style(k).mark) for k in range(len(svg.STYLES))}
    assert len(looks) == len(svg.STYLES) == 5
    assert svg.style(5) == svg.style(0)


def test_every_mark_can_be_drawn() -> None:
    """About its place."""
    for look in svg.STYLES:
        assert parsed(svg.picture("", "", 9, 9, [svg.mark(4.0, 4.0, look)])) is not None


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", " javascript:x", "data:text/html,x", "//elsewhere", "JAVASCRIPT:x"],
)
def test_a_link_leads_to_a_place_here_or_on_the_web(href: str) -> None:
    """Nothing that acts, whatever a source or a name holds."""
    with pytest.raises(ValueError, match="neither a path nor a web address"):
        svg.link(href, "x", [])


def test_links_and_tooltips_are_text() -> None:
    """With a name for screen readers; a picture with links is a group, as an image has none."""
    mark = svg.mark(4.0, 4.0, svg.style(0))
    picture = svg.picture("t", "", 9, 9, [svg.link("/a?b=1&c=2", anything.HOSTILE, [mark])])
    sane(picture)
    ((said, href),) = links(picture).items()
    assert href == "/a?b=1&c=2"
    assert "<script>alert(1)</script>&amp;\\x1b[2J" in said
    assert parsed(picture).get("role") == "group"
    assert "tabindex" not in picture
    assert 'tabindex="-1"' in svg.link("/a", "x", [], tabbed=False)


@given(anything.words, st.floats(20.0, 400.0))
def test_words_fit_and_what_is_cut_ends_in_an_ellipsis(words: str, room: float) -> None:
    """As much of them as there is room for."""
    found = svg.fit(words, room)
    assert svg.width_of(found) <= room
    whole = in_a_line(words)
    if svg.width_of(whole) <= room:
        assert found == whole
    else:
        assert found.endswith("\N{HORIZONTAL ELLIPSIS}")
        assert whole.startswith(found[:-1])


def test_wide_letters_take_more_room() -> None:
    """A cut name of wide letters is shorter; rather too short than outside of the picture."""
    assert len(svg.fit("\u6c34" * 50, 200.0)) < len(svg.fit("W" * 50, 200.0)) + 5
    assert len(svg.fit("W" * 50, 200.0)) < len(svg.fit("i" * 50, 200.0))


def test_how_far_a_picture_may_shrink_follows_from_its_width() -> None:
    """By class, so that a page can keep its words readable."""
    sizes = [(parsed(svg.picture("", "", w, 9, [])).get("class") or "") for w in (360, 760, 1100)]
    assert sizes == ["plot least-320", "plot least-680", "plot whole"]
    assert ".least-680 { min-width: 680px; }" in sheet.STYLE
