"""The ledger as a page: line by line in words, searchable, and whether the chain is whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.page import ROWS, Visit
from mainstem.board.pages import ledger
from mainstem.board.reader import Answer, Question
from tests.unit.board import ledgers
from tests.unit.board.given import WORKING, Given, answer, shown

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def reader(tmp_path: Path) -> Given:
    """A short campaign: nine lines, checked up to the eighth."""
    lines = [
        ledgers.proposal("clip", 1, "optimizer", claim="<script>alert(1)</script>"),
        ledgers.proposal("clipped", 2, "optimizer"),
        ledgers.opened("clip", "clipped"),
        ledgers.asked({"n": 1, "recipe": ["clip"]}, {"n": 10, "recipe": ["clipped"]}),
        ledgers.ended("c1.1", 2.5),
        ledgers.ended("c1.10", failure=("exit", "exit code 1")),
        ledgers.verdict("clip", "merge"),
        ledgers.over("clip"),
        ledgers.merged("clip"),
    ]
    whole = {"entries": 8, "alterations": []}
    answers = {str(Question.VERIFY): answer(whole, line=8)}
    return Given(lines=ledgers.written(tmp_path, lines), folder=tmp_path, answers=answers)


def numbers(reader: Given, **query: str) -> list[int]:
    """Numbers of the lines that are shown."""
    return [line["seq"] for line in ledger.content(reader, Visit(query=query))["lines"]]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, [9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"kind": "trial-finished"}, [6, 5]),
        ({"trial": "c1.1"}, [5, 4]),
        ({"trial": "c1.10"}, [6, 4]),
        ({"proposal": "clip"}, [9, 8, 7, 4, 3, 1]),
        ({"proposal": "clipped", "kind": "proposal-taken"}, [2]),
        ({"proposal": "clip", "text": "for a reason"}, [7]),
        ({"trial": "c1.1", "proposal": "clip"}, [4]),
        ({"text": "exit code"}, [6]),
        ({"before": "3"}, [2, 1]),
        ({"line": "7"}, [7]),
        ({"line": "70"}, []),
        ({"kind": "nonsense"}, []),
    ],
)
def test_the_address_says_which_lines(
    reader: Given, query: dict[str, str], wanted: list[int]
) -> None:
    """The newest first; a name is found as a whole, so c1.1 is not c1.10."""
    assert numbers(reader, **query) == wanted


def test_a_line_alone_is_whole(tmp_path: Path) -> None:
    """In a list a long body is cut, and a click away it is not."""
    lines = [ledgers.verdict("clip", "merge", "x" * 10_000)]
    reader = Given(lines=ledgers.written(tmp_path, lines), folder=tmp_path)
    [listed] = ledger.content(reader, Visit())["lines"]
    assert (len(listed["body"]), listed["whole"]) == (4000, False)
    assert "x" * 10_000 in shown(ledger.PAGE, reader, line="1")
    assert 'href="/ledger?line=1"' in shown(ledger.PAGE, reader)


def test_of_a_huge_line_no_more_is_laid_out_than_is_shown() -> None:
    """A campaign may inherit ten thousand runs in one line."""

    class Counted(dict[str, Any]):
        """Counts how many of its keys are looked at."""

        looks = 0

        def items(self) -> Any:
            """One by one."""
            for item in super().items():
                Counted.looks += 1
                yield item

    rows = [Counted(trial=f"c1.{n}") for n in range(10_000)]
    text, whole = ledger.pretty({"inherited": rows}, 1000)
    assert (len(text), whole) == (1000, False)
    assert Counted.looks < 100
    assert ledger.pretty({"a": [1, "\u00fc"]}, 1000) == (
        '{\n "a": [\n  1,\n  "\u00fc"\n ]\n}',
        True,
    )


def test_the_state_of_the_chain(reader: Given) -> None:
    """Whole up to a line, being checked, altered with where, or not to be read."""
    assert "Whole: all 8 lines" in shown(ledger.PAGE, reader)
    assert "1 line came since" in shown(ledger.PAGE, reader)
    reader.answers = {str(Question.VERIFY): WORKING}
    assert "being checked" in shown(ledger.PAGE, reader)
    stale = Answer(body={"entries": 9, "alterations": []}, line=9, current=False, working=True)
    reader.answers = {str(Question.VERIFY): stale}
    assert "being checked" in shown(ledger.PAGE, reader)
    assert "Whole" not in shown(ledger.PAGE, reader)
    said = "line 5 (trial-finished) was altered: its <b>hash</b> does not fit"
    altered = answer({"entries": 9, "alterations": [said]}, line=9)
    for again in (altered, replace(altered, current=False, working=True)):
        reader.answers = {str(Question.VERIFY): again}
        assert "Altered." in shown(ledger.PAGE, reader)
    page = shown(ledger.PAGE, reader)
    assert "its &lt;b&gt;hash" in page
    failed = Answer(body=None, line=0, current=False, working=False, error="the disk is gone")
    reader.answers = {str(Question.VERIFY): failed}
    assert "the disk is gone" in shown(ledger.PAGE, reader)


def test_what_a_line_holds_is_text(reader: Given) -> None:
    """A claim may hold markup, in the sentence and in the body."""
    page = shown(ledger.PAGE, reader)
    assert "<script>alert" not in page
    assert page.count("&lt;script&gt;alert(1)") == 2


def test_an_empty_ledger_says_how_to_begin() -> None:
    """An empty chain is neither whole nor altered."""
    empty = answer({"entries": 0, "alterations": []})
    page = shown(ledger.PAGE, Given(answers={str(Question.VERIFY): empty}))
    assert "Nothing has been written down yet" in page
    assert "Whole" not in page


def test_a_long_ledger_is_shown_in_parts(tmp_path: Path) -> None:
    """A hundred lines, then those below; a search goes on where it stopped."""
    lines = [ledgers.proposal(f"p{n}", n) for n in range(1, 251)]
    reader = Given(lines=ledgers.written(tmp_path, lines), folder=tmp_path)
    first = ledger.content(reader, Visit())
    assert (first["lines"][0]["seq"], len(first["lines"]), first["then"]) == (250, ROWS, 151)
    last = ledger.content(reader, Visit(query={"before": "51"}))
    assert (len(last["lines"]), last["then"]) == (50, None)
    assert 'href="/ledger?before=151"' in shown(ledger.PAGE, reader)
    assert numbers(reader, proposal="p3") == [3]


def test_a_search_of_a_long_record_stops_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page never takes minutes: it leads on to where looking stopped."""
    lines = [ledgers.ended(f"c1.{n}", 2.0) for n in range(1, 31)]
    reader = Given(lines=ledgers.written(tmp_path, lines), folder=tmp_path)
    monkeypatch.setattr(ledger, "_READ", 5)
    monkeypatch.setattr(ledger, "_READS", 2)
    wanted = {"proposal": "clip", "text": "loss"}
    found = ledger.content(reader, Visit(query=wanted))
    assert (found["lines"], found["then"]) == ([], 21)
    assert "from here down to line 21" in shown(ledger.PAGE, reader, **wanted)
