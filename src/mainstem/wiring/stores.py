"""Which store a project works on: a file in its state folder, or a database that a team shares.

An address comes from `--store`, else from `mainstem.toml`. What differs between stores is decided
here: on a file one `integrate` works at a time, which a lock of the kernel sees to, and what it
runs stands in a small file; in a database many work at once, and tables say who runs what.
"""

from __future__ import annotations

import contextlib
import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.ledger import addresses
from mainstem.ledger.addresses import PostgresAddress
from mainstem.ledger.on_sqlite import SqliteLedger
from mainstem.ledger.postgres_link import PATIENCE_S
from mainstem.wiring.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mainstem.engine.ports import Worker
    from mainstem.ledger.addresses import Address
    from mainstem.ledger.leases import PostgresLeases
    from mainstem.ledger.on_postgres import PostgresLedger

LEDGER_FILE = "ledger.sqlite"
"""The ledger in the state folder."""

WAL_FILE = f"{LEDGER_FILE}-wal"
"""What was written to it last, as SQLite keeps it beside the ledger."""


@dataclass(frozen=True, kw_only=True)
class Team:
    """The workers of a store that several can work on.

    Attributes:
        address: The store's.
        folder: This process's state folder.
        lease_s: How long a silent worker keeps its trials.
    """

    address: PostgresAddress
    folder: Path
    lease_s: float

    @contextlib.contextmanager
    def entered(self, *, slots: int) -> Iterator[PostgresLeases]:
        """This process among the workers; at the end it gives back what it holds.

        Args:
            slots: How many trials it runs at once.

        Raises:
            StoreError: The database cannot be reached.
        """
        from mainstem.engine.ports import Worker  # all of PostgreSQL only where it is used
        from mainstem.ledger.leases import PostgresLeases

        me = Worker(
            host=platform.node(),
            pid=os.getpid(),
            slots=slots,
            folder=str(self.folder.resolve()),
            since=SystemClock().now(),
        )
        with PostgresLeases(self.address, me, lease_s=self.lease_s) as held:
            yield held

    def workers(self) -> list[Worker]:
        """Everybody who works on the store now.

        Raises:
            StoreError: The database cannot be reached.
        """
        from mainstem.ledger import leases

        return leases.working(self.address)


def address_of(text: str) -> Address:
    """The address of a project's store.

    Raises:
        UsageError: It is none, or a file elsewhere, which only `store copy` takes.
    """
    address = addresses.parse(text)
    if not isinstance(address, PostgresAddress) and address.path is not None:
        raise UsageError(
            f'a project\'s store is "sqlite", in its state folder, or "postgresql://..."; '
            f"{address.shown} can only be copied (`mainstem store copy`)"
        )
    return address


def open_ledger(
    address: Address, state: Path, *, read_only: bool = False, patience_s: float = PATIENCE_S
) -> SqliteLedger | PostgresLedger:
    """The ledger at an address; made if there is none.

    Args:
        address: Where it is.
        state: The state folder, where the address `sqlite` leads.
        read_only: Makes and writes nothing.
        patience_s: How long a database that goes away is waited for.

    Raises:
        UsageError: psycopg is needed and not installed.
        StoreError: It cannot be opened.
    """
    if isinstance(address, PostgresAddress):
        from mainstem.ledger.on_postgres import PostgresLedger

        return PostgresLedger(address, SystemClock(), read_only=read_only, patience_s=patience_s)
    return SqliteLedger(address.path or state / LEDGER_FILE, SystemClock(), read_only=read_only)
