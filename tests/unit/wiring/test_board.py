from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from large_ledger import Size, make_project
from mainstem.board.reader import Answer, Changed, LogPiece, Question
from mainstem.domain.errors import StoreError
from mainstem.engine import record as records, views
from mainstem.executors.aside import Aside
from mainstem.wiring import board_desk, open_project
from mainstem.wiring.board import BoardReader, open_board_reader
from mainstem.wiring.board_desk import Desk, answering

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from postgres_server import Server


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a merged campaign and one that waits for a batch."""
    folder = tmp_path_factory.mktemp("board") / "stack"
    return make_project(folder, Size(proposals=26, trials=48, campaigns=2))


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of it, to be written to."""
    return Path(shutil.copytree(made, tmp_path / "stack"))


class Here:
    """A desk in whatever thread asks: each has a connection of its own."""

    def __init__(self, folder: Path, store: str | None = None) -> None:
        self._folder, self._store, self._own = folder, store, threading.local()

    def ask(self, request: Any) -> Any:
        """The answer, worked out here."""
        if not hasattr(self._own, "desk"):
            self._own.desk = Desk(self._folder, self._store)
        return self._own.desk.answer(request)

    def close(self) -> None:
        """Nothing: connections go with their threads."""


@pytest.fixture
def reader(folder: Path) -> Iterator[BoardReader]:
    """A reader that works answers out in its own threads."""
    with contextlib.closing(BoardReader(folder, aside=lambda: Here(folder))) as found:
        yield found


def until(ask: Callable[[], Answer], true: Callable[[Answer], bool] | None = None) -> Answer:
    """The answer as soon as it is so, or current."""
    for _ in range(6000):
        found = ask()
        if true(found) if true is not None else not found.working:
            return found
        time.sleep(0.005)
    pytest.fail(f"it never came: {found}")


def write(folder: Path, *lines: tuple[str, dict[str, Any]]) -> None:
    """Lines that somebody else writes."""
    with open_project(folder) as project:
        project.ledger.append(lines)


def seen(reader: BoardReader, true: Callable[[], bool]) -> None:
    """Waits until the clerk has seen something."""
    for _ in range(6000):
        reader.moment()
        if true():
            return
        time.sleep(0.005)
    pytest.fail("it was never seen")


