from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.ledger import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mainstem.ledger.on_sqlite import SqliteLedger


def taken(proposal: str, order: int) -> tuple[str, dict[str, Any]]:
    """A proposal as the engine writes it down."""
    body = {
        "id": proposal,
        "branch": f"try/{proposal}",
        "commit": "c" * 40,
        "base": "b" * 40,
        "tree": "t" * 40,
        "components": ["optimizer"],
        "order": order,
        "claim": "",
    }
    return "proposal-taken", body


def asked(*rows: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A batch as the engine writes it down."""
    usual = {"recipe": ["a"], "seed": 7, "rung": "small", "purpose": "search", "tree": "t"}
    return "batch-asked", {"campaign": "c1", "trials": [usual | row for row in rows]}


def finished(trial: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A result as the engine writes it down."""
    body = {"campaign": "c1", "trial": trial, "values": {"loss": 2.5}, "failure": None}
    return "trial-finished", body | {"run": {"wall_s": 1.5, "log_dir": "logs/x"}} | more


def verdict(proposal: str, kind: str) -> tuple[str, dict[str, Any]]:
    """A verdict as the engine writes it down."""
    body = {"campaign": "c1", "proposal": proposal, "kind": kind, "reason": "why", "others": ["b"]}
    return "verdict", body


def override(proposal: str, kind: str) -> tuple[str, dict[str, Any]]:
    """What a person says of a proposal, as the engine writes it down."""
    body = {"campaign": "c1", "proposal": proposal, "kind": kind, "reason": "so it is", "by": "t"}
    return "override", {**body, "price": None}


@pytest.fixture
def shell(path: Path, ledger: SqliteLedger) -> Iterator[sqlite3.Connection]:
    """What a person with a sqlite shell has: a connection without our code."""
    assert ledger.path == path
    connection = sqlite3.connect(path, isolation_level=None)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def rows(shell: sqlite3.Connection, query: str) -> list[tuple[Any, ...]]:
    """The answer, as plain tuples."""
    return [tuple(row) for row in shell.execute(query)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = '{}' WHERE seq = 1",
        "DELETE FROM entries WHERE seq = 2",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT 1, at, kind, body, hash FROM entries WHERE seq = 2",
        "INSERT OR REPLACE INTO entries SELECT 3, at, kind, body, hash FROM entries WHERE seq = 1",
        "INSERT INTO entries SELECT 5, at, kind, body, printf('%064d', 1) FROM entries LIMIT 1",
        "INSERT INTO entries VALUES (3, 't', 'a', 'no json', printf('%064d', 1))",
        "INSERT INTO entries VALUES (3, 't', 'a', '{}', 'short')",
        "INSERT INTO entries VALUES (3, NULL, 'a', '{}', printf('%064d', 1))",
    ],
)
def test_the_database_keeps_lines(
    ledger: SqliteLedger, shell: sqlite3.Connection, statement: str
) -> None:
    """No program can alter, remove, replace or misplace a line, or write one that is no line."""
    ledger.append([("a", {"n": 1}), ("b", {"n": 2})])
    with pytest.raises(sqlite3.IntegrityError):
        shell.execute(statement)
    assert [entry.body["n"] for entry in ledger.entries()] == [1, 2]
    assert ledger.verify() == []


def test_the_file_says_what_it_is(shell: sqlite3.Connection) -> None:
    """`file` and other programs recognise a ledger; meta holds what a verifier needs."""
    assert shell.execute("PRAGMA application_id").fetchone()[0].to_bytes(4, "big") == b"MSTM"
    assert shell.execute("PRAGMA user_version").fetchone()[0] == schema.VERSION
    meta = dict(rows(shell, "SELECT name, value FROM meta"))
    assert meta["genesis"] == "0" * 64
    assert meta["created_at"] == "2024-01-02T03:04:05.678Z"


def test_the_view_of_proposals(ledger: SqliteLedger, shell: sqlite3.Connection) -> None:
    """One row per proposal: its last take, its last verdict, and what has become of it."""
    ledger.append([taken("b", 2), taken("a", 1), taken("c", 3), taken("d", 4)])
    ledger.append([verdict("a", "open"), verdict("a", "merge"), verdict("b", "shelve")])
    ledger.append([("proposal-withdrawn", {"id": "b"}), ("proposal-withdrawn", {"id": "d"})])
    ledger.append([taken("d", 5), ("merged", {"recipe": ["a"], "old": "1", "new": "2"})])
    ledger.append([taken("e", 6), taken("f", 7), taken("g", 8)])
    ledger.append([override("a", "veto"), override("c", "force"), override("e", "veto")])
    ledger.append([override("f", "withdraw"), override("g", "veto"), override("g", "lift")])
    assert rows(shell, 'SELECT id, state, verdict, branch, "order" FROM proposals') == [
        ("a", "merged", "merge", "try/a", 1),
        ("b", "withdrawn", "shelve", "try/b", 2),
        ("c", "open", None, "try/c", 3),
        ("d", "open", None, "try/d", 5),
        ("e", "vetoed", None, "try/e", 6),
        ("f", "withdrawn", None, "try/f", 7),
        ("g", "open", None, "try/g", 8),
    ]


