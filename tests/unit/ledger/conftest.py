"""A ledger in a folder of its own, with a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


class OpenAt(Protocol):
    """How a test opens a ledger."""

    def __call__(
        self, path: Path, *, read_only: bool = False, busy_timeout_s: float = 5.0
    ) -> SqliteLedger:
        """Opens it; it is closed after the test."""
        ...


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the test's ledger is."""
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def open_at() -> Iterator[OpenAt]:
    """Opens ledgers and closes them after the test."""
    opened: list[SqliteLedger] = []

    def open_ledger(
        path: Path, *, read_only: bool = False, busy_timeout_s: float = 5.0
    ) -> SqliteLedger:
        ledger = SqliteLedger(
            path, StillClock(), read_only=read_only, busy_timeout_s=busy_timeout_s
        )
        opened.append(ledger)
        return ledger

    yield open_ledger
    for ledger in opened:
        ledger.close()


@pytest.fixture
def ledger(path: Path, open_at: OpenAt) -> SqliteLedger:
    """An open ledger."""
    return open_at(path)
