"""The text that goes to whoever filed a proposal, read for every kind of verdict."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mainstem.board.message import message
from mainstem.domain.verdict import VerdictKind


def estimate(mean: float, low: float, high: float, unit: str = "nats") -> dict[str, Any]:
    """An estimate as `why` has it."""
    return {"mean": mean, "low": low, "high": high, "level": 0.9, "unit": unit}


def run(
    trial: str, about: str, *recipe: str, failure: str | None = None, rung: str = "large"
) -> dict[str, Any]:
    """A trial as `why` has it."""
    return {
        "trial": trial,
        "rung": rung,
        "about": about,
        "recipe": list(recipe),
        "values": None if failure else {"loss": 2.0},
        "failure": None if failure is None else {"cause": "exit", "what": failure},
    }


RUNS = [
    run("c1.1", "trunk"),
    run("c1.2", "trunk"),
    run("c1.3", "alone", "rope"),
    run("c1.4", "in a set", "rope", "muon"),
    run("c1.5", "without it", "muon"),
]


def why(verdict: str, reason: str = "of its reason", **other: Any) -> dict[str, Any]:
    """The JSON of `why`, as far as the text reads it; `rope` beside the best set `muon`."""
    report = {
        "id": "rope",
        "branch": "try/rope",
        "verdict": verdict,
        "reason": reason,
        "with": [],
        "campaign": "c1",
        "measured_on": "0123456789abcdef",
        "ended": True,
        "inherited": 0,
        "imported": 0,
        "superseded_by": None,
        "measured": 3,
        "override": None,
        "price": None,
        "confirmation": None,
        "gain": {
            "loss": estimate(0.01, -0.02, 0.04),
            "size": estimate(-10.0, -12.0, -8.0, "MB"),
        },
        "guards": ["size"],
        "margins": {"loss": 0.03, "size": 100.0},
        "best": {
            "recipe": ["muon"],
            "gain": {"loss": estimate(0.2, 0.15, 0.25)},
            "probability": 0.97,
            "confirmed": True,
        },
        "conflicts": [],
        "evidence": RUNS,
    }
    return {**report, **other}


NOTHING = {"measured": 0, "gain": {}, "margins": {}, "best": None, "evidence": []}
CRASH = run("c1.9", "in a set", "rope", "muon", failure="exit code 7:\n`NaN` in\tloss")

REPORTS = {
    "shelve": why("shelve", "no gain given the best set"),
    "shelve-guard": why("shelve", gain={**why("x")["gain"], "size": estimate(-300, -310, -290)}),
    "shelve-twin": why("shelve", **{"with": ["muon"]}),
    "rework-trunk": why(
        "rework", **NOTHING, conflicts=[{"with": [], "paths": ["train.py", "opt.py"]}]
    ),
    "rework-other": why(
        "rework", **{"with": ["muon"]}, conflicts=[{"with": ["muon"], "paths": ["train.py"]}]
    ),
    "rework-spoiled": why("rework", **{"with": ["muon"]}),
    "broken": why("broken", **{**NOTHING, "evidence": [run("c1.1", "trunk"), CRASH]}),
    "broken-other": why("broken", **{"with": ["muon"]}, evidence=[*RUNS, CRASH]),
    "open": why("open"),
    "open-nothing": why("open", **NOTHING, campaign=None, measured_on=None, ended=False),
    "superseded": why("shelve", superseded_by="rope@2"),
    "merge": why("merge"),
}


@pytest.fixture(params=REPORTS)
def each(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Every kind of report."""
    return REPORTS[request.param]


def test_every_kind_of_verdict_has_its_text() -> None:
    """Whoever adds a verdict adds its words."""
    assert {report["verdict"] for report in REPORTS.values()} == set(VerdictKind)


def test_the_evidence_comes_first_and_nothing_is_lost(each: dict[str, Any]) -> None:
    """Verdict, reason, measurement, what would change it, what is kept: in this order."""
    text = message(each)
    places = [
        text.index(words)
        for words in ("**rope**", f"The reason: {each['reason']}.", "What was measured", "Its runs")
        if words in text
    ]
    assert places == sorted(places)
    assert len(places) >= 3
    wanted = "What would change this:"
    assert (wanted in text) is (each["verdict"] != "merge")
    if wanted in text:
        assert text.index("What was measured") < text.index(wanted) < text.index("Thank you")
    warm = each["verdict"] != "merge" and each["superseded_by"] is None
    assert ("kept warm" in text) is warm


def test_no_word_is_about_a_person(each: dict[str, Any]) -> None:
    """Nobody is named, addressed or judged: the text speaks of the proposal."""
    text = message(each).replace("Thank you for the proposal.", "").lower()
    about = r"\b(you|your|author|he|she|they|we|bad|poor|wrong|sorry|unfortunately|should|must)\b"
    assert re.findall(about, text) == []
    assert "@" not in text.replace("rope@2", "")


