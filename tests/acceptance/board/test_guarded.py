"""Nobody who should not look can, and nobody who looks changes anything."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

import hypothesis
import pytest
import schemathesis

from mainstem.board.pages import PAGES
from tests.acceptance.board.crawling import crawl
from tests.acceptance.board.looking import Looker
from tests.acceptance.board.running import QUESTIONS, Board

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.acceptance.conftest import Stack

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105  a test's
KEPT = (".mainstem/board/", ".mainstem/git/", ".mainstem/shown.json")
"""What was worked out and can be worked out again: answers, and merges that git made."""

EXAMPLES = 12
"""Of every JSON route; what is drawn is the same every time."""


def test_json_routes_keep_their_schema(board: Board) -> None:
    """Whatever is asked, the answer is one that the schema allows, and never a failure."""
    schema = schemathesis.openapi.from_url(f"{board.url}api/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > len(QUESTIONS)
    for operation in operations:
        _probe(operation, board)


def _probe(operation: schemathesis.APIOperation, board: Board) -> None:
    @hypothesis.settings(max_examples=EXAMPLES, database=None)
    @hypothesis.given(case=operation.as_strategy())
    def answers(case: schemathesis.Case) -> None:
        if "wait" in (case.query or {}):
            case.query["wait"] = 0  # what has no answer would be waited for
        case.call_and_validate(base_url=board.url)

    answers()


def test_no_route_changes_anything(board: Board) -> None:
    """Every page, file, question and the events: every method that could change is refused."""
    places = [re.sub(r"{.*?}", "clip", page.path) for page in PAGES]
    places += list(board.get("/api/openapi.json").json["paths"])
    places += ["/events", "/static/board.js", "/nowhere"]
    for place in places:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert board.get(place, method=method).status == 405, place


def digests(stack: Stack) -> dict[str, str]:
    """Of every file of a project but for what is kept to answer faster."""
    found = {}
    for path in sorted(stack.path.rglob("*")):
        name = path.relative_to(stack.path).as_posix()
        if path.is_file() and not name.startswith(KEPT) and not name.endswith(("-shm", "-wal")):
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def test_looking_changes_nothing(lived_in: Stack, board: Board) -> None:
    """Repository, work tree, logs and ledger have the same bytes after everything was seen."""
    lived_in.mainstem("verify")
    before = digests(lived_in)
    assert ".mainstem/ledger.sqlite" in before
    assert crawl(board).pages
    board.settle()
    assert digests(lived_in) == before


@pytest.fixture
def guarded(lived_in: Stack, tmp_path: Path) -> Iterator[Board]:
    """A board that asks for a token."""
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    found = Board(path=lived_in.path, words=("--token-file", str(file)))
    found.start()
    try:
        yield found
    finally:
        found.kill()


def test_a_token_opens_the_board(guarded: Board, browser: Browser) -> None:
    """Without it nothing is shown; with it once in the address, pages and their events work."""
    assert guarded.token == TOKEN
    assert {guarded.get(place).status for place in ("/", "/events", "/static/board.css")} == {401}
    assert guarded.get("/about", authorization=f"Bearer {TOKEN}").status == 200
    context = browser.new_context()
    looker = Looker(context, guarded.url)
    page = looker.go(f"/about?token={TOKEN}")
    assert page.url == f"{guarded.url}about"
    page.wait_for_function("() => document.getElementById('live').dataset.mark !== ''")
    page.get_by_role("link", name="Ledger").first.click()
    assert page.locator("h1").inner_text() == "Ledger"
    assert page.locator("#connection").is_hidden()
    assert looker.faults() == []
    context.close()
