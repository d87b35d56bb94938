"""What a command that runs trials works with, and how it writes down what happened.

A campaign and a check need the same things: the stack, the trunk, and the doors. They come in one
hand, so that a new door changes one record and not every signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mainstem.engine import record as records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry, Executor, Leases, Ledger, Trees
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored
    from mainstem.engine.turns import ClaimsOf


class Keep(Protocol):
    """Keeps what a campaign has worked out; decides nothing and changes nothing of it."""

    def __call__(
        self, record: Record, campaign: CampaignRecord, state: Restored, *, last: bool
    ) -> None:
        """Told where it stands."""
        ...


@dataclass(frozen=True, kw_only=True)
class Workshop:
    """Everything a campaign works with.

    Attributes:
        stack: The stack's description.
        trunk: The trunk's commit.
        trunk_tree: The trunk's tree.
        trees: Merges recipes.
        executor: Runs trials.
        ledger: Remembers.
        leases: Says which trials are others'; None where one process works at a time.
        claims_of: Says whose proposals are, as numbers; None where compute is not shared out.
        keep: Is told where the campaign stands when it has decided what comes next, and `last` when
            it has ended, so that who looks later need not work that out; None where nobody looks.
        audited: Whether what stood behind each verdict is kept beside it; it decides nothing, and a
            campaign that nobody will ask about need not work it out.
    """

    stack: Stack
    trunk: CommitId
    trunk_tree: TreeId
    trees: Trees
    executor: Executor
    ledger: Ledger
    leases: Leases | None = None
    claims_of: ClaimsOf | None = None
    keep: Keep | None = None
    audited: bool = True

    def kept(
        self, record: Record, campaign: CampaignRecord, state: Restored, *, last: bool = False
    ) -> None:
        """Has what the campaign stands at kept, if somebody keeps it."""
        if self.keep is not None:
            self.keep(record, campaign, state, last=last)

    def write(self, record: Record, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        """Writes entries that follow from the record, and folds them into it.

        Raises:
            OvertakenError: Others work on the store too, and wrote something that is not in the
                record; nothing was written.
            StoreError: The ledger cannot be written; the record is as it was.
        """
        if self.leases is None:
            write_down(self.ledger, record, entries)
        elif not write_if_last(self.ledger, record, entries):
            raise OvertakenError


class OvertakenError(Exception):
    """Others wrote to the ledger meanwhile: what was about to be written may not follow any more.

    Nobody's fault, and never shown: who catches it folds the new lines and decides again.
    """


def write_down(
    ledger: Ledger, record: Record, entries: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Writes entries and folds them into the record in one go, after what others wrote before.

    Raises:
        StoreError: The ledger cannot be written; the record is as it was.
    """
    if not entries:
        return
    written = ledger.append(entries)
    if written[0].seq > record.seq + 1:
        catch_up(ledger, record)
        return
    for entry in written:
        records.advance(record, entry)


def write_if_last(
    ledger: Ledger, record: Record, entries: Sequence[tuple[str, Mapping[str, Any]]]
) -> bool:
    """Writes entries and folds them into the record, if the record holds every line of the ledger.

    Returns:
        False if others wrote meanwhile: then nothing was written, and the record is as it was.

    Raises:
        StoreError: The ledger cannot be written; the record is as it was.
    """
    written = ledger.append_if_last(record.seq, entries) if entries else []
    if written is None:
        return False
    for entry in written:
        records.advance(record, entry)
    return True


def catch_up(ledger: Ledger, record: Record) -> list[Entry]:
    """Folds what others wrote since the record's last line; the new lines.

    Raises:
        StoreError: The ledger cannot be read.
    """
    fresh = list(ledger.entries(after=record.seq))
    for entry in fresh:
        records.advance(record, entry)
    return fresh
