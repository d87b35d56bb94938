from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import StoreError
from mainstem.ledger import copying
from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.copying import copy
from mainstem.ledger.on_postgres import PostgresLedger
from mainstem.ledger.on_sqlite import SqliteLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres_server import Server

    Store = SqliteLedger | PostgresLedger


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


@pytest.fixture
def open_file(tmp_path: Path) -> Iterator[Callable[[str], SqliteLedger]]:
    """Opens files by their names."""
    opened: list[SqliteLedger] = []

    def open_it(name: str) -> SqliteLedger:
        opened.append(SqliteLedger(tmp_path / name, StillClock()))
        return opened[-1]

    yield open_it
    for ledger in opened:
        ledger.close()


@pytest.fixture
def in_database(postgres_server: Server, database: str) -> Iterator[PostgresLedger]:
    """A store in a database."""
    address = parse(postgres_server.address(database))
    assert isinstance(address, PostgresAddress)
    ledger = PostgresLedger(address, StillClock())
    yield ledger
    ledger.close()


def fill(ledger: Store, count: int) -> None:
    """Lines with what is hard to carry."""
    ledger.append(
        [("a", {"n": n, "x": ["\0", "\ud800", "é", 1e-05, 10**30]}) for n in range(count)]
    )


def test_there_and_back_is_the_same_chain(
    open_file: Callable[[str], SqliteLedger], in_database: PostgresLedger
) -> None:
    """File to database to file: every line as it was, hash by hash, and all verify."""
    source, back = open_file("source"), open_file("back")
    fill(source, 1203)
    done = copy(source, in_database, shown="x")
    assert (done.lines, done.copied, done.alterations) == (1203, 1203, ())
    assert done.head == list(source.entries())[-1].hash
    assert copy(in_database, back, shown="x").copied == 1203
    assert list(back.rows()) == list(in_database.rows()) == list(source.rows())
    assert in_database.verify() == back.verify() == []
    assert list(in_database.entries()) == list(source.entries())
    in_database.append([("b", {})])
    assert in_database.verify() == []


def test_a_copy_goes_on_where_it_was_interrupted(
    open_file: Callable[[str], SqliteLedger],
    in_database: PostgresLedger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed between two pages, the same copy writes the rest; a second copy writes nothing."""
    source = open_file("source")
    fill(source, 90)
    monkeypatch.setattr(copying, "PAGE", 20)

    class Stops:
        """A target that is interrupted after three pages."""

        pages = 0
        identities = in_database.identities

        def rows(self, **how: Any) -> Iterator[Any]:
            return in_database.rows(**how)

        def take_rows(self, rows: Any) -> None:
            self.pages += 1
            if self.pages > 3:
                raise KeyboardInterrupt
            in_database.take_rows(rows)

    with pytest.raises(KeyboardInterrupt):
        copy(source, Stops(), shown="x")
    assert len(list(in_database.rows())) == 60
    assert copy(source, in_database, shown="x").copied == 30
    again = copy(source, in_database, shown="x")
    assert (again.copied, again.lines) == (0, 90)
    fill(source, 5)
    assert copy(source, in_database, shown="x").copied == 5
    assert in_database.verify() == []


def test_another_ledger_is_not_overwritten(
    open_file: Callable[[str], SqliteLedger], in_database: PostgresLedger
) -> None:
    """A target that differs in any line, or is ahead, is refused, and stays as it is."""
    source = open_file("source")
    fill(source, 3)
    in_database.append([("a", {"n": 0})])
    for _ in range(2):
        with pytest.raises(StoreError, match="is another one: its line 1 is not the source's"):
            copy(source, in_database, shown="x")
    assert len(list(in_database.rows())) == 1
    ahead = open_file("ahead")
    copy(source, ahead, shown="x")
    fill(ahead, 1)
    with pytest.raises(StoreError, match="goes on behind line 3, where the source ends"):
        copy(source, ahead, shown="x")
    assert len(list(ahead.rows())) == 4


def test_an_altered_ledger_is_not_copied(
    open_file: Callable[[str], SqliteLedger], in_database: PostgresLedger, tmp_path: Path
) -> None:
    """The lines are named, as verify names them, and nothing is written."""
    source = open_file("source")
    fill(source, 3)
    with closing(sqlite3.connect(tmp_path / "source", isolation_level=None)) as db:
        db.execute("DROP TRIGGER entries_are_never_altered")
        db.execute("UPDATE entries SET kind = 'b' WHERE seq = 2")
    done = copy(source, in_database, shown="x")
    assert [line.partition(":")[0] for line in done.alterations] == ["line 2 (b) was altered"]
    assert list(in_database.rows()) == []


@pytest.mark.parametrize("kind", ["file", "database"])
def test_lines_that_do_not_follow_are_refused(
    open_file: Callable[[str], SqliteLedger], in_database: PostgresLedger, kind: str
) -> None:
    """Somebody wrote to the target between look and copy: nothing of the page is there."""
    source = open_file("source")
    fill(source, 4)
    target: Store = open_file("target") if kind == "file" else in_database
    rows = list(source.rows())
    target.take_rows(rows[:2])
    for wrong in (rows[3:], [rows[2], (*rows[3][:3], "{}", rows[3][4])]):
        with pytest.raises(StoreError, match="does not follow line"):
            target.take_rows(wrong)
    assert list(target.rows()) == rows[:2]
    target.take_rows(rows[2:])
    assert target.verify() == []


def test_people_are_carried_over_with_the_lines(
    open_file: Callable[[str], SqliteLedger], in_database: PostgresLedger
) -> None:
    """There and back every token stands for whom it stood for; who is forgotten stays forgotten."""
    source, back = open_file("source"), open_file("back")
    ada = source.identities.token("Ada", "ada@example.org")
    grace = source.identities.token("Grace", "grace@example.org")
    source.append([("a", {"by": ada}), ("a", {"by": grace})])
    source.identities.forget([grace])
    assert copy(source, in_database, shown="x").identities == 2
    assert in_database.identities.kept() == source.identities.kept()
    in_database.identities.forget([ada])
    again = copy(source, in_database, shown="x")
    assert (again.copied, again.identities) == (0, 2)
    assert in_database.identities.known()[ada].name is None
    assert in_database.identities.token("Grace", "grace@example.org") == grace
    copy(in_database, back, shown="x")
    assert back.identities.kept() == in_database.identities.kept()


def test_a_target_that_knows_people_of_its_own_is_refused(
    open_file: Callable[[str], SqliteLedger],
) -> None:
    """Before a line is written."""
    source, target = open_file("source"), open_file("target")
    source.append([("a", {"by": source.identities.token("Ada", "ada@example.org")})])
    target.identities.token("Ada", "ada@example.org")
    with pytest.raises(StoreError, match=r"ledger .*target knows people of its own"):
        copy(source, target, shown="x")
    assert list(target.rows()) == []
