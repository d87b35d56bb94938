"""The board's answers: the latest to each question, and the threads that have them worked out.

`ask` gives what is known and notes that somebody wants it; a thread hands one question after the
other to its process aside (`board_desk`), in the order that `board_turns` says. Of a question only
the newest state is worked out, however many lines came meanwhile. Dividing the credit of a large
trunk takes minutes, so what takes long has a process of its own, started when it is asked for: why
a proposal has its verdict must not wait behind it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from mainstem.board.reader import Answer, Question
from mainstem.executors.aside import AsideEndedError
from mainstem.tomlfiles.contributors import FILE_NAME as CONTRIBUTORS_FILE
from mainstem.tomlfiles.frontier import FILE_NAME as FRONTIER_FILE
from mainstem.wiring import replayed
from mainstem.wiring.board_desk import Reply, Request
from mainstem.wiring.board_shelf import Kept
from mainstem.wiring.board_turns import WATCHED_S, Wish, rest_s, turn
from mainstem.wiring.stores import LEDGER_FILE, WAL_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainstem.wiring.board_clerk import Seen
    from mainstem.wiring.board_shelf import Shelf
    from mainstem.wiring.board_turns import Turn

WAITS_S = 0.08
"""So long an ask waits for a first answer, if nothing else is being worked out."""

AT_REST_S = 2.0
"""Nobody works, and no line came for so long: what is out of date is worked out at once."""

MOST = 300
"""So many answers are kept in memory, those that were asked for last."""

SLOW = frozenset(
    {Question.STALE, Question.CREDIT, Question.AUDIT, Question.FRONTIER, Question.FORECAST}
)
"""What the second process works out."""

_RANKS = list(Question)
_AGAIN_S = {Question.STATUS: 30.0, Question.VERIFY: 60.0, Question.SHARES: 600.0}
"""After so long an answer is looked into again, as it depends on more than what is watched: the
branches, what lies in a database, the clock."""

_NOT_KEPT = frozenset({Question.VERIFY})
"""What another board's answer says nothing of: the ledger may have been altered in between."""

_TRY_AGAIN_S = 15.0
"""After a failure that may pass by itself."""

_FILES = {
    Question.SHARES: (CONTRIBUTORS_FILE,),
    Question.CREDIT: (CONTRIBUTORS_FILE,),
    Question.AUDIT: (CONTRIBUTORS_FILE,),
    Question.WHY: (CONTRIBUTORS_FILE,),
    Question.FRONTIER: (FRONTIER_FILE,),
    Question.LAB: (replayed.FILE,),
    # Who alters a line writes none: the chain is checked whenever the file itself moves.
    Question.VERIFY: (LEDGER_FILE, WAL_FILE),
}
"""Files that an answer depends on, apart from the ledger's lines."""

_OF_A_FILE = {Question.LAB}
"""Answers that depend on nothing else."""


class Asked(Protocol):
    """What works answers out, such as `executors.aside.Aside` around a desk."""

    def ask(self, question: Request, /) -> Reply:
        """The answer; waits for it."""
        ...

    def close(self) -> None:
        """Ends it."""
        ...


@dataclass(kw_only=True)
class _Known:
    """What is known of a question.

    Attributes:
        key: Of all that the answer, or the error, came of.
        line: The line that the body speaks of.
        body: The answer; None if there is none.
        error: Why it could not be worked out.
        text: The body as JSON, to see whether another is the same.
        worked_s: When that was; None of one that another board left behind.
        due_s: When it is looked into again though nothing has moved; None: never.
        lapsed: Whether that time is over and pages were told to ask again.
    """

    key: str
    line: int
    body: dict[str, Any] | None
    error: str = ""
    text: str = ""
    worked_s: float | None = None
    due_s: float | None = None
    lapsed: bool = False


