from __future__ import annotations

import contextlib
import json
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mainstem.board.reader import Answer, Question
from mainstem.domain.proposal import CommitId
from mainstem.engine.record import Record
from mainstem.executors.aside import AsideEndedError
from mainstem.tomlfiles.stack import parse_stack
from mainstem.wiring import board_answers
from mainstem.wiring.board_answers import SLOW, Answers, key_of
from mainstem.wiring.board_clerk import Seen
from mainstem.wiring.board_desk import Reply, Request
from mainstem.wiring.board_shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

STACK = parse_stack(
    """
[stack]
trunk = "main"
command = "true"
[[objectives]]
name = "loss"
margin = 1.0
""",
    "mainstem.toml",
    folder="a",
)


class World:
    """What is seen, and what answers: with the line and how often it was asked."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.go = threading.Event()
        self.go.set()
        self.reply: Callable[[Request, int], Reply] | None = None
        self.seen = Seen(
            root=folder,
            state=folder,
            record=Record(seq=1),
            hash="1",
            at=None,
            first="1",
            ended={},
            stack=STACK,
            settings="s",
            trunk=CommitId("t"),
            progress={},
            places=None,
            files={},
            moved_s=0.0,
        )

    def line(self, number: int, **changes: object) -> None:
        """A line more."""
        known = {"record": Record(seq=number), "hash": str(number)}
        self.seen = replace(self.seen, **{**known, **changes})  # type: ignore[arg-type]  # as above

    def ask(self, request: Request) -> Reply:
        """Answers once it may."""
        line = self.seen.record.seq
        self.asked.append(f"{request.question}@{line}")
        self.go.wait(20)
        if self.reply is not None:
            return self.reply(request, line)
        return Reply(text=json.dumps({"line": line}), line=line, hash=str(line))

    def close(self) -> None:
        """Lets go of who waits."""
        self.go.set()

    @contextlib.contextmanager
    def answers(self) -> Iterator[Answers]:
        """Answers of it."""
        made = Answers(self, self, Shelf(self.folder), lambda: self.seen)
        with contextlib.closing(made):
            yield made


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A world at its first line."""
    return World(tmp_path)


def until(ask: Callable[[], Answer], true: Callable[[Answer], bool]) -> Answer:
    """The answer as soon as it is so."""
    for _ in range(4000):
        found = ask()
        if true(found):
            return found
        time.sleep(0.005)
    pytest.fail(f"it never came: {found}")


STATUS = Request(question="status")
CREDIT = Request(question="credit")
VERIFY = Request(question="verify")


def test_an_ask_gives_what_is_known_and_never_waits_long(world: World) -> None:
    """Nothing yet, then the answer; with a line more the old one, then the new one."""
    world.go.clear()
    with world.answers() as answers:
        began_s = time.monotonic()
        assert answers.ask(STATUS) == Answer(body=None, line=0, current=False, working=True)
        assert time.monotonic() - began_s < 5.0
        world.go.set()
        first = until(lambda: answers.ask(STATUS), lambda a: a.current)
        assert first == Answer(body={"line": 1}, line=1, current=True, working=False)
        came = answers.came
        world.go.clear()
        world.line(2)
        assert answers.ask(STATUS) == replace(first, current=False, working=True)
        world.go.set()
        assert until(lambda: answers.ask(STATUS), lambda a: a.current).body == {"line": 2}
        assert answers.came == came + 1


def test_only_the_newest_state_is_worked_out(world: World) -> None:
    """Of lines that came while something was worked out, the last one; what nobody asks, never."""
    with world.answers() as answers:
        until(lambda: answers.ask(STATUS), lambda a: a.current)
        world.go.clear()
        world.line(2)
        answers.moved()
        while len(world.asked) < 2:
            time.sleep(0.005)
        for number in range(3, 9):
            world.line(number)
            answers.moved()
        world.go.set()
        until(lambda: answers.ask(STATUS), lambda a: a.current)
    assert world.asked == ["status@1", "status@2", "status@8"]


