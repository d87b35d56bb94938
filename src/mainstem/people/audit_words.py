"""The sentences of an audit: what was found, and what so many decisions cannot tell.

Careful on purpose: that nothing was found is no proof that nothing is there, and an alarm says that
decisions differ by more than the evidence, not why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.people.groups import SMALLEST
from mainstem.stats.audit import Question

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mainstem.people.audit_arrays import Arrays

FEWEST = 20
"""Below so many decisions nothing is concluded: the tests' level was not tried with fewer."""

YES, NOT_FOUND, CANNOT_TELL, NOT_ASKED = "yes", "not found", "cannot tell", "not asked"

TITLES = {
    Question.GAIN: "Merit: does measured gain predict merging?",
    Question.SENIORITY: "Seniority: does it predict merging, at equal evidence?",
    Question.KIND: "Kind: does it predict merging, at equal evidence?",
    Question.TEAM: "Team: does it predict merging, at equal evidence?",
    Question.WAITING: "Waiting: do some kinds wait longer for their verdict?",
    Question.COMPUTE: "Compute: do proposals of some kinds get more trials?",
    Question.OVERRIDES: "Overrides: are some kinds vetoed or forced more often?",
    Question.CLAIMS: "Claims: do those of some kinds hold more often?",
}

_FOUND = {
    Question.SENIORITY: "at equal evidence, seniors' and others' proposals were merged differently",
    Question.KIND: "at equal evidence, proposals of kinds were merged differently",
    Question.TEAM: "at equal evidence, proposals of teams were merged differently",
    Question.WAITING: "kinds waited differently for their verdict, at equal evidence",
    Question.COMPUTE: "kinds got different numbers of trials for a proposal, at equal evidence",
    Question.OVERRIDES: "kinds were overridden differently, at equal evidence",
    Question.CLAIMS: "claims held differently by kind",
}

_NOT_FOUND = {
    Question.GAIN: "It was not shown that what measures better is merged more often.",
    Question.SENIORITY: "No difference between seniors and others was found, at equal evidence.",
    Question.KIND: "No difference between kinds was found, at equal evidence.",
    Question.TEAM: "No difference between teams was found, at equal evidence.",
    Question.WAITING: "No difference between the waits of kinds was found, at equal evidence.",
    Question.COMPUTE: "No difference between kinds was found, at equal evidence.",
    Question.OVERRIDES: "No difference between kinds was found, at equal evidence.",
    Question.CLAIMS: "No difference between kinds was found.",
}

_NEEDS = {
    Question.GAIN: "no decision has evidence in the ledger",
    Question.SENIORITY: "contributors.toml says of no author since when they contribute (`joined`)",
    Question.KIND: "contributors.toml gives no author a kind",
    Question.TEAM: "contributors.toml gives no author a team",
    Question.WAITING: "contributors.toml gives no author a kind",
    Question.COMPUTE: "contributors.toml gives no author a kind",
    Question.OVERRIDES: "contributors.toml gives no author a kind",
    Question.CLAIMS: 'nobody claimed a number and has a kind (`propose --claim "NAME +0.01"`)',
}

READING = (
    "An odds ratio of 1 is no difference; of 2, the odds of being merged (so many merged to so "
    "many not merged) are twice those of the others. An interval that holds 1 leaves open which "
    "way it goes. p is how often chance alone would show as large a difference; corrected, as "
    "large a one in any of so many questions."
)
"""How the numbers are read by whoever has never seen such."""

_ALWAYS = (
    (
        "Only what was proposed is seen: who files at all, and what never was filed, is not in "
        "the ledger."
    ),
    (
        "Where a decider knew more than the ledger (a talk, another metric, a track record), what "
        "that knowledge did is counted as the group's."
    ),
    "Kind, team and seniority may go together: then one of them can stand for another.",
    "A difference says that decisions differ by more than the evidence, not why.",
)
"""What no record of decisions can tell."""


def status(row: Mapping[str, Any], *, asked: bool, decisions: int, alpha: float) -> str:
    """Whether a question was asked, and what came of it."""
    if not asked:
        return NOT_ASKED
    if decisions < FEWEST or row["p_corrected"] is None:
        return CANNOT_TELL
    return YES if row["p_corrected"] <= alpha else NOT_FOUND


