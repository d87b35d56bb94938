"""The doors of the engine: what it needs from git, an executor, a store, a team and a clock.

Adapters (`gitrepo`, `executors`, `ledger`) implement these; only `mainstem.wiring` knows which.
One test suite per port (`tests/ports`) is inherited by every adapter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from mainstem.domain.proposal import CommitId, Conflict, Proposal, TreeId
    from mainstem.domain.trial import Job, Run, TrialId


class Clock(Protocol):
    """Time, handed in."""

    def now(self) -> str:
        """The present as ISO 8601 in UTC, to the millisecond."""
        ...

    def monotonic_s(self) -> float:
        """Seconds from an arbitrary start; never goes back."""
        ...


class Trees(Protocol):
    """Recipes as git trees, content-addressed. Never touches the user's work tree or branches."""

    def tree(self, root: CommitId, members: Sequence[Proposal]) -> TreeId | Conflict:
        """The tree of `root` with the members merged in the given order, or the conflict.

        The conflict names a smallest subset of the members that git cannot merge.
        """
        ...

    def trees(
        self, root: CommitId, recipes: Sequence[Sequence[Proposal]]
    ) -> list[TreeId | Conflict]:
        """As `tree`, for many recipes at once."""
        ...

    def conflicts(self, root: CommitId, members: Sequence[Proposal]) -> list[Conflict]:
        """All members that conflict with the root alone and all pairs that conflict, as a batch."""
        ...

    def pin(self, root: CommitId, members: Sequence[Proposal]) -> None:
        """Keeps the members' commits, and all they reach that `root` does not, from being lost.

        From here on branches may be deleted and pruned: recipes of these members stay mergeable as
        long as the state folder and `root` are there. Pinned again, nothing changes.

        Raises:
            GitError: A member's commit is gone already; names the member.
        """
        ...

    def materialise(self, tree: TreeId, into: Path) -> None:
        """Writes the tree's files into the new folder `into`, writable and private."""
        ...


