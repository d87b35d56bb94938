"""The ledger in one SQLite file: nothing to install, nothing to run, and no trial is ever lost.

Every append is one short `BEGIN IMMEDIATE` transaction with `synchronous=FULL`: when it returns,
the lines are on the disk. A process that dies before leaves none of them, so the chain is whole at
every instant and a campaign goes on from what it finds. Measured figures: `docs/parts/ledger.md`.
"""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import StoreError
from mainstem.ledger import schema
from mainstem.ledger.chain import GENESIS, chained, entry_of, prepared, sought
from mainstem.ledger.identities_on_sqlite import SqliteIdentities
from mainstem.ledger.sqlite_errors import explained_kind, explained_os, explaining
from mainstem.ledger.verification import check_follows, verify_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mainstem.engine.ports import Clock, Entry
    from mainstem.ledger.chain import Row

BUSY_TIMEOUT_S = 60.0
"""How long a write waits for others; theirs take milliseconds."""

_LEAST_BYTES = 512  # SQLite's smallest page
_MAGIC = b"SQLite format 3\0"

PAGE = 1000
"""Lines per reading: between two pages nothing is held, so a slow reader hinders nobody."""

_BEYOND = 2**63 - 1

# The end of the chain, where the next line goes.
LAST = "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1"

# One more line; triggers see to it that it follows the last one.
INSERT = "INSERT INTO entries (seq, at, kind, body, hash) VALUES (?, ?, ?, ?, ?)"

# A page of lines.
READ = """
    SELECT seq, at, kind, body, hash FROM entries
    WHERE seq > :after AND seq <= :last ORDER BY seq LIMIT :page
"""

# A page of lines of some kinds, given as a JSON list.
READ_KINDS = """
    SELECT seq, at, kind, body, hash FROM entries
    WHERE seq > :after AND seq <= :last AND kind IN (SELECT value FROM json_each(:kinds))
    ORDER BY seq LIMIT :page
"""

# The last lines, of some kinds or all, with a text or without; `lower` folds A to Z only.
LATEST = """
    SELECT seq, at, kind, body, hash FROM entries
    WHERE seq < :before
        AND (:every OR kind IN (SELECT value FROM json_each(:kinds)))
        AND (:first = '' OR instr(kind, lower(:first)) OR instr(lower(body), lower(:first))
            OR (:second <> '' AND instr(lower(body), lower(:second))))
    ORDER BY seq DESC LIMIT :most
"""

# A page of lines as bytes: what was altered may not even be text.
READ_RAW = """
    SELECT seq, CAST(ifnull(at, '') AS BLOB), CAST(ifnull(kind, '') AS BLOB),
        CAST(ifnull(body, '') AS BLOB), CAST(ifnull(hash, '') AS BLOB)
    FROM entries WHERE seq > :after ORDER BY seq LIMIT :page
"""

# The largest number that was ever given to a line; SQLite keeps it when lines are removed.
EVER = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'entries'"


def prepare_state_folder(path: Path) -> None:
    """Makes `.mainstem/` with a `.gitignore` that keeps all of it out of git.

    Raises:
        StoreError: It cannot be made, or there is a file of that name.
    """
    ignore = path / ".gitignore"
    try:
        path.mkdir(exist_ok=True)
        if not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise explained_os(path, error) from error


