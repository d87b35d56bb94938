from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mainstem.domain.errors import StoreError, UsageError
from mainstem.ledger import on_postgres, postgres_link
from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.on_postgres import PostgresLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postgres_server import Server


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


@pytest.fixture
def open_it(postgres_server: Server, database: str) -> Iterator[Callable[..., PostgresLedger]]:
    """Opens the test's store; whatever is opened is closed after the test."""
    opened: list[PostgresLedger] = []

    def open_ledger(query: str = "", **how: Any) -> PostgresLedger:
        address = parse(postgres_server.address(database) + query)
        assert isinstance(address, PostgresAddress)
        opened.append(PostgresLedger(address, StillClock(), **how))
        return opened[-1]

    yield open_ledger
    for ledger in opened:
        ledger.close()


@pytest.fixture
def sql(postgres_server: Server, database: str) -> Callable[..., list[tuple[Any, ...]]]:
    """What the owner of the database can do without our code, in our schema."""

    def run(*statements: str) -> list[tuple[Any, ...]]:
        return postgres_server.sql("SET search_path TO mainstem", *statements, database=database)

    return run


def numbers(ledger: PostgresLedger) -> list[int]:
    """What the test wrote."""
    return [entry.body["n"] for entry in ledger.entries()]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = '{}' WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 2",
        "TRUNCATE entries",
        "INSERT INTO entries SELECT 2, at, kind, body, repeat('1', 64) FROM entries LIMIT 1",
        "INSERT INTO entries SELECT 4, at, kind, body, repeat('1', 64) FROM entries LIMIT 1",
        "INSERT INTO entries SELECT 3, at, kind, body, hash FROM entries LIMIT 1",
        """INSERT INTO entries SELECT 1, at, kind, body, hash FROM entries WHERE seq = 2
            ON CONFLICT (seq) DO UPDATE SET body = excluded.body""",
        "INSERT INTO entries VALUES (3, 't', 'a', 'no json', repeat('0', 64))",
        "INSERT INTO entries VALUES (3, 't', 'a', '{}', 'short')",
        "INSERT INTO entries VALUES (3, NULL, 'a', '{}', repeat('0', 64))",
    ],
)
def test_the_database_keeps_lines(
    open_it: Callable[..., PostgresLedger], sql: Callable[..., Any], statement: str
) -> None:
    """No program can alter, remove, replace or misplace a line, or write one that is no line."""
    ledger = open_it()
    ledger.append([("a", {"n": 1}), ("b", {"n": 2})])
    with pytest.raises(psycopg.Error):
        sql(statement)
    assert numbers(ledger) == [1, 2]
    assert ledger.verify() == []


def by_force(*statements: str) -> list[str]:
    """Statements as a superuser can run them: without the triggers."""
    return ["SET session_replication_role TO replica", *statements]


def test_alterations_are_named(
    open_it: Callable[..., PostgresLedger], sql: Callable[..., Any]
) -> None:
    """Whoever gets around the triggers is found out, line by line, as on SQLite."""
    ledger = open_it()
    ledger.append([("a", {"n": n}) for n in range(1, 13)])
    sql(
        *by_force(),
        "ALTER TABLE entries DROP CONSTRAINT entries_seq_check",
        "UPDATE entries SET body = replace(body, '3', '4') WHERE seq = 3",
        "UPDATE entries SET seq = -seq WHERE seq IN (5, 6)",
        "UPDATE entries SET seq = 11 + seq WHERE seq IN (-5, -6)",
        "DELETE FROM entries WHERE seq = 8",
        "DELETE FROM entries WHERE seq = 12",
        "ALTER TABLE entries ADD CHECK (seq > 0)",
    )
    assert [line.partition(":")[0] for line in ledger.verify()] == [
        "line 3 (a) was altered",
        "line 5 (a) was moved",
        "line 6 (a) was moved",
        "line 8 is missing",
        "line 12 is missing at the end",
    ]


