"""Which worker runs which trial, in a PostgreSQL store: two tables that are no part of the record.

A worker is a row of `workers`, a trial in its hands a row of `leases`, each with a deadline by the
database's clock. A thread with a connection of its own puts the deadlines off for as long as the
process lives; what is not put off may be taken by anyone. No step needs another to have been seen:
a lease is taken by one statement that succeeds for one worker.
"""

from __future__ import annotations

import contextlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from mainstem.domain.errors import StoreError
from mainstem.domain.trial import TrialId
from mainstem.engine.ports import Worker
from mainstem.ledger.postgres_link import PATIENCE_S, Link, require_psycopg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from mainstem.ledger.addresses import PostgresAddress
    from mainstem.ledger.postgres_link import Connection

# A new worker; what was left by those that went silent long ago goes.
SWEEP = "DELETE FROM workers WHERE until < clock_timestamp() - interval '1 day'"
ENTER = """
    INSERT INTO workers (host, pid, slots, folder, until)
    VALUES (%(host)s, %(pid)s, %(slots)s, %(folder)s,
        clock_timestamp() + make_interval(secs => %(lease_s)s))
    RETURNING id, to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
"""

# One trial that nobody holds, or whose holder is silent.
TAKE = """
    INSERT INTO leases (trial, worker, until)
    VALUES (%(trial)s, %(worker)s, clock_timestamp() + make_interval(secs => %(lease_s)s))
    ON CONFLICT (trial) DO UPDATE
    SET worker = excluded.worker, since = excluded.since, until = excluded.until
    WHERE leases.until < clock_timestamp()
    RETURNING trial
"""

GIVE_BACK = "DELETE FROM leases WHERE worker = %(worker)s AND trial = ANY(%(trials)s)"

# The worker and all that it holds, put off.
RENEW = """
    WITH mine AS (
        UPDATE leases SET until = clock_timestamp() + make_interval(secs => %(lease_s)s)
        WHERE worker = %(worker)s
    )
    UPDATE workers SET until = clock_timestamp() + make_interval(secs => %(lease_s)s)
    WHERE id = %(worker)s
"""

LEAVE = "DELETE FROM workers WHERE id = %(worker)s"

# Everybody who is heard of, with what they hold.
WORKING = """
    SELECT host, pid, slots, folder,
        to_char(workers.since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        array(
            SELECT trial FROM leases
            WHERE worker = workers.id AND leases.until >= clock_timestamp()
            ORDER BY leases.since, trial
        )
    FROM workers WHERE until >= clock_timestamp() ORDER BY workers.since, id
"""

_RENEWALS = 3.0
"""Renewals within a lease: two may be late before anybody else takes a trial."""

_RETRY_S = 0.5
_JOIN_S = 5.0


