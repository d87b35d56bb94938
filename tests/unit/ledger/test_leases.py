from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.trial import TrialId
from mainstem.engine.ports import Worker
from mainstem.ledger import leases as module
from mainstem.ledger.addresses import PostgresAddress, parse
from mainstem.ledger.leases import PostgresLeases, working
from mainstem.ledger.on_postgres import PostgresLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postgres_server import Server

A, B, C = TrialId("c1.1"), TrialId("c1.2"), TrialId("c1.3")
LONG_S = 600.0


class StillClock:
    """It is always the same moment."""

    def now(self) -> str:
        """A moment of 2024."""
        return "2024-01-02T03:04:05.678Z"

    def monotonic_s(self) -> float:
        """Always zero."""
        return 0.0


@pytest.fixture
def ledger(postgres_server: Server, database: str) -> Iterator[PostgresLedger]:
    """A store."""
    address = parse(postgres_server.address(database))
    assert isinstance(address, PostgresAddress)
    ledger = PostgresLedger(address, StillClock())
    yield ledger
    ledger.close()


@pytest.fixture
def enter(ledger: PostgresLedger) -> Iterator[Callable[..., PostgresLeases]]:
    """Workers that enter the store, and leave it after the test."""
    entered: list[PostgresLeases] = []

    def make(pid: int = 1, *, lease_s: float = LONG_S) -> PostgresLeases:
        me = Worker(host="h", pid=pid, slots=2, folder="/f", since="")
        entered.append(PostgresLeases(ledger.address, me, lease_s=lease_s))
        return entered[-1]

    yield make
    for leases in entered:
        leases.close()


@pytest.fixture
def sql(postgres_server: Server, database: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Statements in the store's schema."""

    def run(*statements: str) -> list[tuple[Any, ...]]:
        return postgres_server.sql("SET search_path TO mainstem", *statements, database=database)

    return run


SILENT = "UPDATE {} SET until = clock_timestamp() - interval '1 second'"


def test_a_trial_has_one_holder(enter: Callable[..., PostgresLeases]) -> None:
    """What one holds the other does not get; what is given back anyone gets."""
    one, two = enter(1), enter(2)
    assert one.take([A, B, C], most=2) == [A, B]
    assert two.take([A, B, C], most=3) == [C]
    assert one.take([A, B, C], most=3) == []
    one.give_back([A, C])
    assert two.take([A, B, C], most=3) == [A]


def test_a_lease_that_is_not_renewed_is_anybodys(
    enter: Callable[..., PostgresLeases], sql: Callable[..., Any]
) -> None:
    """By the database's clock; and who lost one does not take it away by giving it back."""
    one, two = enter(1), enter(2)
    one.take([A], most=1)
    sql(SILENT.format("leases"))
    assert two.take([A], most=1) == [A]
    one.give_back([A])
    assert one.take([A], most=1) == []


def test_a_living_worker_keeps_its_leases(
    enter: Callable[..., PostgresLeases], sql: Callable[..., Any]
) -> None:
    """The thread puts off what the worker holds, for as long as it lives."""
    one = enter(1, lease_s=3.0)
    one.take([A], most=1)
    [(first,)] = sql("SELECT until FROM leases")
    waited = threading.Event()
    for _ in range(200):
        [(now,)] = sql("SELECT until FROM leases")
        if now > first:
            break
        waited.wait(0.1)
    assert now > first


def test_leases_are_renewed_after_the_database_was_away(
    enter: Callable[..., PostgresLeases],
    postgres_server: Server,
    sql: Callable[..., Any],
) -> None:
    """The thread does not end with the connection."""
    one = enter(1, lease_s=3.0)
    one.take([A], most=1)
    postgres_server.restart(hard=True)
    [(first,)] = sql("SELECT until FROM leases")
    waited = threading.Event()
    for _ in range(200):
        [(now,)] = sql("SELECT until FROM leases")
        if now > first:
            break
        waited.wait(0.1)
    assert now > first
    assert one.take([B], most=1) == [B]


def test_who_leaves_gives_everything_back(
    enter: Callable[..., PostgresLeases], sql: Callable[..., Any]
) -> None:
    """No row is left; leaving twice is nothing."""
    one, two = enter(1), enter(2)
    one.take([A, B], most=2)
    one.close()
    one.close()
    assert two.take([A, B], most=2) == [A, B]
    assert sql("SELECT pid FROM workers") == [(2,)]


def test_an_error_is_not_hidden_by_a_database_that_is_away(
    enter: Callable[..., PostgresLeases], postgres_server: Server, ledger: PostgresLedger
) -> None:
    """What ended the campaign is what the user hears of; the leases end by themselves."""
    me = Worker(host="h", pid=3, slots=1, folder="/f", since="")
    held = PostgresLeases(ledger.address, me, lease_s=LONG_S, patience_s=0.1)

    def stopped() -> None:
        with held:
            postgres_server.stop()
            raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            stopped()
    finally:
        postgres_server.start()
    assert enter(1).take([A], most=1) == [A]


def test_everybody_sees_who_works(
    enter: Callable[..., PostgresLeases], ledger: PostgresLedger, sql: Callable[..., Any]
) -> None:
    """Who is heard of, in the order of coming, with what is held; the silent ones are not."""
    one = enter(1)
    enter(2)
    one.take([B, A], most=2)
    found = working(ledger.address)
    assert [(w.pid, w.slots, w.folder, w.running) for w in found] == [
        (1, 2, "/f", (B, A)),
        (2, 2, "/f", ()),
    ]
    sql(SILENT.format("workers") + " WHERE pid = 1")
    assert [w.pid for w in working(ledger.address)] == [2]


def test_a_worker_that_was_swept_enters_anew(
    enter: Callable[..., PostgresLeases], sql: Callable[..., Any]
) -> None:
    """A machine that slept for days: its row is gone, and it can take trials all the same."""
    one = enter(1)
    sql("UPDATE workers SET until = clock_timestamp() - interval '2 days'")
    enter(2)
    assert sql("SELECT pid FROM workers") == [(2,)]
    assert one.take([A], most=1) == [A]
    assert sql("SELECT pid FROM workers ORDER BY pid") == [(1,), (2,)]


def test_a_line_wakes_who_waits(
    enter: Callable[..., PostgresLeases],
    ledger: PostgresLedger,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first wait only begins to listen; then a line of anyone ends it, long before its time."""
    one = enter(1)
    rings: list[float | None] = []
    listen = one._listen
    monkeypatch.setattr(one, "_listen", lambda db, s: (listen(db, s), rings.append(s)))
    one.wait(LONG_S)
    ledger.append([("a", {})])
    one.wait(LONG_S)
    waiting = threading.Thread(target=one.wait, args=(LONG_S,))
    waiting.start()
    ledger.append([("a", {})])
    waiting.join(60.0)
    assert not waiting.is_alive()
    assert rings == [LONG_S] * 3
    one.wait(0.01)


def test_leases_are_short_enough_to_be_renewed() -> None:
    """At least two renewals may fail before anyone else takes a trial."""
    assert module._RENEWALS >= 3.0