def test_the_view_of_trials(ledger: SqliteLedger, shell: sqlite3.Connection) -> None:
    """One row per asked trial in the order of asking; the first result of a trial counts."""
    ledger.append(
        [asked({"trial": "c1.1"}, {"trial": "c1.2", "tree": None}), asked({"trial": "c1.3"})]
    )
    ledger.append([asked({"trial": "c1.10", "purpose": "confirm"})])
    failure = {"cause": "exit", "what": "exit code 1"}
    ledger.append([finished("c1.3", values=None, failure=failure), finished("c1.1")])
    ledger.append([finished("c1.1", values={"loss": 99.0})])
    assert rows(shell, 'SELECT trial, state, purpose, "values", cause, wall_s FROM trials') == [
        ("c1.1", "succeeded", "search", '{"loss":2.5}', None, 1.5),
        ("c1.2", "void", "search", None, None, None),
        ("c1.3", "failed", "search", None, "exit", 1.5),
        ("c1.10", "asked", "confirm", None, None, None),
    ]
    query = "SELECT campaign, recipe, seed, rung, tree, log_dir FROM trials LIMIT 1"
    assert rows(shell, query) == [("c1", '["a"]', 7, "small", "t", "logs/x")]


def test_the_view_of_decisions(ledger: SqliteLedger, shell: sqlite3.Connection) -> None:
    """Verdicts, merges and what people said in their order, one proposal a row."""
    ledger.append([verdict("a", "open"), verdict("a", "merge"), verdict("b", "merge")])
    ledger.append([("merged", {"recipe": ["a", "b"], "old": "1", "new": "2"})])
    ledger.append([verdict("c", "shelve"), override("c", "force")])
    found = rows(shell, "SELECT seq, proposal, decision, reason, others FROM decisions")
    assert found == [
        (1, "a", "open", "why", '["b"]'),
        (2, "a", "merge", "why", '["b"]'),
        (3, "b", "merge", "why", '["b"]'),
        (4, "a", "merged", "the trunk moved to 2", '["a","b"]'),
        (4, "b", "merged", "the trunk moved to 2", '["a","b"]'),
        (5, "c", "shelve", "why", '["b"]'),
        (6, "c", "force", "so it is", None),
    ]


def test_views_live_with_bodies_they_do_not_know(
    ledger: SqliteLedger, shell: sqlite3.Connection
) -> None:
    """Lines that lack fields or have further ones break no view."""
    kinds = [
        "proposal-taken",
        "proposal-withdrawn",
        "override",
        "batch-asked",
        "trial-finished",
        "verdict",
    ]
    ledger.append([(kind, {"later": 1}) for kind in [*kinds, "merged", "of-a-later-mainstem"]])
    for view in ("proposals", "trials", "decisions"):
        assert json.dumps(rows(shell, f"SELECT * FROM {view}"))  # noqa: S608  # names are ours


def test_two_first_processes_make_one_layout(
    path: Path, open_at: Callable[..., SqliteLedger]
) -> None:
    """Another process makes the layout between our look and our lock: it is taken as it is."""

    class Late(sqlite3.Connection):
        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            if sql == "BEGIN IMMEDIATE":
                open_at(path).append([("a", {})])
            return super().execute(sql, *given)

    connection = sqlite3.connect(path, isolation_level=None, factory=Late)
    schema.prepare(connection, path, now="t", read_only=False)
    assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
    connection.close()


def test_the_switch_to_wal_waits_for_readers(path: Path) -> None:
    """SQLite gives up at once while another connection reads; the second try goes through."""
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("CREATE TABLE t (x)")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    tries = []

    class Patient(sqlite3.Connection):
        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            tries.append(sql)
            if len(tries) == 2:
                reader.execute("COMMIT")
            return super().execute(sql, *given)

    connection = sqlite3.connect(path, isolation_level=None, factory=Patient, timeout=0.0)
    schema.use_wal(connection)
    assert len(tries) == 2
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    reader.close()
