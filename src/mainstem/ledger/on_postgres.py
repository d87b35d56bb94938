"""The ledger in a PostgreSQL database: for many people, and for campaigns on several machines.

The lines, their canonical JSON and their hashes are those of every ledger; a store is a schema of
its own. Every append is one transaction that locks the end of the chain (the row of `head`), so
appends follow each other and leave no gap. Where the connection is lost on the way, nobody knows
whether the database had taken the lines: the append is repeated on a new connection, and its first
step, under the lock, is to look for them by number and hash. So nothing is lost or doubled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import StoreError
from mainstem.ledger import postgres_schema
from mainstem.ledger.chain import GENESIS, chained, entry_of, prepared, sought
from mainstem.ledger.identities_on_postgres import PostgresIdentities
from mainstem.ledger.postgres_link import PATIENCE_S, Link, locked, require_psycopg
from mainstem.ledger.verification import check_follows, verify_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mainstem.engine.ports import Clock, Entry
    from mainstem.ledger.addresses import PostgresAddress
    from mainstem.ledger.chain import Row
    from mainstem.ledger.postgres_link import Connection

PAGE = 1000
"""Lines per reading: between two pages nothing is held, so a slow reader hinders nobody."""

_BEYOND = 2**63 - 1

# The number of the last line.
LAST = "SELECT seq FROM head"

# The end of the chain, as the database remembers it.
END = "SELECT seq, hash FROM head"

# Does this line stand?
STANDS = "SELECT 1 FROM entries WHERE seq = %s AND hash = %s"

# More lines; a trigger sees to it that they follow the last one.
INSERT = """
    INSERT INTO entries (seq, at, kind, body, hash)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
"""

# Tells everybody who listens that there are lines.
RING = "SELECT pg_notify(%s, '')"

# A page of lines.
READ = """
    SELECT seq, at, kind, body, hash FROM entries
    WHERE seq > %(after)s AND seq <= %(last)s ORDER BY seq LIMIT %(page)s
"""

# A page of lines of some kinds.
READ_KINDS = """
    SELECT seq, at, kind, body, hash FROM entries
    WHERE seq > %(after)s AND seq <= %(last)s AND kind = ANY(%(kinds)s)
    ORDER BY seq LIMIT %(page)s
"""

# The last lines, of some kinds or all, with a text or without; this `lower` folds A to Z only.
LATEST = """
    SELECT seq, at, kind, body, hash FROM entries
    WHERE seq < %(before)s
        AND (%(every)s OR kind = ANY(%(kinds)s))
        AND (%(first)s = ''
            OR position(lower(%(first)s COLLATE "C") IN kind) > 0
            OR position(lower(%(first)s COLLATE "C") IN lower(body COLLATE "C")) > 0
            OR (%(second)s <> ''
                AND position(lower(%(second)s COLLATE "C") IN lower(body COLLATE "C")) > 0))
    ORDER BY seq DESC LIMIT %(most)s
