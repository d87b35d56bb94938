"""The port `Identities`: one suite for every adapter.

An adapter's class gives three fixtures: `open_store`, which opens the same store at every call;
`opener`, Python code that does so in another process and leaves the ledger in the name `ledger`;
and `stored`, which gives all that the store's own files hold.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.on_postgres import PostgresLedger
from mainstem.ledger.on_sqlite import SqliteLedger
from tests.ports.test_ledger import OPENER, POSTGRES_OPENER, TickingClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mainstem.engine.ports import Identities
    from postgres_server import Server

    Store = SqliteLedger | PostgresLedger

ADA = ("Ada Lovelace", "ada@example.org")
GRACE = ("Grace Hopper", "grace@example.org")

MEETING = """
import sys
for number in range(int(sys.argv[1])):
    print(ledger.identities.token(f"N{number}", f"n{number}@example.org"))
"""


class OpenStore(Protocol):
    """How a test opens the store."""

    def __call__(self) -> Store:
        """Opens it; a test may have it open several times."""
        ...


class IdentitiesSuite:
    """What every adapter promises."""

    @pytest.fixture
    def store(self, open_store: OpenStore) -> Iterator[Store]:
        """The store, open."""
        store = open_store()
        yield store
        store.close()

    @pytest.fixture
    def people(self, store: Store) -> Identities:
        """The port."""
        return store.identities

    def test_nobody_is_known_at_first(self, people: Identities) -> None:
        """Nobody has a token, and to look for somebody makes none."""
        assert people.known() == {}
        assert people.find("ada@example.org") is None
        assert people.known() == {}

    def test_a_person_has_one_token_found_again(
        self, people: Identities, open_store: OpenStore
    ) -> None:
        """By the address, however it is written; also through another opening of the store."""
        token = people.token(*ADA)
        assert people.token("Ada Lovelace", "Ada@Example.ORG") == token
        other = open_store()
        assert other.identities.token(*ADA) == token
        assert other.identities.token(*GRACE) != token
        other.close()
        assert {one.name for one in people.known().values()} == {ADA[0], GRACE[0]}
        found = people.find("ADA@example.org")
        assert found is not None
        assert found == people.known()[token]
        assert (found.token, found.name, found.email, found.pseudonym) == (token, *ADA, None)

    def test_a_token_says_nothing(self, people: Identities) -> None:
        """It is random: another store, empty again, would give another for the same person."""
        tokens = {people.token("Ada", f"ada{number}@example.org") for number in range(20)}
        assert len(tokens) == 20
        for token in tokens:
            assert len(token) == 16
            assert set(token) <= set("0123456789abcdef")

    def test_another_name_takes_the_place_of_the_one_before(self, people: Identities) -> None:
        """People change their names; the token stays."""
        token = people.token("An Old Name", "ada@example.org")
        assert people.token(*ADA) == token
        assert people.known()[token].name == "Ada Lovelace"

    def test_whoever_is_forgotten_is_a_pseudonym_for_good(
        self, store: Store, people: Identities, open_store: OpenStore
    ) -> None:
        """Name and address go, token and lines stay; acting again brings nothing back."""
        ada, grace = people.token(*ADA), people.token(*GRACE)
        store.append([("x", {"by": ada}), ("x", {"by": grace})])
        before = list(store.rows())
        pseudonym = people.forget([ada])
        assert pseudonym.startswith("contributor-")
        assert people.token(*ADA) == ada
        assert people.forget([ada]) == pseudonym
        other = open_store()
        found = other.identities.find("Ada@example.org")
        assert found is not None
        assert found == other.identities.known()[ada]
        assert (found.token, found.name, found.email, found.pseudonym) == (
            *(ada, None, None),
            pseudonym,
        )
        assert other.identities.known()[grace].name == "Grace Hopper"
        assert list(other.rows()) == before
        assert other.verify() == []
        other.close()

    def test_all_addresses_of_a_person_have_one_pseudonym(self, people: Identities) -> None:
        """Forgotten together, or an address more later; others have another."""
        work, home = people.token(*ADA), people.token("Ada", "ada@home.example.org")
        pseudonym = people.forget([work, home])
        assert {people.known()[token].pseudonym for token in (work, home)} == {pseudonym}
        third = people.token("A. L.", "al@example.org")
        assert people.forget([third, home]) == pseudonym
        assert people.known()[third].pseudonym == pseudonym
        assert people.forget([people.token(*GRACE)]) != pseudonym

    def test_whom_nobody_knows_cannot_be_forgotten(self, people: Identities) -> None:
        """A token that is nobody's, or none at all: nothing is changed."""
        ada = people.token(*ADA)
        for tokens in ([ada, "0" * 16], []):
            with pytest.raises(KeyError):
                people.forget(tokens)
        assert people.known()[ada].name == "Ada Lovelace"

    def test_nothing_of_the_forgotten_is_left_in_the_files(
        self, people: Identities, stored: Callable[[], bytes], store: Store
    ) -> None:
        """Neither the name nor the address, as text, is anywhere in the database's own files."""
        tokens = [people.token(f"Name{n} Long", f"address{n}@example.org") for n in range(40)]
        store.append([("x", {"by": token}) for token in tokens])
        assert b"address7@example.org" in stored()
        people.forget([tokens[7]])
        left = stored()
        assert b"address7@example.org" not in left
        assert b"Name7 Long" not in left
        assert b"address8@example.org" in left
        assert store.verify() == []

    def test_processes_that_meet_a_person_together_agree(
        self, opener: str, open_store: OpenStore
    ) -> None:
        """Four processes that open a new store and meet the same twenty people: one token each."""
        command = [sys.executable, "-c", opener + MEETING, "20"]
        running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        said = [process.communicate()[0].split() for process in running]
        assert [process.returncode for process in running] == [0] * 4
        assert said[0] == said[1] == said[2] == said[3]
        store = open_store()
        known = store.identities.known()
        assert {token: one.name for token, one in known.items()} == {
            token: f"N{number}" for number, token in enumerate(said[0])
        }
        store.close()

    # Each adapter's class calls this one function; examples are derandomised, so none is replayed.
    @settings(
        max_examples=20,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    @given(
        name=st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=20),
        email=st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=20),
    )
    def test_any_name_is_found_again(self, people: Identities, name: str, email: str) -> None:
        """Whatever git gives, bytes that are no UTF-8 included."""
        token = people.token(name, email)
        assert people.token(name, email) == token
        assert people.find(email) == people.known()[token]