def answer(row: Mapping[str, Any], status: str, found: Arrays) -> dict[str, Any]:
    """The answer to a question in one sentence, and what the data cannot tell of it."""
    question = Question(row["question"])
    if status == NOT_ASKED:
        return {"answer": f"Not asked: {_not_asked(question, found)}.", "cannot_tell": []}
    if status == CANNOT_TELL:
        said = f"The data cannot tell: {_why_not(question, found)}."
    elif status == YES:
        said = f"Yes: {_found(question, row['estimates'])}"
    else:
        said = _NOT_FOUND[question]
    return {"answer": said, "cannot_tell": _limits_of(question, row, status, len(found.decided))}


def _not_asked(question: Question, found: Arrays) -> str:
    if found.decisions is None:
        return _NEEDS[Question.GAIN]
    return _NEEDS[question]


def _why_not(question: Question, found: Arrays) -> str:
    """Why there is no answer."""
    decided = len(found.decided)
    if decided < FEWEST:
        count = "1 decision is" if decided == 1 else f"{decided} decisions are"
        return f"{count} too few, and {FEWEST} are needed at least"
    few = (
        f"groups of fewer than {SMALLEST} people are not told apart, and nothing is left to compare"
    )
    if question is Question.SENIORITY and found.few_seniors:
        return few
    names = {Question.TEAM: found.teams}.get(question, found.kinds)
    by_group = question not in {Question.GAIN, Question.SENIORITY}
    if by_group and len(names) < 2:
        return few
    if question in {Question.WAITING, Question.CLAIMS, Question.COMPUTE, Question.OVERRIDES}:
        return "all came out alike, or there is nothing to count"
    if not 0 < sum(one.merged for one in found.decided) < decided:
        return "all were merged, or none"
    return "the evidence explains the groups, or all are alike"


def _found(question: Question, estimates: Sequence[Mapping[str, Any]]) -> str:
    """What was found, with the group that stands out most."""
    if question is Question.GAIN:
        up = bool(estimates) and estimates[0]["value"] > 1.0
        better = "better" if up else "worse"
        return f"what measured {better} was merged more often."
    if not estimates or "detectable" not in estimates[0]:
        return f"{_FOUND[question]}."
    most = max(estimates, key=lambda one: max(one["value"], 1.0 / one["value"]))
    way = "more" if most["value"] > 1.0 else "less"
    return f"{_FOUND[question]}, those of {most['group']} {way} often."


def _limits_of(
    question: Question, row: Mapping[str, Any], status: str, decisions: int
) -> list[str]:
    """What the data cannot tell of one question; below `FEWEST` they show no odds ratio at all."""
    said = []
    compared = question in {Question.SENIORITY, Question.KIND, Question.TEAM}
    if compared and row["estimates"] and decisions >= FEWEST:
        if row["detectable"] is None:
            said.append("So few decisions would show no odds ratio up to 1,000 with 80% power.")
        else:
            said.append(
                "So many decisions show, with 80% power and after the correction, an odds ratio of "
                f"{row['detectable']:.1f} or more, or its inverse; smaller ones are mostly missed."
            )
    if status == NOT_FOUND:
        said.append("That none was found is no proof that there is none.")
    if question is Question.CLAIMS:
        said.append(
            "A claim held if the gain measured at the decision fell short of it by less than a "
            "margin; claims in free words are not read."
        )
    if question is Question.SENIORITY:
        said.append(
            "Senior is who had joined by the median date of the contributors there at the decision."
        )
    return said


def limits(report: Mapping[str, Any]) -> list[str]:
    """What no question can tell from these records."""
    said = [*_ALWAYS]
    if report["authors"]:
        said.append(
            f"The decisions are on proposals of {_count(report['authors'], 'lead author')}. One "
            "who favours persons makes decisions on one author alike, and with few authors that "
            "can look like favour of their group."
        )
    said.append(
        f"Groups of fewer than {report['smallest_group']} people are put together, so that "
        "nobody is singled out; there is no figure of any person."
    )
    if report["evidence_not_known"]:
        said.append(
            f"Evidence was not kept for {_count(report['evidence_not_known'], 'decision')}, and "
            "cannot be worked out again under today's settings: left out."
        )
    if report["mixed"]:
        said.append(
            f"{_count(report['mixed'], 'decision')} of authors of several kinds: counted with the "
            "lead author, who wrote the largest part."
        )
    return said


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
