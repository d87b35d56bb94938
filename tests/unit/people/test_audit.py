"""The report of an audit, on planted organisations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mainstem.domain.contributor import Contributor
from mainstem.engine.record import fold
from mainstem.people.audit import ALPHA, LEVEL, Audit, audited
from mainstem.people.audit_page import page
from mainstem.stats import association, audit, replication, waiting
from mainstem.stats.audit import Question
from tests.unit.people.planted import STACK, UNTIL, Lines, Organisation, evidence, organisation

if TYPE_CHECKING:
    from collections.abc import Callable


def ask(
    found: Organisation,
    *,
    rename: Callable[[str], str] = str,
    who: Callable[[str], Contributor | None] = lambda _: None,
) -> Audit:
    """An audit of an organisation."""
    return audited(
        found.directory(rename),
        STACK,
        fold(found.entries),
        found.entries,
        until=UNTIL,
        seed=5,
        jain=0.75,
        who=who,
    )


def question(found: Audit, name: Question) -> dict[str, Any]:
    """One question of a report."""
    row: dict[str, Any] = next(r for r in found.report["questions"] if r["question"] == name)
    return row


@pytest.fixture(scope="module")
def biased() -> Audit:
    """One hundred decisions of an organisation that favours seniors eightfold."""
    return ask(organisation(3, decisions=100, seniors_odds=8.0))


def test_its_numbers_are_those_of_the_statistics(biased: Audit) -> None:
    """P-values, corrections, estimates and what is detectable, from the same arrays."""
    d, w = biased.arrays.decisions, biased.arrays.waits
    assert d is not None
    assert w is not None
    assert d.senior is not None
    assert d.kind is not None
    expected = audit.answers(np.random.default_rng(5), d, w)
    assert set(expected) == set(Question)
    for name, answer in expected.items():
        row = question(biased, name)
        assert (row["p"], row["p_corrected"]) == (answer.p_value, answer.adjusted)
    odds = association.log_odds_ratio(d.merged, d.evidence, d.senior, LEVEL, d.strata)
    assert odds is not None
    row = question(biased, Question.SENIORITY)
    [estimate] = row["estimates"]
    assert [estimate[key] for key in ("value", "low", "high")] == pytest.approx(
        np.exp([odds.value, odds.low, odds.high])
    )
    shown = association.detectable(
        d.merged, d.evidence, d.senior, alpha=0.5 * ALPHA, strata=d.strata
    )
    assert row["detectable"] == shown
    slope = association.slope(d.merged, d.evidence[:, 0], LEVEL, d.strata)
    assert slope is not None
    [gain] = question(biased, Question.GAIN)["estimates"]
    assert gain["value"] == pytest.approx(np.exp(slope.value * np.arcsinh(1.0)))
    rows = {e["group"]: e for e in question(biased, Question.WAITING)["estimates"]}
    staff = w.kind == biased.arrays.kinds.index("staff")
    curve = waiting.curve(w.waits[staff], w.judged[staff], LEVEL)
    assert rows["staff"]["value"] == curve.median
    assert (rows["staff"]["low"], rows["staff"]["high"]) == curve.median_interval
    assert d.claimed is not None
    assert d.held is not None
    staff = d.kind == biased.arrays.kinds.index("staff")
    own = d.held[d.claimed & staff]
    rate = replication.wilson(int(own.sum()), len(own), LEVEL)
    assert d.runs is not None
    more = association.difference(np.log1p(d.runs), d.evidence, staff, LEVEL, d.strata)
    assert more is not None
    runs = next(e for e in question(biased, Question.COMPUTE)["estimates"] if e["group"] == "staff")
    assert runs["value"] == pytest.approx(np.exp(more.value))
    assert d.override is not None
    vetoed = d.override[staff] == -1
    exact = replication.clopper_pearson(int(vetoed.sum()), int(staff.sum()), LEVEL)
    veto = question(biased, Question.OVERRIDES)["estimates"][2 * biased.arrays.kinds.index("staff")]
    assert veto["what"] == "vetoed, staff"
    assert (veto["value"], veto["high"]) == (exact.share, exact.high)
    claim = next(e for e in question(biased, Question.CLAIMS)["estimates"] if e["group"] == "staff")
    assert (claim["value"], claim["low"]) == (rate.share, rate.low)


def test_shares_of_compute_are_those_of_the_trials(biased: Audit) -> None:
    """Every trial held one proposal: a kind's part is how many held one of its own."""
    d = biased.arrays.decisions
    assert d is not None
    assert d.kind is not None
    assert d.runs is not None
    rows = biased.report["compute"]["groups"]
    assert biased.report["compute"]["jain"] == 0.75
    assert sum(row["proposals_share"] for row in rows) == pytest.approx(1.0)
    assert sum(row["people"] for row in rows) == len(set(biased.arrays.leads.values()))
    for code, row in enumerate(rows):
        assert row["group"] == biased.arrays.kinds[code]
        assert row["trials"] == d.runs[d.kind == code].sum()
        assert row["trials_share"] == pytest.approx(row["trials"] / d.runs.sum())
        assert row["proposals_share"] == pytest.approx(row["proposals"] / biased.report["filed"])