def test_an_end_that_was_written_anew_is_named(
    open_it: Callable[..., PostgresLedger], sql: Callable[..., Any]
) -> None:
    """The last line with a hash that fits it: the database remembers the one that was written."""
    ledger = open_it()
    ledger.append([("a", {"n": 1})])
    ledger.append([("a", {"n": 2})])
    other = open_it("&schema=other")
    other.append([("a", {"n": 1})])
    other.append([("a", {"n": 3})])
    sql(
        *by_force(
            "UPDATE entries SET body = o.body, hash = o.hash FROM other.entries AS o"
            " WHERE entries.seq = 2 AND o.seq = 2"
        )
    )
    assert ledger.verify() == ["line 2 was written anew: the database remembers another hash"]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DROP TRIGGER entries_are_never_altered ON entries", "altered (trigger) is gone"),
        ("ALTER TABLE entries DISABLE TRIGGER ALL", "entries_are_never_altered (trigger) was ch"),
        (
            """CREATE OR REPLACE VIEW decisions AS SELECT 1::bigint AS seq, ''::text AS at,
                ''::text AS campaign, ''::text AS proposal, ''::text AS decision,
                ''::text AS reason, ''::text AS others""",
            "decisions (view) was changed",
        ),
        ("ALTER TABLE entries DROP CONSTRAINT entries_hash_check", "entries_hash_check (rule of e"),
        ("ALTER TABLE entries ALTER at DROP NOT NULL", "entries (table) was changed"),
        ("CREATE RULE silence AS ON INSERT TO entries DO INSTEAD NOTHING", "silence (rewriting) w"),
        ("ALTER TABLE entries ENABLE ROW LEVEL SECURITY", "entries (table) was changed"),
        (
            """CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN RETURN NULL; END'""",
            "refuse (function) was changed",
        ),
    ],
)
def test_a_door_left_open_is_named(
    open_it: Callable[..., PostgresLedger], sql: Callable[..., Any], statement: str, named: str
) -> None:
    """A guard of the database that is gone, changed or got around is an alteration of its own."""
    ledger = open_it()
    ledger.append([("a", {"n": 1})])
    assert ledger.verify() == []
    sql(statement)
    assert any(named in line for line in ledger.verify()), ledger.verify()


def test_bodies_are_the_text_that_was_hashed(
    open_it: Callable[..., PostgresLedger], sql: Callable[..., Any]
) -> None:
    """NUL and half a surrogate pair stay escapes in the line; views show U+FFFD in their place."""
    ledger = open_it()
    reason = "a\0b \ud800 \\u0000 \\\0 \U0001f600"
    body = {"campaign": "c1", "proposal": "p", "kind": "open", "reason": reason, "others": [1.0]}
    ledger.append([("verdict", body)])
    [(text,)] = sql("SELECT body FROM entries")
    assert r'"reason":"a\u0000b \ud800 \\u0000 \\\u0000 😀"' in text
    assert [entry.body for entry in ledger.entries()] == [body]
    assert ledger.verify() == []
    [(shown, others)] = sql("SELECT reason, others FROM decisions")
    assert shown == "a\ufffdb \ufffd \\u0000 \\\ufffd \U0001f600"
    assert others == "[1.0]"


def test_views_live_with_bodies_they_do_not_know(
    open_it: Callable[..., PostgresLedger], sql: Callable[..., Any]
) -> None:
    """Lines that lack fields, have further ones, or other types, break no view."""
    kinds = ["proposal-taken", "proposal-withdrawn", "batch-asked", "trial-finished", "verdict"]
    strange = {"order": "x", "trials": 3, "recipe": {"a": 1}, "run": [], "values": "\0"}
    open_it().append(
        [(kind, b) for kind in [*kinds, "merged", "override", "trial-late"] for b in ({}, strange)]
    )
    for view in ("proposals", "trials", "decisions"):
        sql(f"SELECT * FROM {view}")  # noqa: S608  # names are ours


def terminate(server: Server, database: str) -> None:
    """Ends every other connection to a database, as a restart does."""
    server.sql(
        """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()""",
        database=database,
    )


@pytest.mark.parametrize("behind", [False, True])
def test_a_connection_lost_around_the_commit_loses_and_doubles_nothing(
    open_it: Callable[..., PostgresLedger],
    postgres_server: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    behind: bool,
) -> None:
    """Cut off before the commit the lines are written again, behind it they are found to stand."""
    ledger = open_it()
    ledger.append([("a", {"n": 1})])
    cuts: list[int] = []

    @contextmanager
    def cut(db: Any) -> Iterator[Any]:
        with postgres_link.locked(db) as end:
            yield end
            if not behind and not cuts:
                cuts.append(1)
                terminate(postgres_server, database)
        if behind and not cuts:
            cuts.append(1)
            terminate(postgres_server, database)
            db.execute("SELECT 1")

    monkeypatch.setattr(on_postgres, "locked", cut)
    written = ledger.append([("a", {"n": 2}), ("a", {"n": 3})])
    assert cuts == [1]
    assert [entry.seq for entry in written] == [2, 3]
    won = ledger.append_if_last(3, [("a", {"n": 4})])
    assert won is not None
    assert numbers(ledger) == [1, 2, 3, 4]
    assert ledger.verify() == []


