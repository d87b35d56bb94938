from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stores

if TYPE_CHECKING:
    from pathlib import Path

    from postgres_server import Server

SECONDS = 3.0
"""How long clients write; `make bench BENCH_ARGS=stores` has them write for a minute."""


def test_eight_clients_lose_nothing_on_sqlite(tmp_path: Path) -> None:
    """No error, every acknowledged line once and in its client's order, and the chain holds."""
    whole(stores.hammer(f"sqlite:{tmp_path / 'ledger.sqlite'}", seconds=SECONDS))


def test_eight_clients_lose_nothing_on_postgresql(postgres_server: Server, database: str) -> None:
    """The same in a database."""
    whole(stores.hammer(postgres_server.address(database), seconds=SECONDS))


def whole(found: dict[str, Any]) -> None:
    """Checks what the clients left."""
    assert found["errors"] == []
    assert found["lines"] > stores.CLIENTS
    assert (found["lost"], found["doubled"]) == (0, 0)
    assert found["in_order"]
    assert found["alterations"] == []