def test_a_planted_bias_is_told_in_one_sentence(biased: Audit) -> None:
    """And so is that merit counts."""
    assert question(biased, Question.SENIORITY)["answer"] == (
        "Yes: at equal evidence, seniors' and others' proposals were merged differently, "
        "those of seniors more often."
    )
    assert question(biased, Question.GAIN)["answer"] == (
        "Yes: what measured better was merged more often."
    )


def test_without_a_bias_none_is_told() -> None:
    """Chance is not told as a difference, and its absence not as a proof."""
    fair = ask(organisation(4, decisions=100))
    row = question(fair, Question.SENIORITY)
    assert row["status"] == "not found"
    assert "That none was found is no proof that there is none." in row["cannot_tell"]
    assert f"odds ratio of {row['detectable']:.1f} or more" in row["cannot_tell"][0]


def test_names_change_no_number(biased: Audit) -> None:
    """Report and page are the same, to the last letter, whoever is called how."""
    found = organisation(3, decisions=100, seniors_odds=8.0)
    renamed = ask(found, rename=lambda handle: f"z{99 - int(handle[1:])}")
    assert renamed.report == biased.report
    assert page(renamed) == page(biased)


def test_no_name_is_in_it(biased: Audit) -> None:
    """Neither in the report nor on the page: no handle, no address, no proposal."""
    text = json.dumps(biased.report, allow_nan=False) + page(biased)
    assert "@x.org" not in text
    people = {one.handle for one in organisation(3, decisions=100).people}
    proposals = {one.proposal for one in biased.arrays.filed}
    words = set(text.replace(">", " ").replace("<", " ").replace('"', " ").split())
    assert not words & (people | proposals)


def test_six_decisions_tell_nothing() -> None:
    """Every question that is asked says so, whatever its p-value."""
    found = ask(organisation(5, decisions=6))
    asked = [row for row in found.report["questions"] if row["status"] != "not asked"]
    assert len(asked) == len(Question)
    for row in asked:
        assert row["status"] == "cannot tell"
        assert row["answer"] == (
            "The data cannot tell: 6 decisions are too few, and 20 are needed at least."
        )


def test_without_contributors_only_merit_is_asked() -> None:
    """No kind, no team, no date: each question says what it would need."""
    found = organisation(6, decisions=40)
    found = Organisation(entries=found.entries, people=(), author=found.author)
    status = {row["id"]: row["status"] for row in ask(found).report["questions"]}
    assert status.pop("gain") == "yes"
    assert set(status.values()) == {"not asked"}
    assert "since when they contribute" in question(ask(found), Question.SENIORITY)["answer"]


