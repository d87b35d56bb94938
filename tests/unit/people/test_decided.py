"""What was decided of each proposal, from lines that are written by hand."""

from __future__ import annotations

import pytest

from mainstem.engine import record as records
from mainstem.people.decided import Decision, Filed, history
from tests.unit.people.planted import STACK, Lines, evidence


def read(lines: Lines) -> tuple[dict[str, Decision], dict[str, Filed]]:
    """Decisions and what was filed, by proposal."""
    found = history(STACK, lines.entries)
    return (
        {one.proposal: one for one in found.decisions},
        {one.proposal: one for one in found.filed},
    )


@pytest.fixture
def lines() -> Lines:
    """Three proposals in a campaign with four trials; one that came too late for it."""
    made = Lines([])
    for proposal in ("a", "b", "c", "late"):
        made.take(proposal)
    made.open("c1", ["a", "b", "c"])
    made.run("c1", [[], ["a"], ["a", "b"], ["b"]])
    return made


def test_a_verdict_is_a_decision_when_it_is_sealed(lines: Lines) -> None:
    """Before the campaign's end nothing is decided; then each of those in it is, once."""
    lines.judge("c1", "a", "merge", evidence(2.0))
    lines.judge("c1", "b", "broken", evidence(0.5))
    assert read(lines)[0] == {}
    lines.end("c1")
    decisions, filed = read(lines)
    assert decisions.keys() == {"a", "b"}
    assert (decisions["a"].trials, decisions["b"].trials) == (2, 2)
    assert (decisions["a"].hindered, decisions["b"].hindered) == (False, True)
    assert decisions["a"].evidence == evidence(2.0)
    assert [filed[p].judged for p in ("a", "b", "late")] == [True, True, False]
    assert filed["a"].until == lines.entries[-1].at
    assert filed["late"].until is None
    lines.override("a", "veto")
    assert read(lines)[1]["a"].until == filed["a"].until


def test_what_counts_is_the_last_word_before_the_merge(lines: Lines) -> None:
    """With the evidence of then: what is said or measured of it later changes nothing."""
    lines.judge("c1", "a", "shelve", evidence(0.1))
    lines.end("c1")
    first = lines.entries[-1].at
    lines.run("c1", [["a"], ["a"]])
    lines.judge("c1", "a", "merge", evidence(3.0))
    lines.end("c1")
    lines.merge("a")
    lines.judge("c1", "a", "shelve", evidence(-5.0))
    decisions, filed = read(lines)
    assert decisions["a"].merged
    assert decisions["a"].evidence == evidence(3.0)
    assert decisions["a"].trials == 4
    assert filed["a"].until == first


def test_an_override_is_a_decision_on_the_evidence_of_then(lines: Lines) -> None:
    """A veto stands until it is lifted, and a force takes its place."""
    lines.judge("c1", "a", "merge", evidence(2.0))
    lines.override("a", "veto", by="t7")
    lines.judge("c1", "a", "shelve", evidence(-1.0))
    decisions, filed = read(lines)
    assert (decisions["a"].override, decisions["a"].by) == (-1, "t7")
    assert decisions["a"].evidence == evidence(2.0)
    assert filed["a"].judged
    lines.override("a", "force")
    assert read(lines)[0]["a"].override == 1
    lines.override("a", "lift")
    assert read(lines)[0] == {}
    lines.end("c1")
    decided = read(lines)[0]["a"]
    assert (decided.override, decided.by, decided.evidence) == (0, "", evidence(-1.0))


def test_what_was_withdrawn_waits_no_more_and_was_not_judged(lines: Lines) -> None:
    """By its author, or by a later version; lifted, it waits again."""
    lines.override("c", "withdraw")
    withdrawn = lines.entries[-1].at
    lines.take("b@2")
    lines.add(records.PROPOSAL_WITHDRAWN, {"id": "b", "by": "b@2"})
    superseded = lines.entries[-1].at
    decisions, filed = read(lines)
    assert decisions == {}
    assert (filed["c"].until, filed["c"].judged) == (withdrawn, False)
    assert (filed["b"].until, filed["b"].judged) == (superseded, False)
    lines.override("c", "lift")
    lines.override("b", "lift")
    assert read(lines)[1]["c"].until is None
    assert read(lines)[1]["b"].until == superseded


def test_what_left_before_the_end_is_not_judged_by_it(lines: Lines) -> None:
    """A campaign's end seals nothing that was withdrawn or superseded by then, or vetoed."""
    lines.judge("c1", "a", "shelve", evidence(1.0))
    lines.override("b", "withdraw")
    lines.override("c", "veto")
    lines.end("c1")
    lines.override("c", "lift")
    decisions, filed = read(lines)
    assert decisions.keys() == {"a"}
    assert [filed[p].judged for p in ("a", "b", "c")] == [True, False, False]


def test_trials_are_shared_by_those_in_them(lines: Lines) -> None:
    """One of the trunk by all in the campaign; the parts sum to the trials."""
    filed = read(lines)[1]
    assert filed["a"].share == pytest.approx(1 / 3 + 1.0 + 1 / 2)
    assert filed["c"].share == pytest.approx(1 / 3)
    assert filed["late"].share == 0.0
    assert sum(one.share for one in filed.values()) == pytest.approx(4.0)


def test_evidence_that_was_not_kept_under_other_settings_is_not_known(lines: Lines) -> None:
    """The campaign's settings are not today's: nothing can be worked out again."""
    lines.judge("c1", "a", "merge")
    lines.end("c1")
    assert read(lines)[0]["a"].evidence is None
