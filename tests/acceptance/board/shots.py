"""Photographs of every page of the board over a project: `make shots`, over what `make demo` left.

    python -m tests.acceptance.board.shots [--project demo] [--into docs/shots]

Three widths in light, one in dark; the clock of the pages stands still at the record's last line,
so the same record gives the same pictures. Each shows the page's beginning. Colours are few, so a
palette of 128 loses nothing that is seen, as long as it covers those of small marks.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from PIL import Image

from mainstem.board.pages import PAGES
from tests.acceptance.board.crawling import crawl
from tests.acceptance.board.looking import Looker, opened_browser
from tests.acceptance.board.running import Board

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.sync_api import Browser

    from tests.acceptance.board.crawling import Crawl

    Shot = tuple[int, str, Path]

TALL = {360: 1500, 768: 1400, 1280: 1300}
"""Pixels that a picture of this width is high at most."""

SHOTS = ((360, "light"), (768, "light"), (1280, "light"), (1280, "dark"))
COLOURS = 128

HOST = "Where it ran"
"""Where a page begins to speak of the machine: a picture ends there."""

_HEIGHT = """(host) => {
  const end = [...document.querySelectorAll("h2")].find((one) => one.textContent === host);
  return Math.floor(end ? end.getBoundingClientRect().top + scrollY - 8
                        : document.documentElement.scrollHeight);
}"""


def main() -> int:
    """Starts a board, opens its pages, and writes pictures and the page that shows them."""
    options = _options()
    if not (options.project / ".mainstem").is_dir():
        print(f"shots.py: {options.project} holds no record: `make demo` makes one")  # noqa: T201  what the command is for
        return 2
    board = Board(path=options.project)
    board.start()
    try:
        last = str(board.settle()["status"]["campaign"])
        places = _places(board, crawl(board))
        options.into.mkdir(parents=True, exist_ok=True)
        with opened_browser() as browser:
            total = sum(_taken(browser, board, places, (*s, options.into)) for s in SHOTS)
    finally:
        board.stop()
    (options.into / "README.md").write_text(_page(), encoding="utf-8")
    said = f"{len(PAGES) * len(SHOTS)} pictures up to campaign {last}, {total / 1e6:.1f} MB"
    print(f"{said}, in {options.into}")  # noqa: T201  what the command is for
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Photograph every page of the board.")
    parser.add_argument("--project", type=Path, default=Path("demo"))
    parser.add_argument("--into", type=Path, default=Path("docs/shots"))
    return parser.parse_args()


def _taken(browser: Browser, board: Board, places: Mapping[str, str], shot: Shot) -> int:
    """A picture of every page; returns their bytes."""
    width, scheme, into = shot
    context = browser.new_context(
        viewport={"width": width, "height": 740},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    looker, size = Looker(context, board.url), 0
    looker.page.clock.set_fixed_time(_last(board))
    for name, place in places.items():
        shown = looker.go(place)
        tall: int = shown.evaluate(_HEIGHT, HOST)
        shown.set_viewport_size({"width": width, "height": min(tall, TALL[width])})
        drawn = shown.screenshot(animations="disabled", caret="hide")
        size += _written(into / _file(name, width, scheme), drawn)
        shown.set_viewport_size({"width": width, "height": 740})
    faults = looker.faults()
    context.close()
    if faults:
        raise SystemExit("\n".join(faults))
    return size


def _last(board: Board) -> str:
    """When the record's last line was written."""
    text = board.get("/ledger").text
    at = text.partition('class="asof"')[2].partition('datetime="')[2]
    return at.partition('"')[0]


def _places(board: Board, found: Crawl) -> dict[str, str]:
    """The address of every page: of a proposal with a partner or a proof, a run that proved."""
    show = board.get("/api/show?wait=30").json
    ranked = ("rework", "merge", "broken", "shelve", "open")
    first = min(show["proposals"], key=lambda one: ranked.index(one["verdict"]))
    places = {page.name: min(found.of(page.path), key=len) for page in PAGES}
    places["proposal"] = f"/proposals/{first['id']}"
    for one in show["proposals"]:
        why = board.get(f"/api/why?id={quote(one['id'])}&wait=30").json
        if why["confirmation"] is not None and why["confirmation"]["trials"]:
            # A log of a run that failed may name folders of this machine.
            places["run"] = f"/runs/{why['campaign']}.{why['confirmation']['trials'][0][1]}"
            break
    return places


def _file(name: str, width: int, scheme: str) -> str:
    return f"{name}-{width}{'-dark' if scheme == 'dark' else ''}.png"


def _written(file: Path, drawn: bytes) -> int:
    """Writes a picture with few colours; returns its bytes."""
    with Image.open(io.BytesIO(drawn)) as picture:
        few = picture.convert("RGB").quantize(
            COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
        )
        few.save(file, optimize=True)
    return file.stat().st_size


def _page() -> str:
    """The page that shows them."""
    lines = [
        "# The board, page by page",
        "",
        "Over the record of `make demo`, as `make shots` photographs it: 1280, 768 and 360 pixels",
        "wide, and dark. What each page says: [board](../parts/board.md#pages).",
    ]
    for page in PAGES:
        wide, dark, middle, phone = (
            _file(page.name, width, scheme)
            for width, scheme in ((1280, "light"), (1280, "dark"), (768, "light"), (360, "light"))
        )
        lines += ["", f"## {page.title}", "", f"![{page.title}]({wide})", ""]
        lines += [f"[dark]({dark}), [768 pixels wide]({middle}), [360 pixels wide]({phone})"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