def test_it_can_be_pasted_anywhere(each: dict[str, Any]) -> None:
    """Paragraphs and lists of Markdown; nothing that was printed by a trial breaks out of them."""
    text = message(each)
    assert "\t" not in text
    assert text.count("`") % 2 == 0
    for paragraph in text.split("\n\n"):
        first, *rest = paragraph.splitlines()
        assert first.strip()
        assert all(line.startswith("- ") for line in rest)


def test_a_shelved_proposal_learns_what_was_measured_against_what() -> None:
    """Every objective with its interval and its margin, the runs, the trunk and the best set."""
    assert """

What was measured, by itself on the trunk (a gain is above 0 whatever the direction; 90% intervals \
in brackets):
- loss: +0.010 [-0.020, +0.040] nats; a difference of 0.030 nats matters
- size: -10.0 [-12.0, -8.0] MB; a loss of up to 100 MB is tolerated

This rests on 2 runs with it, 1 of it alone; 2 runs of the trunk.

Against what: the trunk at 0123456789 (campaign c1), and the best set known, muon (confirmed on \
fresh seeds: loss +0.200 [+0.150, +0.250] nats).

What would change this:
- a version that adds at least 0.030 nats on loss to the best set
- another best set or another trunk, beside which it adds as much

""" in message(REPORTS["shelve"])


def test_a_lost_guard_is_named_with_what_is_tolerated() -> None:
    """Where it gains on something else; the rest needs no change."""
    text = message(REPORTS["shelve-guard"])
    assert (
        "What would change this:\n- a loss of at most 100 nats on size "
        "(measured: -300 [-310, -290] nats)\n\n" in text
    )
    worse = why("shelve", gain={"loss": estimate(-0.5, -0.6, -0.4)})
    assert "- a version that adds at least 0.030 nats on loss" in message(worse)


def test_what_gains_nothing_is_told_of_everything_in_its_way() -> None:
    """A version that only gains would still break its guard and git's merge."""
    both = [{"with": ["muon"], "paths": ["net.cfg"]}, {"with": ["qk"], "paths": ["net.cfg"]}]
    gain = {"loss": estimate(-0.5, -0.6, -0.4), "size": estimate(-300, -310, -290, "MB")}
    assert (
        "- a version that adds at least 0.030 nats on loss to the best set, and has a loss of at "
        "most 100 MB on size (measured: -300 [-310, -290] MB), and git can merge with muon "
        "(net.cfg)\n- another best set" in message(why("shelve", gain=gain, conflicts=both))
    )
    gain["loss"] = estimate(0.01, -0.02, 0.04)
    text = message(why("shelve", gain=gain, conflicts=both))
    assert "MB)\n- a version that git can merge with muon (net.cfg)\n\n" in text


def test_of_several_objectives_one_is_enough() -> None:
    """Any objective to improve may bring the gain; a loss on one of them counts like a guard's."""
    both = {"margins": {"loss": 0.03, "speed": 5.0}, "guards": []}
    gain = {"loss": estimate(0.01, -0.02, 0.04), "speed": estimate(1.0, -1.0, 3.0, "it/s")}
    text = message(why("shelve", **both, gain=gain))
    assert "adds at least 0.030 nats on loss or 5.0 it/s on speed to the best set" in text
    gain["speed"] = estimate(-20.0, -22.0, -18.0, "it/s")
    text = message(why("shelve", **both, gain=gain))
    assert "- a loss of at most 5.0 it/s on speed (measured: -20.0 [-22.0, -18.0] it/s)" in text


def test_a_conflict_in_git_names_its_files() -> None:
    """With the trunk, before anything ran, or with a member of the best set."""
    text = message(REPORTS["rework-trunk"])
    assert text.startswith("**rope**: rework (it has to be brought up to the trunk first)")
    assert "What was measured: nothing of it yet." in text
    assert "- a version that git can merge with the trunk: rebase it (train.py, opt.py)" in text
    text = message(REPORTS["rework-other"])
    assert "- a version that git can merge with muon (train.py)\n- a best set without muon" in text
    elsewhere = why("rework", **{"with": ["muon"]}, conflicts=[{"with": ["qk"], "paths": ["a"]}])
    assert "qk" not in message(elsewhere)


def test_a_spoiled_proposal_learns_by_which_other() -> None:
    """Either may change; what is in the trunk already does not leave it."""
    text = message(REPORTS["rework-spoiled"])
    assert "- a version that keeps its gain beside muon\n- a best set without muon\n" in text
    in_the_trunk = why("rework", **{"with": ["merged-one"]})
    assert "without merged-one" not in message(in_the_trunk)


