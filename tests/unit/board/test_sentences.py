from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mainstem.board import sentences
from mainstem.engine import record as records
from mainstem.engine.ports import Entry
from mainstem.people.names import NAMES_SHOWN
from mainstem.people.reviews import REVIEW_GIVEN
from tests.unit.board import ledgers

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def line(kind: str, body: Mapping[str, Any]) -> Entry:
    """A line with that body."""
    return Entry(seq=1, at="2024-01-01T00:00:00.000Z", kind=kind, body=body, hash="0" * 64)


def said(made: tuple[str, Mapping[str, Any]]) -> str:
    """What a line says."""
    return sentences.sentence(line(*made))


def test_every_kind_of_line_has_words() -> None:
    """Those of the engine and those of people: a new kind without words is seen here."""
    engine = {
        value
        for name, value in vars(records).items()
        if name.isupper() and isinstance(value, str) and name in records.__all__
    }
    known = {kind for kind, _ in sentences.kinds()}
    assert engine | {REVIEW_GIVEN, NAMES_SHOWN} == known
    assert len({words for _, words in sentences.kinds()}) == len(known)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (
            ledgers.proposal("clip", 1, "optimizer", claim="less\nloss"),
            (
                "clip was proposed: branch clip at 0000000000, which changes optimizer. "
                "It claims: less loss"
            ),
        ),
        (
            ledgers.proposal("clip@2", 2, follows="clip", tree=None),
            (
                "clip@2 was proposed: branch clip@2 at 0000000000, which changes no component; it "
                "takes the place of clip; git cannot merge it with the trunk."
            ),
        ),
        (
            (records.CONFLICT_FOUND, {"trunk": "t", "proposals": ["a", "b"], "paths": ["x.py"]}),
            "git cannot merge a and b together (x.py).",
        ),
        (
            (records.CONFLICT_FOUND, {"trunk": "t", "proposals": ["a"], "paths": ["x.py"]}),
            "git cannot merge a with the trunk (x.py).",
        ),
        (
            ledgers.opened("a", "b"),
            (
                "Campaign c1 began on trunk 0000000000: 2 proposals, with a budget of 40 trials, "
                "seed 0."
            ),
        ),
        (
            ledgers.asked({"n": 1, "recipe": ["a"]}, {"n": 2, "recipe": ["a", "b"], "tree": None}),
            "2 trials to search: c1.1 to c1.2; 1 cannot run, as git cannot merge them.",
        ),
        (ledgers.ended("c1.1", 2.5), "c1.1 ended after 10 s: loss 2.5, size 1000."),
        (
            ledgers.ended("c1.1", failure=("exit", "exit code 1:\nno such file")),
            "c1.1 failed (exit) after 10 s: exit code 1: no such file",
        ),
        (
            ledgers.ended("c1.1", 2.5, stopped_at=40),
            "c1.1 ended early, at step 40, its values predicted, after 10 s: loss 2.5, size 1000.",
        ),
        (ledgers.verdict("a", "merge"), "The verdict on a is merge: for a reason"),
        (
            ledgers.over("a"),
            "Campaign c1 ended after 40 trials; the best recipe: a, confirmed.",
        ),
        (ledgers.over(), "Campaign c1 ended after 40 trials; the best recipe: the trunk as it is."),
        (
            ledgers.merged("a", "b"),
            "a + b were merged: the trunk moved from 0000000000 to 1111111111.",
        ),
        (
            ledgers.checked(2.5, 2.6, 2.5),
            "The trunk ran against itself, 3 runs of 9.0 s: loss 2.5 (sd 0.01), size 1000.",
        ),
        (
            (records.OVERRIDE, {"proposal": "a", "kind": "veto", "reason": "no", "by": "x"}),
            "A person decided: a is vetoed: no",
        ),
        (
            (records.OVERRIDE, {"proposal": "a", "kind": "lift", "reason": "yes", "by": "x"}),
            "What a person had decided of a was taken back: yes",
        ),
        (
            (REVIEW_GIVEN, {"proposal": "a", "merge": 0.7, "note": "", "by": "x"}),
            "A reviewer gives a 70% to be merged.",
        ),
        (
            (NAMES_SHOWN, {"command": "show", "proposals": ["a"], "by": "x"}),
            "Somebody was shown who wrote a, before it was decided (show).",
        ),
    ],
)
def test_a_line_in_a_sentence(made: tuple[str, Mapping[str, Any]], words: str) -> None:
    """What a line says, and nobody's token in it."""
    assert said(made) == words


def test_a_line_as_the_ledger_gives_it_back(tmp_path: Path) -> None:
    """Every line of a small real ledger is said, none as altered."""
    lines = [
        ledgers.checked(2.5, 2.5),
        ledgers.proposal("a", 1, "data"),
        ledgers.opened("a"),
        ledgers.asked({"n": 1, "recipe": []}),
        ledgers.ended("c1.1", 2.4),
        ledgers.over("a"),
        ledgers.merged("a"),
    ]
    found = [sentences.sentence(entry) for entry in ledgers.written(tmp_path, lines)]
    assert len(found) == len(lines)
    assert not any("altered" in one for one in found)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"trial": "c1.1", "values": None, "failure": "gone"},
        {"trial": "c1.1", "failure": None, "values": {"loss": "low"}, "run": []},
    ],
)
def test_a_line_that_was_altered_says_so(body: Mapping[str, Any]) -> None:
    """Whatever a body holds: the page shows the line all the same."""
    assert said((records.TRIAL_FINISHED, body)).endswith("was it altered?")


def test_a_kind_of_a_later_version_is_named() -> None:
    """Nothing is guessed of it."""
    assert "does not know" in said(("from-the-future", {"id": "a"}))
    assert sentences.label("from-the-future") == "from-the-future"


def test_long_words_are_cut() -> None:
    """A megabyte of a failure is a line here; its body has all of it."""
    assert len(said(ledgers.ended("c1.1", failure=("exit", "x" * 10**6)))) < 300


@pytest.mark.parametrize(
    ("made", "proposals", "trials"),
    [
        (ledgers.proposal("a", 1), ["a"], []),
        ((records.PROPOSAL_WITHDRAWN, {"id": "a", "by": "a@2"}), ["a", "a@2"], []),
        (ledgers.merged("a", "b"), ["a", "b"], []),
        (ledgers.ended("c1.4", 2.0), [], ["c1.4"]),
        (ledgers.asked({"n": 1, "recipe": ["a"]}, {"n": 2, "recipe": []}), [], ["c1.1", "c1.2"]),
        ((records.TRY_FINISHED, {"trials": ["t1.1", "t1.2"]}), [], ["t1.1", "t1.2"]),
        ((records.VERDICT, {"proposal": 3, "trials": "c1.1"}), [], []),
    ],
)
def test_what_a_line_is_about(
    made: tuple[str, Mapping[str, Any]], proposals: list[str], trials: list[str]
) -> None:
    """Names for links; what is no name is none."""
    entry = line(*made)
    assert (sentences.proposals_of(entry), sentences.trials_of(entry)) == (proposals, trials)
