"""The page of shares: who has which part of the compute, as bars and as the same numbers."""

from __future__ import annotations

from typing import Any

import pytest

from mainstem.board.page import ROWS, Visit
from mainstem.board.pages import shares
from mainstem.board.reader import Question
from tests.unit.board.given import Given, answer, shown


def row(handle: str, trials: float, total: float, **more: Any) -> dict[str, Any]:
    """A contributor."""
    found = {"handle": handle, "kind": "staff", "team": "", "weight": 1.0, "proposals": 1.0}
    found |= {"undecided": 1.0, "in_campaign": 1.0, "waiting": 0.0, "trials": trials}
    share = trials / total if total else None
    times = {"wall_s": 60.0, "waited_s": None, "waiting_s": 30.0}
    return {**found, "share": share, "equal_share": 0.5, **times, **more}


def report(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The JSON of `mainstem shares`."""
    known = {
        "on": True,
        "trials": sum(r["trials"] for r in rows),
        "jain": 0.8,
        "level": None,
        "line": 32,
    }
    return {**known, "contributors": list(rows), **more}


def given(body: dict[str, Any]) -> Given:
    """A reader that knows it."""
    return Given(answers={str(Question.SHARES): answer(body)})


@pytest.fixture
def reader() -> Given:
    """Two contributors."""
    return given(report(row("ada", 2.5, 10.0, waited_s=90.0), row("<b>bob</b>", 7.5, 10.0)))


def test_who_had_most_comes_first(reader: Given) -> None:
    """Until the address says otherwise; a name is text."""
    found = shares.content(reader, Visit())
    assert [r["handle"] for r in found["people"]] == ["<b>bob</b>", "ada"]
    page = shown(shares.PAGE, reader)
    assert "7.5 (75%)" in page
    assert "<b>bob" not in page


@pytest.mark.parametrize(
    ("sort", "first"), [("handle", "<b>bob</b>"), ("waited_s", "ada"), ("nonsense", "<b>bob</b>")]
)
def test_the_address_says_the_order(reader: Given, sort: str, first: str) -> None:
    """Whoever has no such number comes last."""
    assert shares.content(reader, Visit(query={"sort": sort}))["people"][0]["handle"] == first


def test_whoever_has_not_waited_yet_comes_after_who_waited_no_time() -> None:
    """Not known is not 0."""
    rows = (row("ada", 1.0, 2.0), row("bob", 1.0, 2.0, waited_s=0.0))
    found = shares.content(given(report(*rows)), Visit(query={"sort": "waited_s"}))
    assert [r["handle"] for r in found["people"]] == ["bob", "ada"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"on": False}, "Compute is not shared out"),
        ({"level": None}, "Nobody is in line: fewer than 32 proposals would wait"),
        ({"level": 1.0}, "Each contributor may have 1 proposal in the campaign"),
        ({"level": 2.5}, "Each contributor may have 2.5 proposals in the campaign"),
    ],
)
def test_how_compute_is_shared_in_a_sentence(more: dict[str, Any], said: str) -> None:
    """As `mainstem shares` says it."""
    assert shares.rule(report(row("ada", 1.0, 1.0), **more)).startswith(said)


def test_where_nobody_could_wait_no_line_is_spoken_of() -> None:
    """All is decided; or a line of one is long enough, and there is none."""
    decided = report(row("ada", 1.0, 1.0, undecided=0.0), line=1)
    assert shares.rule(decided) == "Nobody is in line: every proposal has its verdict."
    assert shares.rule(report(row("ada", 1.0, 1.0), line=1)).startswith("Nobody is in line; who")


def test_evenness_is_told_by_the_weights_where_there_are_some() -> None:
    """Who weighs twice as much and has twice as much makes it even, not uneven."""
    alike, other = row("ada", 1.0, 3.0), row("bob", 2.0, 3.0, weight=2.0)
    assert "1 is all the same" in shares.evenness(report(alike, alike))
    said = shares.evenness(report(alike, other, jain=1.0))
    assert said.startswith("Jain's index of the trials by weight is 1.00: 1 is as the weights say")


def test_before_anything_ran_there_is_no_picture() -> None:
    """A share of nothing is no number."""
    found = given(report(row("ada", 0.0, 0.0), jain=None))
    assert shares.content(found, Visit())["picture"] is None
    assert "Jain" not in shown(shares.PAGE, found)


def test_nobody_and_not_yet() -> None:
    """Nothing was filed; or it is being worked out."""
    assert "No proposal yet" in shown(shares.PAGE, given(report(jain=None)))
    loading = shown(shares.PAGE, Given())
    assert "are being booked" in loading
    assert loading.count('class="loading"') == 1


def test_a_thousand_contributors_are_shown_in_parts() -> None:
    """A hundred rows, and forty bars."""
    many = given(report(*(row(f"p{n}", float(n), 500_500.0) for n in range(1, 1001))))
    found = shares.content(many, Visit(query={"page": "10"}))
    assert (len(found["people"]), found["last"], found["undrawn"]) == (ROWS, 10, 960)
    assert found["people"][-1]["handle"] == "p1"
    broad, narrow = found["picture"].split('<div class="narrow">')
    assert max(broad.count("<rect"), narrow.count("<rect")) <= 42