def test_a_broken_proposal_learns_the_last_failure() -> None:
    """On one line, without what would end the quotation, and where all of it is."""
    said = "the last failure: `exit code 7: 'NaN' in loss` (`mainstem log c1.9`)"
    text = message(REPORTS["broken"])
    assert f"- a version that runs; {said}" in text
    nothing = "What was measured: nothing, as no run with it has succeeded"
    assert f"{nothing} (1 failed run with it; 1 run of the trunk)." in text
    text = message(REPORTS["broken-other"])
    assert f"- a version that runs together with muon; {said}\n- a best set without muon" in text
    assert "2 runs with it, 1 of it alone; 1 failed run with it; 2 runs of the trunk" in text


def test_nothing_measured_is_said_plainly() -> None:
    """No number is made up, and no campaign is named."""
    text = message(REPORTS["open-nothing"])
    assert "What was measured: nothing of it yet." in text
    assert "- more runs: `mainstem integrate`" in text
    assert "Against what" not in text


def test_what_was_measured_before_and_is_not_in_the_campaign_has_no_gain() -> None:
    """Runs of earlier campaigns are told, and that nothing is known of its gain here."""
    text = message(why("open", gain={}, margins={}, evidence=[], measured=4, inherited=4))
    assert "4 runs with it in earlier campaigns" in text
    assert "Its gain is not known: it is not in this campaign" in text


def test_a_campaign_that_goes_on_says_that_it_may_change() -> None:
    """The message can be sent before the end; then it says so."""
    words = "Campaign c1 goes on, so this may still change."
    assert words in message(why("shelve", ended=False))
    assert words not in message(REPORTS["shelve"])


def test_without_a_better_set_only_the_trunk_stands_beside_it() -> None:
    """A best recipe that is the trunk is no set."""
    best = {**why("x")["best"], "recipe": []}
    text = message(why("shelve", best=best))
    assert "(campaign c1); no set of proposals is better than it so far." in text


def test_a_set_that_is_not_confirmed_says_how_sure_it_is() -> None:
    """And evidence of earlier campaigns is counted."""
    best = {**why("x")["best"], "confirmed": False}
    text = message(why("shelve", best=best, inherited=3, imported=2))
    assert "muon (97% sure: loss" in text
    assert "2 runs of the trunk; 3 runs with it in earlier campaigns; 2 runs with it by" in text


def test_the_same_files_and_a_later_version_need_nothing() -> None:
    """Nobody is sent back to work for what is there already."""
    assert "- nothing needs to be done: muon brings the same files" in message(
        REPORTS["shelve-twin"]
    )
    text = message(REPORTS["superseded"])
    assert "- nothing here: rope@2 is judged in its place" in text


PRICE = {
    "with": ["muon"],
    "without": ["muon", "rope"],
    "difference": {"loss": estimate(-0.15, -0.2, -0.1)},
}


def test_a_veto_is_told_with_its_price_and_how_it_ends() -> None:
    """What it costs, and that nothing but lifting it changes it."""
    text = message(why("shelve", "vetoed: its licence", override={"override": "veto"}, price=PRICE))
    assert "**rope**: vetoed (kept out, whatever the evidence says)" in text
    assert "muon in the place of muon + rope (below 0 is a loss):\n- loss: -0.150" in text
    assert "- `mainstem veto rope --lift --reason ...`: from then on its evidence decides" in text
    assert "judged again when the trunk moves" not in text
    free = {**PRICE, "without": ["muon"]}
    text = message(why("shelve", override={"override": "veto"}, price=free))
    assert "What this veto costs: nothing by what is known now." in text


def test_withdrawn_and_forced_proposals_are_told_so() -> None:
    """A forced one that was confirmed after all is merged like any other."""
    text = message(why("shelve", override={"override": "withdraw"}))
    assert "withdrawn (not judged any more)" in text
    assert "`mainstem withdraw rope --lift --reason ...`" in text
    text = message(why("merge", override={"override": "force"}, price=PRICE))
    assert "forced (merged, whatever the evidence says)" in text
    assert "What would change this" not in text
    text = message(why("merge", override={"override": "force"}, confirmation={"pairs": 3}))
    assert "forced" not in text


def test_runs_at_several_rungs_are_told_apart() -> None:
    """How many at each, and where the last failure was; of one rung nothing is said."""
    small = [
        run("c1.6", "alone", "rope", rung="small"),
        run("c1.7", "alone", "rope", failure="no step", rung="small"),
    ]
    text = message(why("broken", evidence=[*RUNS, *small]))
    assert "3 runs with it, 2 of it alone (2 at large, 1 at small)" in text
    assert "the last failure at rung small: `no step`" in text
    assert "at large" not in message(why("shelve"))