def test_while_lines_come_it_rests_and_at_rest_it_does_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After work that a line caused the next waits, unless nobody works any more."""
    monkeypatch.setattr(board_answers, "rest_s", lambda _: 600.0)
    world.line(1, progress={"pid": 7})
    with world.answers() as answers:
        until(lambda: answers.ask(STATUS), lambda a: a.current)
        world.line(2)
        until(lambda: answers.ask(STATUS), lambda a: a.current)
        world.line(3)
        answers.moved()
        time.sleep(0.1)
        assert answers.ask(STATUS).line == 2
        assert answers.ask(Request(question="why", words=(("id", "a"),))).line == 3
        world.line(3, progress={})
        until(lambda: answers.ask(STATUS), lambda a: a.current)


def test_what_takes_minutes_keeps_nobody_waiting(world: World) -> None:
    """Credit is worked out beside the rest."""
    assert Question.CREDIT in SLOW
    assert Question.WHY not in SLOW
    slow = World(world.folder)
    slow.go.clear()
    made = Answers(world, slow, Shelf(world.folder), lambda: world.seen)
    with contextlib.closing(made) as answers:
        assert answers.ask(CREDIT).working
        until(lambda: answers.ask(STATUS), lambda a: a.current)
        assert answers.ask(CREDIT).working
        slow.close()
        until(lambda: answers.ask(CREDIT), lambda a: a.current)


def test_a_board_after_this_one_shows_what_was_known_at_once(world: World) -> None:
    """As current as it is; nothing of another ledger."""
    with world.answers() as answers:
        until(lambda: answers.ask(STATUS), lambda a: a.current)
    world.go.clear()
    with world.answers() as answers:
        kept = Answer(body={"line": 1}, line=1, current=True, working=False)
        assert answers.ask(STATUS) == kept
        world.line(2)
        assert answers.ask(STATUS) == replace(kept, current=False, working=True)
        world.close()
        until(lambda: answers.ask(STATUS), lambda a: a.line == 2)
    world.go.clear()
    world.line(5, first="another")
    with world.answers() as answers:
        assert answers.ask(STATUS).body is None
        world.close()


def test_whether_the_ledger_is_whole_is_never_another_board_s_word(world: World) -> None:
    """It may have been altered in between; and when its file moves it is checked again."""
    with world.answers() as answers:
        until(lambda: answers.ask(VERIFY), lambda a: a.current)
    world.go.clear()
    with world.answers() as answers:
        assert answers.ask(VERIFY) == Answer(body=None, line=0, current=False, working=True)
        world.go.set()
        until(lambda: answers.ask(VERIFY), lambda a: a.current)
        world.seen = replace(world.seen, files={"ledger.sqlite": (1, 2, 3)})
        assert not answers.ask(VERIFY).current
        until(lambda: answers.ask(VERIFY), lambda a: a.current)
        world.seen = replace(world.seen, files={"ledger.sqlite-wal": (1, 2, 3)})
        assert not answers.ask(VERIFY).current


@pytest.mark.parametrize("question", ["status", "shares"])
def test_what_the_clock_moves_is_looked_into_after_a_restart(world: World, question: str) -> None:
    """It is shown at once, and worked out all the same."""
    request = Request(question=question)
    with world.answers() as answers:
        until(lambda: answers.ask(request), lambda a: a.current)
    with world.answers() as answers:
        assert answers.ask(request).body == {"line": 1}
        answers.moved()
        until(lambda: answers.ask(request), lambda _: len(world.asked) == 2)


def test_a_page_that_stands_still_is_told_to_ask_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that nothing moves are kept as made: without a word they would never ask again."""
    monkeypatch.setattr(board_answers, "WATCHED_S", 0.05)
    monkeypatch.setitem(board_answers._AGAIN_S, Question.VERIFY, 0.1)
    with world.answers() as answers:
        until(lambda: answers.ask(VERIFY), lambda a: a.current)
        for times in (2, 3):
            came = answers.came
            for _ in range(2000):
                answers.moved()
                if answers.came > came:
                    break
                time.sleep(0.005)
            assert answers.came == came + 1
            assert len(world.asked) == times - 1
            until(lambda: answers.ask(VERIFY), lambda _, n=times: len(world.asked) == n)
            until(lambda: answers.ask(VERIFY), lambda a: a.current)


