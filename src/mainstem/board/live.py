"""Server-sent events: every open page is told when the record has moved.

One task looks at the record once a second, and only while somebody listens; what it costs does not
grow with the pages that are open. A page that was away (a restart of the board, a sleeping laptop)
is told where the record stands as soon as it comes back, so it misses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from functools import partial
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from mainstem.domain.errors import MainstemError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from mainstem.board.reader import Moment, Reader

LOOK_S = 1.0
"""Between two looks at the record."""

BREATH_S = 15.0
"""A comment is sent after so much silence, or something in between takes the line for dead."""

AGAIN_MS = 2000
"""A browser that lost the line tries again after so long."""


class Hub:
    """Looks at the record, and tells whoever listens."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._listening = 0
        self._moved = asyncio.Condition()
        self._moment: Moment | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    @property
    def listening(self) -> int:
        """How many pages are open."""
        return self._listening

    @property
    def closing(self) -> bool:
        """Whether the board ends, and every line is to be let go of."""
        return self._closing

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Sees to it that the record is looked at."""
        self._listening += 1
        if self._task is None:
            self._task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._listening -= 1

    async def moments(self) -> AsyncGenerator[Moment | None]:
        """Where the record stands, now and whenever it has moved; None after each silence."""
        last = None
        async with self.watching():
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(BREATH_S), self._moved:
                        await self._moved.wait_for(partial(self._is_news, last))
                if self._closing:
                    return
                if self._moment is None or self._mark() == last:
                    yield None
                    continue
                last = self._mark()
                yield self._moment

    def _is_news(self, last: str | None) -> bool:
        return self._closing or self._mark() != last

    def _mark(self) -> str | None:
        return None if self._moment is None else self._moment.mark

    async def close(self) -> None:
        """Lets go of every line."""
        self._closing = True
        if self._task is not None:
            self._task.cancel()
        async with self._moved:
            self._moved.notify_all()

    async def _look(self) -> None:
        """Looks until nobody listens any more."""
        try:
            while self._listening and not self._closing:
                # A store that cannot be read now may be read again in a moment; pages say so.
                with contextlib.suppress(MainstemError):
                    moment = await run_in_threadpool(self._reader.moment)
                    if self._moment is None or moment.mark != self._moment.mark:
                        self._moment = moment
                        async with self._moved:
                            self._moved.notify_all()
                await asyncio.sleep(LOOK_S)
        finally:
            self._task = None
            self._moment = None


def events(hub: Hub) -> StreamingResponse:
    """The stream of one page: `moved`, with the mark and the number of the last line."""

    async def stream() -> AsyncIterator[bytes]:
        yield f"retry: {AGAIN_MS}\n\n".encode()
        async for moment in hub.moments():
            if moment is None:
                yield b": still here\n\n"
                continue
            said = json.dumps({"mark": moment.mark, "line": moment.line})
            yield f"event: moved\nid: {moment.mark}\ndata: {said}\n\n".encode()

    return StreamingResponse(
        stream(),
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )
