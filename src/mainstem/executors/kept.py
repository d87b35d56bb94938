"""What is kept of a trial, for whoever looks at it later: its logs, whole.

A trial may have put a link or a pipe in their place, so they are read as warily as while it ran.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.executors.folders import reason
from mainstem.executors.logs import open_regular

if TYPE_CHECKING:
    from pathlib import Path

LOGS = ("stdout", "stderr")
"""The logs in a trial's folder."""


def kept_logs(workspace: Path, trial: str) -> dict[str, str] | None:
    """What a trial printed, by `stdout` and `stderr`; None if nothing is kept of it.

    Args:
        workspace: The state folder.
        trial: The trial's name, which must be the name of a folder.

    Raises:
        UsageError: A log is there but cannot be read, or is not a regular file.
    """
    folder = workspace / "logs" / trial
    return {name: _whole(folder / name) for name in LOGS} if folder.is_dir() else None


def _whole(path: Path) -> str:
    """A log's text as it is on the disk; "" if the trial never got so far.

    Raises:
        UsageError: It cannot be read, or is not a regular file.
    """
    try:
        with open_regular(path) as (file, _):
            return file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(f"the log {path} cannot be read: {reason(error)}") from None
