"""What the board reads: the record, and answers to the questions that the commands answer.

Implemented by `mainstem.wiring.board` over a real project. Nothing here waits: what takes seconds
is worked out elsewhere, and until it is there an answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Record


class Question(StrEnum):
    """What can be asked; bodies of answers are the documented JSON of the commands."""

    STATUS = "status"
    SHOW = "show"
    WHY = "why"
    INTERACTIONS = "interactions"
    TRANSFER = "transfer"
    STALE = "stale"
    CREDIT = "credit"
    SHARES = "shares"
    AUDIT = "audit"
    FRONTIER = "frontier"
    FORECAST = "forecast"
    LAB = "lab"
    VERIFY = "verify"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is known of a question now.

    Attributes:
        body: The documented JSON of a command; None if it is not worked out yet, or cannot be.
        line: The ledger's line that it speaks of; 0 without a body.
        current: Whether nothing was written down since.
        working: Whether it is being worked out, the first time or anew.
        error: Why it could not be worked out, for the user to read; "" otherwise.
    """

    body: Mapping[str, Any] | None
    line: int
    current: bool
    working: bool
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Where the record stands.

    Attributes:
        line: The number of the ledger's last line; 0 of an empty one.
        hash: Its hash.
        at: When it was written (ISO 8601, UTC); None of an empty ledger.
        mark: A short text that changes whenever anything that is shown may have changed.
    """

    line: int
    hash: str
    at: str | None
    mark: str


@dataclass(frozen=True, kw_only=True)
class LogPiece:
    """A piece of what a trial wrote.

    Attributes:
        text: From the byte `start` on; bytes that are no UTF-8 are shown as such.
        start: Where it begins, in bytes.
        end: Where it ends: the next piece's `start`.
        size: Bytes that there are by now.
        ended: Whether nothing will be added.
        elsewhere: Where the log is, in words, if it is not in this state folder; else "".
    """

    text: str
    start: int
    end: int
    size: int
    ended: bool
    elsewhere: str = ""


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A file of a diff, with how many lines came and went; None of a binary file."""

    path: str
    added: int | None
    removed: int | None


@dataclass(frozen=True, kw_only=True)
class Diff:
    """What a recipe changes in the trunk.

    Attributes:
        text: As `git diff` has it, cut at the wanted size.
        files: Every file that changes.
        cut: Whether there is more text.
        error: Why there is none, such as a conflict; "" otherwise.
    """

    text: str
    files: tuple[Changed, ...]
    cut: bool
    error: str = ""


class Reader(Protocol):
    """A project, to look at. Nothing is written."""

    @property
    def stack(self) -> Stack:
        """The stack's description, as it is now."""
        ...

    def moment(self) -> Moment:
        """Where the record stands; cheap, asked once a second."""
        ...

    def record(self) -> Record:
        """The ledger, folded up to its last line; not to be changed."""
        ...

    def trunk(self) -> CommitId:
        """Where the trunk is now."""
        ...

    def progress(self) -> Mapping[str, Any]:
        """What is at work now: `pid`, `slots`, `running`, `queued`, `workers`; empty if none is."""
        ...

    def ask(self, question: Question, /, **words: str) -> Answer:
        """The answer to a question, as far as it is known; never waits for more than a moment.

        Args:
            question: What is asked.
            words: Of what: `id` for `why`; `rows`, `columns`, `objective` for `interactions`.

        Raises:
            KeyError: There is no such proposal.
        """
        ...

    def entries(
        self, *, before: int | None, kinds: Sequence[str], text: str, most: int
    ) -> Sequence[Entry]:
        """Lines of the ledger, the last first.

        Args:
            before: Only lines with lower numbers; None for all.
            kinds: Only these; empty for all.
            text: Only lines whose kind or body holds it; "" for all.
            most: So many at most.
        """
        ...

    def log(self, trial: str, stream: str, *, start: int, most: int) -> LogPiece:
        """A piece of what a trial wrote, also while it runs.

        Args:
            trial: Its name.
            stream: `stdout` or `stderr`.
            start: The first byte; a negative number counts from the end.
            most: So many bytes at most.

        Raises:
            KeyError: There is no such trial.
        """
        ...

    def diff(self, recipe: Sequence[str], *, most: int) -> Diff:
        """What these proposals together change in the trunk.

        Args:
            recipe: Ids of proposals.
            most: So many bytes of text at most.

        Raises:
            KeyError: There is no such proposal.
        """
        ...

    def merge_diff(self, commit: str, *, most: int) -> Diff:
        """What a merge commit changed in the trunk that it was merged onto, its first parent.

        Args:
            commit: The merge commit, as the record has it.
            most: So many bytes of text at most.
        """
        ...
