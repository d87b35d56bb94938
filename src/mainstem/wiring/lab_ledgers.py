"""Ledgers for simulated campaigns: of real lines, in memory, which go when the campaign ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from mainstem.ledger.in_memory import MemoryLedger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.engine.ports import Clock


@contextmanager
def passing_ledger(clock: Clock) -> Iterator[MemoryLedger]:
    """An empty ledger, which nothing is left of when it is left."""
    yield MemoryLedger(clock)
