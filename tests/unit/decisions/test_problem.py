from __future__ import annotations

from typing import Any

import pytest

from mainstem import Objective
from mainstem.decisions.problem import Problem, checked

LOSS = Objective("loss", margin=1.0)
SIZE = Objective("size", margin=1.0, role="guard")


def question(**changes: Any) -> Problem:
    """A question that is well put, but for the changes."""
    return Problem(**{"proposals": ("a", "b"), "objectives": (LOSS, SIZE), **changes})


def test_a_question_that_is_well_put_is_handed_back() -> None:
    """Unchanged, so that it can be used where it is checked."""
    problem = question()
    assert checked(problem) is problem
    assert problem.improve == (0,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"proposals": ("a", "b", "a")}, "proposals named twice: 'a'"),
        ({"objectives": (LOSS, Objective("loss", margin=2.0))}, "objectives named twice: 'loss'"),
        ({"objectives": (SIZE,)}, "at least one objective needs the role 'improve'"),
        ({"objectives": ()}, "at least one objective needs the role 'improve'"),
        ({"alpha": 0.0}, "alpha is 0.0"),
        ({"alpha": 0.6}, "alpha is 0.6"),
        ({"level": 1.0}, "level is 1.0"),
        ({"level": 0.0}, "level is 0.0"),
        ({"seed": -1}, "seed is -1"),
        ({"budget": 0}, "budget is 0"),
    ],
)
def test_a_question_that_is_not_well_put_is_refused(
    changes: dict[str, object], message: str
) -> None:
    """With the value and what would be right."""
    with pytest.raises(ValueError, match=message):
        checked(question(**changes))


def test_unknown_proposals_are_named() -> None:
    """All of them at once, in an order that does not depend on hashing."""
    assert question().known("ba") == {"a", "b"}
    assert question().known(()) == frozenset()
    with pytest.raises(ValueError, match="unknown proposals: 'x', 'y'"):
        question().known("yax")
