"""The board's reader over a real project: everything that `mainstem.board` shows comes from here.

Others work beside the pages: a clerk that looks at ledger, trunk and settings (`board_clerk`), the
processes aside that weigh (`board_desk`), the threads that hand them questions (`board_answers`),
and those that search the ledger and merge (`board_hand`). Pages only read what these have ready.
"""

from __future__ import annotations

import contextlib
import platform
import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.board.reader import Answer, Changed, Diff, LogPiece, Moment, Question
from mainstem.domain.errors import GitError, StoreError, UsageError
from mainstem.domain.proposal import CommitId, Conflict, ProposalId
from mainstem.engine import views
from mainstem.executors.aside import Aside
from mainstem.executors.kept import LOGS, kept_piece
from mainstem.gitrepo.diffs import tree_diff
from mainstem.wiring import board_desk
from mainstem.wiring.board_answers import Answers
from mainstem.wiring.board_clerk import Clerk
from mainstem.wiring.board_desk import Request, answering, block, names, whole
from mainstem.wiring.board_hand import Hand
from mainstem.wiring.board_shelf import Shelf
from mainstem.wiring.opening import open_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mainstem.board.reader import Reader
    from mainstem.domain.proposal import Proposal, TreeId
    from mainstem.domain.stack import Stack
    from mainstem.engine.ports import Entry, Ledger
    from mainstem.engine.record import Record
    from mainstem.wiring.board_answers import Asked
    from mainstem.wiring.board_clerk import Seen
    from mainstem.wiring.project import Project

DIFF_S = 10.0
"""So long git may take for a diff."""

SEARCH_S = 20.0
"""So long a search of the ledger may take."""

_LEAST_BYTES = 16
_TRIAL = re.compile(r"[ckt]\d+\.\d+")


@contextlib.contextmanager
def open_board_reader(start: Path | None = None, *, store: str | None = None) -> Iterator[Reader]:
    """The reader of the project that a folder belongs to; everything ends with it.

    Args:
        start: The folder; None for the working folder.
        store: The store's address; None for the one in `mainstem.toml`.

    Raises:
        MainstemError: The project cannot be opened; see `open_project`.
    """
    folder = (start or Path.cwd()).absolute()
    with contextlib.closing(BoardReader(folder, store=store)) as reader:
        yield reader


