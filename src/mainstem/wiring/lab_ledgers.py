"""Ledgers for simulated campaigns: real ones, on files that go when the campaign ends."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mainstem.engine.ports import Clock


@contextmanager
def passing_ledger(clock: Clock) -> Iterator[SqliteLedger]:
    """An empty ledger in a folder of its own, which is removed when it is left.

    Raises:
        StoreError: There is no room for temporary files.
    """
    with tempfile.TemporaryDirectory(prefix="mainstem-lab-") as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.sqlite", clock)
        try:
            yield ledger
        finally:
            ledger.close()
