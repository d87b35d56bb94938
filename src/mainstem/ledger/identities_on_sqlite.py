"""Who acts here, in a SQLite file: the table `identities`, on the connection of its ledger.

SQLite leaves what was deleted where it lay until something else comes there. So the connection is
told to write zeros over it, and the write-ahead log, which has the page as it was, is emptied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.errors import StoreError
from mainstem.ledger.identities import SALT, Kept, Row, StoredIdentities
from mainstem.ledger.sqlite_errors import explaining

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from mainstem.ledger.identities import Step

# Does the layout have the table? An older one that may only be read has not.
THERE = "SELECT count(*) FROM sqlite_master WHERE name = 'identities'"

READ = "SELECT token, digest, name, email, pseudonym FROM identities ORDER BY token"
READ_SALT = "SELECT value FROM meta WHERE name = ?"

REMOVE = "DELETE FROM identities WHERE token = ?"
INSERT = """
    INSERT INTO identities (token, digest, name, email, pseudonym) VALUES (?, ?, ?, ?, ?)
"""
INSERT_SALT = "INSERT INTO meta (name, value) VALUES (?, ?)"

# What is deleted becomes zeros in the file.
WIPE = "PRAGMA secure_delete = ON"

# Takes the log's pages into the file and empties it; the first column says whether somebody reads.
EMPTY_LOG = "PRAGMA wal_checkpoint(TRUNCATE)"


class SqliteIdentities(StoredIdentities):
    """The port `Identities` in one SQLite file."""

    def __init__(
        self,
        db: sqlite3.Connection,
        path: Path,
        transaction: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Reads nothing yet.

        Args:
            db: The ledger's connection.
            path: Its file.
            transaction: Begins one that nobody else writes in, and ends it.
        """
        super().__init__(str(path))
        self._db = db
        self._path = path
        self._transaction = transaction

    def kept(self) -> Kept:
        """All that is kept of people; nothing in a store of an older layout that is only read.

        Raises:
            StoreError: The file cannot be read.
        """
        with explaining(self._path, "read"):
            return self._read()

    def _read(self) -> Kept:
        if not self._db.execute(THERE).fetchone()[0]:
            return Kept()
        # The salt second: it is written with the first row, and never changes.
        rows = [
            Row(token=token, digest=digest, name=name, email=email, pseudonym=pseudonym)
            for token, digest, name, email, pseudonym in self._db.execute(READ).fetchall()
        ]
        salt = self._db.execute(READ_SALT, (SALT,)).fetchone()
        return Kept(salt="" if salt is None else salt[0], rows=tuple(rows))

    def _change(self, step: Step) -> Kept:
        with explaining(self._path, "written"):
            self._db.execute(WIPE)
            with self._transaction():
                before = self._read()
                after = step(before)
                if after.salt != before.salt:
                    self._db.execute(INSERT_SALT, (SALT, after.salt))
                gone = [(row.token,) for row in before.rows if row not in after.rows]
                self._db.executemany(REMOVE, gone)
                new = (row for row in after.rows if row not in before.rows)
                self._db.executemany(
                    INSERT, [(r.token, r.digest, r.name, r.email, r.pseudonym) for r in new]
                )
        return after

    def _wipe(self) -> None:
        with explaining(self._path, "written"):
            busy = self._db.execute(EMPTY_LOG).fetchone()[0]
        if busy:
            raise StoreError(
                f"ledger {self._path}: somebody is forgotten, but another process reads, and the "
                "file's log still has the name; wait for it, or stop it, then repeat the command"
            )
