"""Reviews from a record that is written by hand: what counts, when it is scored, and by what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.proposal import ProposalId
from mainstem.domain.stack import Objective, Rung, Stack
from mainstem.engine import record as records
from mainstem.engine.ports import Entry
from mainstem.people import reviews
from mainstem.people.reviews import Measured

if TYPE_CHECKING:
    from collections.abc import Sequence

STACK = Stack(
    name="toy",
    trunk="main",
    command="x",
    timeout_s=1.0,
    objectives=(Objective("loss", margin=0.1),),
    rungs=(Rung(name="r"),),
)
PEOPLE = {"k1": "ada", "k2": "bob", "k3": "ada"}

Line = tuple[str, dict[str, Any]]


def taken(name: str, order: int) -> Line:
    """A proposal's line."""
    body = {"branch": name, "commit": name, "base": "0", "tree": name, "components": ["optim"]}
    return records.PROPOSAL_TAKEN, {**body, "id": name, "order": order, "claim": "better"}


def opened(campaign: str, *proposals: str) -> Line:
    """A campaign's line."""
    body: dict[str, Any] = {"seed": 0, "trunk": campaign, "setup": "", "batch": 4, "budget": None}
    body |= {"rung": "r", "inherited": [], "trees": dict.fromkeys(proposals)}
    return records.CAMPAIGN_OPENED, {**body, "campaign": campaign, "proposals": list(proposals)}


def verdict(campaign: str, proposal: str, kind: str) -> Line:
    """A verdict's line."""
    return records.VERDICT, {"campaign": campaign, "proposal": proposal, "kind": kind}


def review(by: str, proposal: str, merge: float, **effects: float) -> Line:
    """A review's line."""
    body = {"proposal": proposal, "merge": merge, "effects": effects, "note": "", "by": by}
    seen = {"campaign": None, "trials": 0, "verdict": None}
    return reviews.REVIEW_GIVEN, {**body, "seen": seen}


def state(lines: Sequence[Line]) -> tuple[records.Record, reviews.Reviews]:
    """The record and its reviews."""
    entries = [
        Entry(seq=k, at="", kind=kind, body=body, hash="") for k, (kind, body) in enumerate(lines)
    ]
    return records.fold(entries), reviews.fold(entries)


def measured(campaign: str, proposal: str) -> Measured:
    """A gain of .2 with an interval from .1 to .3, of everything."""
    del campaign, proposal
    gain = {"loss": {"mean": 0.2, "low": 0.1, "high": 0.3, "level": 0.9, "unit": ""}}
    return Measured(gain=gain, margins={"loss": 0.1})


def report(lines: Sequence[Line], *, me: str | None = "ada", others: bool = False) -> Any:
    """What is shown."""
    record, known = state(lines)
    return reviews.report(record, known, measured, me=me, person_of=PEOPLE, others=others)


START = [taken("a", 1), taken("b", 2), taken("c", 3), opened("c1", "a", "b")]


def test_what_was_reviewed_is_scored_by_the_verdict() -> None:
    """Brier's score beside that of the base rate; a person's tokens are one person."""
    lines = [
        *START,
        review("k1", "a", 0.8),
        review("k3", "b", 0.4),
        review("k2", "b", 0.1),
        verdict("c1", "a", "merge"),
        verdict("c1", "b", "shelve"),
    ]
    found = report(lines)
    mine = found["yours"]
    assert (mine["scored"], mine["waiting"]) == (2, 0)
    assert mine["brier"] == pytest.approx((0.04 + 0.16) / 2)
    assert mine["base_rate"] == 0.5
    assert mine["brier_of_base_rate"] == 0.25
    assert mine["calibration"] is None
    assert [row["verdict"] for row in mine["reviews"]] == ["merge", "shelve"]
    assert (found["others"], found["reviewers"]) == (None, 2)
    (other,) = report(lines, others=True)["others"]
    assert (other["name"], other["scored"]) == ("bob", 1)
    assert other["brier"] == pytest.approx(0.01)
    assert "reviews" not in other


def test_effects_are_scored_in_margins_and_against_the_interval() -> None:
    """.25 lies within; -.05 is 2.5 margins too low and without."""
    lines = [
        *START,
        review("k1", "a", 0.8, loss=0.25),
        review("k1", "b", 0.8, loss=-0.05),
        review("k1", "c", 0.5, loss=9.0),
        verdict("c1", "a", "merge"),
        verdict("c1", "b", "merge"),
    ]
    mine = report(lines)["yours"]
    assert mine["effects"]["n"] == 2
    assert mine["effects"]["absolute"] == pytest.approx((0.5 + 2.5) / 2)
    assert mine["effects"]["bias"] == pytest.approx((0.5 - 2.5) / 2)
    assert (mine["effects"]["within"], mine["effects"]["with_interval"]) == (1, 2)
    assert [row["effects"]["loss"]["within"] for row in mine["reviews"]] == [True, False, None]


def test_a_second_review_replaces_the_first_until_the_verdict() -> None:
    """Of the same person by the same token; and it is scored once."""
    lines = [*START, review("k1", "a", 0.1), review("k1", "a", 0.9), verdict("c1", "a", "merge")]
    mine = report([*lines, (records.MERGED, {"campaign": "c1", "recipe": ["a"]})])["yours"]
    assert [row["merge"] for row in mine["reviews"]] == [0.9]


