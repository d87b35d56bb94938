"""The one place where the time of day enters: everything else is handed a clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class SystemClock:
    """The system's clock."""

    def now(self) -> str:
        """The present as ISO 8601 in UTC, to the millisecond."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        return time.monotonic()
