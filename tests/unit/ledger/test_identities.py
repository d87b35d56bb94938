"""What is to be kept of people, worked out from what is kept; and what only one store can show."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, TypeVar

import pytest

from mainstem.domain.errors import StoreError
from mainstem.ledger import identities
from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.identities import Kept, digest, united, with_person, without
from mainstem.ledger.on_postgres import PostgresLedger
from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mainstem.ledger.postgres_link import Connection
    from postgres_server import Server

T = TypeVar("T")


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


def kept(*emails: str) -> Kept:
    """What is kept of those who have these addresses."""
    found = Kept()
    for email in emails:
        found = with_person(found, email.partition("@")[0], email)
    return found


def token_of(store: Kept, email: str) -> str:
    """The token of an address."""
    found = store.find(email)
    assert found is not None
    return found.token


def pseudonym_of(store: Kept, email: str) -> str | None:
    """What is shown for an address."""
    found = store.find(email)
    assert found is not None
    return found.pseudonym


def test_a_step_applied_twice_changes_nothing_more() -> None:
    """Where a connection is lost behind the commit the step is applied again."""
    store = kept("ada@x.org", "grace@x.org")
    assert with_person(store, "ada", "Ada@x.org") is store
    once = without(store, [token_of(store, "ada@x.org")])
    assert without(once, [token_of(store, "ada@x.org")]) == once
    assert with_person(once, "ada", "ada@x.org") is once
    assert united(once, store, shown="x") == once


def test_two_stores_have_nothing_in_common() -> None:
    """Salts differ, so neither tokens nor digests can be laid side by side."""
    first, second = kept("ada@x.org"), kept("ada@x.org")
    assert first.salt != second.salt
    assert first.rows[0].digest != second.rows[0].digest
    assert first.rows[0].token != second.rows[0].token
    assert len(first.salt) == 32


def test_the_digest_is_hmac_sha256_of_the_address() -> None:
    """As RFC 4231 has it (test case 2), so that others can recompute it."""
    key = b"Jefe".hex()
    assert digest(key, "what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


def test_scarce_pseudonyms_become_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """No two people share one, however many are forgotten."""
    monkeypatch.setattr(identities.secrets, "token_hex", lambda size: "ab" * size)
    store = kept("ada@x.org", "grace@x.org")
    for email in ("ada@x.org", "grace@x.org"):
        store = without(store, [token_of(store, email)])
    found = {pseudonym_of(store, email) for email in ("ada@x.org", "grace@x.org")}
    assert found == {"contributor-abab", "contributor-ababab"}


def test_a_copy_brings_people_and_forgets_whoever_is_forgotten_in_either() -> None:
    """Nobody comes back by a copy, in neither direction."""
    source = kept("ada@x.org", "grace@x.org", "joan@x.org")
    target = united(Kept(), source, shown="x")
    assert target == source
    target = without(target, [token_of(target, "ada@x.org")])
    source = without(source, [token_of(source, "grace@x.org")])
    source = with_person(source, "alan", "alan@x.org")
    both = united(target, source, shown="x")
    assert pseudonym_of(both, "ada@x.org") == pseudonym_of(target, "ada@x.org") is not None
    assert pseudonym_of(both, "grace@x.org") == pseudonym_of(source, "grace@x.org") is not None
    assert [row.name for row in both.rows if row.pseudonym is None] == [
        row.name for row in both.rows if row.name in {"joan", "alan"}
    ]
    assert len(both.rows) == 4


def test_tokens_of_a_copy_are_the_sources() -> None:
    """Whoever was met on both sides has the token that is in the lines, and stays forgotten."""
    source = kept("ada@x.org")
    target = with_person(Kept(salt=source.salt), "ada", "ada@x.org")
    assert token_of(target, "ada@x.org") != token_of(source, "ada@x.org")
    assert united(target, source, shown="x") == source
    target = without(target, [token_of(target, "ada@x.org")])
    [row] = united(target, source, shown="x").rows
    assert (row.token, row.name, row.email) == (token_of(source, "ada@x.org"), None, None)


def test_a_store_that_knows_people_of_its_own_is_refused() -> None:
    """Their digests are made with another salt: they could not be recognised."""
    with pytest.raises(StoreError, match="ledger x knows people of its own, by tokens that are n"):
        united(kept("ada@x.org"), kept("grace@x.org"), shown="x")


def test_a_reader_that_keeps_the_log_is_said(tmp_path: Path) -> None:
    """Forgotten they are, but the log has the name until nobody reads: the same call ends it."""
    path = tmp_path / "ledger.sqlite"
    ledger = SqliteLedger(path, StillClock(), busy_timeout_s=0.05)
    token = ledger.identities.token("Ada", "ada@example.org")
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM identities").fetchall()
        with pytest.raises(StoreError, match="another process reads, and the file's log still has"):
            ledger.identities.forget([token])
    assert ledger.identities.known()[token].name is None
    ledger.identities.forget([token])
    ledger.close()
    assert all(b"ada@example.org" not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_file_that_may_only_be_read_takes_nobody(tmp_path: Path) -> None:
    """Whoever is known is found; for anybody else the store has to be written."""
    path = tmp_path / "ledger.sqlite"
    ledger = SqliteLedger(path, StillClock())
    token = ledger.identities.token("Ada", "ada@example.org")
    ledger.close()
    reader = SqliteLedger(path, StillClock(), read_only=True)
    assert reader.identities.token("Ada", "ada@example.org") == token
    with pytest.raises(StoreError, match="may not be written"):
        reader.identities.token("Grace", "grace@example.org")
    reader.close()


def test_a_table_that_was_changed_is_named(tmp_path: Path) -> None:
    """It is no part of the chain, but of the layout."""
    path = tmp_path / "ledger.sqlite"
    ledger = SqliteLedger(path, StillClock())
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE identities ADD COLUMN phone TEXT")
    assert [line.partition(":")[0] for line in ledger.verify()] == [
        "the database's identities was changed"
    ]
    ledger.close()


@pytest.fixture
def open_as(postgres_server: Server, database: str) -> Callable[..., PostgresLedger]:
    """Opens the test's store in a database, as its owner or as another user."""

    def open_it(user: str | None = None, *, read_only: bool = False) -> PostgresLedger:
        text = postgres_server.address(database, **({} if user is None else {"user": user}))
        address = parse(text)
        assert isinstance(address, PostgresAddress)
        return PostgresLedger(address, StillClock(), read_only=read_only)

    return open_it


