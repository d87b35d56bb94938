"""A trial's log while it is written: server-sent events with what came since.

Each event carries a piece of one stream and where it ends, and its id holds where both streams
stand. A browser that lost the line sends the id of the last one back, so nothing is missing and
nothing comes twice.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from mainstem.board.live import AGAIN_MS, BREATH_S
from mainstem.board.logs import STREAMS, news, places
from mainstem.domain.errors import MainstemError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.requests import Request

    from mainstem.board.live import Hub
    from mainstem.board.logs import Event
    from mainstem.board.reader import Reader

LOOK_S = 1.0
"""Between two looks at a log that does not grow."""

_EVENTS = "text/event-stream"


async def follow(reader: Reader, hub: Hub, request: Request) -> Response:
    """The route of a log: the events of one trial.

    Raises:
        HTTPException: There is no such trial, or it has no log yet.
    """
    trial = request.path_params["trial"]
    at = places(request.query_params, request.headers.get("last-event-id", ""))
    try:
        first = await run_in_threadpool(news, reader, trial, at)
    except KeyError:
        raise HTTPException(404, f"no log of a run {trial!r}") from None
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    if request.method == "HEAD":
        return Response(headers=headers, media_type=_EVENTS)
    told = _told(reader, hub, trial, at, first)
    return StreamingResponse(told, headers=headers, media_type=_EVENTS)


async def _told(
    reader: Reader,
    hub: Hub,
    trial: str,
    at: dict[str, int],
    first: tuple[list[Event], bool],
) -> AsyncIterator[bytes]:
    """The events as bytes, until the log is over or the board ends."""
    yield f"retry: {AGAIN_MS}\n\n".encode()
    (events, over), silent_s = first, 0.0
    while True:
        for event in events:
            at = {**at, event.stream: event.end}
            yield _event("log", event, at)
        if over:
            yield _event("over", None, at)
            return
        if not events:
            await asyncio.sleep(LOOK_S)
            silent_s += LOOK_S
        if silent_s >= BREATH_S:
            silent_s = 0.0
            yield b": still here\n\n"
        if hub.closing:
            return
        try:
            events, over = await run_in_threadpool(news, reader, trial, at)
        except (KeyError, MainstemError):
            return  # its log is gone or cannot be read: the page says so when it asks again


def _event(name: str, event: Event | None, at: Mapping[str, int]) -> bytes:
    said = {} if event is None else asdict(event)
    key = "-".join(str(at[stream]) for stream in STREAMS)
    return f"event: {name}\nid: {key}\ndata: {json.dumps(said)}\n\n".encode()
