"""Names, claims, messages, logs and metrics that want to be more than text stay text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mainstem.board.pages import PAGES
from tests.acceptance.board import project
from tests.acceptance.board.crawling import crawl
from tests.acceptance.board.looking import Looker
from tests.acceptance.board.running import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser

    from tests.acceptance.board.crawling import Crawl
    from tests.acceptance.board.running import Board
    from tests.acceptance.conftest import Stack

NEVER = {"img", "iframe", "object", "embed", "base", "b", "u", "i", "style"}
"""Elements that no page of the board has; those that hostile texts want are among them."""

ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]")
"""What does something when it is shown."""

MOST_BYTES = 3_000_000
"""Uncompressed: a browser has to read it all."""


@pytest.fixture(scope="module")
def hostile(copied: Callable[..., Stack]) -> Iterator[Board]:
    """A board over a project in which every text is hostile."""
    with settled(copied("hostile", project.make_hostile).path) as found:
        yield found


@pytest.fixture(scope="module")
def reached(hostile: Board) -> Crawl:
    """Every page of it."""
    return crawl(hostile)


def test_every_link_of_a_hostile_name_leads_to_its_page(reached: Crawl) -> None:
    """Whatever an id is made of, and no page weighs more for it."""
    assert reached.wrong == []
    assert {page.name for page in PAGES if not reached.of(page.path)} == set()
    assert len(reached.of("/proposals/{id:path}")) >= len(project.HOSTILE_BRANCHES)


def test_markup_stays_text(reached: Crawl) -> None:
    """No element, attribute or address on any page is of a hostile text's making."""
    for place, parsed in reached.pages.items():
        for tag, said in parsed.elements:
            assert tag not in NEVER, (place, tag, said)
            assert not any(name.startswith("on") or name == "style" for name in said), (place, said)
            assert tag != "script" or said["src"].startswith("/static/"), (place, said)
        for link in parsed.links:
            assert not re.match(r"\s*(javascript|vbscript|data:text)", link, re.IGNORECASE), place
    assert not any("javascript" in address for address in reached.outside)


def test_what_acts_is_made_visible(hostile: Board, reached: Crawl) -> None:
    """No escape, NUL or turned direction is in a page; and each page has a bearable length."""
    for place, parsed in reached.pages.items():
        assert ACTS.search(parsed.text) is None, (place, ACTS.findall(parsed.text)[:3])
        whole = hostile.get(place).text
        assert re.search("[\x00-\x08\x0b-\x1f]", whole) is None, place
        assert len(whole) < MOST_BYTES, place


def test_nothing_runs_in_a_browser(hostile: Board, reached: Crawl, browser: Browser) -> None:
    """Every kind of page, with all that can be opened open: no script, no request, no picture."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    looker = Looker(context, hostile.url)
    seen = 0
    for page in PAGES:
        for place in reached.of(page.path)[: 3 if "{" in page.path else 1]:
            shown = looker.go(place)
            shown.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
            assert looker.faults() == [], place
            found = shown.evaluate(
                "(names) => names.filter((name) => document.querySelector(name))", sorted(NEVER)
            )
            assert found == [], place
            assert looker.sideways(360) == 0, place
            seen += project.MARKUP in shown.locator("main").inner_text()
    context.close()
    assert seen >= 3
