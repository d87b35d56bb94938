"""A trial that may end early, looked at by its keeper while it runs.

What it reports is read as it comes, from the metrics file or from what it prints, and handed to the
rule that came with the job. The rule is pure (`mainstem.domain.stopper`): what is found here in
time is found again from what the trial left, and a look that comes late costs time and no more.
A trial writes these files and may be hostile: no link is followed, and reading ends where curves
end, at `READ_BYTES`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.executors.logs import open_regular

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.stopper import Stopper

EVERY_S = 0.25
"""How often the metrics file is looked at, at most."""

_NEVER_S = float("inf")


class Early:
    """Looks at one trial.

    Attributes:
        next_s: When to look again, on the monotonic clock.
    """

    def __init__(self, wanted: Mapping[str, Any] | None, metrics: str) -> None:
        """Reads nothing yet.

        Args:
            wanted: The rule as plain data; None: the trial runs whole.
            metrics: The metrics file, read where the rule does not read what is printed.
        """
        self.next_s = _NEVER_S
        self._rule: Stopper | None = None
        if wanted is None:
            return
        # Here and not above: a keeper that never needs it starts without it.
        from mainstem.domain.curve import READ_BYTES
        from mainstem.domain.stopper import from_plain

        self._rule = from_plain(wanted)
        self._reader = self._rule.reader()
        self._prints = bool(self._rule.patterns)
        self._path = Path(metrics)
        self._at = 0
        self._most = READ_BYTES
        self.next_s = time.monotonic() + EVERY_S

    def printed(self, data: bytes) -> None:
        """Takes a piece of the standard output."""
        if self._rule is not None and self._prints:
            self._reader.feed(data)

    def look(self) -> bool:
        """Whether the trial may end now; looks only if it is time to."""
        if self._rule is None or time.monotonic() < self.next_s:
            return False
        if not self._prints:
            self._read()
        self.next_s = time.monotonic() + EVERY_S
        if self._rule.look(self._reader.curves) is None:
            return False
        self.next_s = _NEVER_S
        return True

    def _read(self) -> None:
        """Reads what has come to the metrics file; what cannot be read is no reason to end."""
        try:
            with open_regular(self._path) as (file, _):
                file.seek(self._at)
                data = file.read(max(self._most - self._at, 0))
        except OSError:
            return
        self._at += len(data)
        self._reader.feed(data)
