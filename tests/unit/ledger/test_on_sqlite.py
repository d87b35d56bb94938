from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import StoreError
from mainstem.ledger import schema
from mainstem.ledger.on_sqlite import prepare_state_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mainstem.ledger.on_sqlite import SqliteLedger

    OpenAt = Callable[..., SqliteLedger]

OPENING = """
import sys
from pathlib import Path
from mainstem.domain.errors import StoreError
from mainstem.ledger.on_sqlite import SqliteLedger
class Clock:
    def now(self): return "2024-01-02T03:04:05.678Z"
    def monotonic_s(self): return 0.0
"""


def python(
    code: str, *words: str, before: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    """Runs code that may use the ledger in a process of its own."""
    command = [*before, sys.executable, "-c", OPENING + code, *words]
    return subprocess.run(command, capture_output=True, check=False, text=True)


def one_line(error: pytest.ExceptionInfo[StoreError], path: Path) -> str:
    """The message, which is one line and names the file."""
    text = str(error.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def tamper(path: Path, *statements: str) -> None:
    """Alters the file as somebody would who knows SQLite: without the triggers."""
    connection = sqlite3.connect(path, isolation_level=None)
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for _, sql in triggers:
        connection.execute(sql)
    connection.close()


def test_it_is_durable(ledger: SqliteLedger) -> None:
    """Write-ahead logging, and every commit reaches the disk before append returns."""
    assert ledger._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL


def test_the_state_folder_hides_itself_from_git(tmp_path: Path) -> None:
    """The folder is made with a .gitignore; what is there already stays."""
    state = tmp_path / ".mainstem"
    prepare_state_folder(state)
    assert (state / ".gitignore").read_text(encoding="utf-8") == "*\n"
    (state / ".gitignore").write_text("mine\n", encoding="utf-8")
    prepare_state_folder(state)
    assert (state / ".gitignore").read_text(encoding="utf-8") == "mine\n"


def test_a_file_in_the_way_of_the_state_folder_is_said(tmp_path: Path) -> None:
    """Neither overwritten nor a traceback."""
    (tmp_path / ".mainstem").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match="File exists; a file has the place") as error:
        prepare_state_folder(tmp_path / ".mainstem")
    one_line(error, tmp_path / ".mainstem")


@pytest.mark.parametrize("content", [b"this is no database", b"SQLite format 3\0" + b"\xff" * 2000])
def test_a_foreign_file_stays_as_it_is(path: Path, open_at: OpenAt, content: bytes) -> None:
    """A file that is no database is named, and not a byte of it changes."""
    path.write_bytes(content)
    with pytest.raises(StoreError, match="not a ledger of Mainstem; move it away") as error:
        open_at(path)
    one_line(error, path)
    assert path.read_bytes() == content


def test_another_programs_database_stays_as_it_is(path: Path, open_at: OpenAt) -> None:
    """Somebody's SQLite file is not turned into a ledger."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="a database of another program; move it away") as error:
        open_at(path)
    one_line(error, path)
    assert path.read_bytes() == before


def test_a_newer_layout_is_left_alone(path: Path, open_at: OpenAt) -> None:
    """An old Mainstem says that a newer one is needed, and which version it knows."""
    open_at(path).close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()
    says = rf"version {schema.VERSION + 1}, .* knows {schema.VERSION}; install a newer"
    for read_only in (False, True):
        with pytest.raises(StoreError, match=says) as error:
            open_at(path, read_only=read_only)
        one_line(error, path)


def test_an_empty_file_becomes_a_ledger(path: Path, open_at: OpenAt) -> None:
    """A process killed between making the file and its layout leaves an empty file: no harm."""
    path.touch()
    ledger = open_at(path)
    ledger.append([("a", {})])
    assert ledger.verify() == []


def test_a_missing_folder_is_said(tmp_path: Path, open_at: OpenAt) -> None:
    """The folder is the caller's to make; one line says that it is not there."""
    with pytest.raises(StoreError, match="cannot be opened; check that its folder") as error:
        open_at(tmp_path / "gone" / "ledger.sqlite")
    one_line(error, tmp_path / "gone" / "ledger.sqlite")


def test_a_busy_store_is_said(path: Path, ledger: SqliteLedger, open_at: OpenAt) -> None:
    """After the time to wait, the message says what to do; nothing was written; reading works."""
    ledger.append([("a", {"n": 1})])
    hurried = open_at(path, busy_timeout_s=0.05)
    ledger._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another process keeps it locked; wait for it") as error:
        hurried.append([("a", {"n": 2})])
    one_line(error, path)
    assert [entry.body["n"] for entry in hurried.entries()] == [1]
    ledger._db.execute("ROLLBACK")
    hurried.append([("a", {"n": 2})])
    assert ledger.verify() == []


def test_a_full_database_leaves_a_whole_chain(path: Path, ledger: SqliteLedger) -> None:
    """Nothing of the batch that did not fit is there; with space again the ledger goes on."""
    ledger.append([("a", {"n": 1})])
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreError, match="the disk is full; free some space") as error:
        ledger.append([("a", {"n": n, "x": "y" * 1000}) for n in range(100)])
    one_line(error, path)
    ledger._db.execute("PRAGMA max_page_count = 100000")
    ledger.append([("a", {"n": 2})])
    assert [entry.body["n"] for entry in ledger.entries()] == [1, 2]
    assert ledger.verify() == []