def test_of_a_lost_race_nothing_is_written_however_the_connection_ends(
    open_it: Callable[..., PostgresLedger],
    postgres_server: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Cut off before the commit, and overtaken meanwhile: the answer is that nothing stands."""
    ledger, other = open_it(), open_it()
    cuts: list[int] = []

    @contextmanager
    def overtaken(db: Any) -> Iterator[Any]:
        if cuts == [1]:
            cuts.append(2)
            other.append([("a", {"n": 1})])
        with postgres_link.locked(db) as end:
            yield end
            if not cuts:
                cuts.append(1)
                terminate(postgres_server, database)

    monkeypatch.setattr(on_postgres, "locked", overtaken)
    assert ledger.append_if_last(0, [("a", {"n": 2})]) is None
    assert cuts == [1, 2]
    assert numbers(ledger) == [1]


def test_a_restart_of_the_server_only_pauses(
    open_it: Callable[..., PostgresLedger], postgres_server: Server
) -> None:
    """Appends, readings in mid-way and verify go on with a new connection."""
    ledger = open_it()
    ledger.append([("a", {"n": n}) for n in range(1500)])
    reading = ledger.entries()
    next(reading)
    postgres_server.restart(hard=True)
    assert len(list(reading)) == 1499
    postgres_server.restart()
    ledger.append([("a", {"n": 1500})])
    postgres_server.restart()
    assert ledger.verify() == []
    assert numbers(ledger) == list(range(1501))


def test_a_connection_that_is_cut_before_it_is_set_up_is_made_again(
    open_it: Callable[..., PostgresLedger],
    postgres_server: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The very first connection too: a server that is restarted now is no wrong address."""
    cuts: list[int] = []
    search_path = postgres_link.search_path

    def cut(schema: str) -> str:
        if not cuts:
            cuts.append(1)
            terminate(postgres_server, database)
        return search_path(schema)

    monkeypatch.setattr(postgres_link, "search_path", cut)
    ledger = open_it()
    ledger.append([("a", {"n": 1})])
    assert cuts == [1]
    assert numbers(ledger) == [1]


def one_line(error: pytest.ExceptionInfo[Exception]) -> str:
    """The message, which is one line."""
    text = str(error.value)
    assert "\n" not in text
    return text


def test_another_connection_waits_for_a_database_that_was_there(
    postgres_server: Server, database: str
) -> None:
    """A worker has several; the second may be made just when the server is away."""
    address = parse(postgres_server.address(database))
    assert isinstance(address, PostgresAddress)
    first, second = postgres_link.Link(address), postgres_link.Link(address)

    def one(db: postgres_link.Connection) -> Any:
        return db.execute("SELECT 1").fetchone()

    assert first.run("read", one) == (1,)
    postgres_server.stop()
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(second.run("read", one)))
    asking.start()
    time.sleep(0.5)
    assert answers == []
    postgres_server.start()
    asking.join()
    assert answers == [(1,)]
    first.close()
    second.close()


def test_a_database_that_stays_away_is_said(
    open_it: Callable[..., PostgresLedger], postgres_server: Server
) -> None:
    """After the time to wait the message says that the same command goes on; nothing was lost."""
    ledger = open_it(patience_s=0.2)
    ledger.append([("a", {"n": 1})])
    postgres_server.stop()
    try:
        with pytest.raises(StoreError, match=r"was away for 0 s; .* the same command") as error:
            ledger.append([("a", {"n": 2})])
        one_line(error)
    finally:
        postgres_server.start()
    ledger.append([("a", {"n": 3})])
    assert numbers(ledger) == [1, 3]


