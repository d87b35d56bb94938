from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse

from mainstem.board import following
from mainstem.board.live import Hub
from tests.unit.board.given import Given

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.board.reader import Reader


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    monkeypatch.setattr(following, "LOOK_S", 0.001)


def request(trial: str, query: str = "", last: str = "", method: str = "GET") -> Request:
    """A browser's request for the log of a trial."""
    headers = [(b"last-event-id", last.encode())] if last else []
    scope = {"type": "http", "method": method, "path_params": {"trial": trial}, "headers": headers}
    return Request({**scope, "query_string": query.encode()})


def told(reader: Given, asked: Request, *, closing: bool = False) -> list[Mapping[str, Any]]:
    """The events of a log until it is over, with their names and ids."""

    async def listen() -> str:
        hub = Hub(cast("Reader", reader))
        if closing:
            await hub.close()
        found = await following.follow(reader, hub, asked)
        assert isinstance(found, StreamingResponse)
        assert found.media_type == "text/event-stream"
        return "".join([cast("bytes", part).decode() async for part in found.body_iterator])

    events = []
    for block in asyncio.run(listen()).split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in fields:
            events.append({**fields, "data": json.loads(fields["data"])})
    return events


def test_a_log_is_told_from_where_the_page_has_it() -> None:
    """Each event says where both streams stand, and the last one that it is over."""
    logs = {("c1.1", "stdout"): b"one\ntwo\n", ("c1.1", "stderr"): b"oh"}
    first, second, last = told(Given(logs=logs), request("c1.1", "stdout=4"))
    assert (first["event"], first["data"]["text"], first["id"]) == ("log", "two\n", "8-0")
    assert (second["data"]["stream"], second["id"]) == ("stderr", "8-2")
    assert (last["event"], last["id"]) == ("over", "8-2")


def test_a_line_that_was_lost_goes_on_where_it_was() -> None:
    """By the id of the last event, whatever the address says."""
    logs = {("c1.1", "stdout"): b"one\ntwo\n", ("c1.1", "stderr"): b"oh"}
    first, _ = told(Given(logs=logs), request("c1.1", "stdout=0", last="4-2"))
    assert first["data"]["text"] == "two\n"


def test_what_is_printed_while_somebody_looks_comes_by_itself() -> None:
    """Piece by piece until the trial ends."""

    class Growing(Given):
        """A log that has a word more at every look."""

        def log(self, trial: str, stream: str, *, start: int, most: int) -> Any:
            """One more word, three at most."""
            if stream == "stdout":
                self.logs[trial, stream] = (self.logs[trial, stream] + b"go ")[:9]
                self.ended = len(self.logs[trial, stream]) == 9
            return super().log(trial, stream, start=start, most=most)

    growing = Growing(logs={("c1.1", "stdout"): b"", ("c1.1", "stderr"): b""}, ended=False)
    events = told(growing, request("c1.1"))
    assert "".join(e["data"].get("text", "") for e in events) == "go go go "
    assert [e["event"] for e in events] == ["log", "log", "log", "over"]


def test_a_board_that_ends_lets_go() -> None:
    """A log that never ends does not keep it alive."""
    logs = {("c1.1", "stdout"): b"one", ("c1.1", "stderr"): b""}
    events = told(Given(logs=logs, ended=False), request("c1.1"), closing=True)
    assert [e["event"] for e in events] == ["log"]


def test_a_look_at_the_headers_is_no_line() -> None:
    """HEAD ends at once, also of a log that grows."""
    reader = Given(logs={("c1.1", "stdout"): b"one", ("c1.1", "stderr"): b""}, ended=False)
    asked = request("c1.1", method="HEAD")
    found = asyncio.run(following.follow(reader, Hub(cast("Reader", reader)), asked))
    assert not isinstance(found, StreamingResponse)
    assert found.media_type == "text/event-stream"


def test_a_run_that_is_not_there_is_not_found() -> None:
    """404, as for its page."""
    with pytest.raises(HTTPException) as failed:
        told(Given(), request("c9.9"))
    assert failed.value.status_code == 404