class SqliteLedger:
    """The port `Ledger` on one SQLite file.

    Attributes:
        path: The file.
        identities: The port `Identities` in the same file.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        read_only: bool = False,
        busy_timeout_s: float = BUSY_TIMEOUT_S,
    ) -> None:
        """Opens the ledger; makes it if it does not exist.

        Args:
            path: The file, in a folder that exists.
            clock: Says when lines are written.
            read_only: Makes and writes nothing, also where the disk would allow it.
            busy_timeout_s: How long to wait for other processes.

        Raises:
            StoreError: It cannot be opened, or is not a ledger that this Mainstem knows.
        """
        self.path = path
        self._clock = clock
        if read_only and not path.exists():
            raise StoreError(f"no ledger at {path}: nothing was recorded there yet")
        _check_size(path)
        with explaining(path, "opened"):
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?{_mode(path, read_only=read_only)}",
                uri=True,
                timeout=busy_timeout_s,
                isolation_level=None,
            )
        try:
            with explaining(path, "opened"):
                schema.prepare(self._db, path, now=clock.now(), read_only=read_only)
                if not read_only:
                    schema.use_wal(self._db)
                    self._db.execute("PRAGMA synchronous = FULL")
            self._file = _identity(path)
            self.identities = SqliteIdentities(self._db, path, self._transaction)
        except BaseException:
            self._db.close()
            raise

    def append(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Writes records in one durable transaction: all of them or none.

        Raises:
            StoreError: The store is full, read-only, busy or gone; nothing was written.
            ValueError: A record is not JSON, or its kind is no plain word; nothing was written.
        """
        return self._append(records, None) or []

    def append_if_last(
        self, last: int, records: Iterable[tuple[str, Mapping[str, Any]]]
    ) -> list[Entry] | None:
        """Writes records if the last line has this number; else nothing is written: None.

        Raises:
            StoreError: The store is full, read-only, busy or gone; nothing was written.
            ValueError: A record is not JSON, or its kind is no plain word; nothing was written.
        """
        return self._append(records, last)

    def _append(
        self, records: Iterable[tuple[str, Mapping[str, Any]]], last: int | None
    ) -> list[Entry] | None:
        lines = prepared(records)
        if not lines:
            return []
        with explaining(self.path, "written"), self._transaction():
            seq, previous = self._db.execute(LAST).fetchone() or (0, GENESIS)
            rows = chained(lines, at=self._clock.now(), seq=seq, previous=previous)
            if last is not None and rows[0][0] != last + 1:
                return None
            self._db.executemany(INSERT, rows)
        return [entry_of(row) for row in rows]

    def take_rows(self, rows: Sequence[Row]) -> None:
        """Writes lines of another store as they are, behind the last one.

        Raises:
            StoreError: The store cannot be written, or they do not follow its last line.
        """
        with explaining(self.path, "written"), self._transaction():
            seq, previous = self._db.execute(LAST).fetchone() or (0, GENESIS)
            check_follows(rows, seq, previous, str(self.path))
            self._db.executemany(INSERT, rows)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Takes the write lock first: a transaction that reads before it fails under load."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            if _identity(self.path) != self._file:
                raise StoreError(
                    f"ledger {self.path} was removed or replaced while it was in use; "
                    "nothing was written; put it back, then repeat the command"
                )
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:  # SQLite may have ended it by itself
                self._db.execute("ROLLBACK")
            raise

    def entries(self, *, kinds: Sequence[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Entries after `seq == after` in order, of the given kinds or of all.

        Ends at the line that was the last one when the reading began.

        Raises:
            StoreError: The store cannot be read, or a line is not JSON.
        """
        with explaining(self.path, "read"):
            last, _ = self._db.execute(LAST).fetchone() or (0, "")
        query = READ if kinds is None else READ_KINDS
        given = {"last": last, "page": PAGE, "kinds": json.dumps(list(kinds or ()))}
        while True:
            with explaining(self.path, "read"):
                rows = self._db.execute(query, {**given, "after": after}).fetchall()
            yield from map(self._entry, rows)
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def latest(
        self,
        *,
        before: int | None = None,
        kinds: Sequence[str] | None = None,
        text: str = "",
        most: int,
    ) -> list[Entry]:
        """The last entries, the last one first; see the port.

        Raises:
            StoreError: The store cannot be read, or a line is not JSON.
        """
        first, second = sought(text)
        given = {
            "before": _BEYOND if before is None else before,
            "every": kinds is None,
            "kinds": json.dumps(list(kinds or ())),
            "first": first,
            "second": second,
            "most": most,
        }
        with explaining(self.path, "read"):
            rows = self._db.execute(LATEST, given).fetchall()
        return [self._entry(row) for row in rows]

    def _entry(self, row: Row) -> Entry:
        """A line as a record.

        Raises:
            StoreError: It is not JSON.
        """
        try:
            return entry_of(row)
        except (TypeError, ValueError) as error:
            what = f"ledger {self.path}: line {row[0]} is not JSON; run `mainstem verify`"
            raise StoreError(what) from error

    def end(self) -> tuple[int, str]:
        """Number and hash of the last line; 0 and the chain's beginning while there is none.

        Raises:
            StoreError: The store cannot be read.
        """
        with explaining(self.path, "read"):
            seq, found = self._db.execute(LAST).fetchone() or (0, GENESIS)
        return int(seq), str(found)

    def verify(self) -> list[str]:
        """Walks the whole chain; one line per alteration found, empty when it is whole.

        Raises:
            StoreError: The store cannot be read.
        """
        with explaining(self.path, "read"):
            ever = self._db.execute(EVER).fetchone()[0]
            return [*schema.departures(self._db), *verify_rows(self.rows(), ever=ever)]

    def rows(self, *, after: int = 0) -> Iterator[Row]:
        """Every line after this number as it stands; bytes that are no UTF-8 become escapes.

        Raises:
            StoreError: The store cannot be read.
        """
        while True:
            given = {"after": after, "page": PAGE}
            with explaining(self.path, "read"):
                rows = self._db.execute(READ_RAW, given).fetchall()
            for seq, *texts in rows:
                at, kind, body, found = (text.decode("utf-8", "surrogateescape") for text in texts)
                yield seq, at, kind, body, found
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def close(self) -> None:
        """Lets go of the file. May be called twice."""
        with explaining(self.path, "closed"):
            self._db.close()


def _check_size(path: Path) -> None:
    """Refuses a file shorter than any database, which SQLite may take for a new, empty one.

    Raises:
        StoreError: There is such a file, and it is not empty.
    """
    try:
        size = path.stat().st_size
        head = path.read_bytes() if 0 < size < _LEAST_BYTES else b""
    except OSError:
        return  # opening it will say why
    if head and _MAGIC.startswith(head[: len(_MAGIC)]):
        raise StoreError(
            f"ledger {path} cannot be opened: the file is damaged, only {size} bytes of it are "
            "left; put a copy in its place, or move it away to begin a new one"
        )
    if head:
        raise explained_kind(path, "opened", sqlite3.SQLITE_NOTADB)


def _identity(path: Path) -> tuple[int, int]:
    """Which file stands at the path now."""
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def _mode(path: Path, *, read_only: bool) -> str:
    """How SQLite opens the file.

    A reader has to make a file beside a WAL database. Where the disk forbids that and no writer
    has left one, nobody can be writing: the file may be read as it is.
    """
    if not read_only:
        return "mode=rwc"
    wal = path.with_name(f"{path.name}-wal")
    if not wal.exists() and not os.access(path.parent, os.W_OK):
        return "mode=ro&immutable=1"
    return "mode=ro"
