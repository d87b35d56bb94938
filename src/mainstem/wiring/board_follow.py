"""A ledger, followed line by line: the record as it stands, copied for its readers at each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.engine import record as records
from mainstem.engine.record import Record, advance
from mainstem.engine.snapshot import snapshot
from mainstem.ledger.chain import GENESIS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.engine.ports import Entry, Ledger


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a trial ended, as far as its log is concerned.

    Attributes:
        worker: Who ran it, in a team: `host` and `folder`; None where one works alone.
    """

    worker: Mapping[str, Any] | None = None


@dataclass(kw_only=True)
class Follower:
    """Reads a ledger on and on. For one thread; what it gives out may be read by others.

    Attributes:
        record: The ledger folded up to the last line that was read; nobody changes it any more.
        hash: That line's hash.
        at: When that line was written; None before the first one.
        first: The hash of the first line, which tells ledgers apart; "" before there is one.
        ended: Of every trial that ended, how; the same dictionary goes on.
    """

    record: Record = field(default_factory=Record)
    hash: str = GENESIS
    at: str | None = None
    first: str = ""
    ended: dict[str, Ended] = field(default_factory=dict)

    def follow(self, ledger: Ledger) -> bool:
        """Reads what was written since; whether that is anything.

        A ledger that does not go on from what was read, such as a copy that was put back, is read
        from its beginning.

        Raises:
            StoreError: The ledger cannot be read.
        """
        if ledger.end() == (self.record.seq, self.hash):
            return False
        fresh = list(ledger.entries(after=max(self.record.seq - 1, 0)))
        if self.record.seq and (not fresh or fresh[0].hash != self.hash):
            self.record, self.hash, self.at = Record(), GENESIS, None
            self.first, self.ended = "", {}
            fresh = list(ledger.entries())
        elif self.record.seq:
            fresh = fresh[1:]
        record = snapshot(self.record)
        for entry in fresh:
            advance(record, entry)
            self._note(entry)
        self.record = record
        if fresh:
            self.first = self.first or fresh[0].hash
            self.hash, self.at = fresh[-1].hash, fresh[-1].at
        return True

    def _note(self, entry: Entry) -> None:
        """Notes whose log a line speaks of."""
        body = entry.body
        if entry.kind in {records.TRIAL_FINISHED, records.TRUNK_FAILED}:
            self.ended[body["trial"]] = Ended(worker=body.get("worker"))
        elif entry.kind == records.TRY_FINISHED:
            for trial in body["trials"]:
                self.ended[trial] = Ended(worker=body.get("worker"))
        elif entry.kind == records.CHECK_FINISHED:
            for part in (body, *body.get("rungs", ())):
                for row in part["trials"]:
                    self.ended[row["trial"]] = Ended()
