"""One proposal: why in words first, then everything behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board.page import NotHereError, Visit
from mainstem.board.pages import proposal
from mainstem.board.reader import Answer, Question
from mainstem.domain.reference import Claim, ReferenceId
from tests.unit.board.conftest import HOSTILE, harmless, hostile, overridden
from tests.unit.board.looking import WORKING, Looking, failed, one_file, shown, take
from tests.unit.engine.conftest import make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.unit.engine.conftest import World


def found(reader: Looking, name: str, **query: str) -> dict[str, Any]:
    """What the template is given."""
    return proposal.content(reader, Visit(place={"id": name}, query=query))


def why(reader: Looking, name: str) -> Mapping[str, Any]:
    """The JSON of `why`."""
    body = reader.ask(Question.WHY, id=name).body
    assert body is not None
    return body


def test_the_words_come_before_the_numbers(reader: Looking) -> None:
    """Verdict, what it means, its reason; then gains, runs and the rest."""
    html = shown(proposal.PAGE, reader, at="wide")
    parts = ['class="badge shelve"', "no gain given the trunk", "breaks the guard params"]
    parts += ['id="gains"', 'id="changes"', 'id="interactions"', 'id="runs"', 'id="reviews"']
    places = [html.index(part) for part in [*parts, 'id="diff"', 'id="message"']]
    assert places == sorted(places)


def test_every_run_of_why_is_on_its_pages(reader: Looking) -> None:
    """The most telling first; all of them with their logs."""
    runs = found(reader, "muon")["runs"]
    assert runs.count == len(why(reader, "muon")["evidence"])
    about = [row["about"] for row in runs.rows]
    order = ["alone", "together", "without it", "in a set", "trunk"]
    assert about == sorted(about, key=order.index)
    html = shown(proposal.PAGE, reader, at="muon")
    for row in runs.rows:
        assert f'href="/runs/{row["trial"]}"' in html
    by_loss = found(reader, "muon", sort="of:loss")["runs"].rows
    values = [row["values"]["loss"] for row in by_loss if row["values"]]
    assert values == sorted(values)


def test_gains_are_drawn_in_margins_alone_and_in_the_set(reader: Looking) -> None:
    """One axis for objectives of different units; the table has the units."""
    body = why(reader, "muon")
    html = shown(proposal.PAGE, reader, at="muon")
    assert "within the best set" in html
    alone = body["gain"]["loss"]["mean"] / body["margins"]["loss"]
    picture = found(reader, "muon")["forest"]
    assert f"{alone:+.3g}" in picture
    assert picture.count("<circle") + picture.count("<path") > 4
    assert found(reader, "wide")["forest"].count("loss") >= 1
    assert "a loss of a margin" in picture


def test_what_broke_is_named_with_its_last_failure(reader: Looking) -> None:
    """And with whom it has to run."""
    html = shown(proposal.PAGE, reader, at="old")
    assert "RuntimeError: shapes differ" in html
    assert 'A version that runs together with <a href="/proposals/muon">' in " ".join(html.split())
    assert found(reader, "bad")["changes"]["failed"] is None


def test_a_conflict_is_named_with_its_paths(reader: Looking) -> None:
    """What git cannot merge, and where."""
    html = shown(proposal.PAGE, reader, at="fork")
    assert "A version that git can merge with" in html
    assert "train.py" in html


def test_confirmation_shows_its_evidence_and_its_pairs(reader: Looking) -> None:
    """E-values and the threshold, the trials of each pair as links."""
    body = why(reader, "rope")["confirmation"]
    html = shown(proposal.PAGE, reader, at="rope")
    assert f">e-value</abbr> of {body['threshold']:.3g} decides" in html
    assert "kept, exactly" in html
    for pair in body["trials"]:
        for number in pair:
            assert f'href="/runs/c1.{number}"' in html


def test_of_many_others_those_that_its_verdict_names_and_it_ran_with_come_first(
    reader: Looking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many are asked for and no more; of few all are."""
    every = [row["other"] for row in found(reader, "old")["interactions"]]
    assert set(every) == {"muon", "rope", "noise", "bad", "wide", "fork"}
    monkeypatch.setattr(proposal, "_PARTNERS", 2)
    few = {row["other"] for row in found(reader, "old")["interactions"]}
    assert len(few) == 2
    assert "muon" in few  # with which it crashes, so no run that succeeded holds both


def test_what_is_in_the_trunk_needs_nothing(merged: Looking) -> None:
    """No verdict to change; it is said that it is in."""
    content = found(merged, "muon")
    assert content["changes"] is None
    assert content["state"] == "in the trunk"
    html = shown(proposal.PAGE, merged, at="muon")
    assert 'class="badge">in the trunk' in html
    assert 'id="changes"' not in html


def test_reviews_have_no_names_and_stay_closed_until_a_verdict(
    reader: Looking, judged: World, folder_world: Callable[[str], World]
) -> None:
    """Predictions are shown afterwards; before, only how many there are."""
    html = shown(proposal.PAGE, reader, at="bad")
    assert "80%" in html
    assert "&lt;i&gt;likely&lt;/i&gt;" in html
    assert "token-of-ada" not in html
    assert set(found(reader, "bad")["reviews"]["rows"][0]) == {"at", "merge", "effects", "note"}
    world = folder_world("reviewed")
    ledger, before = world.ledger(), judged.ledger()
    [review] = [e for e in before.entries(kinds=["review-given"]) if e.body["proposal"] == "bad"]
    ledger.append([(review.kind, review.body)])
    ledger.close()
    before.close()
    early = Looking(world=world)
    assert found(early, "bad")["reviews"] == {"count": 1, "closed": True, "rows": []}
    html = shown(proposal.PAGE, early, at="bad")
    assert "1 review, closed until it is decided" in html
    assert "80%" not in html


