from __future__ import annotations

import pytest

from mainstem.board import report_words as words
from mainstem.plots import numbers
from tests.unit.board.report_material import material


def test_the_first_conclusion_is_what_was_proved() -> None:
    """Which set, by how much, on fresh seeds, at which error rate; and that it waits."""
    found = material()
    assert found["show"]["best"]["confirmed"]
    first, second, *_ = words.conclusions(found)
    gain = numbers.estimate(found["show"]["best"]["gain"]["loss"])
    assert first.startswith("2 of 6 proposals wait to be merged together (muon, rope).")
    assert f"loss gains {gain} (+10.0 margins)" in first
    assert "any false merge in the whole campaign is at most 0.05; the guard stayed" in second


def test_what_was_merged_is_in_the_trunk() -> None:
    """After the merge the same set is in the trunk, and the figures are of the trunk before."""
    merge = {"campaign": "c1", "recipe": ["muon", "rope"], "forced": [], "new": "1" * 40}
    show = {**material()["show"], "trunk": {**material()["show"]["trunk"], "commit": "1" * 40}}
    found = {**material(), "merges": [merge], "show": show}
    assert words.conclusions(found)[0].startswith("2 of 6 proposals are in the trunk together")
    assert f"the trunk of then, {'0' * 10}; the trunk is at {'1' * 10} now" in "".join(
        words.notes(found)
    )


def test_what_was_left_out_is_named_by_its_verdict() -> None:
    """Each proposal outside the set, under what was decided of it."""
    said = next(one for one in words.conclusions(material()) if one.startswith("Left out"))
    left = [row for row in material()["show"]["proposals"] if row["id"] not in {"muon", "rope"}]
    assert len(left) == 4
    for row in left:
        assert row["id"] in said
    assert "broken (a run fails): old" in said


@pytest.mark.parametrize(("word", "said"), [("veto", "vetoed"), ("withdraw", "withdrawn")])
def test_what_a_person_keeps_out_is_not_told_as_a_verdict(word: str, said: str) -> None:
    """It is not shelved, which the evidence does, and it is not kept warm."""
    show = material()["show"]
    rows = [
        {**row, "override": word, "verdict": "shelve"} if row["id"] == "old" else row
        for row in show["proposals"]
    ]
    told = words.conclusions({**material(), "show": {**show, "proposals": rows}})
    left = next(one for one in told if one.startswith("Left out"))
    [part] = [part for part in left.removeprefix("Left out: ").split("; ") if "old" in part]
    assert part.startswith(f"1 {said} (by ")


@pytest.mark.parametrize(
    ("state", "said"),
    [("running", "goes on"), ("stopped", "was stopped and can go on"), ("ended", None)],
)
def test_a_campaign_that_goes_on_says_so(state: str, said: str | None) -> None:
    """Numbers that may change are not told as the last word."""
    found = {**material(), "campaign": {**material()["campaign"], "state": state}}
    notes = [one for one in words.notes(found) if "may still change" in one]
    assert len(notes) == (said is not None)
    assert said is None or said in notes[0]


@pytest.mark.parametrize("budget", [60, None])
def test_a_chain_that_does_not_verify_is_told_first(budget: int | None) -> None:
    """Before every number, with what is wrong; also of a record without a campaign."""
    whole = material(budget=budget)
    lines, altered = whole["ledger"], ["line 3 was altered", "line 4 was altered"]
    notes = list(words.notes({**whole, "ledger": {**lines, "alterations": altered}}))
    assert notes[0].startswith("The ledger's chain does not verify, so nothing here can be relied")
    assert "line 3 was altered and 1 more. `mainstem verify` says all." in notes[0]
    assert list(words.notes(whole)) == notes[1:]


def test_an_unproved_set_is_not_told_as_proved() -> None:
    """How sure it is, and no error rate that nothing has earned."""
    best = {**material()["show"]["best"], "confirmed": False, "probability": 0.93}
    found = {**material(), "show": {**material()["show"], "best": best}}
    said = words.conclusions(found)
    assert "93% sure" in said[0]
    assert "not proved yet" in said[0]
    assert not any("error rate" in one for one in said)


def test_an_altered_ledger_is_the_first_thing_to_know() -> None:
    """No figure of a forged record without a warning, and the method says it again."""
    ledger = {**material()["ledger"], "alterations": ["line 7 was altered"]}
    found = {**material(), "ledger": ledger}
    assert any("line 7 was altered" in one for one in words.notes(found))
    assert "altered" in dict(words.method(found))["ledger"]


def test_limits_name_what_happened() -> None:
    """Failed trials, other hosts, forced merges, skewed differences: each where it is so."""
    assert any("Failed trials" in one for one in words.limits(material()))
    calm = "".join(words.limits(material()))
    assert "kinds of hosts" not in calm
    assert "person's decision" not in calm
    test = {"objective": "loss", "skewness": -2.5}
    found = {
        **material(),
        "hosts": [{"trials": 1}, {"trials": 2}],
        "merges": [{"campaign": "c1", "recipe": ["wide"], "forced": ["wide"]}],
        "candidates": [{"outcome": "confirmed", "objectives": [test]}],
    }
    said = "".join(words.limits(found))
    assert "2 kinds of hosts" in said
    assert "evidence said: wide" in said
    assert "skewed: loss -2.5" in said


def test_before_anything_ran_nothing_is_concluded() -> None:
    """No sentence out of nothing."""
    found = material(budget=None)
    assert words.conclusions(found) == []
    assert list(words.limits(found)) == []
    assert [what for what, _ in words.method(found)][-1] == "ledger"
