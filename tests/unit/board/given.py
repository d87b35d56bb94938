"""A reader that is given what it says: a real small ledger, and answers as commands put them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mainstem.board.page import Page, Visit
from mainstem.board.reader import Answer, Diff, LogPiece, Moment
from mainstem.board.render import render
from mainstem.domain.proposal import CommitId
from mainstem.engine.record import fold
from tests.unit.board import ledgers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mainstem.board.reader import Question
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Record

WORKING = Answer(body=None, line=0, current=False, working=True)
"""An answer that is not there yet."""


def answer(body: Mapping[str, Any], line: int = 0) -> Answer:
    """An answer that is there."""
    return Answer(body=body, line=line, current=True, working=False)


@dataclass(kw_only=True)
class Given:
    """A reader.

    Attributes:
        lines: What the ledger holds.
        folder: Where the ledger is, for what searches it; None while nothing is written.
        answers: By question; what is not there is being worked out.
        at_work: What `progress` says.
        logs: By trial and stream, what was written.
        stack: The stack.
        ended: Whether logs grow no more.
    """

    lines: Sequence[Entry] = ()
    folder: Path | None = None
    answers: dict[str, Answer] = field(default_factory=dict)
    at_work: Mapping[str, Any] = field(default_factory=dict)
    logs: dict[tuple[str, str], bytes] = field(default_factory=dict)
    stack: Stack = ledgers.STACK
    ended: bool = True

    def moment(self) -> Moment:
        """The last line."""
        if not self.lines:
            return Moment(line=0, hash="", at=None, mark="0")
        last = self.lines[-1]
        return Moment(line=last.seq, hash=last.hash, at=last.at, mark=str(last.seq))

    def record(self) -> Record:
        """The lines, folded."""
        return fold(self.lines)

    def trunk(self) -> CommitId:
        """Always there."""
        return CommitId(ledgers.TRUNK)

    def progress(self) -> Mapping[str, Any]:
        """As given."""
        return self.at_work

    def ask(self, question: Question, /, **words: str) -> Answer:
        """As given."""
        del words
        return self.answers.get(str(question), WORKING)

    def entries(
        self, *, before: int | None, kinds: Sequence[str], text: str, most: int
    ) -> Sequence[Entry]:
        """From the last line down, as the ledger itself finds them."""
        if self.folder is None:
            return []
        with contextlib.closing(ledgers.opened_again(self.folder)) as ledger:
            return ledger.latest(before=before, kinds=kinds or None, text=text, most=most)

    def log(self, trial: str, stream: str, *, start: int, most: int) -> LogPiece:
        """A piece of what was given."""
        whole = self.logs[trial, stream]
        first = max(0, len(whole) + start) if start < 0 else min(start, len(whole))
        piece = whole[first : first + most]
        return LogPiece(
            text=piece.decode(errors="replace"),
            start=first,
            end=first + len(piece),
            size=len(whole),
            ended=self.ended,
        )

    def diff(self, recipe: Sequence[str], *, most: int) -> Diff:
        """Nothing changes."""
        del recipe, most
        return Diff(text="", files=(), cut=False)

    def merge_diff(self, commit: str, *, most: int) -> Diff:
        """Nothing changed."""
        del commit, most
        return Diff(text="", files=(), cut=False)


def shown(page: Page, reader: Given, /, *, place: str = "", **query: str) -> str:
    """A page as HTML, in a frame that says little.

    Args:
        page: Which.
        reader: What it reads.
        place: The trial, where the page is of one.
        query: The query string.
    """
    visit = Visit(place={"trial": place} if place else {}, query=query)
    around = {"page": page, "menu": [page], "here": page.name, "stack": reader.stack.name}
    around |= {"moment": reader.moment(), "campaign": None, "running": [], "at_work": False}
    shown = dict(**around, visit=visit, **page.content(reader, visit))
    return render(f"{page.name}.html", shown)
