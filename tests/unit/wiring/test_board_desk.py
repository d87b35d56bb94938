from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from large_ledger import Size, make_project
from mainstem.board.message import message
from mainstem.board.reader import Question
from mainstem.engine import views
from mainstem.wiring import board_desk, open_project, replayed
from mainstem.wiring.audit import audit
from mainstem.wiring.board_desk import Desk, Reply, Request, answering, block
from mainstem.wiring.clock import SystemClock
from mainstem.wiring.credits import credit, history
from mainstem.wiring.frontier import frontier
from mainstem.wiring.overrides import signed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mainstem.wiring import Project


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a merged campaign and one that waits for a batch."""
    folder = tmp_path_factory.mktemp("desk") / "stack"
    return make_project(folder, Size(proposals=12, trials=48, campaigns=2))


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Desk]:
    """What answers of it."""
    with contextlib.closing(Desk(folder)) as found:
        yield found


def said(desk: Desk, question: Question, **words: str) -> dict[str, Any]:
    """The body of an answer."""
    reply = desk.answer(Request(question=question, words=tuple(words.items())))
    assert reply.error == ""
    found: dict[str, Any] = json.loads(reply.text)
    return found


def _status(project: Project) -> dict[str, Any]:
    record = project.record()
    found = views.status(record, *project.standing(record), progress={})
    return {**found, "warnings": project.warnings(record)}


COMMANDS: dict[Question, Callable[[Project], dict[str, Any]]] = {
    Question.STATUS: _status,
    Question.SHOW: lambda project: project.show(),
    Question.TRANSFER: lambda project: project.transfer(project.record()),
    Question.STALE: lambda project: project.stale(project.record()),
    Question.CREDIT: lambda project: {**credit(project), "history": history(project)},
    Question.SHARES: lambda project: project.shares(),
    Question.AUDIT: lambda project: audit(project, seed=0),
    Question.FRONTIER: frontier,
    Question.VERIFY: lambda project: {
        "entries": project.ledger.end()[0],
        "alterations": project.ledger.verify(),
    },
}


@pytest.mark.parametrize("question", COMMANDS)
def test_answers_are_what_the_commands_say(
    desk: Desk, folder: Path, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last digit; pages come as a body beside that."""
    monkeypatch.setattr(SystemClock, "now", lambda _: "2025-03-01T00:00:00.000Z")
    found = said(desk, question)
    body = found.pop("html", None)
    with open_project(folder) as project:
        expected = json.loads(json.dumps(COMMANDS[question](project)))
    assert found == expected
    assert (body is not None) is (question in {Question.AUDIT, Question.FRONTIER})
    assert body is None or ("<h" in body and "<html" not in body)


def test_why_is_what_the_command_says_of_every_proposal(desk: Desk, folder: Path) -> None:
    """Merged, vetoed with its price and who signed, crashed, and of both campaigns."""
    with open_project(folder) as project:
        record = project.record()
        campaign, state = project.standing(record)
        assert record.merged
        for proposal in record.proposals:
            found = said(desk, Question.WHY, id=proposal)
            report = views.why(project.stack, record, campaign, state, proposal)
            report["price"] = found["price"]
            if report["override"] is not None:
                report["override"] = signed(project, report["override"])
            assert found.pop("message") == message(report)
            assert found == json.loads(json.dumps(report))
    vetoed = next(o.proposal for o in record.overrides if o.kind == "veto")
    assert said(desk, Question.WHY, id=vetoed)["override"]["by"] == "Lead"


def test_a_block_of_interactions_has_the_numbers_of_show(desk: Desk) -> None:
    """Of the pairs between rows and columns, on one objective."""
    shown = said(desk, Question.SHOW)
    campaign = sorted({p for row in shown["interactions"] for p in row["pair"]})
    rows, columns = campaign[:3], [*campaign[2:6], shown["best"]["recipe"][0]]
    words = {"rows": ",".join(rows), "columns": json.dumps(columns), "objective": "loss"}
    found = said(desk, Question.INTERACTIONS, **words)
    assert found == block(shown["interactions"], rows, columns, "loss")
    assert len(found["interactions"]) > 8
    assert {row["objective"] for row in found["interactions"]} == {"loss"}
    assert all(set(row["pair"]) & set(rows) for row in found["interactions"])
    too_many = json.dumps(["x"] * (board_desk.MOST_IN_A_BLOCK + 1))
    reply = desk.answer(
        Request(question="interactions", words=(("rows", too_many), ("objective", "loss")))
    )
    assert "rows: 61 proposals; at most 60" in reply.error


def test_a_large_campaign_is_shown_without_interactions(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All else is the same."""
    every = said(desk, Question.SHOW)
    monkeypatch.setattr(board_desk, "ALL_PAIRS", 5)
    assert said(desk, Question.SHOW) == {**every, "interactions": []}


def test_what_cannot_be_answered_is_said_and_the_next_question_is_answered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a user is to mend in its own words, a fault of ours with its class."""

    def ask(question: str, **words: str) -> Reply:
        return desk.answer(Request(question=question, words=tuple(words.items())))

    line = desk.answer(Request(question="status")).line
    lacks = ask("why", id="nobody")
    assert "no proposal 'nobody'; there are: muon-0000" in lacks.error
    assert (lacks.text, lacks.line, lacks.passing) == ("", line, False)
    assert "a forecast needs" in ask("forecast").error
    assert "give it as KEY=NUMBER" in ask("forecast", at="cost=much").error
    assert "nothing was replayed yet" in ask("lab").error
    monkeypatch.setattr(views, "status", lambda *_, **__: 1 / 0)
    fault = ask("status")
    assert (fault.error, fault.passing) == ("ZeroDivisionError: division by zero", True)
    monkeypatch.undo()
    assert ask("status").error == ""
    assert "ValueError" in ask("nothing").error


def test_the_last_replay_is_shown_with_its_line(
    desk: Desk, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was kept, with its page."""
    replayed.write(folder / ".mainstem", {"stack": "large", "policies": []}, line=5)
    monkeypatch.setattr("mainstem.lab.page.body", lambda report: f"<h2>{report['stack']}</h2>")
    found = said(desk, Question.LAB)
    (folder / ".mainstem" / replayed.FILE).unlink()
    assert found == {"stack": "large", "policies": [], "line": 5, "html": "<h2>large</h2>"}


def test_settings_and_lines_of_today_count(folder: Path, tmp_path: Path) -> None:
    """Other settings are read anew; while they are wrong, that is the answer."""
    copy = Path(shutil.copytree(folder, tmp_path / "stack"))
    answer = answering(str(copy), None)
    assert answer(Request(question="verify")).error == ""
    file = copy / "mainstem.toml"
    text = file.read_text()
    file.write_text(text + "\n[unknown]\n")
    assert "unknown" in answer(Request(question="show")).error
    file.write_text(text.replace('name = "large"', 'name = "larger"'))
    assert json.loads(answer(Request(question="show")).text)["stack"] == "larger"
    with open_project(copy) as project:
        end = project.ledger.append([("note", {})])[-1]
    reply = answer(Request(question="verify"))
    assert (reply.line, reply.hash) == (end.seq, end.hash)
    for ledger in (copy / ".mainstem").glob("ledger.sqlite*"):
        ledger.unlink()
    assert json.loads(answer(Request(question="verify")).text)["entries"] == 0
