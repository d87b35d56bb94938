"""What works out the board's answers, in the process aside: question in, JSON out.

It opens the project to be read, and keeps it open: the folded record, the campaigns as they stand,
the libraries. Whatever goes wrong becomes the answer's error; the next question is answered again.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.board.message import message
from mainstem.board.reader import Question
from mainstem.domain.errors import (
    GitError,
    MainstemError,
    NothingToDoError,
    StoreError,
    UsageError,
)
from mainstem.engine import views
from mainstem.engine.views.overview import ALL_PAIRS, interactions
from mainstem.gitrepo.moved import mark_of
from mainstem.tomlfiles.stack import FILE_NAME
from mainstem.wiring import replayed
from mainstem.wiring.board_project import WatchedProject
from mainstem.wiring.opening import open_project
from mainstem.wiring.overrides import price_now, signed
from mainstem.wiring.stores import LEDGER_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MOST_IN_A_BLOCK = 60
"""Most rows and most columns of a block of interactions."""

BEYOND = 4.0
"""How far beyond the most expensive rung forecasts look, unless another scale is asked for."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A question.

    Attributes:
        question: Which.
        words: What it is asked of.
    """

    question: str
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer.

    Attributes:
        text: The answer as JSON; "" if there is none.
        line: The ledger's line that it speaks of.
        hash: That line's hash.
        error: Why there is none, for the user.
        passing: Whether the error may go away by itself, such as a store that is not reached.
    """

    text: str
    line: int
    hash: str
    error: str = ""
    passing: bool = False


def answering(start: str, store: str | None) -> Callable[[Request], Reply]:
    """What answers of the project that a folder belongs to; for `executors.aside`."""
    return Desk(Path(start), store).answer


class Desk:
    """Answers questions of a project.

    Args:
        start: A folder of the project.
        store: The store's address; None for the one in `mainstem.toml`.
    """

    def __init__(self, start: Path, store: str | None = None) -> None:
        self._start = start
        self._store = store
        self._stack = contextlib.ExitStack()
        self._project: WatchedProject | None = None
        self._opened: object = None

    def answer(self, request: Request) -> Reply:
        """The answer to a question, of what the ledger holds now."""
        line, found = 0, ""
        try:
            project = self._current()
            project.refresh()
            line, found = project.ledger.end()
            body = _ANSWERS[Question(request.question)](project, dict(request.words))
            text = json.dumps(body, allow_nan=False)
        except MainstemError as error:
            passing = isinstance(error, StoreError | GitError)
            if passing:
                self._let_go()
            return Reply(text="", line=line, hash=found, error=str(error), passing=passing)
        except Exception as error:  # noqa: BLE001  # a fault in one answer must not end the others
            said = f"{type(error).__name__}: {error}"
            return Reply(text="", line=line, hash=found, error=said, passing=True)
        return Reply(text=text, line=line, hash=found)

    def close(self) -> None:
        """Lets go of the project."""
        self._let_go()

    def _current(self) -> WatchedProject:
        """The project with today's settings and the ledger that is there now."""
        known = self._project
        if known is not None and self._opened == _places(known.root):
            return known
        follower = None if known is None else known.follower
        self._let_go()
        project = self._stack.enter_context(
            open_project(self._start, store=self._store, read_only=True)
        )
        self._opened = _places(project.root)
        self._project = WatchedProject.of(project, follower)
        return self._project

    def _let_go(self) -> None:
        self._project = None
        self._stack.close()


def _places(root: Path) -> object:
    """Which settings and which ledger's file are there: with others the project is opened anew.

    A ledger's file grows and stays the same file.
    """
    ledger = mark_of(root / ".mainstem" / LEDGER_FILE)
    return mark_of(root / FILE_NAME), None if ledger is None else ledger[0]


def whole(proposals: int) -> bool:
    """Whether a campaign of so many proposals is shown with all its interactions."""
    return proposals <= ALL_PAIRS


