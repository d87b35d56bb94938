"""One connection to PostgreSQL that is made again when it is lost, within a bounded time.

A database that is restarted in the middle of a campaign must only pause it. So whoever asks hands
over the work to be done on a connection; where the connection is lost, the work is done again on a
new one. What may not be done twice has to find out by itself whether it was done (`on_postgres`).

This is the one module that loads psycopg, and only when a store in PostgreSQL is opened.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Any, TypeVar

from mainstem.domain.errors import StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from mainstem.ledger.addresses import PostgresAddress

    Connection = psycopg.Connection[tuple[Any, ...]]

T = TypeVar("T")

PATIENCE_S = 300.0
"""How long a lost database is waited for; a restart takes seconds, a failover a minute or two."""

LOCK_TIMEOUT_S = 60
"""How long a write waits for others; theirs take milliseconds."""

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0

_DEFAULTS = {
    "application_name": "mainstem",
    "connect_timeout": "10",
    # A host that vanished is noticed within a minute, not after the system's two hours.
    "keepalives_idle": "20",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}

# A stopped process must not keep everybody's lock, and a line that was acknowledged is on the disk.
SESSION = f"""
    SELECT set_config('search_path', %s, false),
        set_config('lock_timeout', '{LOCK_TIMEOUT_S}s', false),
        set_config('idle_in_transaction_session_timeout', '{LOCK_TIMEOUT_S}s', false),
        set_config('client_min_messages', 'warning', false),
        set_config('synchronous_commit', CASE current_setting('synchronous_commit')
            WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
"""

_LOST = ("08", "57P01", "57P02", "57P03", "57P05")
"""Beginnings of the codes by which a server says that this connection is over, or not yet begun."""

_PASSING = ("is starting up", "is shutting down", "terminating connection", "in recovery mode")
"""What a server that comes or goes answers to who connects, which carries no code."""

_WORDS = {
    "28": "the database does not let this user in; check user and password (PGPASSFILE, "
    "PGPASSWORD or a service file) and pg_hba.conf",
    "3D": "there is no such database; create it (`createdb NAME`), or correct the address",
    "25006": "it may only be read; connect to the primary server, with a user that may write",
    "42501": "this user lacks a right in the database; ask its owner",
    "53100": "the database's disk is full; free some space, then repeat the command",
    "53300": "the database has no connection left; close some, or raise max_connections",
    "55P03": "another process keeps it locked; wait for it, or stop it, then repeat",
    "23": "the database refused the line; run `mainstem verify`",
    "22": "the database refused the line; run `mainstem verify`",
    "42": "it is not laid out as a ledger; run `mainstem verify`",
}
"""Cause and next step by SQLSTATE or its beginning."""

_REFUSALS = (
    ("28", "authentication failed"),
    ("28", "no password supplied"),
    ("28", "pg_hba.conf"),
    ("28", "FATAL: role "),
    ("3D", "FATAL: database "),
    ("53300", "too many clients"),
    ("53300", "connection slots are reserved"),
)
"""What a server says when it refuses a connection, as far as it says it in English."""


_reached: set[str] = set()
"""Where this process has found a database: one that is away now will come back."""


class Link:
    """One connection that is made when it is needed, and made again when it is lost.

    Not for several threads at once.
    """

    def __init__(self, address: PostgresAddress, *, patience_s: float = PATIENCE_S) -> None:
        """Connects to nothing yet.

        Args:
            address: The store's.
            patience_s: How long a lost database is waited for.
        """
        self.address = address
        self._patience_s = patience_s
        self._db: Connection | None = None
        self._closed = False

    def run(self, action: str, work: Callable[[Connection], T]) -> T:
        """What the work returns; it is done again where the connection is lost under it.

        The first connection of this process is waited for only where a server answers that it
        comes or goes: a wrong address is said at once.

        Args:
            action: What is done, such as `written`.
            work: Is given a connection in autocommit mode.

        Raises:
            StoreError: The database cannot be reached, or refuses; one line, without passwords.
        """
        import psycopg

        lost_s: float | None = None
        pause_s = _FIRST_PAUSE_S
        while True:
            try:
                return work(self.connection())
            except psycopg.Error as error:
                if not self._is_lost(error):
                    raise self.explained(action, error) from None
                self.drop()
                now_s = time.monotonic()
                lost_s = now_s if lost_s is None else lost_s
                if now_s - lost_s > self._patience_s:
                    raise self.explained(action, error, waited=True) from None
            except BaseException:
                self.drop()  # it may stand in the middle of a transaction
                raise
            time.sleep(pause_s)
            pause_s = min(2.0 * pause_s, _LONGEST_PAUSE_S)

    def connection(self) -> Connection:
        """The connection, made if there is none.

        Raises:
            StoreError: The store was closed.
            psycopg.Error: There is no way to the database.
        """
        import psycopg
        from psycopg.conninfo import conninfo_to_dict

        if self._closed:
            raise StoreError(f"ledger {self.address} cannot be used: it was closed")
        if self._db is None or self._db.closed:
            given = conninfo_to_dict(self.address.conninfo)
            wanted: dict[str, Any] = {**_DEFAULTS, "password": password()}
            db = psycopg.connect(
                self.address.conninfo,
                autocommit=True,
                prepare_threshold=None,
                **{name: value for name, value in wanted.items() if name not in given},
            )
            _reached.add(self.address.conninfo)
            try:
                db.execute(SESSION, (search_path(self.address.schema),))
            except BaseException:
                db.close()
                raise
            self._db = db
        return self._db

    def _is_lost(self, error: psycopg.Error) -> bool:
        """Whether it is the connection that failed, and not what was asked of it."""
        import psycopg

        if (error.sqlstate or "").startswith(_LOST) or any(w in str(error) for w in _PASSING):
            return True
        if self._db is None or self._db.closed or self._db.broken:
            failed = isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
            return failed and self.address.conninfo in _reached
        return False

    def explained(self, action: str, error: psycopg.Error, *, waited: bool = False) -> StoreError:
        """One line that names the store, what was tried, the cause and what to do next."""
        code = error.sqlstate or ""
        said = self.address.without_secrets(str(error))
        if not code:  # a connection that was refused carries none, only the server's words
            code = next((known for known, words in _REFUSALS if words in said), "")
        words = next((_WORDS[code[:n]] for n in (5, 2) if code[:n] in _WORDS), None)
        if waited:
            words = (
                f"the database was away for {self._patience_s:.0f} s; when it is back, the same "
                "command goes on"
            )
        if words is None:
            words = "the database failed; look into its log"
            if self._db is None:
                words = "the database cannot be reached; check the address and that it runs"
        return StoreError(f"ledger {self.address} cannot be {action}: {words} ({said})")

    def drop(self) -> None:
        """Lets go of the connection, whatever its state; the next use makes another."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def close(self) -> None:
        """Lets go for good. May be called twice."""
        self._closed = True
        self.drop()


def require_psycopg() -> None:
    """Sees to it that the client is installed.

    Raises:
        UsageError: It is not; says how to install it.
    """
    try:
        import psycopg  # noqa: F401  # whether it can be loaded is the question
    except ImportError as error:
        raise UsageError(
            f"a store in PostgreSQL needs psycopg ({error.name or error}): "
            "pip install 'mainstem[postgres]'"
        ) from None


def search_path(schema: str) -> str:
    """Where names are looked for: in the schema, and never in a user's own temporary one first."""
    return f'"{schema}", pg_temp'


_password: list[str] = []


def password() -> str | None:
    """`PGPASSWORD`, taken out of this process's environment when it is first asked for.

    What this process starts, trials and their keepers above all, inherits it no more.
    """
    given = os.environ.pop("PGPASSWORD", None)
    if given is not None:
        _password[:] = [given]
    return _password[0] if _password else None


@contextlib.contextmanager
def locked(db: Connection) -> Iterator[tuple[int, str]]:
    """A transaction that nobody else appends in; the end of the chain, as `(seq, hash)`.

    Raises:
        StoreError: The store is gone.
    """
    with db.transaction():
        row = db.execute(HEAD).fetchone()
        if row is None:
            raise StoreError("the ledger's head is gone; run `mainstem verify`")
        yield row[0], row[1]


# The end of the chain; whoever holds this row's lock is the only one to append.
HEAD = "SELECT seq, hash FROM head FOR UPDATE"
