"""What would change a verdict, from the data."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem.board import needed
from mainstem.board.ran import by_recipe
from mainstem.board.reader import Question
from mainstem.domain.stack import Objective, Role, Rung, Stack
from mainstem.stats import evidence

if TYPE_CHECKING:
    from tests.unit.board.looking import Looking

STACK = Stack(
    name="toy",
    trunk="main",
    command="true {seed}",
    timeout_s=1.0,
    objectives=(
        Objective("loss", margin=0.1, unit="nats"),
        Objective("size", margin=2.0, role=Role.GUARD),
    ),
    rungs=(Rung(name="default"),),
)


def estimate(mean: float, half: float, unit: str = "nats") -> dict[str, Any]:
    """An estimate as JSON."""
    return {"mean": mean, "low": mean - half, "high": mean + half, "level": 0.9, "unit": unit}


def why(loss: dict[str, Any], size: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """The part of `why` that is read here."""
    exact = estimate(0.0, 0.0, "")
    return {
        "id": "a",
        "measured": 3,
        "gain": {"loss": loss, "size": size or exact},
        "margins": {"loss": 0.1, "size": 2.0},
        "with": [],
        "best": {"recipe": ["b", "c"]},
        **more,
    }


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (estimate(0.3, 0.1), "gains the margin of 0.10 nats or more"),
        (estimate(0.02, 0.03), "0.050 nats short of the margin of 0.10 nats"),
        (estimate(0.1, 0.05), "holds the margin of 0.10 nats"),
        (estimate(-0.3, 0.1), "loses more than the margin of 0.10 nats, by 0.10 nats"),
    ],
)
def test_how_far_a_gain_is_from_the_margin_is_said_with_its_amount(
    loss: dict[str, Any], said: str
) -> None:
    """Above it, below it, about it, or beyond it on the other side."""
    (text,) = needed.distances(why(loss), STACK)
    assert text.startswith("loss: ")
    assert said in text


def test_a_guard_is_told_of_only_where_it_may_break() -> None:
    """Surely, or perhaps."""
    surely = needed.distances(why(estimate(0.1, 0.05), estimate(-5.0, 1.0, "")), STACK)[1]
    assert "loses 2.0 more than the 2.0 that are tolerated" in surely
    perhaps = needed.distances(why(estimate(0.1, 0.05), estimate(-1.5, 1.0, "")), STACK)[1]
    assert "goes beyond the loss of 2.0 that is tolerated" in perhaps


def test_nothing_is_said_of_what_was_never_run() -> None:
    """Its gain is what the runs of others make of it."""
    unseen = why(estimate(0.3, 0.1), measured=0)
    assert needed.distances(unseen, STACK) == []
    assert needed.pairs(unseen, {"loss": 0.1, "size": 0.0}, STACK, 1) is None
    assert needed.beside(unseen, [], STACK) == []


def test_the_interaction_that_would_do_is_margin_less_gain() -> None:
    """Only with what the verdict names, and on what is to be improved."""
    rows = [
        {"pair": ["a", "b"], "objective": "loss", "mean": -0.4, "low": -0.5, "high": -0.3},
        {"pair": ["a", "c"], "objective": "loss", "mean": -0.4, "low": -0.5, "high": -0.3},
        {"pair": ["a", "b"], "objective": "size", "mean": -9.0, "low": -9.0, "high": -9.0},
    ]
    found = needed.beside(why(estimate(0.3, 0.1), **{"with": ["b"]}), rows, STACK)
    assert found == [
        "beside b: an interaction above -0.20 nats on loss, where it is -0.40 [-0.50, -0.30] nats"
    ]


def test_pairs_are_those_of_the_rule_that_decides() -> None:
    """The mean over the sd of a difference, at the threshold of the next candidate."""
    noise = {"loss": 0.1, "size": 0.0}
    found = needed.pairs(why(estimate(0.2, 0.15)), noise, STACK, 2)
    assert found is not None
    bar = float(np.log(np.pi**2 * 4 / 6 / 0.05))
    gain = evidence.pairs_to_decide(0.2 / (np.sqrt(2) * 0.1), bar)
    margin = evidence.pairs_to_decide(0.3 / (np.sqrt(2) * 0.1), bar)
    assert found["expected"] == pytest.approx(max(gain, margin))
    assert found["fewest"] is not None
    assert found["most"] is not None
    assert found["fewest"] < found["expected"] < found["most"]
    said = needed.proof(found)
    assert f"about {round(found['expected'])} fresh pairs" in said
    assert f"at the lower ends {round(found['most'])}" in said


def test_what_is_no_gain_is_never_proved() -> None:
    """By its means, or by any end; a broken guard forbids it too."""
    noise = {"loss": 0.1, "size": 0.0}
    perhaps = needed.proof(needed.pairs(why(estimate(-0.01, 0.1)), noise, STACK, 1))
    assert "with the means of its intervals it could not" in perhaps
    assert "at their upper ends" in perhaps
    broken = why(estimate(0.3, 0.1), estimate(-5.0, 0.0, ""))
    assert "at no end of its intervals" in needed.proof(needed.pairs(broken, noise, STACK, 1))
    small = needed.proof(needed.pairs(why(estimate(0.01, 0.2)), noise, STACK, 1))
    assert "more than the 150 that a candidate is given" in small
    assert "it would never be proved" in small
    assert needed.proof(None) == ""


def test_the_recipes_that_speak_of_it_are_named_with_their_runs(reader: Looking) -> None:
    """Alone, with the best set, and with what the verdict names; those without a run too."""
    body = reader.ask(Question.WHY, id="bad").body
    campaign = reader.record().latest()
    assert body is not None
    ran = by_recipe(campaign)
    rows = {said: (recipe, trials) for said, recipe, trials in needed.missing(body, ran)}
    assert rows["alone"] == (("bad",), ran[frozenset({"bad"})].trials)
    assert rows["with the best set"][0] == ("muon", "rope", "bad")
    assert rows["the best set without it"] == (
        ("muon", "rope"),
        ran[frozenset({"muon", "rope"})].trials,
    )
    old = reader.ask(Question.WHY, id="old").body
    assert old is not None
    assert [said for said, *_ in needed.missing(old, ran)][-1] == "with muon"


def test_candidates_are_numbered_on(reader: Looking) -> None:
    """The next one's number: each recipe that had fresh pairs has one."""
    campaign = reader.record().latest()
    body = reader.ask(Question.WHY, id="muon").body
    assert body is not None
    assert needed.next_number(campaign) == body["confirmation"]["number"] + 1
    assert needed.next_number(None) == 1


def test_alpha_is_the_stacks() -> None:
    """A stricter one takes more pairs."""
    noise = {"loss": 0.1, "size": 0.0}
    strict = replace(STACK, decisions=replace(STACK.decisions, alpha=0.001))
    usual, more = (needed.pairs(why(estimate(0.2, 0.1)), noise, s, 1) for s in (STACK, strict))
    assert usual is not None
    assert more is not None
    assert (more["expected"] or 0.0) > (usual["expected"] or 0.0)