def test_a_database_opened_to_be_read_takes_nobody(open_as: Callable[..., PostgresLedger]) -> None:
    """As a file does, also where the user may write."""
    with closing(open_as()) as ledger:
        token = ledger.identities.token("Ada", "ada@example.org")
    with closing(open_as(read_only=True)) as reader:
        assert reader.identities.token("Ada", "ada@example.org") == token
        with pytest.raises(StoreError, match="was opened to be read"):
            reader.identities.forget([token])


def test_a_user_without_the_right_is_told(
    open_as: Callable[..., PostgresLedger], postgres_server: Server, database: str
) -> None:
    """The table has rights of its own: lines can be open to those who may not see names."""
    with closing(open_as()) as ledger:
        ledger.append([("a", {"by": ledger.identities.token("Ada", "ada@example.org")})])
    postgres_server.sql(
        "DROP ROLE IF EXISTS eve",
        "CREATE ROLE eve LOGIN",
        "GRANT USAGE ON SCHEMA mainstem TO eve",
        "GRANT SELECT, INSERT ON mainstem.entries, mainstem.meta TO eve",
        "GRANT SELECT, UPDATE ON mainstem.head TO eve",
        database=database,
    )
    with closing(open_as("eve")) as ledger:
        ledger.append([("a", {"n": 2})])
        assert len(list(ledger.entries())) == 2
        for look in (ledger.identities.known, lambda: ledger.identities.token("Eve", "e@x.org")):
            with pytest.raises(StoreError, match="lacks a right in the database; ask its own"):
                look()
    postgres_server.sql(
        "GRANT SELECT, INSERT, DELETE ON mainstem.identities TO eve", database=database
    )
    with closing(open_as("eve")) as ledger:
        token = ledger.identities.token("Eve", "eve@example.org")
        assert ledger.identities.forget([token]).startswith("contributor-")


@pytest.mark.parametrize("behind", [False, True])
def test_a_connection_lost_around_the_commit_makes_one_token(
    open_as: Callable[..., PostgresLedger],
    postgres_server: Server,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    *,
    behind: bool,
) -> None:
    """Cut off before the commit it is made again, behind it it is found to stand."""
    ledger = open_as()
    run, cuts = ledger._link.run, []

    def cut(db: Connection) -> None:
        if not cuts:
            cuts.append(1)
            ends = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            postgres_server.sql(ends, database=database)
            db.execute("SELECT 1")

    def cut_run(action: str, work: Callable[[Connection], T]) -> T:
        def cut_work(db: Connection) -> T:
            if action != "written":
                return work(db)
            if behind:
                found = work(db)
                cut(db)
                return found
            with db.transaction():
                found = work(db)
                cut(db)
            return found

        return run(action, cut_work)

    monkeypatch.setattr(ledger._link, "run", cut_run)
    token = ledger.identities.token("Ada", "ada@example.org")
    assert cuts == [1]
    assert list(ledger.identities.known()) == [token]
    ledger.close()