class Answers:
    """Answers questions with what is known, and has the rest worked out.

    Args:
        quick: Works out what is not `SLOW`.
        slow: Works out the rest.
        shelf: Keeps answers.
        seen: What was seen of the project last.
        told: Called whenever an answer has come.
    """

    def __init__(
        self,
        quick: Asked,
        slow: Asked,
        shelf: Shelf,
        seen: Callable[[], Seen],
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self._asides = {False: quick, True: slow}
        self._shelf, self._seen, self._told = shelf, seen, told
        self._known: dict[Request, _Known] = {}
        self._asked: dict[Request, float] = {}
        self._busy: dict[bool, Turn[Request]] = {}
        self._rests_until_s = 0.0
        self._closing = False
        self._news = threading.Condition()
        self.came = 0
        self._threads = [
            threading.Thread(target=self._run, args=(slow,), name="board-answers", daemon=True)
            for slow in self._asides
        ]
        for thread in self._threads:
            thread.start()

    def ask(self, request: Request) -> Answer:
        """The latest answer to a question; waits for a first one, but not longer than a moment."""
        with self._news:
            self._note(request)
            if request not in self._known:
                self._take_down(request)
            found = self._answer(request)
            if found.working:
                self._news.notify_all()
            if found.working and found.body is None and _slow(request) not in self._busy:
                self._news.wait_for(lambda: request in self._known or self._closing, WAITS_S)
                found = self._answer(request)
            return found

    def moved(self) -> None:
        """Something was seen to have moved."""
        with self._news:
            self._news.notify_all()

    def close(self) -> None:
        """Ends the threads and what works aside. May be called twice."""
        with self._news:
            self._closing = True
            self._news.notify_all()
        for aside in self._asides.values():
            aside.close()
        for thread in self._threads:
            thread.join(10.0)

    def _note(self, request: Request) -> None:
        """Somebody asks; who asked long ago for what nobody asks any more is forgotten."""
        self._asked.pop(request, None)
        self._asked[request] = time.monotonic()
        while len(self._asked) > MOST:
            oldest = next(iter(self._asked))
            del self._asked[oldest]
            self._known.pop(oldest, None)

    def _take_down(self, request: Request) -> None:
        """What a board before this one has kept, if it is of this ledger."""
        question = Question(request.question)
        if question in _NOT_KEPT:
            return
        kept, seen = self._shelf.get(_name(request)), self._seen()
        if kept is not None and kept.ledger == seen.first and kept.line <= seen.record.seq:
            due_s = time.monotonic() if question in _AGAIN_S else None
            self._known[request] = _Known(key=kept.key, line=kept.line, body=kept.body, due_s=due_s)

    def _answer(self, request: Request) -> Answer:
        known = self._known.get(request)
        if known is None:
            return Answer(body=None, line=0, current=False, working=True)
        current = known.key == key_of(request, self._seen())
        return Answer(
            body=known.body,
            line=known.line if known.body is not None else 0,
            current=current,
            working=not current,
            error=known.error,
        )

    # ---- the threads

    def _run(self, slow: bool) -> None:
        while True:
            with self._news:
                chosen = self._next(slow)
                while chosen.key is None and not self._closing:
                    self._news.wait(1.0 if chosen.wait_s is None else min(1.0, chosen.wait_s))
                    chosen = self._next(slow)
                if self._closing:
                    return
                self._busy[slow] = chosen
                request, seen, began_s = chosen.key, self._seen(), time.monotonic()
            if request is not None:
                reply = self._worked_out(request)
                if reply is not None:
                    self._take(request, seen, reply)
            ended_s = time.monotonic()
            with self._news:
                del self._busy[slow]
                if chosen.again:
                    rests_until_s = ended_s + rest_s(ended_s - began_s)
                    self._rests_until_s = max(self._rests_until_s, rests_until_s)
                self._news.notify_all()
            self._told()

    def _next(self, slow: bool) -> Turn[Request]:
        """What a thread does now; while lines keep coming one of them works again, not both."""
        seen, now = self._seen(), time.monotonic()
        self._lapse(now)
        other = self._busy.get(not slow)
        rests_until_s = now + 1.0 if other is not None and other.again else self._rests_until_s
        wishes = []
        for request, asked_s in reversed(self._asked.items()):
            if now - asked_s > WATCHED_S:
                break
            if _slow(request) is not slow:
                continue
            known = self._known.get(request)
            due = known is not None and known.due_s is not None and now >= known.due_s
            stale = known is None or due or known.key != key_of(request, seen)
            wishes.append(
                Wish(
                    key=request,
                    rank=_RANKS.index(Question(request.question)),
                    asked_s=asked_s,
                    worked_s=None if known is None else known.worked_s or 0.0,
                    stale=stale,
                )
            )
        at_rest = not seen.progress and now - seen.moved_s >= AT_REST_S
        return turn(wishes, now_s=now, rests_until_s=rests_until_s, at_rest=at_rest)

    def _lapse(self, now_s: float) -> None:
        """Has pages ask again for what is due, if they have shown it for long without asking.

        A page that nothing moves is made once and sent as it is, so its questions are not asked.
        """
        for request, known in self._known.items():
            asked_s = self._asked.get(request, now_s)
            due = known.due_s is not None and now_s >= known.due_s
            if due and not known.lapsed and now_s - asked_s > WATCHED_S:
                known.lapsed = True
                self.came += 1

    def _worked_out(self, request: Request) -> Reply | None:
        """The answer from aside; None when this is closed.

        A process that dies is started again once for the question: who ended it may have meant
        another one. If it dies again, that is the answer.
        """
        for again in (True, False):
            try:
                return self._asides[_slow(request)].ask(request)
            except AsideEndedError as error:
                if self._closing:
                    return None
                if not again:
                    return self._failed(
                        f"the process that works out {request.question} ended before it had "
                        f"answered, twice: {error}; is there too little memory?"
                    )
            except Exception as bug:  # noqa: BLE001  # a thread that ends answers nobody any more
                return self._failed(f"{type(bug).__name__}: {bug}")
        return None

    def _failed(self, said: str) -> Reply:
        seen = self._seen()
        return Reply(text="", line=seen.record.seq, hash=seen.hash, error=said, passing=True)

    def _take(self, request: Request, seen: Seen, reply: Reply) -> None:
        """Makes a reply the latest answer, and keeps it on the disk."""
        now, question = time.monotonic(), Question(request.question)
        key = key_of(request, seen, end=(reply.line, reply.hash))
        before = self._known.get(request)
        body = json.loads(reply.text) if reply.text else None
        again_s = _TRY_AGAIN_S if reply.passing else _AGAIN_S.get(question)
        known = _Known(
            key=key,
            line=reply.line,
            body=body,
            error=reply.error,
            text=reply.text,
            worked_s=now,
            due_s=None if again_s is None else now + again_s,
        )
        if reply.passing and before is not None:
            known.body, known.line, known.text = before.body, before.line, before.text
        with self._news:
            self._known[request] = known
            if before is None or _shown(before) != _shown(known):
                self.came += 1
            self._news.notify_all()
        if body is not None and question not in _NOT_KEPT:
            kept = Kept(key=key, ledger=seen.first, line=reply.line, body=body)
            self._shelf.put(_name(request), kept)


def _slow(request: Request) -> bool:
    return Question(request.question) in SLOW


def _shown(known: _Known) -> tuple[object, ...]:
    """What a page shows of an answer."""
    return known.key, known.line, known.error, known.text


def key_of(request: Request, seen: Seen, *, end: tuple[int, str] | None = None) -> str:
    """A digest of all that an answer comes of, as far as it is watched.

    Args:
        request: The question.
        seen: What was seen.
        end: The line that the answer speaks of and its hash; None for the last one.
    """
    question = Question(request.question)
    content = [repr(seen.files.get(name)) for name in _FILES.get(question, ())]
    if question not in _OF_A_FILE:
        line, found = (seen.record.seq, seen.hash) if end is None else end
        content += [seen.settings, str(line), found, seen.trunk]
    return hashlib.sha256("\n".join(content).encode("utf-8", "replace")).hexdigest()[:24]


def _name(request: Request) -> str:
    return json.dumps([request.question, *map(list, request.words)])