class TestSqliteIdentities(IdentitiesSuite):
    """The adapter in one SQLite file."""

    @pytest.fixture
    def open_store(self, tmp_path: Path) -> Callable[[], Store]:
        """Opens the same file at every call."""
        clock = TickingClock()
        return lambda: SqliteLedger(tmp_path / "ledger.sqlite", clock)

    @pytest.fixture
    def opener(self, tmp_path: Path) -> str:
        """Opens the same file in another process."""
        return OPENER.format(path=str(tmp_path / "ledger.sqlite"))

    @pytest.fixture
    def stored(self, tmp_path: Path) -> Callable[[], bytes]:
        """The file and its log."""
        return lambda: b"".join(file.read_bytes() for file in sorted(tmp_path.glob("ledger.*")))


class TestPostgresIdentities(IdentitiesSuite):
    """The adapter in a PostgreSQL database."""

    @pytest.fixture
    def open_store(self, postgres_server: Server, database: str) -> Callable[[], Store]:
        """Opens the same schema at every call."""
        address = parse(postgres_server.address(database))
        assert isinstance(address, PostgresAddress)
        clock = TickingClock()
        return lambda: PostgresLedger(address, clock)

    @pytest.fixture
    def opener(self, postgres_server: Server, database: str) -> str:
        """Opens the same schema in another process."""
        return POSTGRES_OPENER.format(address=postgres_server.address(database))

    @pytest.fixture
    def stored(self, postgres_server: Server, database: str) -> Callable[[], bytes]:
        """The files of the database's tables, written out; not the server's log."""

        def read() -> bytes:
            [(oid,)] = postgres_server.sql(
                "SELECT oid::text FROM pg_database WHERE datname = current_database()",
                database=database,
            )
            postgres_server.sql("CHECKPOINT", database=database)
            files = sorted((postgres_server.data / "base" / oid).iterdir())
            return b"".join(file.read_bytes() for file in files if file.is_file())

        return read
