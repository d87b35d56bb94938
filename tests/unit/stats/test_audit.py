from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstem.stats import audit, multiplicity
from mainstem.stats.audit import Question


def records(seed: int) -> tuple[audit.Decisions, audit.Waits]:
    """Sixty decisions in which chance decides everything."""
    rng = np.random.default_rng(seed)
    kind = np.where(rng.random(60) < 0.5, "staff", "student")
    evidence = rng.normal(size=(60, 1))
    decisions = audit.Decisions(
        merged=rng.random(60) < 0.4,
        evidence=evidence,
        senior=kind == "staff",
        kind=kind,
        team=rng.integers(2, size=60),
        runs=rng.poisson(6.0, 60).astype(float),
        override=rng.integers(-1, 2, size=60),
        claimed=rng.random(60) < 0.7,
        held=rng.random(60) < 0.5,
    )
    waits = audit.Waits(
        waits=rng.exponential(size=60), judged=rng.random(60) < 0.8, kind=kind, evidence=evidence
    )
    return decisions, waits


def test_seniority_has_half_of_the_error_rate() -> None:
    """So its p-value is doubled at most; each of the others begins with a fourteenth."""
    total = sum(audit.WEIGHTS.values())
    assert audit.WEIGHTS[Question.SENIORITY] / total == 0.5
    assert {audit.WEIGHTS[q] / total for q in Question if q is not Question.SENIORITY} == {1 / 14}


def test_the_correction_is_holms_with_these_weights() -> None:
    """Each adjusted p-value is the one of weighted Holm over all p-values together."""
    found = audit.answers(np.random.default_rng(0), *records(1))
    p_values = np.array([answer.p_value for answer in found.values()], dtype=float)
    weights = np.array([audit.WEIGHTS[question] for question in found])
    adjusted = [answer.adjusted for answer in found.values()]
    assert adjusted == pytest.approx(multiplicity.holm(p_values, weights))


def test_only_what_was_recorded_is_asked() -> None:
    """Each record that is missing takes its questions with it, and no other."""
    decisions, waits = records(2)

    def asked(**missing: None) -> set[Question]:
        return set(audit.answers(np.random.default_rng(0), replace(decisions, **missing), waits))

    every = set(Question)
    assert asked() == every
    assert asked(senior=None) == every - {Question.SENIORITY}
    assert asked(team=None) == every - {Question.TEAM}
    assert asked(runs=None) == every - {Question.COMPUTE}
    assert asked(override=None) == every - {Question.OVERRIDES}
    assert asked(held=None) == every - {Question.CLAIMS}
    by_kind = {Question.KIND, Question.COMPUTE, Question.OVERRIDES, Question.CLAIMS}
    assert asked(kind=None) == every - by_kind
    without = set(audit.answers(np.random.default_rng(0), decisions))
    assert without == every - {Question.WAITING}


def test_a_question_without_an_answer_says_so_and_still_counts() -> None:
    """Nobody was overridden: no p-value, and the others are corrected as if it were 1."""
    decisions, waits = records(3)
    none = replace(decisions, override=np.zeros(60, dtype=np.int64))
    found = audit.answers(np.random.default_rng(0), none, waits)
    assert found[Question.OVERRIDES] == audit.Answer(p_value=None, adjusted=None)
    asked = {question: a.p_value for question, a in found.items()} | {Question.OVERRIDES: 1.0}
    weights = np.array([audit.WEIGHTS[question] for question in asked])
    adjusted = multiplicity.holm(np.array(list(asked.values()), dtype=float), weights)
    others = [k for k, question in enumerate(asked) if question is not Question.OVERRIDES]
    answered = [a.adjusted for q, a in found.items() if q is not Question.OVERRIDES]
    assert answered == pytest.approx(adjusted[others])


def test_what_was_not_claimed_cannot_hold_or_fail() -> None:
    """Other values of `held` where nothing was claimed change no answer."""
    decisions, waits = records(5)
    assert decisions.held is not None
    assert decisions.claimed is not None
    other = replace(decisions, held=decisions.held ^ ~decisions.claimed)
    found = [audit.answers(np.random.default_rng(0), one, waits) for one in (decisions, other)]
    assert found[0] == found[1]


def test_runs_and_waits_that_the_evidence_explains_are_no_alarm() -> None:
    """Staff are better, and what is better runs more and is judged sooner: nobody is favoured."""
    rng = np.random.default_rng(6)
    kind = np.repeat(["staff", "student"], 100)
    evidence = rng.normal(size=(200, 1)) + 1.5 * (kind == "staff")[:, None]
    decisions = audit.Decisions(
        merged=rng.random(200) < 0.4,
        evidence=evidence,
        kind=kind,
        runs=rng.poisson(np.exp(1.0 + evidence[:, 0])).astype(float),
    )
    waits = audit.Waits(
        waits=rng.exponential(np.exp(-evidence[:, 0])),
        judged=np.ones(200, dtype=bool),
        kind=kind,
        evidence=evidence,
    )
    nothing = np.zeros((200, 1))
    given = audit.answers(rng, decisions, waits)
    blind = audit.answers(
        rng, replace(decisions, evidence=nothing), replace(waits, evidence=nothing)
    )
    for question in (Question.COMPUTE, Question.WAITING):
        for answers, alarms in ((given, False), (blind, True)):
            adjusted = answers[question].adjusted
            assert adjusted is not None
            assert (adjusted <= 0.05) == alarms


def test_the_same_seed_gives_the_same_answers() -> None:
    """An audit can be repeated to the last bit."""
    first, second = (audit.answers(np.random.default_rng(7), *records(4)) for _ in range(2))
    assert first == second


def test_seniority_is_asked_of_those_of_whom_it_is_known() -> None:
    """What stands for the others is not read, and the question is asked without them."""
    rng = np.random.default_rng(3)
    evidence = rng.normal(size=(80, 1))
    merged = rng.random(80) < 0.4
    senior = rng.random(80) < 0.5
    dated = np.arange(80) < 60

    def p_value(senior: np.ndarray) -> float | None:
        """By the same draws."""
        d = audit.Decisions(merged=merged, evidence=evidence, senior=senior, dated=dated)
        return audit.answers(np.random.default_rng(4), d)[Question.SENIORITY].p_value

    assert p_value(senior) == p_value(np.where(dated, senior, ~senior))
    assert p_value(senior) != p_value(np.where(dated, ~merged, senior))
    d = audit.Decisions(
        merged=merged, evidence=evidence, senior=senior, dated=np.zeros(80, dtype=bool)
    )
    assert audit.answers(np.random.default_rng(4), d)[Question.SENIORITY].adjusted is None


def test_the_first_share_of_a_question_is_by_weight() -> None:
    """Half for seniority where all is asked, and all of it where nothing else is."""
    assert audit.first_share(list(Question), Question.SENIORITY) == 0.5
    assert audit.first_share(list(Question), Question.TEAM) == pytest.approx(1.0 / 14.0)
    assert audit.first_share([Question.GAIN], Question.GAIN) == 1.0