def test_open_is_no_verdict_and_a_new_version_takes_reviews_out() -> None:
    """What was never judged is not scored."""
    lines = [*START, review("k1", "a", 0.1), review("k1", "b", 0.1), verdict("c1", "a", "open")]
    gone = (records.PROPOSAL_WITHDRAWN, {"id": "b", "by": "b@2"})
    mine = report([*lines, gone])["yours"]
    assert (mine["scored"], mine["waiting"]) == (0, 1)
    assert mine["brier"] is None
    assert mine["base_rate"] is None


def override(proposal: str, kind: str) -> Line:
    """An override's line."""
    body = {"proposal": proposal, "kind": kind, "reason": "because", "by": "k9", "campaign": "c1"}
    return records.OVERRIDE, {**body, "price": None}


def test_what_a_person_decides_scores_nobody() -> None:
    """A veto leaves reviews waiting, in case it is lifted; a forced merge is no verdict."""
    lines = [*START, review("k1", "a", 0.9), review("k1", "b", 0.1), override("a", "veto")]
    assert report(lines)["yours"]["waiting"] == 2
    assert [p["id"] for p in report(lines, me="bob")["to_review"]] == ["b", "c"]
    record, known = state(lines)
    with pytest.raises(
        UsageError, match=r"a is vetoed .*: no verdict comes, unless that is lifted"
    ):
        reviews.checked(STACK, record, known, "a", merge=0.5, effects={})
    lines += [override("a", "lift"), verdict("c1", "a", "merge"), override("b", "force")]
    body = {"campaign": "c1", "old": "0", "new": "1", "recipe": ["a", "b"], "forced": ["b"]}
    found = report([*lines, (records.MERGED, body)])
    assert (found["yours"]["scored"], found["yours"]["waiting"]) == (1, 0)
    assert found["verdicts"] == {"all": 1, "merge": 1}
    record, known = state([*lines, (records.MERGED, body)])
    with pytest.raises(UsageError, match="the verdict of b is sealed"):
        reviews.checked(STACK, record, known, "b", merge=0.5, effects={})


def test_what_there_is_to_review_is_open_and_without_a_review_of_mine() -> None:
    """By whichever of my tokens; whoever is unknown has everything before them."""
    lines = [*START, verdict("c1", "a", "shelve"), review("k3", "b", 0.5)]
    assert [p["id"] for p in report(lines)["to_review"]] == ["c"]
    assert [p["id"] for p in report(lines, me="bob")["to_review"]] == ["b", "c"]
    found = report(lines, me=None)
    assert [p["id"] for p in found["to_review"]] == ["b", "c"]
    assert found["yours"] is None


def test_another_campaign_opens_a_verdict_again() -> None:
    """A review before it is scored by its own verdict, a new one by the next."""
    lines = [
        *START,
        review("k1", "a", 0.2),
        verdict("c1", "a", "shelve"),
        opened("c2", "a"),
        review("k1", "a", 0.9),
        verdict("c2", "a", "merge"),
    ]
    rows = report(lines)["yours"]["reviews"]
    assert [(r["campaign"], r["merge"], r["verdict"]) for r in rows] == [
        ("c1", 0.2, "shelve"),
        ("c2", 0.9, "merge"),
    ]
    record, known = state(lines[:4] + lines[5:7])
    _, body = reviews.line(record, known, ProposalId("a"), merge=0.5, effects={}, note="", by="k1")
    assert body["seen"] == {"campaign": "c2", "trials": 0, "verdict": "shelve"}
    assert body["by"] == "k1"


@pytest.mark.parametrize(
    ("proposal", "merge", "effects", "said"),
    [
        ("x", 0.5, {}, "no proposal 'x'; there are: a, b, c"),
        ("a", 0.5, {}, r"the verdict of a is sealed \(shelve, campaign c1\)"),
        ("b", 1.01, {}, "1.01 is no probability"),
        ("b", float("nan"), {}, "nan is no probability"),
        ("b", 0.5, {"speed": 1.0}, "no such objective; there are loss"),
        ("b", 0.5, {"loss": float("inf")}, "give a number"),
        ("c", 0.5, {}, "superseded by c@2"),
    ],
)
def test_what_cannot_be_scored_is_refused(
    proposal: str, merge: float, effects: dict[str, float], said: str
) -> None:
    """One clear line each."""
    gone = (records.PROPOSAL_WITHDRAWN, {"id": "c", "by": "c@2"})
    record, known = state([*START, verdict("c1", "a", "shelve"), gone])
    with pytest.raises(UsageError, match=said):
        reviews.checked(STACK, record, known, proposal, merge=merge, effects=effects)


def test_both_ends_are_probabilities() -> None:
    """Whoever is certain may say so."""
    record, known = state(START)
    for merge in (0.0, 1.0):
        assert (
            reviews.checked(STACK, record, known, "a", merge=merge, effects={"loss": -0.1}) == "a"
        )


def test_many_reviews_are_taken_apart() -> None:
    """From twenty on with Murphy's parts."""
    lines = [taken(f"p{k}", k) for k in range(1, 21)]
    lines.append(opened("c1", *(f"p{k}" for k in range(1, 21))))
    lines += [review("k1", f"p{k}", 0.9 if k % 2 else 0.1) for k in range(1, 21)]
    lines += [verdict("c1", f"p{k}", "merge" if k % 2 else "shelve") for k in range(1, 21)]
    found = report(lines)["yours"]["calibration"]
    assert found["reliability"] == pytest.approx(0.01)
    assert found["resolution"] == pytest.approx(0.25)
    assert [b["n"] for b in found["bins"]] == [10, 10]
