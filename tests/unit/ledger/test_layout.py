"""Older layouts are brought up when they are opened; of every released one there is a ledger."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from mainstem.domain.errors import StoreError
from mainstem.ledger import layout, postgres_schema
from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.layout import VERSION, Kind
from mainstem.ledger.on_postgres import PostgresLedger
from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Callable

    from postgres_server import Server

RELEASED = Path(__file__).parent / "released"
"""Ledgers as released versions made them: of a campaign, a merge, and a campaign after it."""


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


@pytest.fixture(params=sorted(RELEASED.glob("sqlite-*.sqlite")), ids=lambda path: path.stem)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A copy of a released ledger."""
    path = tmp_path / "ledger.sqlite"
    shutil.copy(request.param, path)
    return path


def version_of(path: Path) -> int:
    """The layout that a file says it has."""
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def lines_of(path: Path) -> list[Any]:
    """Every line as it stands in a file."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT * FROM entries ORDER BY seq").fetchall()


def test_every_older_version_has_its_ledger() -> None:
    """Who makes a new version adds a ledger of the one that was released before."""
    kept = {int(re.findall(r"\d+", path.stem)[-1]) for path in RELEASED.glob("sqlite-*.sqlite")}
    assert kept == set(range(1, VERSION))


def test_an_older_sqlite_ledger_is_brought_up_and_keeps_its_lines(old: Path) -> None:
    """Opened once it has today's layout, the lines and hashes that it had, and takes new ones."""
    before = lines_of(old)
    assert version_of(old) < VERSION
    ledger = SqliteLedger(old, StillClock())
    assert ledger.verify() == []
    ledger.append([("a", {"by": ledger.identities.token("Ada", "ada@example.org")})])
    assert ledger.verify() == []
    ledger.close()
    assert version_of(old) == VERSION
    assert lines_of(old)[:-1] == before
    with closing(sqlite3.connect(old)) as db:
        rows = db.execute("SELECT trial, state, late FROM trials").fetchall()
    assert len(rows) > 10
    assert {late for _, _, late in rows} == {0}


def test_an_older_ledger_can_be_read_without_being_brought_up(old: Path) -> None:
    """Looking changes nothing: the file stays of its version, and is whole in its layout."""
    content, before = old.read_bytes(), version_of(old)
    ledger = SqliteLedger(old, StillClock(), read_only=True)
    assert ledger.verify() == []
    assert ledger.identities.known() == {}
    ledger.close()
    assert version_of(old) == before
    assert old.read_bytes() == content


def test_a_migration_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it or nothing: the older Mainstem can go on with the file."""
    content, statements = lines_of(old), layout.statements
    monkeypatch.setattr(
        layout, "statements", lambda kind, step: [*statements(kind, step), "CREATE NONSENSE"]
    )
    before = version_of(old)
    with pytest.raises(StoreError):
        SqliteLedger(old, StillClock())
    monkeypatch.undo()
    assert version_of(old) == before
    assert lines_of(old) == content
    with closing(sqlite3.connect(old)) as db:
        made = db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'identities'")
        assert made.fetchone() == (0,)


@pytest.fixture
def address(postgres_server: Server, database: str) -> PostgresAddress:
    """Where the test's store is."""
    found = parse(postgres_server.address(database))
    assert isinstance(found, PostgresAddress)
    return found


@pytest.fixture
def made(postgres_server: Server, database: str) -> Callable[[int], None]:
    """Makes a store of an older version in PostgreSQL, with two lines in it."""

    def make(version: int) -> None:
        with psycopg.connect(postgres_server.address(database), autocommit=True) as db:
            db.execute("CREATE SCHEMA mainstem; SET search_path TO mainstem, pg_temp")
            postgres_schema.bring_up(db, 0, version)
            for name, value in (("application", "mainstem"), ("version", str(version))):
                db.execute(postgres_schema.DESCRIBE, (name, value))

    return make


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_older_store_in_postgresql_is_brought_up(
    made: Callable[[int], None], address: PostgresAddress, version: int
) -> None:
    """As on SQLite; read only, it is whole in the layout that it has."""
    made(version)
    reader = PostgresLedger(address, StillClock(), read_only=True)
    assert reader.verify() == []
    ledger = PostgresLedger(address, StillClock())
    ledger.append([("a", {"n": 1})])
    assert ledger.verify() == []
    assert [entry.body for entry in reader.entries()] == [{"n": 1}]
    link = ledger._link.connection()
    about = link.execute("SELECT value FROM meta WHERE name = 'version'").fetchone()
    assert about == (str(VERSION),)
    assert link.execute("SELECT count(*) FROM leases").fetchone() == (0,)
    assert reader.identities.known() == {}
    assert ledger.identities.token("Ada", "ada@example.org") in reader.identities.known()
    reader.close()
    ledger.close()


def test_a_newer_store_in_postgresql_is_left_alone(
    made: Callable[[int], None],
    address: PostgresAddress,
    postgres_server: Server,
    database: str,
) -> None:
    """An old Mainstem says that a newer one is needed, and which version it knows."""
    made(VERSION)
    postgres_server.sql(
        "UPDATE mainstem.meta SET value = value::int + 1 WHERE name = 'version'", database=database
    )
    for read_only in (False, True):
        says = rf"version {VERSION + 1}, .* knows {VERSION}; install a newer"
        refused = pytest.raises(StoreError, match=says)
        with refused as error:
            PostgresLedger(address, StillClock(), read_only=read_only)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("table", ["theirs (x int)", "meta (name text, value text)"])
def test_another_programs_schema_stays_as_it_is(
    address: PostgresAddress, postgres_server: Server, database: str, table: str
) -> None:
    """Somebody's tables are not turned into a ledger; another schema can be named."""
    postgres_server.sql(
        "CREATE SCHEMA mainstem", f"CREATE TABLE mainstem.{table}", database=database
    )
    with pytest.raises(StoreError, match="another program's; name another with"):
        PostgresLedger(address, StillClock())
    rows = postgres_server.sql(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'mainstem'", database=database
    )
    assert rows == [(1,)]


def test_a_database_that_is_not_in_utf8_is_refused(postgres_server: Server) -> None:
    """Lines hold whatever a trial prints; the line says how to make a database that can."""
    postgres_server.sql("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    address = parse(postgres_server.address("latin"))
    assert isinstance(address, PostgresAddress)
    with pytest.raises(StoreError, match="holds text as LATIN1; make another"):
        PostgresLedger(address, StillClock())


def test_the_views_of_both_stores_say_the_same(
    old: Path, address: PostgresAddress, postgres_server: Server, database: str
) -> None:
    """One ledger, two databases: row by row, column by column, the views are equal."""
    source = SqliteLedger(old, StillClock())
    target = PostgresLedger(address, StillClock())
    target.take_rows(list(source.rows()))
    source.close()
    target.close()
    for view in ("proposals", "trials", "decisions"):
        query = f"SELECT * FROM {view}"  # noqa: S608  # names are ours
        with closing(sqlite3.connect(old)) as db:
            left = [[_plain(value) for value in row] for row in db.execute(query)]
        rows = postgres_server.sql("SET search_path TO mainstem", query, database=database)
        assert [[_plain(value) for value in row] for row in rows] == left
        assert left


def _plain(value: Any) -> Any:
    """Numbers of both databases alike."""
    return value if value is None or isinstance(value, str) else float(value)


def test_both_stores_have_every_version() -> None:
    """A version has a file for each store, and each makes something."""
    for kind in Kind:
        assert all(layout.statements(kind, step) for step in range(1, VERSION + 1))
