"""What `show` said last, kept beside the ledger.

Weighing thousands of trials takes seconds, and what is shown changes only when something is written
down. So it is kept with a key of all that it came of; another key, or a file that cannot be read,
and it is worked out anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mainstem

if TYPE_CHECKING:
    from mainstem.domain.proposal import CommitId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Ledger

_FILE = "shown.json"


def key_of(stack: Stack, ledger: Ledger, trunk: CommitId) -> str:
    """A digest of what is shown comes of: settings, the end of the record, the trunk, the code.

    Raises:
        StoreError: The ledger cannot be read.
    """
    content = [repr(stack), *map(str, ledger.end()), trunk, code()]
    return hashlib.sha256("\n".join(content).encode()).hexdigest()


def read(state: Path, key: str) -> dict[str, Any] | None:
    """What was shown with this key; None if it was another one that was shown last."""
    try:
        kept = json.loads((state / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(kept, dict) or kept.get("key") != key:
        return None
    found: dict[str, Any] = kept["report"]
    return found


def write(state: Path, key: str, report: dict[str, Any]) -> dict[str, Any]:
    """Keeps what is shown, and returns it as it will be read.

    A folder that cannot be written costs time, nothing else.
    """
    text = json.dumps({"key": key, "report": report})
    part = state / f"{_FILE}.part"
    with contextlib.suppress(OSError):
        part.write_text(text, encoding="utf-8")
        part.replace(state / _FILE)
    found: dict[str, Any] = json.loads(text)["report"]
    return found


@cache
def code() -> str:
    """Which Mainstem this is; sizes and times of its files, as a work tree keeps its version."""
    package = Path(mainstem.__file__).parent
    files = sorted(package.rglob("*.py"))
    stats = ((path, path.stat()) for path in files)
    lines = [f"{path.name} {found.st_size} {found.st_mtime_ns}" for path, found in stats]
    return "\n".join([mainstem.__version__, *lines])
