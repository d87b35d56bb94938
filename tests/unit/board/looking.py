"""A reader over a small real ledger: what it says is what the engine's views say of that ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from mainstem.board.message import message
from mainstem.board.page import Page, Visit
from mainstem.board.reader import Answer, Changed, Diff, LogPiece, Moment, Question
from mainstem.board.render import render
from mainstem.domain.proposal import Conflict
from mainstem.engine import views
from mainstem.engine.proposing import Branch, propose
from mainstem.engine.record import fold
from mainstem.engine.restore import restore
from mainstem.engine.views.overview import interactions
from mainstem.engine.views.trunk import stale
from tests.unit.engine.conftest import TRUNK, World, commit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.domain.proposal import CommitId
    from mainstem.domain.reference import Claim
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry
    from mainstem.engine.record import Record

WORKING = Answer(body=None, line=0, current=False, working=True)
"""An answer that is not there yet."""


def failed(why: str) -> Answer:
    """An answer that cannot be worked out."""
    return Answer(body=None, line=0, current=False, working=False, error=why)


@dataclass(kw_only=True)
class Looking:
    """A reader.

    Attributes:
        world: Whose ledger it reads, once, when it is made.
        at_work: What `progress` says.
        instead: Answers that are something else than the views say, by question.
        changes: What `diff` says.
    """

    world: World
    at_work: Mapping[str, Any] = field(default_factory=dict)
    instead: dict[str, Answer] = field(default_factory=dict)
    changes: Diff = field(default_factory=lambda: Diff(text="", files=(), cut=False))

    def __post_init__(self) -> None:
        ledger = self.world.ledger()
        self.lines: list[Entry] = list(ledger.entries())
        ledger.close()
        self._record = fold(self.lines)
        campaign = self._record.latest()
        state = None if campaign is None else restore(self.world.stack, self._record, campaign)
        self._of = (campaign, state)
        self._known: dict[str, Answer] = {}

    @property
    def stack(self) -> Stack:
        """The world's."""
        return self.world.stack

    def moment(self) -> Moment:
        """The last line."""
        if not self.lines:
            return Moment(line=0, hash="", at=None, mark="0")
        last = self.lines[-1]
        return Moment(line=last.seq, hash=last.hash, at=last.at, mark=str(last.seq))

    def record(self) -> Record:
        """The lines, folded."""
        return self._record

    def trunk(self) -> CommitId:
        """The world's."""
        return self.world.trunk

    def progress(self) -> Mapping[str, Any]:
        """As given."""
        return self.at_work

    def ask(self, question: Question, /, **words: str) -> Answer:
        """What the view of that name says."""
        if question in self.instead:
            return self.instead[question]
        key = f"{question} {words}"
        if key not in self._known:
            body = json.loads(json.dumps(self._said(question, words)))
            line = self.moment().line
            self._known[key] = Answer(body=body, line=line, current=True, working=False)
        return self._known[key]

    def _said(self, question: Question, words: Mapping[str, str]) -> Mapping[str, Any]:
        campaign, state = self._of
        if question is Question.SHOW:
            return views.show(self.stack, self._record, campaign, state, trunk=self.trunk())
        if question is Question.STATUS:
            found = views.status(self._record, campaign, state, progress=self.at_work)
            return {**found, "warnings": []}
        if question is Question.WHY:
            found = views.why(self.stack, self._record, campaign, state, words["id"])
            found["price"] = None
            return {**found, "message": message(found)}
        if question is Question.STALE:
            tree = self.world.trees.tree(self.trunk(), [])
            assert not isinstance(tree, Conflict)
            return stale(self.stack, self._record, self.world.trees, trunk=self.trunk(), tree=tree)
        if question is Question.INTERACTIONS:
            rows, columns = (json.loads(words[key]) for key in ("rows", "columns"))
            among = {frozenset({a, b}) for a in rows for b in columns if a != b}
            every = [] if state is None else interactions(state, among)
            return {"interactions": [r for r in every if r["objective"] == words["objective"]]}
        raise AssertionError(f"a test that asks for {question} says what the answer is")

    def entries(
        self, *, before: int | None, kinds: Sequence[str], text: str, most: int
    ) -> Sequence[Entry]:
        """From the last line down."""
        found = [
            entry
            for entry in reversed(self.lines)
            if (before is None or entry.seq < before)
            and (not kinds or entry.kind in kinds)
            and text in f"{entry.kind} {json.dumps(entry.body)}"
        ]
        return found[:most]

    def log(self, trial: str, stream: str, *, start: int, most: int) -> LogPiece:
        """These pages read no logs."""
        raise KeyError(f"no trial {trial!r}: {stream} {start} {most}")

    def diff(self, recipe: Sequence[str], *, most: int) -> Diff:
        """As given, cut."""
        del recipe
        text = self.changes.text
        return replace(self.changes, text=text[:most], cut=len(text) > most)

    def merge_diff(self, commit: str, *, most: int) -> Diff:
        """The same, with the commit as the file that changes."""
        files = (Changed(path=commit, added=1, removed=0),)
        return replace(self.diff((), most=most), files=files)


def take(
    world: World,
    components: Mapping[str, Sequence[str]],
    *,
    claim: str = "",
    reference: Claim | None = None,
) -> None:
    """Takes proposals in that touch components."""
    ledger = world.ledger()
    found = [
        Branch(id=p, name=p, commit=commit_of(p), base=TRUNK, components=tuple(touched))
        for p, touched in components.items()
    ]
    propose(
        ledger,
        world.trees,
        fold(ledger.entries()),
        found,
        trunk=world.trunk,
        claim=claim,
        reference=reference,
    )
    ledger.close()


def shown(page: Page, reader: Looking, /, *, at: str = "", **query: str) -> str:
    """A page as HTML, in a frame that says little; `at` is the id in its path."""
    visit = Visit(place={"id": at} if at else {}, query=query)
    around: dict[str, Any] = {"page": page, "menu": [page], "here": page.name}
    around |= {"stack": reader.stack.name, "moment": reader.moment(), "campaign": None}
    around |= {"running": [], "at_work": False, "visit": visit}
    content = page.content(cast("Any", reader), visit)
    return render(f"{page.name}.html", dict(**around, **content))


def one_file(text: str) -> Diff:
    """A diff of one file."""
    return Diff(text=text, files=(Changed(path="train.py", added=1, removed=1),), cut=False)
