"""`mainstem lab`: what it prints, and what it refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mainstem.cli import lab
from mainstem.cli.output import console
from mainstem.domain.errors import UsageError
from mainstem.lab.report import report
from tests.unit.lab import records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def printed(capsys: pytest.CaptureFixture[str], found: Mapping[str, Any]) -> str:
    """A report as the terminal has it."""
    lab._render(console(), found)
    return capsys.readouterr().out


def test_alone_it_lists_what_there_is() -> None:
    """In words, and as JSON."""
    said = CliRunner().invoke(lab.command, []).output
    assert "collective" in said
    assert "seniority-veto" in said
    listed = json.loads(CliRunner().invoke(lab.command, ["--json"]).output)
    assert listed["policies"][0]["name"] == "collective"
    assert "lazer-friedman" in said
    assert listed["scenarios"]


@pytest.mark.parametrize(
    "option", [["--budget", "9"], ["--policy", "greedy"], ["--html", "x.html"]]
)
def test_options_of_a_replay_are_refused_without_one(option: list[str]) -> None:
    """So that nobody waits for what was not asked for."""
    ended = CliRunner().invoke(lab.command, option)
    assert isinstance(ended.exception, UsageError)
    assert f"{option[0]} goes with --replay" in str(ended.exception)


def test_a_replay_is_a_table_and_the_sentences_that_it_allows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every way with its gain and price, and the words of the report."""
    found = report(records.question(), records.played(), stack="tiny", campaign="c1")
    said = printed(capsys, found)
    assert "tiny, campaign c1: 24 runs of" in said
    for row in found["policies"]:
        assert row["name"] in said
    whole = said.replace("\n", " ")
    assert all(sentence[:80] in whole for sentence in found["said"])
    assert "assumption" not in said.partition("never ran:")[0]


def test_assumptions_are_a_table_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    """With the range, what it moves, and its share."""
    found = report(records.question(), records.played(), stack="tiny", campaign="c1")
    moved = {
        "label": "chance of a veto",
        "said_low": "0%",
        "said_high": "60%",
        "at_low": 0.5,
        "at_high": 2.5,
        "total": 0.75,
        "half": 0.1,
    }
    said = printed(capsys, found | {"assumptions": {"moved": [moved]}})
    assert "0% to 60%" in said
    assert "+0.50 to +2.50" in said
    assert "0.75 \N{PLUS-MINUS SIGN} 0.10" in said


def test_a_log_is_read_in_sentences_and_not_beside_a_replay(tmp_path: Path) -> None:
    """Two questions are two calls."""
    file = tmp_path / "log.jsonl"
    file.write_text('{"number": 1, "merged": true}\n')
    said = CliRunner().invoke(lab.command, ["--log", str(file)]).output
    assert "The log holds 1 decision" in said
    assert json.loads(CliRunner().invoke(lab.command, ["--log", str(file), "--json"]).output)[
        "said"
    ]
    both = CliRunner().invoke(lab.command, ["--log", str(file), "--replay"])
    assert isinstance(both.exception, UsageError)
