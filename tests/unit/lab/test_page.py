"""A replay as a page."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser
from typing import Any

from mainstem.lab.page import page
from mainstem.lab.report import report
from tests.unit.lab import records

VOID = {"meta", "br", "hr"}


class Balanced(HTMLParser):
    """Checks that what is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Notes it."""
        del attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Takes it back."""
        assert self.open.pop() == tag


def made(stack: str = "tiny", **more: Any) -> tuple[dict[str, Any], str]:
    """A report and its page."""
    found = report(records.question(), records.played(), stack=stack, campaign="c1")
    found |= more
    return found, page(found)


def test_the_page_is_whole_and_needs_nothing_else() -> None:
    """What is opened is closed; no address is loaded; the words and every way are in it."""
    found, text = made()
    parser = Balanced()
    parser.feed(text.partition("\n")[2])
    assert parser.open == []
    addresses = set(re.findall(r'(?:src|href)="([^"#][^"]*)"', text))
    assert addresses == set()
    assert "<script" not in text
    for said in found["said"]:
        assert escape(said) in text
    for row in found["policies"]:
        assert f">{row['name']}</td>" in text


def test_there_is_a_panel_for_every_way_beside_the_reference() -> None:
    """And one picture of all ends, in two forms; each has words for those who do not see it."""
    found, text = made()
    assert text.count("<svg") == len(found["policies"]) + 1
    assert text.count("<desc") == text.count("<svg")
    assert "one-at-a-time beside reference" in text


def test_it_is_made_for_light_and_dark_and_narrow_screens() -> None:
    """Tables and wide pictures scroll by themselves, the page never does."""
    _, text = made()
    assert "prefers-color-scheme: dark" in text
    assert text.count('class="wide"') == 3


def test_without_assumptions_it_says_how_to_have_them_varied() -> None:
    """With them there is a tornado with its shares."""
    _, without = made()
    assert "mainstem lab --replay --assumptions 16" in without
    moved = {
        "label": "chance of a veto",
        "said_low": "0%",
        "said_high": "60%",
        "at_low": 0.5,
        "at_high": 2.5,
        "total": 0.75,
        "half": 0.1,
    }
    varied = {"mean": 1.4, "points": 80, "campaigns": 6, "level": 0.9, "moved": [moved]}
    _, with_ = made(assumptions=varied)
    assert "0.75 \N{PLUS-MINUS SIGN} 0.10" in with_
    assert "chance of a veto" in with_
    assert with_.count("<svg") == without.count("<svg") + 2  # for screens and for phones


def test_names_cannot_break_the_page() -> None:
    """They are text, whatever they hold."""
    _, text = made(stack="<b>&amp;")
    assert "<b>&amp;" not in text
    assert escape("<b>&amp;") in text
