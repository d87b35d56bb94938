"""The board's last answers, kept in the state folder: one that was killed shows them at once.

They are a convenience: a folder that is gone, full or read-only costs time, nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mainstem.wiring import shown

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "board"
"""The folder in the state folder."""

MOST = 100
"""So many answers are kept, the last ones."""


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An answer.

    Attributes:
        key: Of all that it came of.
        ledger: The hash of the first line of the ledger.
        line: The line that it speaks of.
        body: The answer.
    """

    key: str
    ledger: str
    line: int
    body: dict[str, Any]


class Shelf:
    """Answers on the disk.

    Args:
        state: The state folder.
    """

    def __init__(self, state: Path) -> None:
        self._folder = state / FOLDER

    def put(self, name: str, kept: Kept) -> None:
        """Keeps an answer in the place of the one before."""
        content = {
            "code": _code(),
            "name": name,
            "key": kept.key,
            "ledger": kept.ledger,
            "line": kept.line,
            "body": kept.body,
        }
        path = self._path(name)
        part = path.with_suffix(".part")
        with contextlib.suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            part.write_text(json.dumps(content), encoding="utf-8")
            part.replace(path)
            self._thin_out()

    def get(self, name: str) -> Kept | None:
        """The answer that is kept; None if there is none, or it is of another Mainstem."""
        try:
            found = json.loads(self._path(name).read_text(encoding="utf-8"))
            if (found["code"], found["name"]) != (_code(), name):
                return None
            return Kept(
                key=str(found["key"]),
                ledger=str(found["ledger"]),
                line=int(found["line"]),
                body=dict(found["body"]),
            )
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"

    def _thin_out(self) -> None:
        """Takes the oldest away if there are too many.

        Raises:
            OSError: The folder cannot be read or written.
        """
        files = list(self._folder.glob("*.json"))
        if len(files) > MOST:
            files.sort(key=lambda file: file.stat().st_mtime)
            for file in files[: len(files) - MOST]:
                file.unlink(missing_ok=True)


def _code() -> str:
    """Which Mainstem this is."""
    return hashlib.sha256(shown.code().encode()).hexdigest()[:16]