"""


class PostgresLedger:
    """The port `Ledger` on a PostgreSQL database.

    Attributes:
        address: Where the store is.
        identities: The port `Identities` in the same database.
    """

    def __init__(
        self,
        address: PostgresAddress,
        clock: Clock,
        *,
        read_only: bool = False,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Opens the ledger; makes its schema and its layout if they do not exist.

        Args:
            address: Where the store is.
            clock: Says when lines are written.
            read_only: Makes and writes nothing, also where the user may.
            patience_s: How long a database that goes away is waited for.

        Raises:
            UsageError: psycopg is not installed.
            StoreError: The database cannot be reached, or holds no ledger that this Mainstem knows.
        """
        require_psycopg()
        self.address = address
        self._clock = clock
        self._link = Link(address, patience_s=patience_s)
        self._read_only = read_only
        self.identities = PostgresIdentities(self._link, read_only=read_only)
        try:
            self._link.run("opened", self._prepare)
        except BaseException:
            self._link.close()
            raise

    def _prepare(self, db: Connection) -> None:
        postgres_schema.prepare(
            db,
            self.address.schema,
            shown=self.address.shown,
            now=self._clock.now(),
            read_only=self._read_only,
        )

    @property
    def channel(self) -> str:
        """The channel on which every append rings."""
        return f"mainstem_{self.address.schema}"

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
        if self._read_only:
            raise StoreError(f"ledger {self.address} cannot be written: it was opened to be read")
        tried: list[Row] = []

        def write(db: Connection) -> list[Row] | None:
            with locked(db) as (seq, previous):
                if tried and db.execute(STANDS, (tried[-1][0], tried[-1][4])).fetchone():
                    return tried  # the connection was lost behind the commit
                if last is not None and seq != last:
                    return None
                tried[:] = chained(lines, at=self._clock.now(), seq=seq, previous=previous)
                db.execute(INSERT, [list(column) for column in zip(*tried, strict=True)])
                db.execute(RING, (self.channel,))
            return tried

        rows = self._link.run("written", write)
        return None if rows is None else [entry_of(row) for row in rows]

    def entries(self, *, kinds: Sequence[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Entries after `seq == after` in order, of the given kinds or of all.

        Ends at the line that was the last one when the reading began.

        Raises:
            StoreError: The store cannot be read, or a line is not JSON.
        """
        given: dict[str, Any] = {"page": PAGE, "kinds": list(kinds or ())}
        given["last"] = self._last()
        while after < given["last"]:
            rows = self._fetch(READ if kinds is None else READ_KINDS, {**given, "after": after})
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
            "kinds": list(kinds or ()),
            "first": first,
            "second": second,
            "most": most,
        }
        return [self._entry(row) for row in self._fetch(LATEST, given)]

    def _entry(self, row: Row) -> Entry:
        """A line as a record.

        Raises:
            StoreError: It is not JSON.
        """
        try:
            return entry_of(row)
        except ValueError as error:
            what = f"ledger {self.address}: line {row[0]} is not JSON; run `mainstem verify`"
            raise StoreError(what) from error

    def end(self) -> tuple[int, str]:
        """Number and hash of the last line; 0 and the chain's beginning while there is none.

        Raises:
            StoreError: The store cannot be read.
        """
        seq, found = self._link.run("read", lambda db: db.execute(END).fetchone()) or (0, GENESIS)
        return int(seq), str(found)

    def verify(self) -> list[str]:
        """Walks the whole chain; one line per alteration found, empty when it is whole.

        Raises:
            StoreError: The store cannot be read.
        """
        end: tuple[int, str] | None = self._link.run("read", lambda db: db.execute(END).fetchone())
        ever, remembered = end or (0, "")
        changed = self._link.run(
            "read",
            lambda db: postgres_schema.departures(
                db, self.address.schema, shown=self.address.shown
            ),
        )
        found = verify_rows(self.rows(until=_BEYOND), ever=ever)
        if ever and not found:
            last = next(self.rows(after=ever - 1, until=ever))
            if last[4] != remembered:
                found = [f"line {ever} was written anew: the database remembers another hash"]
        return [*changed, *found]

    def rows(self, *, after: int = 0, until: int | None = None) -> Iterator[Row]:
        """Every line as it stands, after this number and up to that one.

        Raises:
            StoreError: The store cannot be read.
        """
        last = self._last() if until is None else until
        given = {"last": last, "page": PAGE}
        while True:
            rows = self._fetch(READ, {**given, "after": after})
            yield from rows
            if len(rows) < PAGE:
                return
            after = rows[-1][0]

    def take_rows(self, rows: Sequence[Row]) -> None:
        """Writes lines of another store as they are, behind the last one.

        Raises:
            StoreError: The store cannot be written, or they do not follow its last line.
        """

        def write(db: Connection) -> None:
            with locked(db) as (seq, previous):
                if db.execute(STANDS, (rows[-1][0], rows[-1][4])).fetchone():
                    return  # the connection was lost behind the commit
                check_follows(rows, seq, previous, self.address.shown)
                db.execute(INSERT, [list(column) for column in zip(*rows, strict=True)])
                db.execute(RING, (self.channel,))

        if rows:
            self._link.run("written", write)

    def _fetch(self, query: str, given: Mapping[str, Any] | None = None) -> list[Row]:
        """A query's rows, which are lines."""
        rows: list[Any] = self._link.run(
            "read", lambda db: db.execute(query.encode(), given).fetchall()
        )
        return rows

    def _last(self) -> int:
        """The number of the last line."""
        row = self._link.run("read", lambda db: db.execute(LAST).fetchone())
        return 0 if row is None else int(row[0])

    def close(self) -> None:
        """Lets go of the connection. May be called twice."""
        self._link.close()
