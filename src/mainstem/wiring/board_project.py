"""A project that is looked at again and again: it keeps what it has read and worked out.

A command folds the ledger and weighs the campaign anew, which takes seconds of a large one. What
answers a board keeps both: new lines are folded onto what is there, and a campaign is put back only
when something was written that its state depends on.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from mainstem.engine.restore import restore
from mainstem.engine.rungs import same_question
from mainstem.ledger.chain import GENESIS
from mainstem.wiring.board_follow import Follower
from mainstem.wiring.project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mainstem.domain.contributor import Authorship
    from mainstem.domain.proposal import CommitId, Proposal
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry, Ledger
    from mainstem.engine.record import CampaignRecord, Record
    from mainstem.engine.restore import Restored

KEPT_STATES = 4
"""So many campaigns are kept as they stand: the running one, and those of merges looked at."""


@dataclass(kw_only=True)
class WatchedProject(Project):
    """A project of which `refresh` reads what is new; in between, everything is of one line."""

    follower: Follower = field(default_factory=Follower)
    _authors: dict[tuple[CommitId, CommitId], tuple[Authorship, ...]] = field(default_factory=dict)
    _states: dict[str, tuple[object, Restored]] = field(default_factory=dict)

    @classmethod
    def of(cls, project: Project, follower: Follower | None = None) -> WatchedProject:
        """A project, opened to be read, with what was read of it before."""
        found = {f.name: getattr(project, f.name) for f in fields(Project)}
        return cls(**{**found, "ledger": AsOf(project.ledger)}, follower=follower or Follower())

    def refresh(self) -> None:
        """Reads what is new: lines, the trunk, who contributes.

        Raises:
            StoreError: The ledger cannot be read.
        """
        whole: Any = self.ledger
        self.follower.follow(whole.ledger)
        whole.line, whole.hash = self.follower.record.seq, self.follower.hash
        for name in ("trunk_commit", "directory"):
            self.__dict__.pop(name, None)  # worked out at the next use

    def authors_of(self, proposal: Proposal) -> tuple[Authorship, ...]:
        """Who wrote a proposal; commits never change, so each is read once.

        Raises:
            GitError: Its commit is gone.
        """
        commits = (proposal.base, proposal.commit)
        if commits not in self._authors:
            self._authors[commits] = super().authors_of(proposal)
        return self._authors[commits]

    def record(self) -> Record:
        """The ledger, folded; a merge that was killed is not written down by who only looks."""
        return self.follower.record

    def standing(self, record: Record) -> tuple[CampaignRecord | None, Restored | None]:
        """The latest campaign and its state; no state if its settings are not today's."""
        campaign = record.latest()
        if campaign is None or not same_question(self.stack, campaign):
            return campaign, None
        return campaign, self.restored(self.stack, record, campaign)

    def restored(self, stack: Stack, record: Record, campaign: CampaignRecord) -> Restored:
        """A campaign's state, the one that is kept if nothing was written that changes it."""
        mark = _mark(record, campaign)
        kept = self._states.pop(campaign.id, None)
        if kept is not None and kept[0] == mark:
            self._states[campaign.id] = kept
            return kept[1]
        found = restore(stack, record, campaign)
        if kept is not None:
            found.integrator.adopt(kept[1].integrator)
        self._states[campaign.id] = (mark, found)
        while len(self._states) > KEPT_STATES:
            del self._states[next(iter(self._states))]
        return found


def _mark(record: Record, campaign: CampaignRecord) -> object:
    """What a campaign's state depends on; the ledger only grows, so counts tell it apart."""
    return (
        len(campaign.proposals),
        len(campaign.batches),
        len(campaign.finished),
        campaign.until,
        len(record.conflicts_on(campaign.trunk)),
        frozenset(record.closed()),
        len(record.overrides),
    )


class AsOf:
    """A ledger up to a line: whatever answers one question reads the same lines.

    Attributes:
        ledger: The ledger.
        line: The last line's number.
        hash: Its hash.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.line = 0
        self.hash = GENESIS

    def append(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Nothing is written by who only looks; the ledger, opened to be read, says so."""
        return self.ledger.append(records)

    def append_if_last(
        self, last: int, records: Iterable[tuple[str, Mapping[str, Any]]]
    ) -> list[Entry] | None:
        """As `append`."""
        return self.ledger.append_if_last(last, records)

    def entries(self, *, kinds: Sequence[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Entries after `seq == after` and up to the line."""
        for entry in self.ledger.entries(kinds=kinds, after=after):
            if entry.seq > self.line:
                return
            yield entry

    def latest(
        self,
        *,
        before: int | None = None,
        kinds: Sequence[str] | None = None,
        text: str = "",
        most: int,
    ) -> list[Entry]:
        """The last entries up to the line."""
        until = self.line + 1 if before is None else min(before, self.line + 1)
        return self.ledger.latest(before=until, kinds=kinds, text=text, most=most)

    def end(self) -> tuple[int, str]:
        """Number and hash of the line."""
        return self.line, self.hash

    def verify(self) -> list[str]:
        """Walks the whole chain, lines that came since included."""
        return self.ledger.verify()

    def close(self) -> None:
        """Lets go of the store."""
        self.ledger.close()
