"""Who acts here, in a PostgreSQL database: the table `identities`, on its ledger's connection.

PostgreSQL keeps a row that was changed until the table is cleaned, and cleans a table this small
never by itself. So the table is written anew when somebody is forgotten. What was copied elsewhere
(backups, a standby's log) is out of reach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.errors import StoreError
from mainstem.ledger.identities import SALT, Kept, Row, StoredIdentities

if TYPE_CHECKING:
    from mainstem.ledger.identities import Step
    from mainstem.ledger.postgres_link import Connection, Link

# Does the layout have the table? An older one that may only be read has not.
THERE = "SELECT to_regclass('identities') IS NOT NULL"

READ = "SELECT token, digest, name, email, pseudonym FROM identities ORDER BY token"
READ_SALT = "SELECT value FROM meta WHERE name = %s"

# One at a time changes the table; everybody reads it meanwhile.
TURN = "LOCK TABLE identities IN EXCLUSIVE MODE"

REMOVE = "DELETE FROM identities WHERE token = %s"
INSERT = """
    INSERT INTO identities (token, digest, name, email, pseudonym) VALUES (%s, %s, %s, %s, %s)
"""
INSERT_SALT = "INSERT INTO meta (name, value) VALUES (%s, %s)"

# Writes the table into a new file and removes the old one; for whoever does not own the table the
# database passes over it, with a warning in its log.
WIPE = "VACUUM FULL identities"


class PostgresIdentities(StoredIdentities):
    """The port `Identities` in a PostgreSQL database."""

    def __init__(self, link: Link, *, read_only: bool) -> None:
        """Reads nothing yet.

        Args:
            link: The ledger's connection.
            read_only: Refuses to change anything.
        """
        super().__init__(link.address.shown)
        self._link = link
        self._read_only = read_only

    def kept(self) -> Kept:
        """All that is kept of people; nothing in a store of an older layout that is only read.

        Raises:
            StoreError: The database cannot be read.
        """
        return self._link.run("read", _read)

    def _change(self, step: Step) -> Kept:
        if self._read_only:
            raise StoreError(f"ledger {self._shown} cannot be written: it was opened to be read")

        def change(db: Connection) -> Kept:
            with db.transaction():
                db.execute(TURN)
                before = _read(db)
                after = step(before)  # where the connection was lost behind the commit: the same
                if after.salt != before.salt:
                    db.execute(INSERT_SALT, (SALT, after.salt))
                gone = [(row.token,) for row in before.rows if row not in after.rows]
                db.cursor().executemany(REMOVE, gone)
                new = (row for row in after.rows if row not in before.rows)
                db.cursor().executemany(
                    INSERT, [(r.token, r.digest, r.name, r.email, r.pseudonym) for r in new]
                )
            return after

        return self._link.run("written", change)

    def _wipe(self) -> None:
        self._link.run("written", lambda db: db.execute(WIPE))


def _read(db: Connection) -> Kept:
    there = db.execute(THERE).fetchone()
    if there is None or not there[0]:
        return Kept()
    # The salt second: it is written with the first row, and never changes.
    rows = [
        Row(token=token, digest=digest, name=name, email=email, pseudonym=pseudonym)
        for token, digest, name, email, pseudonym in db.execute(READ).fetchall()
    ]
    salt = db.execute(READ_SALT, (SALT,)).fetchone()
    return Kept(salt="" if salt is None else str(salt[0]), rows=tuple(rows))
