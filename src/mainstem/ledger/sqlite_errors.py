"""What SQLite says, said again for the person who has to mend it.

SQLite reports a code; a person needs the file, the cause and the next step, in one line. What
SQLite said itself stands in brackets, for whoever wants to look it up.
"""

from __future__ import annotations

import errno
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mainstem.domain.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space, then repeat the command",
    sqlite3.SQLITE_READONLY: "it may not be written; check the rights of the file and its folder",
    sqlite3.SQLITE_BUSY: "another process keeps it locked; wait for it, or stop it, then repeat",
    sqlite3.SQLITE_LOCKED: "another process keeps it locked; wait for it, or stop it, then repeat",
    sqlite3.SQLITE_NOTADB: "it is not a ledger of Mainstem; move it away, then repeat the command",
    sqlite3.SQLITE_CORRUPT: "the file is damaged; keep a copy, then try `sqlite3 FILE .recover`",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; check that its folder exists, is on a sound"
    " disk, and may be written",
    sqlite3.SQLITE_PERM: "access is denied; check the rights of the file and its folder",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written; check its space, quota and health,"
    " then repeat the command",
    sqlite3.SQLITE_CONSTRAINT: "the database refused the line; run `mainstem verify`",
    sqlite3.SQLITE_ERROR: "it is not laid out as a ledger; run `mainstem verify`",
}
"""Cause and next step by primary result code."""

_ERRNO_WORDS = {
    errno.ENOSPC: _WORDS[sqlite3.SQLITE_FULL],
    errno.EDQUOT: "the disk quota is used up; free some space, then repeat the command",
    errno.EEXIST: "a file has the place of the folder; move it away, then repeat the command",
    errno.EACCES: "you may not write there; check the rights of the folder",
    errno.EROFS: "the disk is mounted read-only; work in a copy, or mount it for writing",
}


def explained(path: Path, action: str, error: sqlite3.Error) -> StoreError:
    """One line that names the file, what was tried, the cause and what to do next.

    Args:
        path: The ledger's file.
        action: What was tried, such as `written`.
        error: What SQLite raised.
    """
    # Python's own errors (a closed connection, text that is no UTF-8) carry no code.
    code = getattr(error, "sqlite_errorcode", None)
    words = None if code is None else _WORDS.get(code & 0xFF)
    words = words or "the database failed; run `mainstem verify`"
    said = " ".join(str(error).split())
    return StoreError(f"ledger {path} cannot be {action}: {words} ({said})")


def explained_kind(path: Path, action: str, code: int) -> StoreError:
    """The same where SQLite did not say it: by its primary result code."""
    return StoreError(f"ledger {path} cannot be {action}: {_WORDS[code]}")


def explained_os(path: Path, error: OSError) -> StoreError:
    """The same for a file or a folder beside the database."""
    words = _ERRNO_WORDS.get(error.errno or 0, "check that it exists and may be written")
    return StoreError(f"{path} cannot be used: {error.strerror}; {words}")


@contextmanager
def explaining(path: Path, action: str) -> Iterator[None]:
    """Turns what SQLite raises within into a `StoreError`."""
    try:
        yield
    except sqlite3.Error as error:
        raise explained(path, action, error) from error
    except UnicodeDecodeError as error:  # SQLite's own words name what it read
        raise explained_kind(path, action, sqlite3.SQLITE_CORRUPT) from error
