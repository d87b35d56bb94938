"""The board over the example stack, live: `make live`.

    python -m tests.acceptance.board.browse [--demo demo] [--into build/browse] [--trials 16]

Takes a copy of what `make demo` left (else it builds the repository), takes in proposals that were
not tried there, and trains combinations of them with `mainstem integrate` in another process while
a browser looks at every page of the board. Then each page is compared with what the commands say,
and axe-core looks at each, in light and dark. `python` and `mainstem` of the first folder of the
PATH train; this Python serves and looks. Ends with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import functools
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.board.pages import PAGES
from tests.acceptance.board import comparing
from tests.acceptance.board.crawling import crawl
from tests.acceptance.board.looking import Looker, opened_browser, violations
from tests.acceptance.board.running import Board

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.acceptance.board.crawling import Crawl

EXAMPLE = Path(__file__).parents[3] / "examples" / "tinylm"
NEW = ("frequent-strings", "sharpen", "rotary", "beta2")
"""Proposals to take in: a short demo has not tried them."""

LIVE_S = 100
"""So long the campaign may run before it is stopped, as Ctrl-C does; it could go on."""

ROWS = 40  # of each table, for axe

_MARKS = """() => {
  window.__stayed = true;
  window.__marks = new Set();
  setInterval(() => window.__marks.add(document.getElementById("live").dataset.mark), 50);
}"""


def main() -> int:
    """Builds, trains, looks, compares; 0 if all is well."""
    options = _options()
    started = time.monotonic()
    repo = _prepared(options.demo, options.into)
    board = Board(path=repo)
    board.start()
    try:
        with opened_browser() as browser:
            wrong = list(_looked(browser, board, repo, options))
    finally:
        board.stop()
    for line in wrong:
        print(f"WRONG {line[:1000]}")  # noqa: T201  what the command is for
    seconds = time.monotonic() - started
    print(f"{len(PAGES)} pages over {repo}: {len(wrong)} wrong, in {seconds:.0f} s")  # noqa: T201  what the command is for
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Look at the board over the example stack.")
    parser.add_argument("--demo", type=Path, default=Path("demo"), help="what `make demo` made")
    parser.add_argument("--into", type=Path, default=Path("build/browse"), help="made anew")
    parser.add_argument("--trials", type=int, default=16, help="to run while pages are open")
    parser.add_argument("-j", type=int, default=1, dest="slots", help="trials at once")
    return parser.parse_args()


def _prepared(demo: Path, into: Path) -> Path:
    """The repository, with proposals that wait for a campaign."""
    shutil.rmtree(into, ignore_errors=True)
    into.parent.mkdir(parents=True, exist_ok=True)
    has_demo = (demo / ".mainstem" / "ledger.sqlite").exists()
    if has_demo and not {one["id"] for one in _said(demo, "status")["proposals"]} & set(NEW):
        shutil.copytree(demo, into, symlinks=True)
    else:
        build = [sys.executable, str(EXAMPLE / "build_repo.py"), str(into)]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["mainstem", "propose", *NEW], cwd=into, check=True, stdout=subprocess.DEVNULL)
    return into


def _said(repo: Path, *words: str) -> Any:
    done = subprocess.run(
        ["mainstem", *words, "--json"], cwd=repo, capture_output=True, check=True, text=True
    )
    return json.loads(done.stdout)


def _looked(
    browser: Browser, board: Board, repo: Path, options: argparse.Namespace
) -> Iterator[str]:
    """All that is wrong."""
    words = ["mainstem", "integrate", "--budget", str(options.trials), "-j", str(options.slots)]
    with subprocess.Popen(words, cwd=repo, stdout=subprocess.DEVNULL) as campaign:
        try:
            yield from _live(browser, board, campaign)
        finally:
            _ended(campaign)
    board.settle()
    found = crawl(board)
    yield from found.wrong
    yield from (f"no link leads to {p.path}" for p in PAGES if not found.of(p.path))
    yield from _each_page(browser, board, found)
    yield from _compared(browser, board, functools.cache(functools.partial(_said, repo)))


def _ended(campaign: subprocess.Popen[bytes]) -> None:
    """Waits for a campaign's end, and stops it as Ctrl-C does where that takes long."""
    try:
        campaign.wait(LIVE_S)
    except subprocess.TimeoutExpired:
        campaign.send_signal(signal.SIGINT)
        campaign.wait(LIVE_S)


def _live(browser: Browser, board: Board, campaign: subprocess.Popen[bytes]) -> Iterator[str]:
    """Pages of the menu, open at once, follow the campaign without a reload."""
    context = browser.new_context()
    opened = {}
    for page in (page for page in PAGES if page.menu):
        opened[page.name] = Looker(context, board.url)
        opened[page.name].page.goto(board.url + page.path.lstrip("/"))
        opened[page.name].page.evaluate(_MARKS)
    _ended(campaign)
    line = board.get("/api/verify?wait=30").json["entries"]
    for name, looker in opened.items():
        looker.page.wait_for_function(comparing.SHOWS_LINE, arg=line)
        if looker.page.evaluate("() => window.__stayed && window.__marks.size") < 4:
            yield f"{name} did not follow the campaign"
        yield from (f"{name}, live: {fault}" for fault in looker.faults())
    context.close()


def _each_page(browser: Browser, board: Board, found: Crawl) -> Iterator[str]:
    """Whole, narrow enough for a phone, and nothing for axe in light and dark."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    looker = Looker(context, board.url)
    for page in PAGES:
        for place in found.of(page.path)[:1]:
            started = time.monotonic()
            shown = looker.go(place)
            seconds = time.monotonic() - started
            yield from (f"{place}: {fault}" for fault in looker.faults())
            wide = looker.sideways(360)
            if wide:
                yield f"{place}: {wide} pixels too wide for a phone"
            looker.sideways(1280)
            for scheme in ("light", "dark"):
                shown.emulate_media(color_scheme=scheme)
                rules = violations(shown, rows=ROWS)
                yield from (f"{place}, {scheme}: {rule}" for rule in rules)
            print(f"{place}: {1000 * seconds:.0f} ms")  # noqa: T201  so that waiting is seen
    context.close()


def _compared(browser: Browser, board: Board, ask: comparing.Ask) -> Iterator[str]:
    """What pages say beside what commands say."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    looker = Looker(context, board.url)
    yield from comparing.answers(board, ask)
    for compare in comparing.PAGES:
        yield from compare(looker, ask)
        yield from (f"{compare.__name__}: {fault}" for fault in looker.faults())
    context.close()


if __name__ == "__main__":
    sys.exit(main())
