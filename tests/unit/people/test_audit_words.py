"""Sentences of an audit."""

from __future__ import annotations

from typing import Any

import pytest

from mainstem.domain.proposal import ProposalId
from mainstem.people import audit_words as words
from mainstem.people.audit_arrays import Arrays
from mainstem.people.decided import Decision
from mainstem.stats.audit import Question


def arrays(
    merged: int, of: int, *, kinds: tuple[str, ...] = ("a", "b"), few: bool = False
) -> Arrays:
    """So many decisions, of which so many merged."""
    decided = tuple(
        Decision(
            proposal=ProposalId(str(k)),
            at="",
            campaign="c1",
            merged=k < merged,
            override=0,
            by="",
            hindered=False,
            trials=0,
            evidence={},
        )
        for k in range(of)
    )
    return Arrays(
        decisions=None,
        waits=None,
        decided=decided,
        overridden=(),
        filed=(),
        kinds=kinds,
        teams=kinds,
        kind_of={},
        leads={},
        mixed=0,
        without_evidence=0,
        few_seniors=few,
    )


def row(question: Question, p: float | None, **more: Any) -> dict[str, Any]:
    """A question's numbers."""
    return {
        "question": question.value,
        "p_corrected": p,
        "estimates": [],
        "detectable": None,
        **more,
    }


@pytest.mark.parametrize(
    ("p", "decisions", "asked", "status"),
    [
        (0.05, 20, True, words.YES),
        (0.0501, 20, True, words.NOT_FOUND),
        (0.001, 19, True, words.CANNOT_TELL),
        (None, 200, True, words.CANNOT_TELL),
        (None, 200, False, words.NOT_ASKED),
    ],
)
def test_what_came_of_a_question(
    p: float | None, decisions: int, status: str, *, asked: bool
) -> None:
    """An alarm is one at most alpha; too few decisions tell nothing whatever p is."""
    found = words.status(row(Question.KIND, p), asked=asked, decisions=decisions, alpha=0.05)
    assert found == status


@pytest.mark.parametrize(
    ("question", "found", "why"),
    [
        (Question.KIND, arrays(3, 6), "6 decisions are too few, and 20 are needed at least"),
        (Question.KIND, arrays(0, 1), "1 decision is too few, and 20 are needed at least"),
        (Question.KIND, arrays(9, 30, kinds=("everybody",)), "groups of fewer than 3 people"),
        (Question.SENIORITY, arrays(9, 30, few=True), "groups of fewer than 3 people"),
        (Question.SENIORITY, arrays(30, 30), "all were merged, or none"),
        (Question.GAIN, arrays(0, 30, kinds=("everybody",)), "all were merged, or none"),
        (Question.OVERRIDES, arrays(9, 30), "all came out alike"),
        (Question.TEAM, arrays(9, 30), "the evidence explains the groups"),
    ],
)
def test_what_cannot_be_told_has_its_reason(question: Question, found: Arrays, why: str) -> None:
    """The nearest one."""
    said = words.answer(row(question, None), words.CANNOT_TELL, found)["answer"]
    assert said.startswith(f"The data cannot tell: {why}")


def test_the_group_that_stands_out_most_is_named() -> None:
    """By how far its odds are from even, whichever way."""
    estimates = [
        {"group": "staff", "value": 3.0, "detectable": 2.0},
        {"group": "agents", "value": 0.2, "detectable": None},
    ]
    numbers = row(Question.KIND, 0.01, estimates=estimates, detectable=2.0)
    found = words.answer(numbers, words.YES, arrays(9, 30))
    assert found["answer"].endswith("kinds were merged differently, those of agents less often.")
    assert "an odds ratio of 2.0 or more, or its inverse" in found["cannot_tell"][0]


def test_what_nothing_would_show_is_said() -> None:
    """Where no odds ratio would be seen with so few decisions."""
    numbers = row(Question.SENIORITY, 1.0, estimates=[{"group": "seniors", "value": 1.0}])
    said = words.answer(numbers, words.NOT_FOUND, arrays(9, 30))["cannot_tell"]
    assert said[0] == "So few decisions would show no odds ratio up to 1,000 with 80% power."


def test_too_few_decisions_show_no_odds_ratio_at_all() -> None:
    """Below 20 nothing is concluded, so there is none that they would show."""
    estimates = [{"group": "staff", "value": 3.0, "detectable": 861.0}]
    numbers = row(Question.KIND, 0.01, estimates=estimates, detectable=861.0)
    assert words.answer(numbers, words.CANNOT_TELL, arrays(8, 19))["cannot_tell"] == []
    [said] = words.answer(numbers, words.CANNOT_TELL, arrays(8, 20))["cannot_tell"]
    assert "an odds ratio of 861.0 or more" in said


def test_of_nobody_no_number_is_told() -> None:
    """Before any decision there are no lead authors to speak of."""
    report = {"authors": 0, "smallest_group": 3, "evidence_not_known": 0, "mixed": 0}
    assert not any("lead author" in said for said in words.limits(report))
    assert any("of 1 lead author." in said for said in words.limits({**report, "authors": 1}))


@pytest.mark.parametrize("question", list(Question))
def test_every_question_has_all_its_words(question: Question) -> None:
    """A title, a sentence for yes, one for nothing found, and what it needs."""
    assert words.TITLES[question].endswith("?")
    for status in (words.YES, words.NOT_FOUND, words.CANNOT_TELL, words.NOT_ASKED):
        said = words.answer(row(question, 0.5), status, arrays(9, 30))["answer"]
        assert said.endswith(".")
        assert said[0].isupper()
