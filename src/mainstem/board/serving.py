"""Pages as bytes: rendered once for all who look at the same, compressed, and not sent twice.

Two hundred open pages ask for the same thing at the same moment. The first has it made, in a thread
beside the event loop; the others wait for it. What was made is kept until the record moves.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

KEPT = 512
"""So many pages are kept, the last used ones."""

_LEAST = 600  # bytes below which compressing gains nothing


@dataclass(frozen=True, kw_only=True)
class Made:
    """A page that was made.

    Attributes:
        status: HTTP's status.
        body: As it is.
        packed: Compressed with gzip; None of a small one.
        tag: Of its content, quoted, as an `ETag`.
        media_type: What it is.
        headers: What else is sent with it.
    """

    status: int
    body: bytes
    packed: bytes | None
    tag: str
    media_type: str
    headers: tuple[tuple[str, str], ...] = ()


def made(
    body: str,
    *,
    status: int = 200,
    media_type: str = "text/html",
    headers: tuple[tuple[str, str], ...] = (),
) -> Made:
    """A page of its text."""
    raw = body.encode("utf-8", "backslashreplace")
    digest = hashlib.blake2b(raw, digest_size=12).hexdigest()
    return Made(
        status=status,
        body=raw,
        # No time in the header: the same page is the same bytes.
        packed=gzip.compress(raw, 5, mtime=0) if len(raw) > _LEAST else None,
        tag=f'W/"{digest}"',
        media_type=media_type,
        headers=headers,
    )


class Kitchen:
    """Makes pages, each once for a mark of the record."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, str], asyncio.Task[Made]] = OrderedDict()

    async def serve(self, request: Request, mark: str, make: Callable[[], Made]) -> Response:
        """The answer to a request.

        Args:
            request: The request; its path and query say what is the same page.
            mark: Of the record: with another one a page is made anew.
            make: Makes it, in a thread.
        """
        key = (f"{request.url.path}?{request.url.query}", mark)
        task = self._made.get(key)
        if task is None:
            task = asyncio.create_task(run_in_threadpool(make))
            self._made[key] = task
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(key)
        try:
            # Who goes away does not take the page from those who wait for it too.
            found = await asyncio.shield(task)
        except BaseException:
            self._made.pop(key, None)
            raise
        return answer(request, found)


def answer(request: Request, found: Made) -> Response:
    """What goes over the line: nothing new, compressed, or as it is."""
    headers = {
        **dict(found.headers),
        "etag": found.tag,
        "cache-control": "no-cache",
        "vary": "accept-encoding, cookie, authorization",
    }
    if found.status == 200 and found.tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    packed = found.packed is not None and "gzip" in request.headers.get("accept-encoding", "")
    if packed and found.packed is not None:
        headers["content-encoding"] = "gzip"
        return Response(found.packed, found.status, headers, found.media_type)
    return Response(found.body, found.status, headers, found.media_type)
