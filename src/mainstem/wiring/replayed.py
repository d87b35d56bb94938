"""The last replay of a project's lab, kept beside the ledger for whoever looks at it later.

A replay takes minutes, so nothing that only looks makes one: a board shows the last one, and says
of which line of the ledger it is.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FILE = "replayed.json"
"""The file in the state folder."""


def write(state: Path, report: dict[str, Any], *, line: int) -> None:
    """Keeps the report of `mainstem lab --replay`; a folder that cannot be written keeps none.

    Args:
        state: The state folder.
        report: The documented JSON.
        line: The number of the ledger's last line when it was made.
    """
    part = state / f"{FILE}.part"
    with contextlib.suppress(OSError):
        part.write_text(json.dumps({"line": line, "report": report}), encoding="utf-8")
        part.replace(state / FILE)


def read(state: Path) -> tuple[int, dict[str, Any]] | None:
    """The line and the report of the last replay; None if none is kept, or it cannot be read."""
    try:
        kept = json.loads((state / FILE).read_text(encoding="utf-8"))
        return int(kept["line"]), dict(kept["report"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
