"""Every page on a telephone of 360 pixels: nothing sideways, and letters that can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.board.pages import PAGES

if TYPE_CHECKING:
    from playwright.sync_api import Page as Shown

    from mainstem.board.page import Page
    from tests.acceptance.board.crawling import Crawl
    from tests.acceptance.board.looking import Looker

PHONE = {"width": 360, "height": 740}
LEAST_PX = 10.5

ON_PURPOSE: tuple[str, ...] = ()
"""Selectors of regions that may be scrolled sideways; there is none."""

_OPEN = "() => { for (const one of document.querySelectorAll('main details')) one.open = true; }"

_SEEN = """(selector) => [...document.querySelectorAll(selector)].filter((one) => {
  const box = one.getBoundingClientRect();
  return one.checkVisibility({ checkVisibilityCSS: true }) && box.width > 1 && box.height > 1;
})"""

_SIDEWAYS = f"""(allowed) => ({_SEEN})("body *").filter((one) => {{
  const scrolls = ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
  return scrolls && one.scrollWidth > one.clientWidth + 1 && !allowed.some((a) => one.matches(a));
}}).map((one) => `${{one.tagName}} ${{one.getAttribute("aria-label") || one.className}}: `
  + `${{one.scrollWidth}} in ${{one.clientWidth}}`)"""

_TOO_WIDE = f"""() => ({_SEEN})("main svg").filter((one) =>
  one.getBoundingClientRect().right > one.parentElement.getBoundingClientRect().right + 1
).map((one) => one.getAttribute("aria-label") || one.querySelector("title")?.textContent)"""

_SMALL = f"""(least) => ({_SEEN})("main svg text").map((one) => {{
  const to = one.getScreenCTM();
  return [parseFloat(getComputedStyle(one).fontSize) * Math.hypot(to.a, to.b), one.textContent];
}}).filter(([size]) => size < least).map(([size, words]) => `${{size.toFixed(1)}}: ${{words}}`)"""


def _fits(shown: Shown) -> None:
    """Nothing on it is too wide for the telephone or too small for its owner."""
    wide, inner = shown.evaluate("() => [document.scrollingElement.scrollWidth, innerWidth]")
    assert wide <= inner
    assert shown.evaluate(_SIDEWAYS, list(ON_PURPOSE)) == []
    assert shown.evaluate(_TOO_WIDE) == []
    assert shown.evaluate(_SMALL, LEAST_PX) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_fits_a_telephone(page: Page, crawled: Crawl, looker: Looker) -> None:
    """With all that can be opened open: nothing scrolls sideways, and pictures can be read."""
    looker.page.set_viewport_size(PHONE)
    shown = looker.go(crawled.of(page.path)[0])
    shown.evaluate(_OPEN)
    _fits(shown)


def test_a_telephone_gets_the_narrow_form_and_cards(looker: Looker) -> None:
    """A picture's other form and the heads of columns are shown to whoever has room for them."""
    found = {}
    for size in (PHONE, {"width": 1280, "height": 740}):
        looker.page.set_viewport_size(size)
        shown = looker.go("/")
        label = (
            "() => getComputedStyle(document.querySelector('main tbody td'), '::before').content"
        )
        found[size["width"]] = (
            shown.locator("main .narrow > svg:visible").count() > 0,
            shown.locator("main .broad > svg:visible").count() > 0,
            "trunk now" in shown.evaluate(label),
        )
        table = shown.get_by_role("table").first
        assert table.get_by_role("rowheader").count() > 1
        assert table.get_by_role("columnheader", name="margin").count() == 1
    assert found == {360: (True, False, True), 1280: (False, True, False)}
