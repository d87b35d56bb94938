"""Pages are made once for all who look, compressed, and not sent twice."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time

from starlette.requests import Request

from mainstem.board.serving import KEPT, Kitchen, Made, answer, made

PAGE = "<p>" + "words of a page " * 200


def asked(path: str = "/", **headers: str) -> Request:
    """A request of a browser."""
    raw = [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()]
    path, _, query = path.partition("?")
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": query.encode(),
            "headers": raw,
            "server": ("127.0.0.1", 80),
        }
    )


def test_many_who_ask_at_once_have_one_page_made() -> None:
    """Two hundred open boards are one rendering."""
    calls: list[int] = []

    def make() -> Made:
        calls.append(threading.get_ident())
        time.sleep(0.05)
        return made(PAGE)

    async def all_at_once() -> list[bytes]:
        kitchen = Kitchen()
        found = await asyncio.gather(*(kitchen.serve(asked(), "mark", make) for _ in range(200)))
        assert calls != [threading.get_ident()], "it was made on the event loop"
        return [bytes(response.body) for response in found]

    assert set(asyncio.run(all_at_once())) == {PAGE.encode()}
    assert len(calls) == 1


def test_a_record_that_moved_has_pages_made_anew() -> None:
    """Another mark or another query is another page; the same is the kept one."""
    numbers = iter(range(9))

    async def bodies() -> list[str]:
        kitchen = Kitchen()
        wanted = [("/", "a"), ("/", "a"), ("/", "b"), ("/?x=1", "b"), ("/?x=1", "b")]
        return [
            bytes(
                (await kitchen.serve(asked(p), m, lambda: made(str(next(numbers))))).body
            ).decode()
            for p, m in wanted
        ]

    assert asyncio.run(bodies()) == ["0", "0", "1", "2", "2"]


def test_a_page_that_failed_is_tried_again() -> None:
    """An exception is not kept."""

    def fails() -> Made:
        raise RuntimeError("once")

    async def twice() -> bytes:
        kitchen = Kitchen()
        try:
            await kitchen.serve(asked(), "m", fails)
        except RuntimeError:
            return bytes((await kitchen.serve(asked(), "m", lambda: made("whole"))).body)
        raise AssertionError("the first one failed")

    assert asyncio.run(twice()) == b"whole"


def test_memory_is_bounded() -> None:
    """Whoever asks for a thousand addresses does not fill it."""

    async def many() -> int:
        kitchen = Kitchen()
        for k in range(KEPT + 40):
            await kitchen.serve(asked(f"/?{k}"), "m", lambda: made("x"))
        return len(kitchen._made)

    assert asyncio.run(many()) == KEPT


def test_compressed_for_those_who_read_it() -> None:
    """Gzip where it is accepted and worth it; the same words either way."""
    page = made(PAGE)
    packed = answer(asked(accept_encoding="br, gzip"), page)
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(bytes(packed.body)).decode() == PAGE
    assert len(packed.body) < len(PAGE) / 5
    assert answer(asked(), page).body == PAGE.encode()
    assert "content-encoding" not in answer(asked(accept_encoding="gzip"), made("few")).headers


def test_what_the_browser_has_is_not_sent_again() -> None:
    """A matching tag is answered with 304 and nothing else; an error never is."""
    first = answer(asked(), made(PAGE))
    again = answer(asked(if_none_match=first.headers["etag"]), made(PAGE))
    assert (again.status_code, bytes(again.body)) == (304, b"")
    failed = made("gone", status=503)
    assert answer(asked(if_none_match=failed.tag), failed).status_code == 503


def test_half_characters_are_no_fault() -> None:
    """A lone surrogate, as file names can hold, is written down as such."""
    assert made("a\udcff").body == b"a\\udcff"
