"""The page of the stack: where gains came from, where nobody works, and what its file says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.page import Visit
from mainstem.board.pages import stack
from mainstem.board.reader import Question
from tests.unit.board import ledgers
from tests.unit.board.given import Given, answer, shown

if TYPE_CHECKING:
    from pathlib import Path


def estimate(mean: float, unit: str) -> dict[str, Any]:
    """An ESTIMATE."""
    return {"mean": mean, "low": mean - 0.01, "high": mean + 0.01, "level": 0.9, "unit": unit}


def division(objective: str, unit: str, **values: float) -> dict[str, Any]:
    """A DIVISION of `credit`."""
    members = [{"id": name, "value": estimate(v, unit)} for name, v in values.items()]
    return {
        "objective": objective,
        "total": estimate(sum(values.values()), unit),
        "members": members,
    }


@pytest.fixture
def reader(tmp_path: Path) -> Given:
    """One proposal is merged, one is open; nobody has touched inference."""
    lines = [
        ledgers.checked(2.5, 2.6, 2.5),
        ledgers.proposal("clip", 1, "optimizer"),
        ledgers.proposal("mix", 2, "data"),
        ledgers.opened("clip", "mix"),
        ledgers.asked({"n": 1, "recipe": []}, {"n": 2, "recipe": ["clip"]}),
        ledgers.ended("c1.1", 2.5),
        ledgers.ended("c1.2", 2.3),
        ledgers.verdict("clip", "merge"),
        ledgers.over("clip"),
        ledgers.merged("clip"),
    ]
    known = [division("size", "", clip=-50.0), division("loss", "nats", clip=0.3)]
    body = {"members": ["clip"], "objectives": known}
    answers = {str(Question.CREDIT): answer(body, line=10)}
    return Given(lines=ledgers.written(tmp_path, lines), answers=answers)


def test_where_gains_came_from(reader: Given) -> None:
    """What is to be improved comes first; the picture is in margins, the table in units."""
    found = stack.content(reader, Visit())
    assert found["divided"] == ["loss", "size"]
    assert ">+10.00<" in found["picture"]  # 0.3 nats, where 0.03 is the margin
    assert ">-0.50<" in found["picture"]  # -50, where 10% of 1000 is
    page = shown(stack.PAGE, reader)
    assert "+0.300 [+0.290, +0.310]" in page
    assert 'href="/proposals/clip"' in page


def test_where_nobody_works_is_visible(reader: Given) -> None:
    """In the picture, in the table, and in words."""
    found = stack.content(reader, Visit())
    assert found["untouched"] == ["inference"]
    assert found["idle"] == ["optimizer"]
    assert "nobody works here" in found["picture"]
    page = shown(stack.PAGE, reader)
    assert "nobody has worked here" in page
    assert "Nobody has worked on:" in page


def test_before_credit_is_known_the_rest_stands(reader: Given) -> None:
    """The page does not wait: work and settings are there, gains come by themselves."""
    reader.answers = {}
    page = shown(stack.PAGE, reader)
    assert "being worked out" in page
    assert "optimizer" in page
    assert stack.content(reader, Visit())["picture"] is None


def test_nothing_merged_says_so() -> None:
    """A stack at its beginning has components and no gains."""
    none = answer({"members": [], "objectives": []})
    page = shown(stack.PAGE, Given(answers={str(Question.CREDIT): none}))
    assert "Nothing was merged yet" in page
    assert "nobody has worked here" in page


def test_a_stack_without_components_says_what_they_are_for() -> None:
    """They are optional in the file."""
    plain = replace(ledgers.STACK, components=())
    assert "names no component" in shown(stack.PAGE, Given(stack=plain))


def test_what_the_file_says(reader: Given) -> None:
    """The command as text, margins and rungs in words, the sandbox as it was found."""
    reader.stack = replace(reader.stack, command="sh <b>train.sh</b> {seed}")
    page = shown(stack.PAGE, reader)
    assert "sh &lt;b&gt;train.sh&lt;/b&gt; {seed}" in page
    assert "10% of the trunk&#39;s mean: 100" in page
    assert "trials may not use it" in page
    assert "not enforced" in page


def test_a_margin_in_percent_without_a_check_has_no_strength(reader: Given) -> None:
    """Then the number is in its unit: nothing is made up."""
    reader.lines = reader.lines[1:]
    assert "\N{MINUS SIGN}50" in stack.content(reader, Visit())["picture"]
