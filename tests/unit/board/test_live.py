"""Every open page is told when the record has moved, and nobody looks when nobody listens."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

import pytest

from mainstem.board import live
from mainstem.board.live import Hub
from mainstem.board.reader import Moment, Reader
from mainstem.domain.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Counted:
    """The one question that the hub asks, counted."""

    def __init__(self) -> None:
        self.line = 1
        self.looks = 0
        self.fails = False

    def moment(self) -> Moment:
        """Where it stands."""
        self.looks += 1
        if self.fails:
            raise StoreError("busy")
        return Moment(line=self.line, hash="", at=None, mark=f"m{self.line}")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """A record that is looked at often."""
    monkeypatch.setattr(live, "LOOK_S", 0.01)
    monkeypatch.setattr(live, "BREATH_S", 0.2)
    return Counted()


def hub_of(counted: Counted) -> Hub:
    """A hub; of its reader it asks for moments only."""
    return Hub(cast("Reader", counted))


async def lines(found: AsyncIterator[Moment | None], count: int) -> list[int]:
    """The next so many lines that are told, silences left out."""
    out: list[int] = []
    async for moment in found:
        if moment is not None:
            out.append(moment.line)
        if len(out) == count:
            break
    return out


def test_who_comes_is_told_at_once_and_then_what_is_new(counted: Counted) -> None:
    """A page that was away while the record moved misses nothing."""

    async def told() -> tuple[list[int], list[int]]:
        hub = hub_of(counted)
        async with contextlib.aclosing(hub.moments()) as one:
            first = await lines(one, 1)
            counted.line = 7
            return first + await lines(one, 1), await lines(hub.moments(), 1)

    assert asyncio.run(told()) == ([1, 7], [7])


def test_two_hundred_who_listen_are_one_look(counted: Counted) -> None:
    """What looking costs does not grow with the pages that are open."""

    async def all_told() -> int:
        hub = hub_of(counted)
        await asyncio.gather(*(lines(hub.moments(), 1) for _ in range(200)))
        return counted.looks

    assert asyncio.run(all_told()) < 20


def test_nobody_looks_when_nobody_listens(counted: Counted) -> None:
    """An idle board costs nothing."""

    async def looks() -> tuple[int, int]:
        hub = hub_of(counted)
        async with contextlib.aclosing(hub.moments()) as one:
            await lines(one, 1)
        await asyncio.sleep(0.05)
        before = counted.looks
        await asyncio.sleep(0.1)
        return before, counted.looks

    before, after = asyncio.run(looks())
    assert after == before


def test_a_store_that_fails_for_a_moment_is_looked_at_again(counted: Counted) -> None:
    """A busy store silences nobody for good."""

    async def told() -> list[int]:
        hub = hub_of(counted)
        async with contextlib.aclosing(hub.moments()) as one:
            found = await lines(one, 1)
            counted.fails, counted.line = True, 2
            await asyncio.sleep(0.05)
            counted.fails = False
            return found + await lines(one, 1)

    assert asyncio.run(told()) == [1, 2]


def test_a_silence_is_a_sign_of_life_and_the_end_is_an_end(counted: Counted) -> None:
    """Nothing new for a while is told as such; a board that ends lets go of every line."""

    async def told() -> list[Any]:
        hub = hub_of(counted)
        found: list[Any] = []
        async for moment in hub.moments():
            found.append(moment)
            if moment is None:
                await hub.close()
        return found

    first, *rest = asyncio.run(told())
    assert first is not None
    assert rest == [None]
