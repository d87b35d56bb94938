"""The layout of a SQLite file: made once, recognised ever after, migrated, and never guessed at.

A file is a ledger if it carries our application id; its version tells whether this Mainstem can
work with it, or has to bring it up first. Anything else is somebody's file, and stays as it is.
"""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING

from mainstem.domain.errors import StoreError
from mainstem.ledger import layout
from mainstem.ledger.chain import GENESIS
from mainstem.ledger.layout import VERSION, Kind

if TYPE_CHECKING:
    from pathlib import Path

APPLICATION_ID = 0x4D53544D
"""`MSTM`: what `file` and `PRAGMA application_id` see in a ledger."""

# Whose file is this, and which layout has it?
IDENTITY = """
    SELECT (SELECT application_id FROM pragma_application_id),
           (SELECT user_version FROM pragma_user_version),
           (SELECT count(*) FROM sqlite_master)
"""

# What the ledger says of itself.
DESCRIBE = "INSERT INTO meta (name, value) VALUES (?, ?)"

# The layout as it stands in the file, to be compared with what it should be.
LAYOUT = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"

_WAL_TRIES = 600
_WAL_PAUSE_S = 0.05


def prepare(connection: sqlite3.Connection, path: Path, *, now: str, read_only: bool) -> None:
    """Makes the layout in a new file, or brings that of an older ledger up, in one transaction.

    Args:
        connection: An open connection in autocommit mode.
        path: The file, for messages.
        now: The present, kept in `meta`.
        read_only: Nothing may be made; an older ledger is read as it is.

    Raises:
        StoreError: The file is not a ledger, or of a newer Mainstem, or empty and read-only.
        sqlite3.Error: SQLite failed.
    """
    version = _version(connection, path)
    if version == VERSION or (version and read_only):
        return
    if read_only:
        raise StoreError(f"ledger {path} is empty: nothing was written to it yet")
    # Several processes may be the first: the one that gets the lock makes the layout.
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection, path)
        for step in range(version + 1, VERSION + 1):
            for statement in layout.statements(Kind.SQLITE, step):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {step}")
        if not version:
            _describe(connection, now)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the file's layout; 0 if it is empty.

    Raises:
        StoreError: It is not a ledger, or one of a newer Mainstem.
    """
    application, version, objects = connection.execute(IDENTITY).fetchone()
    if application == 0 and version == 0 and objects == 0:
        return 0
    if application != APPLICATION_ID or version < 1:
        raise StoreError(
            f"ledger {path} cannot be opened: it is a database of another program; "
            "move it away, then repeat the command"
        )
    if version > VERSION:
        raise StoreError(f"ledger {path} cannot be opened: {layout.newer(version)}")
    return int(version)


def _describe(connection: sqlite3.Connection, now: str) -> None:
    about = {"chain": "sha256, see docs/parts/ledger.md", "genesis": GENESIS, "created_at": now}
    connection.executemany(DESCRIBE, about.items())
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


def use_wal(connection: sqlite3.Connection) -> None:
    """Switches to write-ahead logging: readers never wait for a writer, nor it for them.

    SQLite does not wait for other connections here, however long its timeout: so this does.

    Raises:
        sqlite3.Error: The switch failed, or others kept the database for half a minute.
    """
    for left in reversed(range(_WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or not left:
                raise
        else:
            return
        time.sleep(_WAL_PAUSE_S)


def departures(connection: sqlite3.Connection) -> list[str]:
    """What of the layout is gone or different, a line for each."""
    found = dict(connection.execute(LAYOUT).fetchall())
    _, version, _ = connection.execute(IDENTITY).fetchone()
    lines = []
    for name, statement in layout.made(Kind.SQLITE, version).items():
        if found.get(name) != statement:
            state = "is gone" if name not in found else "was changed"
            lines.append(f"the database's {name} {state}: lines may have been altered")
    return lines
