from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from mainstem.plots.visible import KEPT, in_a_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "plain + text: 3.5 \N{GREEK SMALL LETTER MU}s",
            "plain + text: 3.5 \N{GREEK SMALL LETTER MU}s",
        ),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x9b2J", "\\x9b2J"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}cod.exe", "\\u202ecod.exe"),
        ("a\N{TAG LATIN SMALL LETTER A}", "a\\U000e0061"),
        ("bell\x07 back\x08", "bell\\x07 back\\x08"),
        ("cut\udc80", "cut\\udc80"),
        ("one\r\ntwo\tthree\n", "one\ntwo\tthree\n"),
        ("10%\r20%", "10%\\x0d20%"),
        ("\N{LINE SEPARATOR}", "\\u2028"),
    ],
)
def test_what_cannot_be_seen_is_written_out(text: str, shown: str) -> None:
    """Escapes, turns of direction, tags, halves of letters: each by its number, nothing lost."""
    assert visible(text) == shown


@given(st.text(st.characters()))
def test_nothing_that_steers_is_left(text: str) -> None:
    """Whatever the text: what comes out can be printed, and comes out of it again the same."""
    found = visible(text)
    assert all(letter.isprintable() or letter in KEPT or letter.isspace() for letter in found)
    assert visible(found) == found
    found.encode()


def test_a_line_is_one_line() -> None:
    """What goes into a table or a title has no end of line."""
    assert in_a_line("  two\n lines\r\n\tand \x1bmore ") == "two lines and \\x1bmore"
