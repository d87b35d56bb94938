"""Chromium, and everything that a page may do wrong in it."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
WAIT_MS = 30_000

_FEW = """(most) => {
  for (const body of document.querySelectorAll("main tbody, main ol, main ul"))
    while (body.children.length > most) body.lastElementChild.remove();
}"""

_WATCH = """
window.__wrong = [];
addEventListener("securitypolicyviolation", (event) =>
  window.__wrong.push(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
for (const name of ["alert", "confirm", "prompt", "print", "open"])
  window[name] = (...words) => window.__wrong.push(`${name} was called: ${words}`);
"""


def chromium() -> str:
    """The path of Debian's Chromium; without one tests skip, but never in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        missing = "there is no chromium on the PATH (Debian: apt install chromium)"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found


@contextlib.contextmanager
def opened_browser() -> Iterator[Browser]:
    """One browser; it ends with the block, and so does Playwright's own event loop."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Looker:
    """A person with a browser, who writes down all that goes wrong.

    Attributes:
        page: Playwright's page.
        wrong: What went wrong since the last look.
    """

    def __init__(self, context: BrowserContext, url: str) -> None:
        """Args: a context of its own, and where the board is."""
        self._home = url
        self._origin = urlsplit(url)[:2]
        context.set_default_timeout(WAIT_MS)
        context.add_init_script(_WATCH)
        self.page: Page = context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)
        self.page.on("dialog", self._dialog)

    def _said(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.wrong.append(f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        there = urlsplit(request.url)
        if there[:2] != self._origin and there.scheme != "data":
            self.wrong.append(f"asks elsewhere: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.status}: {response.url}")

    def _dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def go(self, place: str) -> Page:
        """Opens a page of the board and waits until it has all its answers."""
        self.page.goto(self._home + place.lstrip("/"), wait_until="load")
        self.page.wait_for_function("() => !document.querySelector('main .loading')")
        return self.page

    def faults(self) -> list[str]:
        """What went wrong since this was asked last."""
        found = [*self.wrong, *self.page.evaluate("() => window.__wrong.splice(0)")]
        self.wrong.clear()
        return found

    def forgive(self, word: str) -> None:
        """Forgets what holds this word."""
        self.wrong[:] = [one for one in self.wrong if word not in one]

    def sideways(self, width: int) -> int:
        """By how many pixels the page is wider than a screen of this width."""
        self.page.set_viewport_size({"width": width, "height": 740})
        found: int = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return found


def violations(page: Page, *tags: str, rows: int | None = None) -> list[str]:
    """What axe-core finds on a page, a line each.

    Args:
        page: Where to look.
        tags: Only rules with one of these tags, such as `cat.color`; none: every rule.
        rows: Only so many rows of each table and list stay on the page; None: all.
    """
    if rows is not None:
        page.evaluate(_FEW, rows)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if tags:
        options["runOnly"] = {"type": "tag", "values": list(tags)}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {rule['help']}: {', '.join(str(node['target'][-1]) for node in nodes[:4])}"
        f" ({len(nodes)}): {nodes[0]['html'][:200]}"
        for rule in found
        for nodes in [rule["nodes"]]
    ]
