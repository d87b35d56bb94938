"""The blocks of pages."""

from __future__ import annotations

import pytest

from mainstem.plots import blocks


def test_words_are_text_and_cells_are_html() -> None:
    """Heads, captions and labels are escaped; cells are what a page made."""
    text = blocks.table(
        ("<a>", "n", "s"), [("<b>x</b>", "1", "so it is")], right=(1,), wordy=(2,), caption="<c>"
    )
    assert "&lt;a&gt;" in text
    assert "&lt;c&gt;" in text
    assert "<td><b>x</b></td>" in text
    assert '<td class="n">1</td>' in text
    assert '<td class="text">so it is</td>' in text
    assert '<th scope="col" class="n">n</th>' in text


def test_a_row_of_another_length_is_no_row() -> None:
    """A mistake of the page that makes it."""
    with pytest.raises(ValueError, match="shorter"):
        blocks.table(("a", "b"), [("1",)])


def test_what_scrolls_can_be_reached_by_the_keyboard() -> None:
    """It has a stop and a name."""
    text = blocks.figure("<svg/>", "<x>", below="<p>more</p>")
    assert 'tabindex="0" aria-label=' in text
    assert "<figcaption>&lt;x&gt;</figcaption>" in text
    assert "<p>more</p>" in text


def test_no_block_lets_words_act() -> None:
    """Whatever they hold, escape sequences too."""
    hostile = '"><script>\x1b[2J'
    made = [
        blocks.section(hostile, [], key=hostile),
        blocks.points([hostile]),
        blocks.badge(hostile, "good"),
        blocks.paragraph(hostile, "answer"),
        blocks.hidden(hostile, "<p>x</p>"),
        blocks.figure("", hostile),
    ]
    for text in made:
        assert "<script" not in text
        assert "\x1b" not in text
        assert "&lt;script&gt;" in text


def test_what_is_typed_is_code_and_still_text() -> None:
    """Backticks are for terminals; what stands between them acts no more than elsewhere."""
    assert blocks.paragraph("with `a <b>` and `") == "<p>with <code>a &lt;b&gt;</code> and `</p>"
    assert blocks.points(["no `joined`"]) == "<ul>\n<li>no <code>joined</code></li>\n</ul>"
