"""The page of runs: what is at work, what goes wrong, and every run by what the address says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.page import ROWS, Visit
from mainstem.board.pages import runs
from mainstem.board.trials import State
from mainstem.engine.views.repeats import not_repeatable
from tests.unit.board import ledgers
from tests.unit.board.given import Given, answer, shown

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def reader(tmp_path: Path) -> Given:
    """A campaign in the middle: of eight trials two run, one waits, one failed."""
    lines = [
        ledgers.checked(2.5, 2.6, 2.7),
        ledgers.proposal("clip", 1, "optimizer"),
        ledgers.proposal("mix", 2, "data"),
        ledgers.opened("clip", "mix"),
        ledgers.asked(
            {"n": 1, "recipe": []},
            {"n": 2, "recipe": ["clip"]},
            {"n": 3, "recipe": ["mix"]},
            {"n": 4, "recipe": ["clip", "mix"], "purpose": "confirm"},
        ),
        ledgers.ended("c1.1", 2.6, wall_s=10.0),
        ledgers.ended("c1.2", 2.4, wall_s=30.0),
        ledgers.ended("c1.3", failure=("exit", "exit code 1: <b>No</b> such file")),
        ledgers.ended("c1.4", 2.5, wall_s=20.0),
        ledgers.asked(*({"n": n, "recipe": ["mix"]} for n in (5, 6, 7))),
    ]
    at_work = {"pid": 7, "slots": 3, "running": ["c1.5", "c1.6"], "queued": 1}
    at_work["since"] = {"c1.5": "2024-01-01T01:00:00.000Z"}
    return Given(lines=ledgers.written(tmp_path, lines), folder=tmp_path, at_work=at_work)


def names(reader: Given, **query: str) -> list[str]:
    """Trials that the page lists."""
    return [row.trial for row in runs.content(reader, Visit(query=query))["rows"]]


def test_what_runs_in_which_slot(reader: Given) -> None:
    """Since when, by what is said or by when it was asked for, and how long one takes."""
    found = runs.content(reader, Visit())["now"]
    first, second = found["slots"]
    assert (first["row"].trial, first["since"]) == ("c1.5", "2024-01-01T01:00:00.000Z")
    assert second["since"] == reader.lines[-1].at
    assert (first["takes"].median_s, first["takes"].runs) == (9.5, 6)
    assert (found["free"], [r.trial for r in found["waiting"]]) == (1, ["c1.7"])


def test_of_a_campaign_that_is_over_nothing_waits(reader: Given, tmp_path: Path) -> None:
    """What it asked for and never ran is not to come."""
    (tmp_path / "more").mkdir()
    lines = [(e.kind, e.body) for e in reader.lines]
    ended = ledgers.written(tmp_path / "more", [*lines, ledgers.over()])
    found = runs.content(Given(lines=ended), Visit())["now"]
    assert (found["on"], found["slots"], found["waiting"]) == (False, [], [])
    (tmp_path / "next").mkdir()
    began = ledgers.written(tmp_path / "next", [*lines, ledgers.opened("mix", campaign="c2")])
    assert runs.content(Given(lines=began), Visit())["now"]["waiting"] == []


def test_in_a_team_a_slot_has_its_worker(reader: Given) -> None:
    """The one that holds the trial."""
    worker = {"host": "kite", "pid": 9, "slots": 2, "folder": "/x", "since": "s"}
    reader.at_work = {**reader.at_work, "workers": [{**worker, "running": ["c1.6"]}]}
    slots = runs.content(reader, Visit())["now"]["slots"]
    assert [s["worker"] and s["worker"]["pid"] for s in slots] == [None, 9]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({}, ["c1.7", "c1.6", "c1.5", "c1.4", "c1.3", "c1.2", "c1.1", "k1.3", "k1.2", "k1.1"]),
        ({"campaign": "check"}, ["k1.3", "k1.2", "k1.1"]),
        ({"proposal": "clip"}, ["c1.4", "c1.2"]),
        ({"proposal": runs.TRUNK, "campaign": "c1"}, ["c1.1"]),
        ({"purpose": "confirm"}, ["c1.4"]),
        ({"state": "failed"}, ["c1.3"]),
        ({"state": "running"}, ["c1.6", "c1.5"]),
        ({"text": "SUCH file"}, ["c1.3"]),
        ({"text": "104"}, ["c1.4"]),
        ({"rung": "none"}, []),
        ({"proposal": "clip", "sort": "took"}, ["c1.2", "c1.4"]),
        ({"proposal": "clip", "sort": "took", "way": "up"}, ["c1.4", "c1.2"]),
        (
            {"sort": "trial", "way": "up", "campaign": "c1", "text": "mix", "state": "failed"},
            ["c1.3"],
        ),
        ({"sort": "nonsense", "way": "round", "purpose": "confirm"}, ["c1.4"]),
    ],
)
def test_the_address_says_which_runs(
    reader: Given, query: dict[str, str], wanted: list[str]
) -> None:
    """Filters and sorting; what is no filter is passed over."""
    assert names(reader, **query) == wanted


def test_rows_without_a_value_come_last_either_way(reader: Given) -> None:
    """A run that failed is neither the best nor the worst."""
    down = names(reader, sort="loss", campaign="c1")
    up = names(reader, sort="loss", way="up", campaign="c1")
    assert down[:3] == ["c1.1", "c1.4", "c1.2"]
    assert up[:3] == ["c1.2", "c1.4", "c1.1"]
    assert set(down[3:]) == set(up[3:]) == {"c1.3", "c1.5", "c1.6", "c1.7"}


def test_a_run_that_does_not_repeat_itself_is_told(reader: Given) -> None:
    """The check ran one seed twice, with two results; until that is known nothing is said."""
    assert runs.content(reader, Visit())["repeats"]["rows"] == []
    reader.answers["status"] = answer({"not_repeatable": not_repeatable(reader.record())})
    found = runs.content(reader, Visit())["repeats"]
    assert found["rows"] == [
        {
            "trial": "k1.3",
            "other": "k1.1",
            "seed": 7,
            "differs": [{"name": "loss", "value": 2.7, "before": 2.5}],
        }
    ]
    assert "did not measure the same" in shown(runs.PAGE, reader)


def test_what_goes_wrong_stands_with_its_log(reader: Given) -> None:
    """In words, and what a trial printed is text."""
    page = shown(runs.PAGE, reader)
    assert "Ended with an error" in page
    assert "&lt;b&gt;No&lt;/b&gt; such file" in page
    assert "<b>No" not in page
    assert 'href="/runs/c1.3"' in page


def test_before_anything_ran_the_page_says_how_to_begin() -> None:
    """An empty record is no empty page."""
    page = shown(runs.PAGE, Given())
    assert "Nothing has run yet" in page
    assert "mainstem check" in page


def test_a_filter_that_fits_nothing_says_so(reader: Given) -> None:
    """And leads back."""
    page = shown(runs.PAGE, reader, text="no such thing")
    assert "No run is like that" in page
    assert "0 of 10 runs" in page


def test_a_thousand_trials_are_shown_in_parts(tmp_path: Path) -> None:
    """A page has a hundred; the last part has the rest, and one beyond it is the last."""
    count = 1_001
    batch: Any = [{"n": n, "recipe": ["clip"] if n % 2 else []} for n in range(1, count + 1)]
    lines = [ledgers.proposal("clip", 1), ledgers.opened("clip"), ledgers.asked(*batch)]
    lines += [ledgers.ended(f"c1.{n}", 2.0) for n in range(1, count + 1)]
    reader = Given(lines=ledgers.written(tmp_path, lines))
    assert len(names(reader)) == ROWS
    assert names(reader, page="11") == names(reader, page="999") == ["c1.1"]
    page = shown(runs.PAGE, reader, page="2", proposal="clip")
    assert "501 of 1,001 runs" in page
    assert "2 of 6" in page
    assert 'href="/runs?page=3&amp;proposal=clip"' in page
    assert len(page) < 200_000


def test_every_state_has_words() -> None:
    """What a badge says."""
    assert all(state.words for state in State)