def test_a_wrong_address_is_said_at_once(postgres_server: Server, database: str) -> None:
    """No waiting for what was never there: a database, a server, a user."""
    for address, what in (
        (postgres_server.address("nowhere"), "there is no such database; create it"),
        ("postgresql://u@/x?host=/nowhere", "cannot be reached; check the address"),
        (postgres_server.address(database, user="nobody"), "does not let this user in"),
    ):
        with pytest.raises(StoreError, match=what) as error:
            PostgresLedger(_address(address), StillClock())
        one_line(error)


def _address(text: str) -> PostgresAddress:
    address = parse(text)
    assert isinstance(address, PostgresAddress)
    return address


def test_without_psycopg_the_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is an extra: who lacks it is told its name, and nothing else happens."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(UsageError, match=r"pip install 'mainstem\[postgres\]'") as error:
        PostgresLedger(_address("postgresql:///x"), StillClock())
    one_line(error)


def test_many_lines_are_one_append(open_it: Callable[..., PostgresLedger]) -> None:
    """More lines than a page, in one transaction, read back in order."""
    ledger = open_it()
    ledger.append([("a", {"n": n}) for n in range(3000)])
    assert numbers(ledger) == list(range(3000))


def test_it_is_durable(open_it: Callable[..., PostgresLedger], sql: Callable[..., Any]) -> None:
    """A database whose commits do not wait for the disk is asked to wait for ours."""
    sql("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
    try:
        ledger = open_it()
        row = ledger._link.connection().execute("SHOW synchronous_commit").fetchone()
    finally:
        sql("ALTER SYSTEM RESET synchronous_commit", "SELECT pg_reload_conf()")
    assert row == ("on",)


def test_reading_only_writes_nothing(open_it: Callable[..., PostgresLedger]) -> None:
    """A reader makes no store, sees what comes, and cannot write."""
    with pytest.raises(StoreError, match="no ledger at"):
        open_it(read_only=True)
    writer = open_it()
    reader = open_it(read_only=True)
    writer.append([("a", {"n": 1})])
    assert numbers(reader) == [1]
    with pytest.raises(StoreError, match="opened to be read"):
        reader.append([("a", {"n": 2})])


def test_a_line_that_is_no_json_is_said(
    open_it: Callable[..., PostgresLedger], sql: Callable[..., Any]
) -> None:
    """Reading an altered line is one clear line that leads to verify."""
    ledger = open_it()
    ledger.append([("a", {}), ("a", {})])
    sql(
        *by_force(
            "ALTER TABLE entries DROP CONSTRAINT entries_body_check",
            "UPDATE entries SET body = '{' WHERE seq = 2",
        )
    )
    with pytest.raises(StoreError, match="line 2 is not JSON; run `mainstem verify`") as error:
        list(ledger.entries())
    one_line(error)
    assert len(ledger.verify()) == 2


def test_a_closed_ledger_says_so(open_it: Callable[..., PostgresLedger]) -> None:
    """Using it after close is an error in one line, not a crash; closing twice is nothing."""
    ledger = open_it()
    ledger.close()
    ledger.close()
    with pytest.raises(StoreError, match="closed") as error:
        ledger.append([("a", {})])
    one_line(error)


def test_a_busy_store_is_said(open_it: Callable[..., PostgresLedger]) -> None:
    """Somebody who keeps the end of the chain locked is waited for, then named as the cause."""
    ledger, holder = open_it(), open_it()
    ledger.append([("a", {"n": 1})])
    ledger._link.connection().execute("SET lock_timeout = '50ms'")
    with postgres_link.locked(holder._link.connection()):
        refused = pytest.raises(StoreError, match="another process keeps it locked; wait for it")
        with refused as error:
            ledger.append([("a", {"n": 2})])
        one_line(error)
        assert numbers(ledger) == [1]
    ledger.append([("a", {"n": 2})])
    assert ledger.verify() == []


def test_a_user_who_may_make_no_schema_is_told_what_was_not_compared(
    postgres_server: Server, database: str
) -> None:
    """An empty schema of one's own is enough to work; verify says what it could not look at."""
    postgres_server.sql("DROP ROLE IF EXISTS bob", "CREATE ROLE bob LOGIN", database=database)
    postgres_server.sql("CREATE SCHEMA lab AUTHORIZATION bob", database=database)
    address = _address(postgres_server.address(database, user="bob") + "&schema=lab")
    ledger = PostgresLedger(address, StillClock())
    ledger.append([("a", {"n": 1})])
    [line] = ledger.verify()
    ledger.close()
    assert "was not compared: that takes the right to make a schema" in line
