"""The commands' JSON over HTTP: there, not there yet, not there at all, and waited for."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from mainstem.board import live
from mainstem.board.app import create_app
from mainstem.board.framed import BODY
from mainstem.board.reader import Answer, Question
from tests.unit.board.looking import WORKING, Looking, failed

if TYPE_CHECKING:
    from tests.unit.engine.conftest import World


@pytest.fixture
def asked(judged: World) -> Looking:
    """A reader of the test's own, whose answers a test may change."""
    return Looking(world=judged)


def visitor(reader: Looking) -> TestClient:
    """A program on this machine."""
    return TestClient(create_app(reader), base_url="http://127.0.0.1")


def test_an_answer_is_what_the_reader_knows(asked: Looking) -> None:
    """The body as JSON, and of which line it speaks."""
    known = asked.ask(Question.SHOW)
    found = visitor(asked).get("/api/show")
    assert found.status_code == 200
    assert found.json() == json.loads(json.dumps(known.body))
    assert found.headers["mainstem-line"] == str(known.line)
    assert found.headers["mainstem-current"] == "true"


def test_pictures_stay_out_of_data(asked: Looking) -> None:
    """Pages bring along what they draw; data are what the command says."""
    body = {"questions": [], BODY: "<p>drawn</p>"}
    asked.instead[Question.AUDIT] = Answer(body=body, line=1, current=True, working=False)
    assert visitor(asked).get("/api/audit").json() == {"questions": []}


def test_what_is_not_there_yet_and_what_cannot_be(asked: Looking) -> None:
    """202 while it is worked out, 409 with the reason."""
    asked.instead[Question.CREDIT] = WORKING
    asked.instead[Question.FRONTIER] = failed("there is no frontier.toml")
    client = visitor(asked)
    assert (client.get("/api/credit").status_code, client.get("/api/credit").json()) == (
        202,
        {"working": True},
    )
    frontier = client.get("/api/frontier")
    assert (frontier.status_code, frontier.json()) == (409, {"error": "there is no frontier.toml"})


def test_a_proposal_that_nobody_made(asked: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    """404, and why."""

    def ask(question: Question, **words: str) -> Answer:
        raise KeyError(f"there is no proposal {words['id']!r} to ask {question} of")

    monkeypatch.setattr(asked, "ask", ask)
    found = visitor(asked).get("/api/why?id=nobody")
    assert (found.status_code, found.json()) == (
        404,
        {"error": "there is no proposal 'nobody' to ask why of"},
    )


def test_who_waits_gets_it_when_it_comes(asked: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer that comes while somebody waits is sent at once; else what is known by then."""
    monkeypatch.setattr(live, "LOOK_S", 0.01)
    asked.instead[Question.CREDIT] = WORKING

    def comes() -> None:
        asked.instead[Question.CREDIT] = replace(WORKING, body={"runs": 3}, current=True)
        asked.lines.append(replace(asked.lines[-1], seq=asked.lines[-1].seq + 1))

    timer = threading.Timer(0.2, comes)
    with visitor(asked) as client:
        assert client.get("/api/credit?wait=0.05").status_code == 202
        timer.start()
        assert client.get("/api/credit?wait=20").json() == {"runs": 3}
    timer.join()


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("why", 422, "the address is not understood: id: it is missing"),
        ("interactions", 422, "the address is not understood: objective: it is missing"),
        ("interactions?objective=x", 404, "there is no objective 'x'"),
        ("show?wait=soon", 422, "wait: input should be a valid number"),
    ],
)
def test_every_refusal_has_one_form(asked: Looking, address: str, status: int, said: str) -> None:
    """`error` and nothing else, in words, and the schema says so."""
    client = visitor(asked)
    found = client.get(f"/api/{address}")
    assert found.status_code == status
    assert list(found.json()) == ["error"]
    assert said in found.json()["error"]
    path = f"/api/{address.partition('?')[0]}"
    known = client.get("/api/openapi.json").json()["paths"][path]["get"]["responses"]
    assert known[str(status)]["content"]["application/json"]["schema"]["required"] == ["error"]


@pytest.mark.parametrize("words", ["wait=-1", "wait=61", "wait=x", "wait=nan"])
def test_a_wait_has_bounds(asked: Looking, words: str) -> None:
    """Nobody holds a line for ever."""
    assert visitor(asked).get(f"/api/show?{words}").status_code == 422