class BoardReader:
    """A project, to look at; see `mainstem.board.reader.Reader`. For any number of threads.

    Args:
        start: A folder of the project.
        store: The store's address; None for the one in `mainstem.toml`.
        aside: Makes what works answers out; None: processes of their own.

    Raises:
        MainstemError: The project cannot be opened.
    """

    def __init__(
        self,
        start: Path,
        *,
        store: str | None = None,
        aside: Callable[[], Asked] | None = None,
    ) -> None:
        made = aside or partial(Aside, answering, str(start), store)
        self._start, self._store = start, store
        self._answers: Answers | None = (
            None  # the clerk tells of its first look before there are any
        )
        self._clerk = Clerk(start, store, moved=self._moved)
        shelf = Shelf(self._clerk.seen.state)
        self._answers = Answers(made(), made(), shelf, lambda: self._clerk.seen)
        self._librarian: Hand[Ledger] = Hand(self._opened_ledger)
        self._trees: Hand[Project] = Hand(self._opened)

    # ---- what stands ready

    @property
    def stack(self) -> Stack:
        """The stack's description; while `mainstem.toml` is wrong, as it was before."""
        return self._clerk.seen.stack

    def moment(self) -> Moment:
        """Where the record stands."""
        seen, mark = self._clerk.look()
        came = 0 if self._answers is None else self._answers.came
        return Moment(line=seen.record.seq, hash=seen.hash, at=seen.at, mark=f"{mark}-{came}")

    def record(self) -> Record:
        """The ledger, folded up to its last line; nobody changes it."""
        return self._clerk.seen.record

    def trunk(self) -> CommitId:
        """Where the trunk is now."""
        return self._clerk.seen.trunk

    def progress(self) -> Mapping[str, Any]:
        """What is at work now."""
        return self._clerk.seen.progress

    # ---- answers

    def ask(self, question: Question, /, **words: str) -> Answer:
        """The answer to a question, as far as it is known.

        Raises:
            KeyError: There is no such proposal.
        """
        seen = self._clerk.look()[0]
        if question is Question.INTERACTIONS:
            return self._interactions(seen, words)
        if question is Question.WHY:
            _known(seen.record, [words.get("id", "")])
        answer = self._asked(question, words)
        if seen.trouble and not answer.error:
            answer = replace(answer, error=seen.trouble)
        return _live(seen, question, answer)

    def _asked(self, question: Question, words: Mapping[str, str]) -> Answer:
        request = Request(question=str(question), words=tuple(sorted(words.items())))
        if self._answers is None:
            raise RuntimeError("the reader is not open")
        return self._answers.ask(request)

    def _interactions(self, seen: Seen, words: Mapping[str, str]) -> Answer:
        """A block of the interactions: of `show`, where that has all of them."""
        try:
            rows, columns = names(words, "rows"), names(words, "columns")
        except UsageError as error:
            return Answer(body=None, line=0, current=True, working=False, error=str(error))
        _known(seen.record, [*rows, *columns])
        objective, campaign = words.get("objective", ""), seen.record.latest()
        said = ""
        if objective not in {o.name for o in seen.stack.objectives}:
            said = f"there is no objective {objective!r}"
        elif campaign is None or whole(len(campaign.proposals)):
            answer = self._asked(Question.SHOW, {})
            if answer.body is None:
                return answer
            every = answer.body["interactions"]
            return replace(answer, body=block(every, rows, columns, objective))
        elif not (rows and columns):
            most = board_desk.MOST_IN_A_BLOCK
            said = f"name the proposals: rows=A,B and columns=C,D, at most {most} of each"
        if said:
            return Answer(body=None, line=0, current=True, working=False, error=said)
        return self._asked(Question.INTERACTIONS, words)

    # ---- the ledger, logs, diffs

    def entries(
        self, *, before: int | None, kinds: Sequence[str], text: str, most: int
    ) -> Sequence[Entry]:
        """Lines of the ledger, the last first.

        Raises:
            StoreError: It cannot be read.
        """

        def search(ledger: Ledger) -> list[Entry]:
            return ledger.latest(before=before, kinds=kinds or None, text=text, most=most)

        return self._librarian.do(search, of=self._clerk.seen.places, wait_s=SEARCH_S)

    def log(self, trial: str, stream: str, *, start: int, most: int) -> LogPiece:
        """A piece of what a trial wrote, also while it runs.

        Raises:
            KeyError: There is no such trial, or no such stream.
            UsageError: The log cannot be read.
        """
        seen = self._clerk.look()[0]
        if stream not in LOGS or not _TRIAL.fullmatch(trial):
            raise KeyError(f"no log {stream!r} of a trial {trial!r}")
        ended = seen.ended.get(trial)
        place = _elsewhere(seen, trial)
        over = ended is not None or not seen.progress
        if place:
            return LogPiece(text="", start=0, end=0, size=0, ended=over, elsewhere=place)
        most = max(most, _LEAST_BYTES)
        found = kept_piece(seen.state, trial, stream, start=start, most=most)
        if found is None and ended is None and not _asked_for(seen.record, trial):
            raise KeyError(f"no trial {trial!r}")
        if found is None:
            return LogPiece(text="", start=0, end=0, size=0, ended=over)
        return LogPiece(
            text=found.text, start=found.start, end=found.end, size=found.size, ended=over
        )

    def diff(self, recipe: Sequence[str], *, most: int) -> Diff:
        """What these proposals together change in the trunk.

        Raises:
            KeyError: There is no such proposal.
        """
        seen = self._clerk.look()[0]
        members = _known(seen.record, recipe)

        def work_out(project: Project) -> Diff:
            old = project.trees.merger.tree_of(seen.trunk)
            new = project.trees.tree(seen.trunk, members)
            if isinstance(new, Conflict):
                return Diff(text="", files=(), cut=False, error=_conflict(new, members))
            return _diff(project, old, new, most)

        return self._worked_out(work_out, seen)

    def merge_diff(self, commit: str, *, most: int) -> Diff:
        """What a merge commit changed in the trunk that it was merged onto, its first parent."""

        def work_out(project: Project) -> Diff:
            tree_of = project.trees.merger.tree_of
            old, new = tree_of(CommitId(f"{commit}^1")), tree_of(CommitId(commit))
            return _diff(project, old, new, most)

        return self._worked_out(work_out, self._clerk.look()[0])

    def _worked_out(self, work_out: Callable[[Project], Diff], seen: Seen) -> Diff:
        """A diff by the thread that merges; what went wrong as its text."""
        try:
            return self._trees.do(work_out, of=seen.places, wait_s=3 * DIFF_S)
        except (GitError, StoreError) as error:
            return Diff(text="", files=(), cut=False, error=str(error))

    # ---- beside that

    def close(self) -> None:
        """Ends every thread and the process aside. May be called twice."""
        if self._answers is not None:
            self._answers.close()
        self._librarian.close()
        self._trees.close()
        self._clerk.close()

    def _moved(self) -> None:
        if self._answers is not None:
            self._answers.moved()

    def _opened(self) -> contextlib.AbstractContextManager[Project]:
        return open_project(self._start, store=self._store, read_only=True)

    @contextlib.contextmanager
    def _opened_ledger(self) -> Iterator[Ledger]:
        with self._opened() as project:
            yield project.ledger


