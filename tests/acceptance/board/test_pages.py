"""Every page in a real browser: reachable, whole, narrow enough, accessible, in light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.board.pages import PAGES
from tests.acceptance.board.looking import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from mainstem.board.page import Page
    from tests.acceptance.board.crawling import Crawl
    from tests.acceptance.board.looking import Looker
    from tests.acceptance.board.running import Board
    from tests.acceptance.conftest import Stack

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
PHONE = 360
ROWS = 8  # of each table, for axe; the others are made of the same


def test_every_link_leads_somewhere(crawled: Crawl) -> None:
    """From the first page on: no dead link, no dead anchor, no page that weighs too much."""
    assert crawled.wrong == []
    assert {page.name for page in PAGES if not crawled.of(page.path)} == set()


def test_nothing_on_a_page_could_run(crawled: Crawl) -> None:
    """No handler, style or script in the markup, and links only to pages."""
    for place, parsed in crawled.pages.items():
        for tag, said in parsed.elements:
            assert not any(name.startswith("on") or name == "style" for name in said), (place, said)
            assert tag != "style", place
            assert tag != "script" or said["src"].startswith("/static/"), place
    assert [one for one in crawled.outside if not one.startswith("https://")] == []


@each_page
def test_a_page_is_whole(page: Page, crawled: Crawl, looker: Looker) -> None:
    """No error, nothing refused by the policy, nothing sideways on a phone, nothing for axe."""
    place = crawled.of(page.path)[0]
    shown = looker.go(place)
    assert shown.locator("h1").count() == 1
    assert shown.locator("main").is_visible()
    assert looker.faults() == []
    assert looker.sideways(PHONE) == 0
    assert violations(shown, rows=ROWS) == []
    shown.emulate_media(color_scheme="dark")
    assert violations(shown, "cat.color") == []


FILTERED = ("/proposals", "/runs", "/ledger", "/recipes")
_CHOICES = """(form) => [...form.elements].filter((field) => field.name && field.type !== "hidden")
  .map((field) => [field.name, field.tagName, [...(field.options || [])].map((o) => o.value)])"""


@pytest.mark.parametrize("place", FILTERED)
def test_every_filter_works_with_and_without_scripts(
    place: str, browser: Browser, board: Board
) -> None:
    """A form that is sent gives the page of its address, whoever sends it; each choice is taken."""
    found = {}
    for scripts in (True, False):
        context = browser.new_context(java_script_enabled=scripts)
        page = context.new_page()
        page.goto(board.url + place.strip("/"))
        form = page.locator("main form").first
        for name, tag, values in form.evaluate(_CHOICES):
            field = form.locator(f"[name='{name}']")
            if tag == "SELECT":
                field.select_option(values[-1])
            elif field.get_attribute("type") in {"search", "text", None}:
                field.fill("c")
        form.locator("button").first.click()
        page.wait_for_load_state()
        assert page.url != board.url + place.strip("/")
        shown = page.locator("main form").first
        for name, tag, values in shown.evaluate(_CHOICES):
            if tag == "SELECT":
                assert shown.locator(f"[name='{name}']").input_value() == values[-1], name
        found[scripts] = (page.url, page.locator("main tr, main li").all_inner_texts())
        context.close()
    assert found[True][0] == found[False][0]
    assert len(found[True][1]) == len(found[False][1])


def test_filters_choose_rows(board: Board, looker: Looker, lived_in: Stack) -> None:
    """Rows that stay are those that were asked for, and all of them."""
    shown = board.get("/api/show?wait=30").json["proposals"]
    for verdict in sorted({one["verdict"] for one in shown}):
        page = looker.go(f"/proposals?verdict={verdict}")
        names = page.locator("main tbody th a").all_inner_texts()
        assert sorted(names) == sorted(p["id"] for p in shown if p["verdict"] == verdict)
    looker.go("/runs?state=failed&proposal=corrupt")
    evidence = lived_in.mainstem("why", "corrupt", "--json").json["evidence"]
    failed = [run["trial"] for run in evidence if run["failure"] and "corrupt" in run["recipe"]]
    links = page.locator("[aria-labelledby=all] tbody td:first-child a").all_inner_texts()
    assert sorted(links) == sorted(failed) != []


_FOCUS = """() => {
  const one = document.activeElement, style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  return {name: one.tagName, text: one.textContent.trim().slice(0, 40),
          outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
          seen: box.width > 0 && box.height > 0, main: one.closest("main") !== null};
}"""


def test_a_keyboard_is_enough(looker: Looker) -> None:
    """The skip link comes first and leads to the content; all that is reached is seen to be."""
    page = looker.go("/proposals")
    page.keyboard.press("Tab")
    first = page.evaluate(_FOCUS)
    assert "Skip" in first["text"]
    assert first["seen"]
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(_FOCUS)["main"]
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); location.hash = ''; }")
    wanted = page.locator("a[href], button, input:not([type=hidden]), select, summary").count()
    reached = []
    for _ in range(min(wanted, 60)):
        page.keyboard.press("Tab")
        found = page.evaluate(_FOCUS)
        if found["name"] == "BODY":
            break
        reached.append(found)
    assert len(reached) >= min(wanted, 40)
    assert [one for one in reached if not one["outline"] or not one["seen"]] == []
