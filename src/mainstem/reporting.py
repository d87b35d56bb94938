"""`mainstem.report()`: hand a trial's metrics over from inside a training script.

Standard library only, so that importing it from a training script costs nothing. A stack that would
rather not import Mainstem writes the same JSON lines to the file named by `MAINSTEM_METRICS`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

METRICS_VARIABLE = "MAINSTEM_METRICS"
"""The environment variable that names the file for metrics, one JSON object a line."""


def report(**metrics: float | str) -> None:
    """Reports metrics of the running trial; the last value of a metric wins.

    A training script that reports as it trains says at which step, `report(step=200, loss=2.31)`:
    then its search trials may end early (`mainstem.domain.curve` says what counts).

    Outside a trial (no `MAINSTEM_METRICS`), the line goes to standard output instead, so that a
    script behaves the same when a person runs it.

    Args:
        **metrics: Values by objective name, and the `step` they are of; text values are kept as
            notes of the trial.

    Raises:
        OSError: The metrics file cannot be written.
    """
    line = json.dumps(metrics) + "\n"
    path = os.environ.get(METRICS_VARIABLE)
    if not path:
        sys.stdout.write(line)
        return
    with Path(path).open("a", encoding="utf-8") as file:
        file.write(line)