def _diff(project: Project, old: TreeId, new: TreeId, most: int) -> Diff:
    """What changes from one tree to another.

    Raises:
        GitError: A tree is not known, or it takes too long.
    """
    found = tree_diff(project.trees.merger.git, old, new, most=most, timeout_s=DIFF_S)
    files = tuple(Changed(path=f.path, added=f.added, removed=f.removed) for f in found.files)
    return Diff(text=found.text, files=files, cut=found.cut)


def _known(record: Record, ids: Sequence[str]) -> list[Proposal]:
    """Proposals by their ids, in the order of proposing.

    Raises:
        KeyError: There is no such proposal.
    """
    for one in ids:
        if ProposalId(one) not in record.proposals:
            raise KeyError(f"there is no proposal {one!r}")
    return sorted({record.proposals[ProposalId(p)] for p in ids}, key=lambda p: p.order)


def _live(seen: Seen, question: Question, answer: Answer) -> Answer:
    """An answer with what is at work at this moment, which moves without a line in the ledger."""
    if answer.body is None:
        return answer
    progress = seen.progress
    running = list(progress.get("running", []))
    if question is Question.SHOW:
        trials = {**answer.body["trials"], "running": len(running)}
        return replace(answer, body={**answer.body, "trials": trials})
    if question is not Question.STATUS:
        return answer
    slots = int(progress.get("slots", 0))
    now = {
        "pid": progress.get("pid"),
        "running": running,
        "queued": int(progress.get("queued", 0)),
        "workers": list(progress.get("workers", [])),
        "eta_s": views.eta_s(seen.record.latest(), slots=slots),
    }
    return replace(answer, body={**answer.body, **now})


def _elsewhere(seen: Seen, trial: str) -> str:
    """Where a trial's log is, in words, if it is not in this state folder; else ""."""
    ended = seen.ended.get(trial)
    worker = None if ended is None else ended.worker
    if ended is None:
        workers = seen.progress.get("workers", ())
        worker = next((w for w in workers if trial in w["running"]), None)
    here = (platform.node(), str(seen.state.resolve()))
    if worker is None or (worker["host"], worker["folder"]) == here:
        return ""
    return f"on {worker['host']}, in {worker['folder']}/logs/{trial}"


def _asked_for(record: Record, trial: str) -> bool:
    """Whether a campaign asked for a trial."""
    campaign = record.campaigns.get(trial.partition(".")[0])
    return campaign is not None and any(asked.name == trial for asked in campaign.asked())


def _conflict(conflict: Conflict, members: Sequence[Proposal]) -> str:
    """A conflict in words."""
    named = [p.id for p in members if p.id in conflict.proposals]
    paths = ", ".join(conflict.paths)
    if len(named) == 1:
        return f"git cannot merge {named[0]} with the trunk as it is now: {paths}"
    return f"git cannot merge {' and '.join(named)} together: {paths}"