def _status(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    record = project.record()
    campaign, state = project.standing(record)
    found = views.status(record, campaign, state, progress={})
    return {**found, "warnings": project.warnings(record)}


def _show(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    record = project.record()
    campaign, state = project.standing(record)
    pairs = campaign is None or whole(len(campaign.proposals))
    trunk = project.trunk_commit
    return views.show(project.stack, record, campaign, state, trunk=trunk, pairs=pairs)


def _why(project: WatchedProject, words: Mapping[str, str]) -> dict[str, Any]:
    record = project.record()
    campaign, state = project.standing(record)
    proposal = words["id"]
    restored = project.restored
    report = views.why(project.stack, record, campaign, state, proposal, restored=restored)
    report["price"] = price_now(project, record, (campaign, state), proposal)
    if report["override"] is not None:
        report["override"] = signed(project, report["override"])
    return {**report, "message": message(report)}


def _interactions(project: WatchedProject, words: Mapping[str, str]) -> dict[str, Any]:
    """A block of the interactions of a campaign that has too many for `show`."""
    rows, columns = names(words, "rows"), names(words, "columns")
    _, state = project.standing(project.record())
    if state is None:
        return block([], rows, columns, words["objective"])
    same_as = state.aliases.same_as
    known = set(state.integrator.proposals)
    left, right = ({same_as.get(p, p) for p in part} & known for part in (rows, columns))
    among = {frozenset({a, b}) for a in left for b in right if a != b}
    return block(interactions(state, among), rows, columns, words["objective"])


def names(words: Mapping[str, str], key: str) -> list[str]:
    """The proposals that a question names: as JSON, or joined by commas.

    Raises:
        UsageError: More than are worked out at once.
    """
    text = words.get(key, "")
    found = json.loads(text) if text.startswith("[") else [p for p in text.split(",") if p]
    if len(found) > MOST_IN_A_BLOCK:
        raise UsageError(f"{key}: {len(found)} proposals; at most {MOST_IN_A_BLOCK} at once")
    return [str(name) for name in found]


def block(
    every: list[dict[str, Any]], rows: list[str], columns: list[str], objective: str
) -> dict[str, Any]:
    """Interactions of some proposals with others on one objective; all where none are named.

    Args:
        every: As in `show`.
        rows: Ids of proposals.
        columns: Ids of proposals.
        objective: The objective's name.
    """
    wanted = {frozenset({a, b}) for a in rows for b in columns}
    found = [
        row
        for row in every
        if row["objective"] == objective
        and (not (rows or columns) or frozenset(row["pair"]) in wanted)
    ]
    return {"objective": objective, "rows": rows, "columns": columns, "interactions": found}


def _transfer(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    return project.transfer(project.record())


def _stale(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    return project.stale(project.record())


def _credit(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    from mainstem.wiring.credits import credit, history

    return {**credit(project), "history": history(project)}


def _shares(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    return project.shares()


def _audit(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    from mainstem.people.audit_page import body
    from mainstem.wiring.audit import audit_of

    found = audit_of(project, seed=0)
    return {**found.report, "html": body(found)}


def _frontier(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    from mainstem.frontier.page import body
    from mainstem.wiring.frontier import frontier

    found = frontier(project)
    return {**found, "html": body(found)}


def _forecast(project: WatchedProject, words: Mapping[str, str]) -> dict[str, Any]:
    from mainstem.wiring.forecasts import forecast

    at = {"cost": BEYOND * max(rung.cost for rung in project.stack.rungs)}
    if words.get("at"):
        key, _, value = words["at"].partition("=")
        try:
            at = {key: float(value)}
        except ValueError:
            raise UsageError(f"at={words['at']}: give it as KEY=NUMBER, such as cost=64") from None
    return forecast(project, at=at)


def _lab(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    from mainstem.lab.page import body

    kept = replayed.read(project.state)
    if kept is None:
        raise NothingToDoError("nothing was replayed yet (mainstem lab --replay)")
    line, report = kept
    return {**report, "line": line, "html": body(report)}


def _verify(project: WatchedProject, _: Mapping[str, str]) -> dict[str, Any]:
    found = project.ledger.verify()
    return {"entries": sum(1 for _ in project.ledger.entries()), "alterations": found}


_ANSWERS: dict[Question, Callable[[WatchedProject, Mapping[str, str]], dict[str, Any]]] = {
    Question.STATUS: _status,
    Question.SHOW: _show,
    Question.WHY: _why,
    Question.INTERACTIONS: _interactions,
    Question.TRANSFER: _transfer,
    Question.STALE: _stale,
    Question.CREDIT: _credit,
    Question.SHARES: _shares,
    Question.AUDIT: _audit,
    Question.FRONTIER: _frontier,
    Question.FORECAST: _forecast,
    Question.LAB: _lab,
    Question.VERIFY: _verify,
}
