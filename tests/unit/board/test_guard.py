"""Who may look, and what every answer carries."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from mainstem.board.guard import COOKIE, Guard, derived

TOKEN = "a-token-that-nobody-guesses"  # noqa: S105  a test's


def behind(token: str | None, base: str = "http://127.0.0.1:7788") -> TestClient:
    """A visitor of a guarded page."""
    inner = Starlette(routes=[Route("/{rest:path}", lambda _: PlainTextResponse("seen"))])
    return TestClient(Guard(inner, token=token), base_url=base)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(method: str) -> None:
    """Every method but GET and HEAD is refused, with a token as without."""
    for token in (None, TOKEN):
        answer = behind(token).request(method, f"/?token={TOKEN}")
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"


def test_every_answer_forbids_what_is_not_the_boards_own() -> None:
    """Pages and refusals alike carry the policy: no inline script, no other address."""
    for answer in (behind(None).get("/"), behind(None).post("/"), behind(TOKEN).get("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "localhost:80", "127.0.0.1:7788", "[::1]:7788"])
def test_loopback_is_answered_by_its_names(host: str) -> None:
    """Whoever calls this machine by its own names is let in."""
    assert behind(None).get("/", headers={"host": host}).text == "seen"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "[", "10.0.0.1"])
def test_a_name_that_was_pointed_at_loopback_is_refused(host: str) -> None:
    """A web page cannot read the board through a name of its own (DNS rebinding)."""
    assert behind(None).get("/", headers={"host": host}).status_code == 421


def test_without_the_token_nothing_is_shown() -> None:
    """No token, a wrong one, a wrong cookie or the token itself as a cookie: 401, and why."""
    visitor = behind(TOKEN, "http://10.1.2.3:7788")
    wrong = [
        visitor.get("/"),
        visitor.get("/?token=wrong"),
        visitor.get("/", headers={"authorization": "Bearer wrong"}),
        visitor.get("/", headers={"cookie": f"{COOKIE}={TOKEN}"}),
        visitor.get("/", headers=[(b"cookie", b"\xff=;;=")]),
    ]
    assert [answer.status_code for answer in wrong] == [401] * 5
    assert all("token" in answer.text and TOKEN not in answer.text for answer in wrong)
    told = ["not this board's" in answer.text for answer in wrong]
    assert told == [False, True, True, True, False]
    assert "started anew" in wrong[3].text
    assert not any("started anew" in answer.text for answer in wrong if answer is not wrong[3])


def test_who_asks_for_data_is_refused_in_data() -> None:
    """A program reads `error`, whoever refuses; a person reads text."""
    answers = [
        behind(None).post("/api/show"),
        behind(None).get("/api/show", headers={"host": "evil.example"}),
        behind(TOKEN).get("/api/show"),
    ]
    assert [answer.status_code for answer in answers] == [405, 421, 401]
    assert all(list(answer.json()) == ["error"] for answer in answers)
    assert behind(TOKEN).get("/").headers["content-type"].startswith("text/plain")


def test_the_token_in_the_address_becomes_a_cookie_and_leaves_the_address() -> None:
    """So it does not stay in the history, and links on pages work."""
    visitor = behind(TOKEN, "http://10.1.2.3:7788")
    first = visitor.get(f"/proposals?verdict=open&token={TOKEN}", follow_redirects=False)
    assert first.status_code == 303
    assert first.headers["location"] == "/proposals?verdict=open"
    said = first.headers["set-cookie"]
    assert "HttpOnly" in said
    assert "SameSite=strict" in said
    assert TOKEN not in said
    assert derived(TOKEN) in said
    assert visitor.get("/").text == "seen"


def test_the_redirect_stays_on_this_board() -> None:
    """A path of two slashes is no other host's address."""
    answer = behind(TOKEN, "http://10.1.2.3").get(
        f"http://10.1.2.3//evil.example/?token={TOKEN}", follow_redirects=False
    )
    assert answer.headers["location"].startswith("/evil.example")


def test_programs_send_the_token_as_a_header() -> None:
    """The usual way of scripts."""
    answer = behind(TOKEN).get("/", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.text == "seen"