def test_an_error_is_the_answer_until_something_moves(world: World) -> None:
    """One that the user is to mend takes the old answer's place; one that passes stands beside."""
    with world.answers() as answers:
        until(lambda: answers.ask(STATUS), lambda a: a.current)
        world.reply = lambda _, line: Reply(text="", line=line, hash=str(line), error="mend it")
        world.line(2)
        found = until(lambda: answers.ask(STATUS), lambda a: bool(a.error))
        assert found == Answer(body=None, line=0, current=True, working=False, error="mend it")
        world.reply = None
        world.line(3)
        until(lambda: answers.ask(STATUS), lambda a: a.body is not None and a.current)
        world.reply = lambda _, line: Reply(
            text="", line=line, hash=str(line), error="gone", passing=True
        )
        world.line(4)
        found = until(lambda: answers.ask(STATUS), lambda a: bool(a.error))
        assert (found.body, found.line, found.error) == ({"line": 3}, 3, "gone")
        asked = len(world.asked)
        time.sleep(0.1)
        assert len(world.asked) == asked


def test_what_may_pass_is_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while, though nothing has moved."""
    monkeypatch.setattr(board_answers, "_TRY_AGAIN_S", 0.01)
    world.reply = lambda _, line: Reply(
        text="", line=line, hash=str(line), error="gone", passing=True
    )
    with world.answers() as answers:
        until(lambda: answers.ask(STATUS), lambda a: bool(a.error))
        world.reply = None
        until(lambda: answers.ask(STATUS), lambda a: a.body is not None and not a.error)


def test_a_process_that_dies_is_asked_once_more(world: World) -> None:
    """Then that it died is the answer, and other questions are answered all the same."""

    def dies(request: Request, line: int) -> Reply:
        if request == STATUS:
            raise AsideEndedError("it was ended by SIGKILL")
        return Reply(text="{}", line=line, hash=str(line))

    world.reply = dies
    with world.answers() as answers:
        found = until(lambda: answers.ask(STATUS), lambda a: bool(a.error))
        assert "ended before it had answered, twice: it was ended by SIGKILL" in found.error
        assert world.asked == ["status@1"] * 2
        until(lambda: answers.ask(Request(question="show")), lambda a: a.body == {})


def test_a_fault_while_asking_is_said_and_the_next_question_is_answered(world: World) -> None:
    """The thread that asks outlives it."""

    def reply(request: Request, line: int) -> Reply:
        if request == STATUS:
            raise RuntimeError("not one of ours")
        return Reply(text=json.dumps({"line": line}), line=line, hash=str(line))

    world.reply = reply
    with world.answers() as answers:
        found = until(lambda: answers.ask(STATUS), lambda found: bool(found.error))
        assert found.error == "RuntimeError: not one of ours"
        shares = Request(question="shares")
        assert until(lambda: answers.ask(shares), lambda found: found.body is not None).line == 1


def test_an_answer_depends_on_its_own_files_only(world: World) -> None:
    """Who contributes moves shares and not the front; a replay depends on nothing else."""
    seen = world.seen
    team = replace(seen, files={"contributors.toml": 1})
    replay = replace(seen, files={"replayed.json": 1})
    world.line(2)

    def differ(question: str, other: Seen) -> bool:
        request = Request(question=question)
        return key_of(request, seen) != key_of(request, other)

    assert [differ(q, team) for q in ("shares", "show", "lab")] == [True, False, False]
    assert [differ(q, replay) for q in ("shares", "show", "lab")] == [False, False, True]
    assert [differ(q, world.seen) for q in ("shares", "show", "lab")] == [True, True, False]
    moved = replace(seen, trunk=CommitId("u"))
    assert [differ(q, moved) for q in ("show", "lab")] == [True, False]


def test_few_answers_are_kept_in_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were asked for last: a robot that visits a thousand pages fills nothing."""
    monkeypatch.setattr(board_answers, "MOST", 3)
    with world.answers() as answers:
        for number in range(6):
            request = Request(question="why", words=(("id", str(number)),))
            until(lambda request=request: answers.ask(request), lambda a: a.current)
        assert len(answers._known) == len(answers._asked) == 3
