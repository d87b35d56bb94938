"""Text of others as text: what would steer a terminal or a page stands there by its number.

Names, messages and logs come from whoever files a proposal. A terminal obeys escape sequences, a
reader is misled by letters that turn the direction of a line, and no SVG may hold a control
character at all. So each of them is written out by its number, and nothing is lost.
"""

from __future__ import annotations

import unicodedata

KEPT = frozenset("\n\t\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
"""Ends of lines and tabs; what joins letters of many scripts does no harm."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of Unicode: control, format, surrogate, private, unassigned, ends of lines."""


def visible(text: str) -> str:
    """A text with every character that cannot be seen written out by its number.

    Args:
        text: Of anybody. An end of line of two characters becomes one.
    """
    if text.isprintable():
        return text
    return "".join(map(_seen, text.replace("\r\n", "\n")))


def in_a_line(text: str) -> str:
    """The same, on one line: blanks, tabs and ends of lines become one blank each."""
    return visible(" ".join(text.split()))


def _seen(character: str) -> str:
    if character in KEPT or unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
