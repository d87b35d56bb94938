"""The page of credit: shares of the gain as a picture and as numbers, and how they moved."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from mainstem.board.page import NotHereError, Visit
from mainstem.board.pages import credit
from mainstem.board.reader import Answer, Question
from tests.unit.board.given import Given, answer, shown


def estimate(mean: float, half: float = 0.01, unit: str = "nats") -> dict[str, Any]:
    """An ESTIMATE."""
    return {"mean": mean, "low": mean - half, "high": mean + half, "level": 0.9, "unit": unit}


def member(name: str, mean: float, percent: float | None, **more: Any) -> dict[str, Any]:
    """A member of a division."""
    beside = {"other": estimate(0.05)}
    row = {"id": name, "value": estimate(mean), "percent": percent, "alone": estimate(mean - 0.05)}
    return {**row, "beside": beside, "sampling_error": 0.0, **more}


def division(objective: str, *members: dict[str, Any]) -> dict[str, Any]:
    """A division, with one person for each member."""
    total = sum(m["value"]["mean"] for m in members)
    people = [
        {"handle": f"who-{m['id']}", "value": m["value"], "percent": m["percent"]} for m in members
    ]
    return {
        "objective": objective,
        "total": estimate(total),
        "members": list(members),
        "people": people,
    }


NOTHING = {**member("clip", 0.0, None), "value": estimate(0.0, 0.0)}

REPORT: dict[str, Any] = {
    "stack": "tiny",
    "trunk": {"commit": "1" * 40},
    "root": "0" * 40,
    "members": ["clip", "<b>mix</b>"],
    "runs": 40,
    "objectives": [
        division("loss", member("clip", 0.1, 25.0), member("<b>mix</b>", 0.3, 75.0)),
        {**division("size", NOTHING), "total": estimate(0.0, 0.0)},
    ],
    "in_all": {"of": ["loss"], **division("in all", member("clip", 3.0, 25.0))},
    "authors": {"clip": {"ada": 0.75, "bob": 0.25}, "<b>mix</b>": {"cyd": 1.0}},
    "contributors": [
        {
            "handle": "ada",
            "name": "Ada",
            "author": True,
            "roles": [{"role": "Software", "for": ["clip"]}],
        },
        {"handle": "dan", "name": "Dan", "author": False, "roles": []},
    ],
    "information": [
        {"id": "clip", "nats": 0.2, "belongs": 0.9},
        {"id": "no", "nats": 0.7, "belongs": 0.0},
    ],
    "reproductions": [
        {"id": "clip", "runs": 9, "recipes": 4, "repeats": 5, "pairs": 6, "by": ["dan"],
         "same_tree": [{"id": "twin", "sealed": True}]},
    ],
    "made_possible": [
        {
            "id": "clip",
            "by": "<b>mix</b>",
            "probability": {"loss": 0.83},
            "merges_only_with": False,
        },
        {"id": "x", "by": "clip", "probability": {}, "merges_only_with": True},
    ],
    "filed_on": {"clip": [], "<b>mix</b>": ["clip"]},
}  # fmt: skip


def step(line: int, merged: list[str], moved: dict[str, Any] | None) -> dict[str, Any]:
    """A step of the history."""
    members = [{**member("clip", 0.1, 25.0), "moved": moved}]
    one = {"objective": "loss", "total": estimate(0.1), "members": members}
    when = {"line": line, "at": f"2024-01-{line:02d}T00:00:00.000Z", "trunk": "1" * 40}
    trials = [{"trial": "c1.1", "recipe": [], "seed": 1, "rung": None, "values": {}}]
    return {
        **when,
        "merged": merged,
        "members": ["clip"],
        "runs": 9,
        "new_trials": trials,
        "objectives": [one],
        "in_all": {**one, "objective": "in all", "of": ["loss"], "total": estimate(3.0)},
    }


@pytest.fixture
def reader() -> Given:
    """Two merged proposals, with a history."""
    history = [step(9, ["clip"], None), step(12, [], {"value": -0.02, "alone": 0.0, "beside": {}})]
    return Given(answers={str(Question.CREDIT): answer({**REPORT, "history": history}, line=12)})


def test_who_earned_most_comes_first(reader: Given) -> None:
    """Proposals and people; the picture and the table have the same numbers."""
    found = credit.content(reader, Visit())
    assert found["chosen"] == "loss"
    assert [m["id"] for m in found["division"]["members"]] == ["<b>mix</b>", "clip"]
    assert [p["handle"] for p in found["division"]["people"]] == ["who-<b>mix</b>", "who-clip"]
    page = shown(credit.PAGE, reader)
    assert "+0.300 [+0.290, +0.310]" in page
    assert "75%" in page
    assert "<b>mix" not in page
    forms = found["picture"].split("</svg>")[:2]  # for screens, and for phones
    assert [form.count("<a href=") for form in forms] == [2, 2]


def test_an_objective_on_which_nothing_moved_is_said_not_drawn(reader: Given) -> None:
    """Exactly 0: there is nothing to divide."""
    found = credit.content(reader, Visit())
    assert (found["names"], found["unmoved"]) == (("loss",), ["size"])
    assert credit.content(reader, Visit(query={"objective": "size"}))["chosen"] == "loss"


def test_several_to_improve_are_also_divided_together() -> None:
    """In margins, before each of them."""
    in_all = {**REPORT["in_all"], "of": ["loss", "acc"]}
    reader = Given(answers={str(Question.CREDIT): answer({**REPORT, "in_all": in_all})})
    assert credit.content(reader, Visit())["names"] == ("in all", "loss")
    page = shown(credit.PAGE, reader, objective="loss")
    assert '<a href="/credit?objective=loss" aria-current="true">' in page


def test_how_it_moved_the_newest_first(reader: Given) -> None:
    """A step per merge and one for now, each with by how much."""
    steps = credit.content(reader, Visit())["history"]
    assert [(s["line"], s["merged"], s["members"][0]["moved"]) for s in steps] == [
        (12, [], "-0.020"),
        (9, ["clip"], "new"),
    ]
    page = shown(credit.PAGE, reader)
    assert 'href="/ledger?line=9"' in page


def test_how_it_moved_in_all() -> None:
    """What is shown first has its steps like each of its objectives."""
    in_all = {**REPORT["in_all"], "of": ["loss", "acc"]}
    steps = [step(9, ["clip"], None), step(12, [], {"value": -0.02, "alone": 0.0, "beside": {}})]
    for one in steps:
        one["in_all"]["of"] = ["loss", "acc"]
    body = {**REPORT, "in_all": in_all, "history": steps}
    reader = Given(answers={str(Question.CREDIT): answer(body)})
    assert [s["members"][0]["moved"] for s in credit.content(reader, Visit())["history"]] == [
        "-0.020",
        "new",
    ]
    page = shown(credit.PAGE, reader)
    assert "No run of the trunk" not in page
    assert "+3.0000 [+2.9900, +3.0100]" in page


def test_the_other_accounts(reader: Given) -> None:
    """Reproductions, what was made possible, roles, and what was learnt, the most first."""
    page = shown(credit.PAGE, reader)
    assert "git cannot merge it without" in page
    assert "probability 0.83" in page
    assert "was filed on a trunk that had" in page
    assert "reproduced or reviewed" in page
    assert [r["id"] for r in credit.content(reader, Visit())["learnt"]] == ["no", "clip"]


def test_while_it_is_worked_out_and_where_there_is_nothing() -> None:
    """Loading, nothing merged, no run of the trunk, and an error, each in words."""
    loading = shown(credit.PAGE, Given())
    assert "is being divided" in loading
    assert loading.count('class="loading"') == 1
    none = {**REPORT, "members": [], "objectives": [], "in_all": None, "information": []}
    empty = Given(answers={str(Question.CREDIT): answer(none)})
    assert "there is no gain to divide" in shown(credit.PAGE, empty)
    unrun = {**REPORT, "objectives": [], "in_all": None}
    reader = Given(answers={str(Question.CREDIT): answer(unrun)})
    assert "No run of today&#39;s trunk" in shown(credit.PAGE, reader).replace("'", "&#39;")
    failed = Answer(body=None, line=0, current=False, working=False, error="shapiq is missing")
    page = shown(credit.PAGE, Given(answers={str(Question.CREDIT): failed}))
    assert "shapiq is missing" in page
    assert "is being divided" not in page


def test_a_thousand_members_are_a_page() -> None:
    """A hundred rows of each table, forty in a picture, and how many more there are.

    What weighs is what is sent: cells that know their columns are said again and again.
    """
    names = [f"p{n}" for n in range(1000)]
    many = {
        **REPORT,
        "members": names,
        "objectives": [division("loss", *(member(p, 0.001, None) for p in names))],
        "filed_on": {p: ["p0"] for p in names},
        "information": [{"id": p, "nats": 0.1, "belongs": 0.5} for p in names],
    }
    page = shown(credit.PAGE, Given(answers={str(Question.CREDIT): answer(many)}))
    assert page.count("and 900 more") == 4
    assert len(zlib.compress(page.encode())) < 20_000


def test_a_gain_that_may_be_nothing_has_no_percentages(reader: Given) -> None:
    """A part of what may be 0 is no number."""
    unsure = division("loss", member("clip", 0.1, None))
    reader.answers = {str(Question.CREDIT): answer({**REPORT, "objectives": [unsure]})}
    assert "No percentages" in shown(credit.PAGE, reader)


def test_an_objective_that_is_not_divided_is_said_so(reader: Given) -> None:
    """Nothing else is shown in its place."""
    with pytest.raises(NotHereError, match="no objective 'x'"):
        credit.content(reader, Visit(query={"objective": "x"}))
