"""Elements of pictures."""

from __future__ import annotations

from mainstem.plots import svg
from tests.unit.plots.reading import SVG, parsed, texts


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