def test_versions_lead_to_each_other(waiting: Looking) -> None:
    """In the order of proposing; one that was superseded says so first."""
    assert [one.id for one in found(waiting, "muon")["versions"]] == ["muon", "muon@2"]
    assert found(waiting, "bad")["versions"] == []
    html = shown(proposal.PAGE, waiting, at="muon")
    assert 'href="/proposals/muon%402"' in html or 'href="/proposals/muon@2"' in html
    assert "a later version of the branch is judged in its place" in html


def test_an_override_comes_with_its_reason_and_its_price(
    folder_world: Callable[[str], World],
) -> None:
    """What a person said stands before the evidence, and nobody's name or token."""
    world = folder_world("vetoed")
    overridden(world, "muon", "veto")
    plain = Looking(world=world)
    estimate = {"mean": -0.3, "low": -0.4, "high": -0.2, "level": 0.9, "unit": "nats"}
    price = {"with": [], "without": ["muon"], "difference": {"loss": estimate}}
    price |= {"value": {**estimate, "unit": "margins"}, "runs": None, "runs_so_far": 3}
    answer = Answer(
        body={**why(plain, "muon"), "price": price}, line=1, current=True, working=False
    )
    html = shown(proposal.PAGE, replace(plain, instead={"why": answer}), at="muon")
    assert 'class="badge">vetoed' in html
    assert "loss</bdi>: -0.30 [-0.40, -0.20] nats" in html
    assert "mainstem veto muon --lift" in html
    assert "token-of-ada" not in html


def test_what_brings_a_result_here_says_what_came_of_it(folder: Path) -> None:
    """Claimed at first, reproduced or not once it ran."""
    world = make_world(folder / "claimed")
    claim = Claim(reference=ReferenceId("theirs"), objective="loss", gain=0.25)
    take(world, {"muon": ()}, reference=claim)
    row = {"id": "muon", "status": "not-reproduced", "reason": "it lost"}
    answer = Answer(body={"claims": [row]}, line=1, current=True, working=False)
    plain = Looking(world=world, instead={"frontier": answer})
    html = " ".join(shown(proposal.PAGE, plain, at="muon").split())
    assert "Brings <bdi>theirs</bdi> here, with a claimed gain of 0.25" in html
    assert "<strong>not-reproduced</strong>, it lost" in html
    later = replace(plain, instead={"frontier": WORKING})
    assert "what came of it stands on" in shown(proposal.PAGE, later, at="muon")


def test_the_diff_is_cut_with_all_of_it_a_click_away(reader: Looking) -> None:
    """Lines differ by their class as well as by their sign."""
    text = "diff --git a/x b/x\n-old <b>\n" + "+new\n" * 9000
    reading = replace(reader, changes=one_file(text))
    html = shown(proposal.PAGE, reading, at="bad")
    assert '<span class="del">-old &lt;b&gt;</span>' in html
    assert html.count('<span class="add">') < 4000
    assert 'href="/proposals/bad?diff=all#text"' in html
    whole = shown(proposal.PAGE, reading, at="bad", diff="all")
    assert whole.count('<span class="add">+new</span>') == 9000
    assert "Show all of it" not in whole


def test_a_merged_one_shows_what_its_merge_changed(merged: Looking) -> None:
    """Against the trunk that it was merged onto; the trunk of now has it all."""
    commit = merged.record().merges[-1]["commits"]["muon"]
    html = " ".join(
        shown(proposal.PAGE, replace(merged, changes=one_file("+x")), at="muon").split()
    )
    assert f"in the trunk as commit <code>{commit[:10]}</code>" in html
    assert f"<bdi>{commit}</bdi>" in html
    assert "The diff against the trunk that it was merged onto" in html
    other = shown(proposal.PAGE, replace(merged, changes=one_file("+x")), at="bad")
    assert "The diff against the trunk as it is now" in other


@pytest.mark.parametrize("answer", [WORKING, failed("its commit is gone")])
def test_without_an_answer_the_record_is_shown(reader: Looking, answer: Answer) -> None:
    """What it touches, its claim and its diff need no answer."""
    html = shown(proposal.PAGE, replace(reader, instead={"why": answer}), at="muon")
    assert ("being worked out" in html) is answer.working
    assert ("its commit is gone" in html) is not answer.working
    assert "it is &lt;b&gt;faster&lt;/b&gt;" in html
    assert 'id="diff"' in html


def test_there_may_be_no_such_proposal(reader: Looking, empty: Looking) -> None:
    """The page says which there are."""
    with pytest.raises(NotHereError, match="no proposal 'moun'; there are: muon, rope"):
        found(reader, "moun")
    with pytest.raises(NotHereError, match="none yet"):
        found(empty, "muon")


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_it_holds_is_text(folder: Path, name: str) -> None:
    """Its name, its branch, its claim and its components."""
    html = shown(proposal.PAGE, Looking(world=hostile(folder)), at=name)
    harmless(html)