def test_an_empty_ledger_is_told_as_one() -> None:
    """No number, no picture, no error."""
    found = ask(Organisation(entries=[], people=(), author={}))
    assert {row["status"] for row in found.report["questions"]} == {"not asked"}
    assert "no decision has evidence" in found.report["questions"][0]["answer"]
    assert "<svg" not in page(found)


def test_evidence_that_was_not_kept_is_counted_as_left_out() -> None:
    """The decision is no row, and the page says how many are none."""
    found = organisation(7, decisions=40)
    entries = [
        entry
        if entry.kind != "verdict" or not entry.body["proposal"].endswith("-3")
        else type(entry)(
            seq=entry.seq,
            at=entry.at,
            kind=entry.kind,
            body={k: v for k, v in entry.body.items() if k != "evidence"},
            hash="",
        )
        for entry in found.entries
    ]
    said = ask(Organisation(entries=entries, people=found.people, author=found.author))
    assert (said.report["decisions"], said.report["evidence_not_known"]) == (38, 2)
    assert any("not kept for 2 decisions" in line for line in said.report["cannot_tell"])


def test_overrides_are_told_by_kind_of_both() -> None:
    """By whom and on whose proposals; those whose name was forgotten are together."""
    found = organisation(8, decisions=100)
    lines = Lines(list(found.entries))
    for k in range(6):
        lines.override(f"c1-{k}", "veto" if k < 4 else "force", by=f"t{k}")
    staff = Contributor(handle="any", kind="staff")
    known = {f"t{k}": staff for k in range(3)}
    entries = [e for e in lines.entries if e.kind != "override" or e.seq > len(found.entries)]
    said = ask(
        Organisation(entries=entries, people=found.people, author=found.author), who=known.get
    ).report["overrides"]
    assert (said["vetoes"], said["forces"]) == (4, 2)
    by: dict[str, int] = {}
    for cell in said["cells"]:
        by[cell["by"]] = by.get(cell["by"], 0) + cell["vetoes"] + cell["forces"]
    assert by == {"staff": 3, "not known": 3}
    assert sum(cell["vetoes"] for cell in said["cells"]) == 4
    assert sum(cell["forces"] for cell in said["cells"]) == 2


def test_two_who_overrode_are_not_told_apart() -> None:
    """Three people are needed of each kind."""
    found = organisation(8, decisions=60)
    lines = Lines([e for e in found.entries if e.kind != "override"])
    lines.override("c1-1", "veto", by="t1")
    lines.override("c1-2", "veto", by="t2")
    kinds = {
        "t1": Contributor(handle="a", kind="staff"),
        "t2": Contributor(handle="b", kind="guest"),
    }
    said = ask(
        Organisation(entries=lines.entries, people=found.people, author=found.author),
        who=kinds.get,
    ).report["overrides"]
    assert {cell["by"] for cell in said["cells"]} == {"everybody"}


def test_claims_of_few_people_are_told_of_all_together() -> None:
    """Two who claimed something could be told apart by their kinds."""
    lines = Lines([])
    found = organisation(9, decisions=40)
    claimed = 0
    for entry in found.entries:
        body = dict(entry.body)
        if entry.kind == "proposal-taken":
            body["claim"] = "loss +0.05" if claimed < 2 else ""
            claimed += 1
        lines.add(entry.kind, body)
    said = ask(Organisation(entries=lines.entries, people=found.people, author=found.author))
    [row] = question(said, Question.CLAIMS)["estimates"]
    assert (row["group"], row["n"]) == ("everybody", 2)


def test_what_was_measured_decides_the_sign() -> None:
    """An organisation that merges what measures worse is told so."""
    found = organisation(3, decisions=100)
    lines = Lines([])
    for entry in found.entries:
        body = dict(entry.body)
        if entry.kind == "verdict":
            gain = body["evidence"]["gain"]["loss"]
            body["evidence"] = evidence(-gain["mean"] / gain["margin"])
        lines.add(entry.kind, body)
    said = ask(Organisation(entries=lines.entries, people=found.people, author=found.author))
    assert question(said, Question.GAIN)["answer"] == (
        "Yes: what measured worse was merged more often."
    )
