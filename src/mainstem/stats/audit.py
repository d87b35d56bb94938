"""The questions of an audit, their p-values, and their correction for being asked together.

Eight questions, fixed before the data are seen. Seniority is the one that an audit is for, so it
has half of the error rate (`WEIGHTS`); the others share the rest alike. Whether measured gain
predicts merging is asked too: there it is *no* that alarms.

A question is asked only where what it needs was recorded, and counts only then: so whether it is
counted depends on what is kept, not on what came out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from mainstem.stats import association, multiplicity, replication, waiting

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Labels = NDArray[np.generic]


class Question(StrEnum):
    """What is asked of the recorded decisions."""

    GAIN = "does measured gain predict merging"
    SENIORITY = "does seniority predict merging, given the evidence"
    KIND = "does kind predict merging, given the evidence"
    TEAM = "does team predict merging, given the evidence"
    WAITING = "do kinds wait differently for their verdict, given the evidence"
    COMPUTE = "do kinds get different compute for a proposal, given the evidence"
    OVERRIDES = "are kinds overridden differently, given the evidence"
    CLAIMS = "do claims hold differently by kind"


WEIGHTS = dict.fromkeys(Question, 1.0) | {Question.SENIORITY: len(Question) - 1.0}
"""How much of the error rate a question has at first, relative to the others."""


@dataclass(frozen=True, kw_only=True)
class Decisions:
    """What was recorded of D decisions, in one order; None where it was not kept.

    Attributes:
        merged: What became of each in the end, overrides included, shape (D,).
        evidence: What stood in the ledger at the decision, the measured gain in its first column
            (above 0 where better), shape (D, p), p at least 1.
        senior: Whether its author was senior then, shape (D,).
        dated: Of whose author that is known, shape (D,): of the others `senior` is not read; None
            where it is known of all.
        kind: The kind of its author, shape (D,).
        team: The team of its author, shape (D,).
        runs: Trials that held the proposal, shape (D,).
        override: -1 for a veto, 1 for a proposal that was forced, else 0, shape (D,).
        claimed: Whether its author claimed an effect, shape (D,).
        held: Whether the claim held when it was measured; read where claimed, shape (D,).
        strata: Campaigns with base rates of their own, shape (D,).
    """

    merged: NDArray[np.bool_]
    evidence: Floats
    senior: NDArray[np.bool_] | None = None
    dated: NDArray[np.bool_] | None = None
    kind: Labels | None = None
    team: Labels | None = None
    runs: Floats | None = None
    override: NDArray[np.int64] | None = None
    claimed: NDArray[np.bool_] | None = None
    held: NDArray[np.bool_] | None = None
    strata: NDArray[np.int64] | None = None


@dataclass(frozen=True, kw_only=True)
class Waits:
    """Every proposal that was filed, judged or not.

    Attributes:
        waits: From filing to the verdict, or to now, shape (F,).
        judged: Which have their verdict, shape (F,).
        kind: The kind of its author, shape (F,).
        evidence: What stood in the ledger last, shape (F, p).
    """

    waits: Floats
    judged: NDArray[np.bool_]
    kind: Labels
    evidence: Floats


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to one question.

    Attributes:
        p_value: By itself; None where the data cannot tell.
        adjusted: Corrected for all questions that were asked; None where `p_value` is.
    """

    p_value: float | None
    adjusted: float | None


def answers(
    rng: np.random.Generator, decisions: Decisions, waits: Waits | None = None
) -> dict[Question, Answer]:
    """Asks every question that the records allow.

    Args:
        rng: Draws from the nulls.
        decisions: What was decided.
        waits: What was filed; without it nothing is asked about waiting.

    Returns:
        An answer to each question that was asked, in the order of `Question`. A question that the
        data cannot answer counts in the correction as if its p-value were 1.
    """
    asked = _p_values(rng, decisions, waits)
    weights = np.array([WEIGHTS[question] for question in asked])
    values = np.array([1.0 if p is None else p for p in asked.values()])
    adjusted = multiplicity.holm(values, weights)
    return {
        question: Answer(p_value=p, adjusted=None if p is None else float(corrected))
        for (question, p), corrected in zip(asked.items(), adjusted, strict=True)
    }


def first_share(asked: Collection[Question], question: Question) -> float:
    """The part of alpha that a question is held to before any other has been rejected."""
    return WEIGHTS[question] / sum(WEIGHTS[each] for each in asked)


def _p_values(
    rng: np.random.Generator, decisions: Decisions, waits: Waits | None
) -> dict[Question, float | None]:
    """The p-value of each question by itself."""
    d = decisions
    found = {Question.GAIN: association.slope_p(rng, d.merged, d.evidence[:, 0], d.strata)}
    if d.senior is not None:
        found[Question.SENIORITY] = _seniority_p(rng, d, d.senior)
    for question, attribute in ((Question.KIND, d.kind), (Question.TEAM, d.team)):
        if attribute is not None:
            found[question] = association.merging_p(rng, d.merged, d.evidence, attribute, d.strata)
    if waits is not None:
        found[Question.WAITING] = waiting.difference_p(
            rng, waits.waits, waits.judged, waits.kind, waits.evidence
        )
    if d.kind is None:
        return found
    for question, response in (
        (Question.COMPUTE, None if d.runs is None else np.log1p(d.runs)),
        (Question.OVERRIDES, None if d.override is None else d.override.astype(np.float64)),
    ):
        if response is not None:
            found[question] = association.response_p(rng, response, d.evidence, d.kind, d.strata)
    if d.claimed is not None and d.held is not None:
        found[Question.CLAIMS] = replication.difference_p(rng, d.held[d.claimed], d.kind[d.claimed])
    return found


def _seniority_p(rng: np.random.Generator, d: Decisions, senior: NDArray[np.bool_]) -> float | None:
    """The p-value of seniority, over those of whom it is known."""
    own = np.ones(len(senior), dtype=np.bool_) if d.dated is None else d.dated
    strata = None if d.strata is None else d.strata[own]
    if not own.any():
        return None
    return association.merging_p(rng, d.merged[own], d.evidence[own], senior[own], strata)
