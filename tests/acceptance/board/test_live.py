"""Open pages while a campaign runs in another process, and while the board itself goes away."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from mainstem.board.pages import PAGES
from tests.acceptance.board.comparing import SHOWS_LINE
from tests.acceptance.board.looking import Looker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.acceptance.board.running import Board
    from tests.acceptance.conftest import Stack

_ARRIVED = """() => {
  window.__stayed = true;  // a reload would forget it
  window.__marks = [document.getElementById("live").dataset.mark];
  window.__running = false;
  setInterval(() => {
    const live = document.getElementById("live");
    if (live.dataset.mark !== window.__marks.at(-1)) window.__marks.push(live.dataset.mark);
    if (live.querySelector(".standing .dot.on")) window.__running = true;
  }, 20);
}"""
_PUT = """() => {
  // Whoever looks has opened whatever can be opened, and writes into a filter.
  for (const part of document.querySelectorAll("main details")) part.open = true;
  window.__opened = [...document.querySelectorAll("main details")];
}"""

_FOLLOWED = "() => window.__running && window.__marks.length > 2"
"""Whether a page has shown that a campaign ran, and has moved on with it."""

_STAYED_OPEN = """() => window.__opened.every((part) => part.open || !part.isConnected)
  && window.__opened.some((part) => part.isConnected) === (window.__opened.length > 0)"""


@pytest.fixture
def opened(browser: Browser, board: Board) -> Iterator[dict[str, Looker]]:
    """Every page of the menu, all open in one browser: more than it allows lines to one host."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    found = {}
    for page in (page for page in PAGES if page.menu):
        found[page.name] = Looker(context, board.url)
        found[page.name].go(page.path).evaluate(_ARRIVED)
    yield found
    faults = {name: looker.faults() for name, looker in found.items()}
    context.close()
    assert {name: fault for name, fault in faults.items() if fault} == {}


def lines(board: Board) -> int:
    """How many lines the ledger has."""
    return int(board.get("/api/verify?wait=30").json["entries"])


def test_pages_follow_a_campaign_in_another_process(
    opened: dict[str, Looker], lived_in: Stack, board: Board
) -> None:
    """Without a reload; what has the focus, is open or is being written stays as it is."""
    before = lines(board)
    for looker in opened.values():
        looker.page.evaluate(_PUT)
    writing = opened["proposals"].page.locator("main input[type=search]").first
    writing.focus()
    writing.press_sequentially("warm")
    lived_in.mainstem("propose", "tidy")
    campaign = lived_in.start("integrate", "--budget", "60", "-j", "2")
    try:
        for looker in opened.values():
            looker.page.wait_for_function(_FOLLOWED)
    finally:
        campaign.send_signal(signal.SIGINT)  # it could go on; enough was seen
        campaign.communicate(timeout=60)
    after = lines(board)
    assert after > before
    for name, looker in opened.items():
        page = looker.page
        page.wait_for_function(SHOWS_LINE, arg=after)
        assert page.evaluate("() => window.__stayed"), name
        assert page.evaluate(_STAYED_OPEN), f"{name} closed what was open"
    assert writing.input_value() == "warm"
    assert writing.evaluate("(field) => field === document.activeElement")


def test_a_page_goes_on_when_the_board_was_killed(
    opened: dict[str, Looker], lived_in: Stack, board: Board
) -> None:
    """It says that it lost the line, comes back without a reload, and nothing is lost."""
    looker = opened["proposals"]
    lived_in.mainstem("propose", "tidy")  # nothing new where a test before this one did so
    looker.page.locator("tr", has_text="tidy").first.wait_for()
    known = board.settle()
    board.kill()
    said = looker.page.locator("#connection")
    said.wait_for(state="visible")
    assert "does not answer since" in said.inner_text()
    lived_in.mainstem("veto", "tidy", "--reason", "nobody asked for it")
    board.start()
    said.wait_for(state="hidden")
    looker.page.wait_for_function(SHOWS_LINE, arg=lines(board))
    assert looker.page.evaluate("() => window.__stayed")
    looker.page.locator("tr", has_text="tidy").filter(has_text="vetoed").wait_for()
    for each in opened.values():
        # That the line was lost, and nothing else: the browser says so, and htmx of a page that it
        # was asking for at that moment.
        each.forgive("net::ERR_")
        each.forgive("htmx:error: Failed to fetch")
    now = board.settle()
    assert now["verify"] == {"entries": known["verify"]["entries"] + 1, "alterations": []}
    assert now["show"]["trunk"] == known["show"]["trunk"]
    assert now["credit"]["objectives"] == known["credit"]["objectives"]
