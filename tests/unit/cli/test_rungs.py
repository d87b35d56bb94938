"""Which rungs a command puts in play, and what ran at each in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest

from mainstem.cli.rungs import put_in_play, ran, spent
from mainstem.domain.errors import UsageError
from mainstem.domain.stack import Objective, Rung, Stack

if TYPE_CHECKING:
    from mainstem.wiring import Project


@dataclass
class Holding:
    """What is needed of a project."""

    stack: Stack


@pytest.fixture
def project() -> Project:
    """A project of three rungs."""
    stack = Stack(
        name="s",
        trunk="main",
        command="run",
        timeout_s=1.0,
        objectives=(Objective("loss", margin=1.0),),
        rungs=(Rung(name="a"), Rung(name="b", cost=4.0), Rung(name="c", cost=9.0)),
    )
    return cast("Project", Holding(stack))


def rows(*done: int) -> list[dict[str, Any]]:
    """Trials that ended at the rungs a and b."""
    return [{"rung": name, "done": n} for name, n in zip("ab", done, strict=False)]


def test_without_the_option_the_file_decides(project: Project) -> None:
    """All that are cheaper here; with it those that it names, beside the one that confirms."""
    put_in_play(project, None)
    assert list(project.stack.rung_costs) == ["a", "b", "c"]
    put_in_play(project, "b, c")
    assert list(project.stack.rung_costs) == ["b", "c"]
    put_in_play(project, "c")
    assert project.stack.rung_costs == {}


@pytest.mark.parametrize(
    ("said", "why"), [("a,d", "--rungs: there is no rung 'd'"), (" , ", "--rungs names no rung")]
)
def test_other_rungs_are_refused(project: Project, said: str, why: str) -> None:
    """With the word that is wrong."""
    with pytest.raises(UsageError, match=why):
        put_in_play(project, said)


def test_one_rung_is_not_spoken_of() -> None:
    """As before there were several; with several each is named, and a budget is of the last."""
    assert spent({"spent": 7, "budget": 40, "rungs": rows(7)}) == "7 of 40 trials"
    assert spent({"spent": 7, "budget": None, "rungs": rows(7)}) == "7 trials"
    assert ran(rows(7)) == ran([]) == ""
    assert (
        spent({"spent": 12.5, "budget": 40, "rungs": rows(36, 8)})
        == "spent 12.5 of 40 trials of b (36 at a, 8 at b)"
    )
