"""The application around the pages: what is sent, what is not sent twice, and how failures look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from mainstem.board import app as application
from mainstem.board.app import create_app
from mainstem.board.page import NotHereError, Page
from mainstem.board.pages import PAGES, about
from mainstem.board.reader import Question
from mainstem.domain.errors import StoreError
from tests.unit.board.looking import WORKING, Looking

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.engine.conftest import World

SLOW = (
    *(Question.CREDIT, Question.SHARES, Question.AUDIT, Question.FRONTIER),
    *(Question.FORECAST, Question.LAB, Question.VERIFY, Question.TRANSFER),
)


def visitor(reader: Looking) -> TestClient:
    """Somebody on this machine."""
    return TestClient(
        create_app(reader), base_url="http://127.0.0.1", raise_server_exceptions=False
    )


@pytest.fixture
def with_page(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    """Puts a page at `/about` that does as told."""

    def put(content: Callable[..., Any]) -> None:
        monkeypatch.setattr(application, "PAGES", (replace(about.PAGE, content=content),))

    return put


@pytest.fixture
def reader(judged: World) -> Looking:
    """A record of which what takes seconds is still being worked out."""
    return Looking(world=judged, instead=dict.fromkeys(SLOW, WORKING))


@pytest.mark.parametrize("page", [p for p in PAGES if "{" not in p.path], ids=lambda p: p.name)
def test_a_page_is_sent_once(reader: Looking, page: Page) -> None:
    """Compressed, with a tag of its content; who has it is told that nothing is new."""
    first = visitor(reader).get(page.path)
    assert first.status_code == 200
    assert first.headers["content-encoding"] == "gzip"
    assert "<h1" in first.text
    again = visitor(reader).get(page.path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_page_that_is_not_there_is_said_so_in_the_frame(reader: Looking) -> None:
    """With the menu; an address of data gets data."""
    found = visitor(reader).get("/nowhere")
    assert found.status_code == 404
    assert "there is no such page" in found.text
    assert 'href="/proposals"' in found.text
    data = visitor(reader).get("/api/nowhere")
    assert (data.status_code, data.json()) == (404, {"error": "there is no such page"})
    assert visitor(reader).get("/proposals/nobody").status_code == 404
    assert visitor(reader).get("/static/nothing.js").status_code == 404


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("/proposals?objective=x", "loss, params"),
        ("/proposals?verdict=open,x", "merge, shelve, rework, broken, open"),
        ("/proposals?component=x", "optimizer, architecture, data, (none)"),
        ("/proposals?state=x", "merged, in campaign"),
        ("/proposals/muon?objective=x", "loss, params"),
        ("/interactions?objective=x", "loss, params"),
        ("/interactions?components=data,x", "(none)"),
        ("/interactions?tried=x", "yes, failed, no"),
        ("/recipes?x=x", "loss, params"),
        ("/recipes?y=x", "loss, params"),
    ],
)
def test_what_an_address_asks_for_must_be_there(reader: Looking, address: str, known: str) -> None:
    """Nothing else is shown in its place: a page says which value is unknown, and what there is."""
    found = visitor(reader).get(address)
    assert found.status_code == 404
    assert "&#39;x&#39;, for which this address asks" in found.text
    assert known in found.text
    assert 'href="/proposals"' in found.text


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (NotHereError("there is no <b>x</b>"), 404, "there is no &lt;b&gt;x&lt;/b&gt;"),
        (StoreError("the store is <i>locked</i>"), 503, "the store is &lt;i&gt;locked&lt;/i&gt;"),
        (RuntimeError("a fault"), 500, "RuntimeError: a fault; this is a fault of the board"),
    ],
)
def test_a_failure_is_a_page(
    reader: Looking,
    with_page: Callable[..., None],
    error: Exception,
    status: int,
    said: str,
) -> None:
    """Its status, what is wrong as text, and the frame that leads elsewhere."""

    def fails(*_: object) -> dict[str, Any]:
        raise error

    with_page(fails)
    found = visitor(reader).get("/about")
    assert found.status_code == status
    assert said in found.text
    assert 'id="live"' in found.text


def test_no_page_hides_what_is_around_it(reader: Looking, with_page: Callable[..., None]) -> None:
    """A page that calls something as the frame does would change what the frame says."""
    with_page(lambda reader, visit: {**about.content(reader, visit), "at_work": {}})
    found = visitor(reader).get("/about")
    assert found.status_code == 500
    assert "hides" in found.text


def test_scripts_and_styles_come_from_here(reader: Looking) -> None:
    """All that pages name is there."""
    client = visitor(reader)
    page = client.get("/about").text
    for name in ("sheet.css", "board.css", "htmx.min.js", "events.js", "board.js"):
        assert f"/static/{name}" in page
        assert client.get(f"/static/{name}").status_code == 200
