"""The board's eye on a project: one thread that looks twice a second at what moves.

Ledger, trunk, settings, who works: what was seen last stands ready for every page, so that no page
waits for a disk, for git or for a database. Nobody who looks, no look: an idle board does nothing.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import MainstemError
from mainstem.gitrepo.moved import BranchFiles, mark_of
from mainstem.tomlfiles.contributors import FILE_NAME as CONTRIBUTORS_FILE
from mainstem.tomlfiles.frontier import FILE_NAME as FRONTIER_FILE
from mainstem.tomlfiles.stack import FILE_NAME as STACK_FILE
from mainstem.wiring import replayed
from mainstem.wiring.board_follow import Ended, Follower
from mainstem.wiring.opening import open_project
from mainstem.wiring.stores import LEDGER_FILE, WAL_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from mainstem.domain.proposal import CommitId
    from mainstem.domain.stack import Stack
    from mainstem.engine.record import Record
    from mainstem.wiring.project import Project

LOOKS_S = 0.4
"""Between two looks."""

IDLE_S = 60.0
"""So long after somebody asked last the clerk goes on looking."""

_ASKED_S = 2.0
"""Between two looks at a team's workers, which take a connection."""

_AFTER_TROUBLE_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was seen last.

    Attributes:
        root: The folder of `mainstem.toml`.
        state: The state folder.
        record: The ledger, folded; nobody changes it.
        hash: The hash of its last line.
        at: When that was written; None of an empty ledger.
        first: The hash of its first line, which tells ledgers apart.
        ended: Of every trial that ended, how.
        stack: The stack's description.
        settings: A digest of it.
        trunk: Where the trunk is.
        progress: What is at work.
        places: Which settings and which ledger's file were there.
        files: Marks of the files that answers depend on, by name.
        moved_s: When the ledger or what is at work moved last, on the monotonic clock.
        trouble: What keeps the clerk from looking now; "" if nothing does.
    """

    root: Path
    state: Path
    record: Record
    hash: str
    at: str | None
    first: str
    ended: Mapping[str, Ended]
    stack: Stack
    settings: str
    trunk: CommitId
    progress: Mapping[str, Any]
    places: object
    files: Mapping[str, object]
    moved_s: float
    trouble: str = ""

    @property
    def mark(self) -> str:
        """Another one whenever anything of it is another."""
        content = [
            str(self.record.seq),
            self.hash,
            self.trunk,
            self.settings,
            repr(sorted(self.files.items())),
            json.dumps(self.progress, sort_keys=True, default=str),
            self.trouble,
        ]
        return _digest("\n".join(content))


@dataclass(kw_only=True)
class _Open:
    """A project that is open, and what of it is looked at seldom."""

    project: Project
    branch: BranchFiles
    places: object
    settings: str
    mark: object = None
    trunk: CommitId | None = None
    progress: Mapping[str, Any] = field(default_factory=dict)
    asked_s: float = float("-inf")


class Clerk:
    """Looks at a project, in a thread of its own.

    Args:
        start: A folder of the project.
        store: The store's address; None for the one in `mainstem.toml`.
        moved: Called in the thread whenever something is another than before.

    Raises:
        MainstemError: The project cannot be opened.
    """

    def __init__(
        self, start: Path | None, store: str | None, *, moved: Callable[[], None] = lambda: None
    ) -> None:
        self._start, self._store, self._tell = start, store, moved
        self._follower = Follower()
        self._seen: Seen | None = None
        self._mark = ""
        self._failed: BaseException | None = None
        self._news = threading.Condition()
        self._looked_s = time.monotonic()
        self._closing = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="board-clerk", daemon=True)
        self._thread.start()
        with self._news:
            self._news.wait_for(lambda: self._seen is not None or self._failed is not None)
        if self._failed is not None:
            raise self._failed

    @property
    def seen(self) -> Seen:
        """What was seen last."""
        if self._seen is None:
            raise RuntimeError("the clerk has seen nothing yet")
        return self._seen

    def look(self) -> tuple[Seen, str]:
        """What was seen last, and its mark; wakes a clerk that sleeps and waits a moment for it."""
        now = time.monotonic()
        slept = now - self._looked_s > IDLE_S
        self._looked_s = now
        if slept:
            before = self._seen
            with self._news:
                self._woken.set()
                self._news.wait_for(lambda: self._seen is not before, timeout=0.1)
        return self.seen, self._mark

    def close(self) -> None:
        """Lets go of the project. May be called twice."""
        self._closing.set()
        self._woken.set()
        self._thread.join(10.0)

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                with open_project(self._start, store=self._store, read_only=True) as project:
                    self._stay(project)
            except MainstemError as error:
                self._trouble(error)
                self._pause(_AFTER_TROUBLE_S)
            except BaseException as error:  # the thread's end has to be told to whoever waits
                self._fail(error)
                raise

    def _stay(self, project: Project) -> None:
        """Looks on and on, until the settings or the ledger's file are others."""
        here = _Open(
            project=project,
            branch=BranchFiles(project.repository, project.stack.trunk),
            places=_places(project),
            settings=_digest(repr(project.stack)),
        )
        while not self._closing.is_set() and here.places == _places(project):
            self._glance(here)
            self._pause(LOOKS_S)
            while self._idle() and not self._closing.is_set():
                self._pause(IDLE_S)

    def _idle(self) -> bool:
        return time.monotonic() - self._looked_s > IDLE_S

    def _pause(self, seconds: float) -> None:
        self._woken.wait(seconds)
        self._woken.clear()

    def _glance(self, here: _Open) -> None:
        """One look.

        Raises:
            StoreError: The ledger cannot be read.
            GitError: git fails.
            UsageError: The trunk's branch is gone.
        """
        project, follower, now = here.project, self._follower, time.monotonic()
        follower.follow(project.ledger)
        mark = here.branch.mark()
        if here.trunk is None or mark != here.mark:
            here.trunk, here.mark = project.repository.trunk(project.stack.trunk), mark
        if project.team is None or now - here.asked_s >= _ASKED_S:
            here.progress, here.asked_s = project.progress(follower.record), now
        before = self._seen
        moved = before is None or (before.hash, before.progress) != (follower.hash, here.progress)
        self._publish(
            Seen(
                root=project.root,
                state=project.state,
                record=follower.record,
                hash=follower.hash,
                at=follower.at,
                first=follower.first,
                ended=follower.ended,
                stack=project.stack,
                settings=here.settings,
                trunk=here.trunk,
                progress=here.progress,
                places=here.places,
                files=_files(project),
                moved_s=now if moved or before is None else before.moved_s,
            )
        )

    def _publish(self, seen: Seen) -> None:
        mark = seen.mark
        with self._news:
            changed = mark != self._mark
            self._seen, self._mark = seen, mark
            self._news.notify_all()
        if changed:
            self._tell()

    def _trouble(self, error: MainstemError) -> None:
        """What was seen last stands, with the word that it may be old; at the start it is all."""
        if self._seen is None:
            self._fail(error)
            self._closing.set()
            return
        self._publish(replace(self._seen, trouble=str(error)))

    def _fail(self, error: BaseException) -> None:
        with self._news:
            self._failed = error
            self._news.notify_all()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:20]


def _places(project: Project) -> object:
    """Which settings and which ledger's file are there: with others the project is opened anew."""
    ledger = mark_of(project.state / LEDGER_FILE)
    return mark_of(project.root / STACK_FILE), None if ledger is None else ledger[0]


def _files(project: Project) -> dict[str, object]:
    """Marks of the files that answers depend on, apart from the ledger's lines."""
    return {
        LEDGER_FILE: mark_of(project.state / LEDGER_FILE),
        WAL_FILE: mark_of(project.state / WAL_FILE),
        CONTRIBUTORS_FILE: mark_of(project.root / CONTRIBUTORS_FILE),
        FRONTIER_FILE: mark_of(project.root / FRONTIER_FILE),
        replayed.FILE: mark_of(project.state / replayed.FILE),
    }