class PostgresLeases:
    """The port `Leases`; a context manager that gives everything back at its end.

    Attributes:
        me: This process.
    """

    def __init__(
        self,
        address: PostgresAddress,
        me: Worker,
        *,
        lease_s: float,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Enters this process among the workers.

        Args:
            address: A store that was opened before, so its layout is there.
            me: This process.
            lease_s: How long it keeps a trial when it is not heard of.
            patience_s: How long a database that goes away is waited for.

        Raises:
            StoreError: The database cannot be reached.
        """
        require_psycopg()
        self.me = me
        self._lease_s = lease_s
        self._channel = f"mainstem_{address.schema}"
        self._link = Link(address, patience_s=patience_s)
        self._bell = Link(address, patience_s=patience_s)
        self._pulse = Link(address, patience_s=0.0)
        self._listening: Connection | None = None
        self._closed = threading.Event()
        self._worker = self._link.run("written", self._enter)
        self._thread = threading.Thread(target=self._renew, name="mainstem-leases", daemon=True)
        self._thread.start()

    def take(self, trials: Sequence[TrialId], *, most: int) -> list[TrialId]:
        """Leases the first of these trials that nobody holds, so many at most; which they are.

        Raises:
            StoreError: The database cannot be reached.
        """
        taken: list[TrialId] = []
        for trial in trials:
            if len(taken) == most:
                break
            if self._link.run("written", partial(self._take, trial)):
                taken.append(trial)
        return taken

    def give_back(self, trials: Sequence[TrialId]) -> None:
        """Ends leases; those that this process does not hold (any more) stay as they are.

        Raises:
            StoreError: The database cannot be reached.
        """
        if trials:
            given = {"worker": self._worker, "trials": list(trials)}
            self._link.run("written", lambda db: db.execute(GIVE_BACK, given))

    def wait(self, timeout_s: float) -> None:
        """Returns when somebody has written a line, or when the time is over; perhaps earlier.

        Raises:
            StoreError: The database cannot be reached.
        """
        self._bell.run("read", lambda db: self._listen(db, timeout_s))

    def close(self) -> None:
        """Gives everything back and leaves. May be called twice.

        A database that is away is not waited for: what is held ends by itself.
        """
        if self._closed.is_set():
            return
        self._closed.set()
        self._thread.join(_JOIN_S)
        with contextlib.suppress(StoreError):
            self._pulse.run("written", lambda db: db.execute(LEAVE, {"worker": self._worker}))
        for link in (self._link, self._bell, self._pulse):
            link.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _enter(self, db: Connection) -> int:
        db.execute(SWEEP)
        row = db.execute(
            ENTER,
            {
                "host": self.me.host,
                "pid": self.me.pid,
                "slots": self.me.slots,
                "folder": self.me.folder,
                "lease_s": self._lease_s,
            },
        ).fetchone()
        if row is None:
            raise StoreError("the table workers takes no rows; run `mainstem verify`")
        return int(row[0])

    def _take(self, trial: TrialId, db: Connection) -> bool:
        """Whether the trial is this process's now."""
        import psycopg

        given: dict[str, Any] = {"trial": trial, "lease_s": self._lease_s}
        try:
            row = db.execute(TAKE, {**given, "worker": self._worker}).fetchone()
        except psycopg.errors.ForeignKeyViolation:
            # Stopped for so long that its own row was swept: it enters anew.
            self._worker = self._enter(db)
            row = db.execute(TAKE, {**given, "worker": self._worker}).fetchone()
        return row is not None

    def _renew(self) -> None:
        """Puts deadlines off until the process leaves; a database that is away is tried again."""
        pause_s = self._lease_s / _RENEWALS
        while not self._closed.wait(pause_s):
            pause_s = self._lease_s / _RENEWALS
            given = {"worker": self._worker, "lease_s": self._lease_s}
            try:
                self._pulse.run("written", partial(_renew, given))
            except StoreError:
                pause_s = min(pause_s, _RETRY_S)

    def _listen(self, db: Connection, timeout_s: float) -> None:
        """Waits for a ring; the first call on a connection only begins to listen."""
        from psycopg import sql

        if self._listening is not db:
            db.execute(sql.SQL("LISTEN {}").format(sql.Identifier(self._channel)))
            self._listening = db
            return
        for _ in db.notifies(timeout=timeout_s, stop_after=1):
            break
        for _ in db.notifies(timeout=0.0):
            pass  # all that rang meanwhile is one reason to look


def _renew(given: Mapping[str, Any], db: Connection) -> None:
    db.execute(RENEW, given)


def working(address: PostgresAddress) -> list[Worker]:
    """Everybody who works on a store now, in the order of their coming.

    Raises:
        StoreError: The database cannot be reached.
    """
    link = Link(address, patience_s=0.0)
    try:
        rows = link.run("read", lambda db: db.execute(WORKING).fetchall())
    finally:
        link.close()
    return [
        Worker(
            host=host,
            pid=pid,
            slots=slots,
            folder=folder,
            since=since,
            running=tuple(TrialId(trial) for trial in running),
        )
        for host, pid, slots, folder, since, running in rows
    ]