def test_what_it_shows_is_what_the_commands_say(folder: Path) -> None:
    """With processes of its own: one that is killed is started again, and all end with it."""
    asides: list[Aside] = []

    def aside() -> Aside:
        asides.append(Aside(answering, str(folder), None, niceness=0))
        return asides[-1]

    with contextlib.closing(BoardReader(folder, aside=aside)) as reader:
        first = reader.moment()
        found = until(lambda: reader.ask(Question.VERIFY))
        shares = until(lambda: reader.ask(Question.SHARES))
        assert reader.moment().mark != first.mark
        with open_project(folder) as project:
            assert found.body == {"entries": first.line, "alterations": []}
            assert first.line == project.ledger.end()[0] == found.line
            assert reader.trunk() == project.trunk_commit
            assert reader.record() == project.record()
            assert reader.stack == project.stack
        pid = asides[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        why = until(lambda: reader.ask(Question.WHY, id="rope-0001"))
        assert why.body is not None
        assert why.body["id"] == "rope-0001"
        again = asides[0].pid
        assert again not in {None, pid}
        assert asides[1].pid is None  # nobody asked for what takes long
    assert not Path(f"/proc/{again}").exists()
    with open_board_reader(folder) as reader:
        assert reader.ask(Question.SHARES) == shares


def test_what_is_written_is_shown_and_marked(folder: Path, reader: BoardReader) -> None:
    """The old answer stands until the new one is there."""
    old = until(lambda: reader.ask(Question.STATUS))
    moment = reader.moment()
    write(folder, ("note", {"text": "hello"}))
    seen(reader, lambda: reader.moment().line == moment.line + 1)
    assert reader.moment().mark != moment.mark
    found = reader.ask(Question.STATUS)
    assert found.line in {old.line, old.line + 1}
    assert until(lambda: reader.ask(Question.STATUS)).line == old.line + 1
    assert [e.body for e in reader.entries(before=None, kinds=[], text="", most=1)] == [
        {"text": "hello"}
    ]


def test_an_altered_line_is_found_while_the_board_is_open_and_after(folder: Path) -> None:
    """Who alters a line writes none, and the answer of before was right: it must not stand."""

    def opened() -> BoardReader:
        return BoardReader(folder, aside=lambda: Here(folder))

    with contextlib.closing(opened()) as reader:
        found = until(lambda: reader.ask(Question.VERIFY))
        assert found.body is not None
        assert found.body["alterations"] == []
        mark = reader.moment().mark
        with contextlib.closing(sqlite3.connect(folder / ".mainstem" / "ledger.sqlite")) as own:
            own.execute("DROP TRIGGER entries_are_never_altered")
            own.execute("UPDATE entries SET body = replace(body, '1', '2') WHERE seq = 2")
            own.commit()
        seen(reader, lambda: reader.moment().mark != mark)
        until(lambda: reader.ask(Question.VERIFY), lambda a: a.body["alterations"] != [])
    with contextlib.closing(opened()) as reader:
        found = until(lambda: reader.ask(Question.VERIFY))
        assert found.body is not None
        assert found.body["alterations"]


def test_what_runs_is_of_this_moment(
    folder: Path, reader: BoardReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It moves without a line: in `status`, in `show`, and in the mark."""
    assert reader.progress() == {}
    mark = reader.moment().mark
    until(lambda: reader.ask(Question.STATUS))
    until(lambda: reader.ask(Question.SHOW))
    works = {"pid": 7, "slots": 2, "running": ["c2.1", "c2.2"], "queued": 3}
    monkeypatch.setattr("mainstem.wiring.project.read_progress", lambda _: works)
    seen(reader, lambda: reader.progress() == works)
    assert reader.moment().mark != mark
    status = reader.ask(Question.STATUS).body
    with open_project(folder) as project:
        record = project.record()
        expected = views.status(record, *project.standing(record), progress=works)
    assert status == {**expected, "warnings": []}
    shown = reader.ask(Question.SHOW)
    assert shown.current
    assert shown.body is not None
    assert shown.body["trials"]["running"] == 2


def test_what_nobody_knows_is_a_key_error(reader: BoardReader) -> None:
    """Proposals, trials and streams."""
    for ask in (
        lambda: reader.ask(Question.WHY, id="nobody"),
        lambda: reader.ask(Question.WHY),
        lambda: reader.ask(Question.INTERACTIONS, rows="nobody", objective="loss"),
        lambda: reader.diff(["nobody"], most=100),
        lambda: reader.log("c9.1", "stdout", start=0, most=100),
        lambda: reader.log("c1.9999", "stdout", start=0, most=100),
        lambda: reader.log("c1.1", "metrics.jsonl", start=0, most=100),
        lambda: reader.log("../../etc", "stdout", start=0, most=100),
    ):
        with pytest.raises(KeyError):
            ask()


def test_interactions_of_a_small_campaign_are_those_of_show(reader: BoardReader) -> None:
    """Of named proposals, or all; an objective that there is none of is an answer's error."""
    shown = until(lambda: reader.ask(Question.SHOW)).body
    assert shown is not None
    every = [row for row in shown["interactions"] if row["objective"] == "accuracy"]
    found = reader.ask(Question.INTERACTIONS, objective="accuracy").body
    assert found is not None
    assert found["interactions"] == every
    a, b = every[0]["pair"]
    one = reader.ask(Question.INTERACTIONS, objective="accuracy", rows=b, columns=a).body
    assert one is not None
    assert one["interactions"] == every[:1]
    wrong = reader.ask(Question.INTERACTIONS, objective="speed")
    assert (wrong.body, wrong.working) == (None, False)
    assert "no objective 'speed'" in wrong.error


def test_interactions_of_a_large_campaign_are_worked_out_block_by_block(
    reader: BoardReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same numbers; without names nothing is."""
    every = until(lambda: reader.ask(Question.SHOW)).body
    assert every is not None
    monkeypatch.setattr(board_desk, "ALL_PAIRS", 5)
    pair = every["interactions"][0]["pair"]
    words = {"objective": "loss", "rows": pair[0], "columns": pair[1]}
    found = until(lambda: reader.ask(Question.INTERACTIONS, **words)).body
    assert found is not None
    expected = [
        row
        for row in every["interactions"]
        if set(row["pair"]) == set(pair) and row["objective"] == "loss"
    ]
    assert found["interactions"] == expected
    assert "at most 60" in reader.ask(Question.INTERACTIONS, objective="loss").error
    many = ",".join(["rope-0001"] * 61)
    assert "61 proposals" in reader.ask(Question.INTERACTIONS, objective="loss", rows=many).error


def test_the_ledger_is_searched_from_any_thread(reader: BoardReader) -> None:
    """Also where another ledger takes its place."""
    found: list[int] = []

    def search() -> None:
        lines = reader.entries(before=None, kinds=["verdict"], text="NO GAIN", most=50)
        found.append(len(lines))

    threads = [threading.Thread(target=search) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert found[0] > 0
    last = reader.entries(before=None, kinds=[], text="", most=2)
    assert [e.seq for e in last] == [reader.moment().line, reader.moment().line - 1]


def test_logs_are_read_while_they_are_written(folder: Path, reader: BoardReader) -> None:
    """Byte by byte; of a trial that has not begun there is nothing yet."""
    campaign = reader.record().campaigns["c2"]
    waiting = campaign.batches[-1][0].name
    nothing = LogPiece(text="", start=0, end=0, size=0, ended=True)
    assert reader.log(waiting, "stdout", start=0, most=100) == nothing  # nobody works: it is over
    logs = folder / ".mainstem" / "logs" / waiting
    logs.mkdir(parents=True)
    (logs / "stdout").write_text("loss: ☃\nmore")
    piece = reader.log(waiting, "stdout", start=6, most=100)
    assert piece == LogPiece(text="☃\nmore", start=6, end=14, size=14, ended=True)
    assert reader.log(waiting, "stdout", start=-4, most=100).text == "more"
    assert reader.log(waiting, "stderr", start=0, most=100) == nothing
    done = campaign.batches[0][0].name
    assert reader.log(done, "stdout", start=0, most=100) == nothing


def test_a_log_on_another_machine_is_told(folder: Path, reader: BoardReader) -> None:
    """Host and folder; what is here of that name is of a run that did not count."""
    waiting = reader.record().campaigns["c2"].batches[-1][0].name
    (folder / ".mainstem" / "logs" / waiting).mkdir(parents=True)
    worker = {"host": "far", "pid": 3, "folder": "/far/.mainstem"}
    ended = {"campaign": "c2", "trial": waiting, "values": None, "failure": None, "worker": worker}
    write(folder, (records.TRIAL_FINISHED, ended))
    seen(reader, lambda: waiting in reader.record().campaigns["c2"].finished)
    piece = reader.log(waiting, "stdout", start=0, most=100)
    assert (piece.text, piece.elsewhere) == ("", f"on far, in /far/.mainstem/logs/{waiting}")
    assert piece.ended


def test_a_diff_is_of_the_trunk_with_the_recipe(reader: BoardReader) -> None:
    """Every file, cut where it gets long; a conflict is told with its files."""
    names = list(reader.record().proposals)
    found = reader.diff([names[18], names[16]], most=10**6)
    paths = [change.path for change in found.files]
    assert any(names[16] in path for path in paths)
    assert any(names[18] in path for path in paths)
    assert found.files[0] == Changed(path=paths[0], added=12, removed=0)
    assert not found.cut
    assert "+setting_1 = 16" in found.text
    assert reader.diff([names[16]], most=200).cut
    assert reader.diff([], most=100).text == ""
    clash = reader.diff([names[23], names[24]], most=100)
    assert "git cannot merge" in clash.error
    assert f"{names[23]} and {names[24]} together" in clash.error
    merged = next(iter(reader.record().merged))
    assert reader.diff([merged], most=100).files == ()


def test_a_merge_has_the_diff_that_it_made(reader: BoardReader) -> None:
    """Of its own proposal alone, on the trunk of then; a commit that is gone is told."""
    commits = [one for merge in reader.record().merges for one in merge["commits"].items()]
    assert commits
    for proposal, commit in commits:
        found = reader.merge_diff(commit, most=10**6)
        assert [proposal in change.path for change in found.files] == [True]
        assert found.text.count("diff --git") == 1
    assert "0000" in reader.merge_diff("0" * 40, most=100).error


def test_wrong_settings_are_told_beside_what_was_known(folder: Path, reader: BoardReader) -> None:
    """Pages go on with the last ones."""
    until(lambda: reader.ask(Question.STATUS))
    with (folder / "mainstem.toml").open("a") as file:
        file.write("\n[unknown]\n")
    found = until(lambda: reader.ask(Question.STATUS), lambda a: bool(a.error))
    assert "unknown" in found.error
    assert reader.stack.name == "large"


def test_a_team_s_store_is_read_as_a_file_is(
    tmp_path: Path, postgres_server: Server, database: str
) -> None:
    """Lines, answers and searches; who works is seen with host and folder, and where logs are."""
    url = postgres_server.address(database)
    size = Size(proposals=16, trials=24, campaigns=2)
    folder = make_project(tmp_path / "stack", size, store=url)
    reading = BoardReader(folder, store=url, aside=lambda: Here(folder, url))
    with contextlib.closing(reading) as reader, open_project(folder, store=url) as project:
        assert reader.record() == project.record()
        found = until(lambda: reader.ask(Question.VERIFY))
        assert found.body == {"entries": reader.moment().line, "alterations": []}
        project.ledger.append([("note", {"text": "Größe"})])
        seen(reader, lambda: reader.moment().line == found.line + 1)
        assert [e.kind for e in reader.entries(before=None, kinds=[], text="größe", most=9)] == [
            "note"
        ]
        with project.workshop(slots=1, shared=True) as shop:
            waiting = reader.record().campaigns["c2"].batches[-1][0].name
            assert shop.leases is not None
            assert shop.leases.take([waiting], most=1) == [waiting]
            seen(reader, lambda: reader.progress().get("running") == [waiting])
            piece = reader.log(waiting, "stdout", start=0, most=100)
            assert (piece.elsewhere, piece.ended) == ("", False)
        seen(reader, lambda: reader.progress() == {})
    with pytest.raises(StoreError):
        BoardReader(folder, store=postgres_server.address("nowhere"))
