"""Vetoes and forces on a real repository, as a maintainer gives them and as everybody sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Stack

REASON = "the runtime cannot clip yet"
NAME = "Grace"
"""Who acts in tests (`tests/conftest.py`)."""

ONE_PERSON = """
[[contributors]]
handle = "ada"
emails = ["ada@example.org", "grace@example.org"]
"""
"""Ada writes in tests: with this file the two are one."""


@pytest.fixture
def decided(stack: Stack) -> Stack:
    """A campaign that has confirmed clip with lr-high; deeper gains and breaks a guard."""
    stack.mainstem("propose", "clip", "lr-high", "deeper")
    stack.mainstem("integrate", "--budget", "60")
    return stack


def test_a_veto_is_seen_priced_and_lifted(decided: Stack) -> None:
    """It costs what clip was planted with, .15 of a loss, and the set is merged without clip."""
    said = decided.mainstem("veto", "clip", "--reason", REASON).out
    assert "vetoed clip (line" in said
    assert f"signed by {NAME})" in said
    assert "the best set with this veto: lr-high" in said
    assert "without it: clip + lr-high" in said
    report = decided.mainstem("why", "clip", "--json").json
    assert report["override"]["reason"] == REASON
    lost = report["price"]["difference"]["loss"]
    assert lost["low"] <= -0.15 <= lost["high"] < 0.0
    assert report["verdict"] == "shelve"
    said = " ".join(decided.mainstem("why", "clip").out.split())
    assert f"vetoed: {REASON}" in said
    assert "to win it back" in said
    shown = {p["id"]: p for p in decided.mainstem("show", "--json").json["proposals"]}
    assert shown["clip"]["override"] == "veto"
    assert "vetoed" in decided.mainstem("status").out
    assert "clip (vetoed)" in decided.mainstem("merge", code=1).err
    listed = decided.mainstem("veto").out
    assert f"clip: vetoed: {REASON}" in listed
    assert f"signed by {NAME} on 20" in listed
    assert f"signed by {NAME}" in decided.mainstem("why", "clip").out
    decided.mainstem("veto", "clip", "--lift", "--reason", "it can now")
    assert "no proposal is vetoed" in decided.mainstem("veto").out
    assert decided.mainstem("merge", "--json").json["commits"]
    assert "whole" in decided.mainstem("verify").out


def test_a_forced_merge_says_so_in_git(decided: Stack) -> None:
    """The confirmed set first, then what was forced, as a commit with the reason."""
    said = decided.mainstem("force", "deeper", "--reason", "the paper needs it").out
    assert "a loss" in said
    report = decided.mainstem("merge", "--json").json
    assert [c["proposal"] for c in report["commits"]] == ["clip", "lr-high", "deeper"]
    log = decided.git("log", "-1", "--format=%B", "main")
    assert "Forced, not confirmed: the paper needs it" in log
    assert "Mainstem-Forced: line" in log
    assert "Forced" not in decided.git("log", "-1", "--format=%B", "main^1")
    why = decided.mainstem("why", "deeper", "--json").json
    assert why["confirmation"] is None
    assert "forced" in why["reason"]
    adds = why["price"]["difference"]
    assert adds["weights"]["high"] < 0.0 < adds["loss"]["low"]
    assert why["price"]["value"]["high"] < 0.0
    assert "forced, and merged: the paper needs it" in decided.mainstem("force").out


def test_wrong_words_are_told_apart(decided: Stack) -> None:
    """Each says what is missing; nothing is written."""
    before = decided.mainstem("verify").out
    assert "say why: --reason" in decided.mainstem("veto", "clip", code=2).err
    assert "name the PROPOSAL" in decided.mainstem("veto", "--lift", code=2).err
    assert "there are: clip" in decided.mainstem("veto", "clop", "--reason", "x", code=2).err
    assert (
        "nothing to lift"
        in decided.mainstem("withdraw", "clip", "--lift", "--reason", "x", code=2).err
    )
    assert decided.mainstem("verify").out == before


def test_a_withdrawn_proposal_leaves_the_campaign(decided: Stack) -> None:
    """It has no price, so of others' work it is a veto; the next call asks for nothing with it."""
    said = decided.mainstem("withdraw", "deeper", "--reason", "too large to ship").out
    assert said.startswith("vetoed deeper")
    assert "this is a veto, with your name and a price" in " ".join(said.split())
    decided.mainstem("veto", "deeper", "--lift", "--reason", "it is not mine")
    (decided.path / "contributors.toml").write_text(ONE_PERSON, encoding="utf-8")
    said = decided.mainstem("withdraw", "deeper", "--reason", "too large to ship").out
    assert said.startswith("withdrawn deeper")
    assert NAME not in said
    assert "price" not in said
    report = decided.mainstem("why", "deeper", "--json").json
    assert report["reason"] == "withdrawn: too large to ship"
    assert report["price"] is None