def test_a_file_size_limit_leaves_a_whole_chain(path: Path, open_at: OpenAt) -> None:
    """The system refuses to let files grow: one line, and what was acknowledged is there."""
    code = """
import resource
ledger = SqliteLedger(Path(sys.argv[1]), Clock())
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
acknowledged = 0
try:
    for n in range(1000):
        ledger.append([("a", {"n": n, "x": "y" * 1000})])
        acknowledged += 1
except StoreError as error:
    print(acknowledged, error)
"""
    said = python(code, str(path)).stdout
    assert "the disk cannot be read or written; check its space, quota and health" in said
    assert str(path) in said
    ledger = open_at(path)
    assert ledger.verify() == []
    assert len(list(ledger.entries())) == int(said.split()[0]) > 0


MOUNTED = (
    "unshare",
    "--map-root-user",
    "--mount",
    "sh",
    "-c",
    'mount -t tmpfs -o "$1" none "$2" && shift 2 && exec "$@"',
    "sh",
)


def mounted(options: str, at: Path) -> tuple[str, ...]:
    """The words that run a command with a small file system of its own mounted at a folder.

    Skips the test where the system does not allow it.
    """
    words = (*MOUNTED, options, str(at))
    if (
        shutil.which("unshare") is None
        or subprocess.run([*words, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this system lets us mount nothing in a namespace")
    return words


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    """On a file system without space left: one line, and the chain is whole up to there."""
    code = """
path = Path(sys.argv[1]) / "ledger.sqlite"
ledger = SqliteLedger(path, Clock())
try:
    for n in range(2000):
        ledger.append([("a", {"n": n, "x": "y" * 1000})])
except StoreError as error:
    print(error)
    print(ledger.verify(), len(list(ledger.entries())) == n > 0)
"""
    done = python(code, str(tmp_path), before=mounted("size=500k", tmp_path))
    first, second, _ = done.stdout.split("\n")
    assert first.startswith(f"ledger {tmp_path / 'ledger.sqlite'} cannot be written: the disk is f")
    assert second == "[] True"


def test_a_read_only_disk_is_said_and_can_be_read(tmp_path: Path) -> None:
    """Where nothing can be written, writing is one clear line and reading works all the same."""
    code = """
import subprocess
folder = Path(sys.argv[1])
ledger = SqliteLedger(folder / "ledger.sqlite", Clock())
ledger.append([("a", {"n": 1})])
ledger.close()
subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
try:
    SqliteLedger(folder / "ledger.sqlite", Clock()).append([("a", {})])
except StoreError as error:
    print(error)
ledger = SqliteLedger(folder / "ledger.sqlite", Clock(), read_only=True)
print([entry.body["n"] for entry in ledger.entries()], ledger.verify())
"""
    done = python(code, str(tmp_path), before=mounted("size=2m", tmp_path))
    first, second, _ = done.stdout.split("\n")
    assert str(tmp_path / "ledger.sqlite") in first
    assert "check" in first
    assert second == "[1] []"


def test_reading_only_writes_nothing(path: Path, ledger: SqliteLedger, open_at: OpenAt) -> None:
    """A reader sees what is there and what comes, and cannot write."""
    ledger.append([("a", {"n": 1})])
    reader = open_at(path, read_only=True)
    ledger.append([("a", {"n": 2})])
    assert [entry.body["n"] for entry in reader.entries()] == [1, 2]
    with pytest.raises(StoreError, match="may not be written; check the rights") as error:
        reader.append([("a", {})])
    one_line(error, path)


def test_reading_only_makes_no_file(path: Path, open_at: OpenAt) -> None:
    """Looking at a store that is not there is one line, not a new store."""
    with pytest.raises(StoreError, match="no ledger at") as error:
        open_at(path, read_only=True)
    one_line(error, path)
    assert not path.exists()
    path.touch()
    with pytest.raises(StoreError, match="is empty"):
        open_at(path, read_only=True)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_store_that_is_gone_is_said(path: Path, ledger: SqliteLedger, *, replaced: bool) -> None:
    """A file removed or replaced under a campaign is no silent loss of all that follows."""
    ledger.append([("a", {})])
    path.rename(path.with_name("elsewhere"))
    if replaced:
        path.touch()
    with pytest.raises(StoreError, match="was removed or replaced while it was in use") as error:
        ledger.append([("a", {})])
    one_line(error, path)


def test_a_damaged_file_is_said(path: Path, open_at: OpenAt) -> None:
    """Bytes overwritten in the middle are an error in one line or an alteration, never silence."""
    ledger = open_at(path)
    ledger.append([("a", {"n": n, "x": "y" * 500}) for n in range(200)])
    ledger.close()
    content = bytearray(path.read_bytes())
    content[20_000:60_000] = b"\x07" * 40_000
    path.write_bytes(content)
    try:
        found = open_at(path).verify()
    except StoreError as error:
        found = [str(error)]
    assert found
    assert "run" in found[0] or "altered" in found[0] or "damaged" in found[0]


def test_alterations_are_named(path: Path, ledger: SqliteLedger) -> None:
    """Whoever gets around the triggers is found out, line by line."""
    ledger.append([("a", {"n": n}) for n in range(1, 13)])
    tamper(
        path,
        "UPDATE entries SET body = replace(body, '3', '4') WHERE seq = 3",
        "UPDATE entries SET at = CAST(x'ff' AS TEXT) WHERE seq = 5",
        "DELETE FROM entries WHERE seq = 8",
        "DELETE FROM entries WHERE seq = 12",
    )
    assert [line.partition(":")[0] for line in ledger.verify()] == [
        "line 3 (a) was altered",
        "line 5 (a) was altered",
        "line 8 is missing",
        "line 12 is missing at the end",
    ]


def test_a_door_left_open_is_named(path: Path, ledger: SqliteLedger) -> None:
    """A trigger that is gone, or a table without its checks, is an alteration of its own."""
    ledger.append([("a", {})])
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER entries_are_never_altered")
    connection.execute("DROP VIEW trials")
    connection.execute("CREATE VIEW trials AS SELECT 1")
    connection.close()
    assert ledger.verify() == [
        "the database's entries_are_never_altered is gone: lines may have been altered",
        "the database's trials was changed: lines may have been altered",
    ]


def test_a_line_that_is_no_json_is_said(path: Path, ledger: SqliteLedger) -> None:
    """Reading an altered line is one clear line that leads to verify."""
    ledger.append([("a", {}), ("a", {})])
    tamper(
        path,
        "PRAGMA ignore_check_constraints = ON",
        "UPDATE entries SET body = '{' WHERE seq = 2",
    )
    with pytest.raises(StoreError, match="line 2 is not JSON; run `mainstem verify`") as error:
        list(ledger.entries())
    one_line(error, path)
    assert len(ledger.verify()) == 1


def test_a_closed_ledger_says_so(path: Path, open_at: OpenAt) -> None:
    """Using it after close is an error in one line, not a crash."""
    ledger = open_at(path)
    ledger.close()
    with pytest.raises(StoreError, match="closed") as error:
        ledger.append([("a", {})])
    one_line(error, path)
