"""What comes from a ledger is text: filters, and templates that escape."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from hypothesis import given, strategies as st
from jinja2 import UndefinedError

from mainstem.board import words
from mainstem.board.render import brief, compile_all, environment, long, place, term, visible, when

HOSTILE = "<script>alert(1)</script>\x1b[31m\u202egnp.exe\x00"


def test_control_characters_are_seen_and_do_nothing() -> None:
    """ESC, NUL and what turns the direction by their numbers."""
    shown = visible(HOSTILE)
    assert shown == "<script>alert(1)</script>\\x1b[31m\\u202egnp.exe\\x00"


def test_templates_escape_whatever_they_are_given() -> None:
    """Autoescape holds for templates of strings too, through every filter of text."""
    for expression in ("x", "x | visible", "x | brief(500)", "x | long"):
        found = environment().from_string(f"<p>{{{{ {expression} }}}}</p>").render(x=HOSTILE)
        assert "<script" not in found
        assert "&lt;script" in found


def test_every_template_compiles() -> None:
    """No page waits for its first visitor to show that it is wrong."""
    compile_all()


def test_a_name_that_is_missing_is_an_error() -> None:
    """No page quietly shows nothing where something was meant."""
    with pytest.raises(UndefinedError):
        environment().from_string("{{ missing }}").render()


def test_a_long_text_is_a_click_away() -> None:
    """A megabyte on one line: the beginning is shown, most of the rest can be unfolded."""
    shown = long("<" + "a" * 1_000_000)
    assert shown.startswith('<bdi class="text">&lt;aaa')
    assert "<details" in shown
    assert len(shown) < 40_000
    assert "characters more" in shown


@given(st.text(), st.integers(4, 60))
def test_brief_is_one_line_of_at_most_so_many_characters(text: str, most: int) -> None:
    """Whatever it was before."""
    shown = brief(text, most)
    assert len(shown) <= most
    assert "\n" not in shown


def test_times_are_utc_for_those_without_scripts() -> None:
    """The machine-readable time stands beside what is shown."""
    shown = when("2026-11-27T10:11:12.345+00:00")
    assert ">2026-11-27 10:11 UTC<" in shown
    assert 'datetime="2026-11-27T10:11:12.345+00:00"' in shown
    assert when(None) == "-"


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_addresses_hold_any_text(name: str, value: str) -> None:
    """What is put in is what the server reads, and stays in this path."""
    found = place(f"/proposals/{name}", {"q": value, "page": "2"}, page=None)
    parts = urlsplit(found)
    assert unquote(parts.path) == f"/proposals/{name}"
    assert parse_qs(parts.query, keep_blank_values=True) == ({"q": [value]} if value else {})
    assert unescape(found) == found


@pytest.mark.parametrize("name", ["..", "x/../y", "../..", "./a", "a/."])
def test_a_name_of_dots_is_no_way_up(name: str) -> None:
    """Browsers resolve dots between slashes; the address of such a name has none."""
    found = place(f"/proposals/{name}")
    assert urljoin("http://board/", found) == f"http://board{found}"
    assert unquote(found) == f"/proposals/{name}"
    assert not {".", ".."} & set(found.split("/"))


def test_a_word_of_ours_carries_its_meaning() -> None:
    """Escaped, in another form where the sentence asks for one; an unknown word is a mistake."""
    shown = term("rung", "rungs & more")
    assert shown == f'<abbr title="{words.TERMS["rung"]}">rungs &amp; more</abbr>'
    assert "what a bet against &#39;there is none&#39;" in term("e-value")
    with pytest.raises(KeyError):
        term("posterior")
