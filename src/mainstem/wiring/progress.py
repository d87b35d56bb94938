"""What a working `integrate` tells other processes: a small file beside the ledger.

The ledger holds what has ended; what runs at this moment is worth a look (`mainstem status`) and
not worth a record. The file counts only while its writer holds the campaign's lock, so one that a
killed process left says nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
from typing import TYPE_CHECKING, Any

from mainstem.ledger.locks import CampaignLock
from mainstem.wiring.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.campaign import Listener
    from mainstem.engine.ports import Worker
    from mainstem.engine.record import Asked, CampaignRecord, Record
    from mainstem.integrator import Integrator

PROGRESS_FILE = "progress.json"
"""The file in the state folder."""


def read_progress(state: Path) -> dict[str, Any]:
    """What a working process last said: `pid`, `slots`, `running`, `since`, `queued`; or nothing.

    Args:
        state: The state folder.

    Raises:
        StoreError: The lock's file cannot be read.
    """
    holder = CampaignLock.holder(state)
    if holder is None:
        return {}
    try:
        said = json.loads((state / PROGRESS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"pid": holder}
    return said if isinstance(said, dict) and said.get("pid") == holder else {"pid": holder}


def of_workers(workers: Sequence[Worker], record: Record) -> dict[str, Any]:
    """What the workers of a shared store do, in the same words; empty if there are none.

    Args:
        workers: Who works, in the order of their coming.
        record: What the ledger holds.
    """
    if not workers:
        return {}
    campaign = record.latest()
    finished = campaign.finished if campaign is not None else {}
    running = [trial for worker in workers for trial in worker.running if trial not in finished]
    asked = [] if campaign is None else [a.name for a in campaign.asked() if a.tree is not None]
    return {
        "pid": workers[0].pid,
        "slots": sum(worker.slots for worker in workers),
        "running": running,
        "queued": sum(name not in finished and name not in running for name in asked),
        "workers": [
            {
                "host": worker.host,
                "pid": worker.pid,
                "slots": worker.slots,
                "folder": worker.folder,
                "since": worker.since,
                "running": [trial for trial in worker.running if trial not in finished],
            }
            for worker in workers
        ],
    }


@contextlib.contextmanager
def telling_others(listener: Listener, state: Path, *, slots: int) -> Iterator[Listener]:
    """A listener that hands everything on and keeps the file; the file goes when it ends.

    Args:
        listener: Hears everything as well.
        state: The state folder.
        slots: How many trials run at once.
    """
    path = state / PROGRESS_FILE
    try:
        yield _Writer(listener, path, slots)
    finally:
        path.unlink(missing_ok=True)


class _Writer:
    """Hands everything on, and keeps a small file of what runs."""

    def __init__(self, listener: Listener, path: Path, slots: int) -> None:
        self._listener = listener
        self._path = path
        self._slots = slots
        self._waiting: set[TrialId] = set()
        self._since: dict[TrialId, str] = {}
        self._last = ""

    def opened(self, campaign: CampaignRecord, integrator: Integrator, *, resumed: bool) -> None:
        self._listener.opened(campaign, integrator, resumed=resumed)

    def asked(self, batch: Sequence[Asked]) -> None:
        self._waiting = {asked.name for asked in batch}
        self._listener.asked(batch)

    def ticked(self, running: Sequence[TrialId]) -> None:
        queued = len(self._waiting - set(running))
        now = SystemClock().now()
        self._since = {trial: self._since.get(trial, now) for trial in running}
        self._write({"running": list(running), "since": self._since, "queued": queued})
        self._listener.ticked(running)

    def finished(self, asked: Asked, measurement: Measurement, run: Run) -> None:
        self._waiting.discard(asked.name)
        self._listener.finished(asked, measurement, run)

    def learnt(self, integrator: Integrator) -> None:
        self._listener.learnt(integrator)

    def _write(self, said: Mapping[str, Any]) -> None:
        """Replaces the file as a whole; a full disk costs the picture, not the campaign."""
        text = json.dumps({"pid": os.getpid(), "slots": self._slots, **said})
        if text == self._last:
            return
        part = self._path.with_suffix(".part")
        with contextlib.suppress(OSError):
            part.write_text(text, encoding="utf-8")
            part.replace(self._path)
            self._last = text