class Executor(Protocol):
    """Runs jobs in slots."""

    @property
    def slots(self) -> int:
        """How many jobs run at once."""
        ...

    def submit(self, job: Job) -> None:
        """Takes a job; it starts when a slot is free."""
        ...

    def wait(self, timeout_s: float | None = None) -> list[Run]:
        """The runs that have ended since the last call; waits for one if there is none.

        Returns an empty list when nothing is under way or the timeout has passed.
        """
        ...

    def running(self) -> list[TrialId]:
        """The trials that have started and not ended, in order of their start."""
        ...

    def close(self) -> None:
        """Stops every job, leaves no process behind. May be called twice."""
        ...


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the ledger.

    Attributes:
        seq: Its number, from 1, without gaps.
        at: When it was written (ISO 8601, UTC).
        kind: What it records, such as `trial-finished`.
        body: The record: JSON-able, no secrets.
        hash: SHA-256 over the previous hash, `seq`, `at`, `kind` and the canonical body.
    """

    seq: int
    at: str
    kind: str
    body: Mapping[str, Any]
    hash: str


class Ledger(Protocol):
    """The append-only, hash-chained record."""

    def append(self, records: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Entry]:
        """Writes `(kind, body)` records in one durable transaction: all of them or none.

        Raises:
            StoreError: The store is full, read-only, busy or gone; nothing was written.
        """
        ...

    def append_if_last(
        self, last: int, records: Iterable[tuple[str, Mapping[str, Any]]]
    ) -> list[Entry] | None:
        """Writes as `append` does if the last line has the number `last`, 0 for an empty store.

        Where it has another, others wrote since `last` was read: nothing is written, and the answer
        is None. So a line that follows from all lines before it is written on them or not at all.

        Raises:
            StoreError: The store is full, read-only, busy or gone; nothing was written.
        """
        ...

    def entries(self, *, kinds: Sequence[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Entries after `seq == after` in order, of the given kinds or of all."""
        ...

    def latest(
        self,
        *,
        before: int | None = None,
        kinds: Sequence[str] | None = None,
        text: str = "",
        most: int,
    ) -> list[Entry]:
        """The last entries, the last one first: a long record is searched from its end.

        Args:
            before: Only those with lower numbers; None for all.
            kinds: Only of these kinds; None for all.
            text: Only those whose kind or body, as JSON, holds it; A to Z match a to z.
            most: So many at most.
        """
        ...

    def end(self) -> tuple[int, str]:
        """Number and hash of the last line; 0 and the chain's beginning while there is none."""
        ...

    def verify(self) -> list[str]:
        """Walks the whole chain; one line per alteration found, empty when it is whole."""
        ...

    def close(self) -> None:
        """Lets go of the store. May be called twice."""
        ...


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom a token stands for.

    Attributes:
        token: What the bodies of lines hold in the place of a name, under the key `by`.
        name: As git said it last; None once forgotten.
        email: Their address, in lower case; None once forgotten.
        pseudonym: What is shown of somebody who was forgotten; None of all others.
    """

    token: str
    name: str | None
    email: str | None
    pseudonym: str | None


class Identities(Protocol):
    """Who acts: the names behind the tokens of the ledger's lines; no part of the record.

    Lines stay for ever and may name nobody, so they hold a token: random, one for each address and
    store. Here stands whose it is, until they are forgotten. Nothing that decides is handed this.
    """

    def token(self, name: str, email: str) -> str:
        """The token of whoever has this address, in whatever case; made at the first use.

        Another name takes the place of the one before. Of somebody who was forgotten nothing is
        kept anew: they act under their pseudonym.

        Raises:
            StoreError: The store cannot be read or written.
        """
        ...

    def known(self) -> Mapping[str, Identity]:
        """Everybody who has a token, by token.

        Raises:
            StoreError: The store cannot be read.
        """
        ...

    def find(self, email: str) -> Identity | None:
        """Who has this address, also if they were forgotten; None if nobody has a token for it.

        Raises:
            StoreError: The store cannot be read.
        """
        ...

    def forget(self, tokens: Collection[str]) -> str:
        """Takes the names and addresses of one person out for good; returns their pseudonym.

        It is one for all their tokens, such as `contributor-3f9a`. The lines stay as they are, and
        so do the tokens. Done again, it changes nothing and says the same.

        Raises:
            KeyError: A token is nobody's, or there is none; nothing was changed.
            StoreError: The store cannot be written, or an old copy of a name could not be wiped
                from it: then the same call again does that.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A process that works on a campaign, as others see it.

    Attributes:
        host: The name of its machine.
        pid: Its process there.
        slots: How many trials it runs at once.
        folder: Its state folder, where the logs of its trials are.
        since: When it began (ISO 8601, UTC).
        running: The trials that it holds.
    """

    host: str
    pid: int
    slots: int
    folder: str
    since: str
    running: tuple[TrialId, ...] = ()


class Leases(Protocol):
    """Who runs which trial, where several processes work on one campaign; no part of the record.

    A lease ends by itself if its holder does not live: it is renewed for as long as this one does.
    Nothing follows from holding one but that others leave the trial alone meanwhile: the first
    result in the ledger counts, whoever wrote it.
    """

    @property
    def me(self) -> Worker:
        """This process."""
        ...

    def take(self, trials: Sequence[TrialId], *, most: int) -> list[TrialId]:
        """Leases the first of these trials that nobody holds, so many at most; which they are.

        Raises:
            StoreError: The store cannot be reached.
        """
        ...

    def give_back(self, trials: Sequence[TrialId]) -> None:
        """Ends leases; those that this process does not hold (any more) stay as they are.

        Raises:
            StoreError: The store cannot be reached.
        """
        ...

    def wait(self, timeout_s: float) -> None:
        """Returns when somebody has written a line, or when the time is over; perhaps earlier.

        Raises:
            StoreError: The store cannot be reached.
        """
        ...
