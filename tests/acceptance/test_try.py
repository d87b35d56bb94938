"""A first look at a branch on a laptop, on a real repository with confined trials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.conftest import STACK, TRAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Stack

RUNGS = (
    STACK.replace('"sh train.sh {seed}"', '"sh train.sh {seed} {rung.scale}"')
    + """
[[rungs]]
name = "full"
cost = 8.0
scale = 1.0
[[rungs]]
name = "tiny"
cost = 1.0
scale = 0.5
[decisions]
confirm_rung = "full"
"""
)
"""Two rungs, of which the smaller one comes second and shows half of every effect."""

SCALED = (
    TRAIN.replace("BEGIN {", "BEGIN { scale = \"'$2'\" + 0;")
    .replace("loss + 0.01 * noise", "3.0 + scale * (loss - 3.0) + 0.01 * noise + 0.004 * own")
    .replace(
        "loss = 3.0\n",
        "loss = 3.0\n  srand(seed + 7 * length(lr)); own = rand() - 0.5\n",
    )
)
"""The same training with a scale, and noise that a branch does not share with the trunk."""


def kinds(stack: Stack) -> list[str]:
    """The kind of every line of the ledger."""
    from mainstem.wiring import open_project

    with open_project(stack.path) as project:
        return [entry.kind for entry in project.ledger.entries()]


def looked(stack: Stack, *words: str, code: int = 0) -> Any:
    """The JSON of a try."""
    return stack.mainstem("try", *words, "--json", code=code).json


def test_a_newcomer_sees_what_a_branch_does(make_stack: Callable[..., Stack]) -> None:
    """At the smallest rung, with an interval, what is missing, and what this is not."""
    stack = make_stack(toml=RUNGS, train=SCALED)
    report = looked(stack, "lr-high")
    assert (report["rung"], report["confirm_rung"]) == ("tiny", "full")
    gain = report["objectives"]["loss"]["gain"]
    assert gain["low"] <= 0.1 <= gain["high"]
    assert report["objectives"]["loss"]["gain_in_margins"]["mean"] == pytest.approx(
        gain["mean"] / 0.03
    )
    assert 0.002 < report["objectives"]["loss"]["noise_sd"] < 0.03
    assert report["candidate"]["pairs"]["expected"] >= 5.0
    assert (report["proposal"], report["conflicts"]) == (None, [])
    again = looked(stack, "lr-high", "--pairs", "3", "-j", "2")
    assert again["trials"][:5] == report["trials"]
    assert len({pair["seed"] for pair in again["trials"]}) == 8
    narrower = again["objectives"]["loss"]["gain"]
    assert narrower["high"] - narrower["low"] < gain["high"] - gain["low"]
    text = " ".join(stack.mainstem("try", "lr-low", "--pairs", "4").out.split())
    assert "4 pairs at rung tiny" in text
    assert "it is worse by more than its margin on loss: it would not be merged" in text
    assert "no other proposal is open, so it is in nobody's way" in text
    assert "by luck alone gets to 33 in at most one case of 33" in text
    assert "not proposed yet: `mainstem propose lr-low` does it" in text
    assert "A look decides nothing" in text
    assert "Rung tiny (cost 1) is not the rung that decides, full (cost 8)" in text
    assert set(kinds(stack)) == {"try-opened", "try-finished"}
    stack.mainstem("verify")


def test_beside_a_campaign_it_changes_nothing(stack: Stack) -> None:
    """What the campaign knows is shown; its lines, its verdicts and its next step stay."""
    (stack.path / "contributors.toml").write_text(
        '[[contributors]]\nhandle = "ada"\nemails = ["ada@example.org"]\n'
    )
    stack.git("checkout", "--quiet", "-b", "lr-odd", "main")
    (stack.path / "settings" / "lr").write_text("odd\n")
    stack.git("commit", "--quiet", "--all", "--message", "Another rate")
    (stack.path / "settings" / "lr").write_text("odder\n")
    stack.mainstem("propose", "lr-high", "clip")
    stack.mainstem("integrate", "--budget", "30")
    before = stack.mainstem("show", "--json").json
    report = looked(stack, "lr-odd", "--pairs", "1")
    assert report["conflicts"] == [{"with": "lr-high", "paths": ["settings/lr"]}]
    assert report["uncommitted"] == ["settings/lr"]
    known = looked(stack, "lr-high", "--pairs", "4")
    assert known["proposal"]["verdict"] == "merge"
    assert known["proposal"]["gain"]["loss"]["mean"] == pytest.approx(0.2, abs=0.02)
    assert known["uncommitted"] == []
    text = " ".join(stack.mainstem("try", "lr-odd", "--pairs", "1").out.split())
    assert "git cannot merge it together with lr-high: settings/lr" in text
    assert "not tried: changes that are not committed (settings/lr)" in text
    assert "conflict-found" not in kinds(stack)
    assert stack.mainstem("show", "--json").json == before


def test_a_branch_that_fails_shows_why(stack: Stack) -> None:
    """Cause, the log's end and where all of it is; exit code 1, and `log` knows it too."""
    stack.git("checkout", "--quiet", "-b", "broken", "main")
    (stack.path / "settings" / "clip").write_text("on\n")
    (stack.path / "settings" / "warmup").write_text("long\n")
    stack.git("commit", "--quiet", "--all", "--message", "Both")
    stack.git("checkout", "--quiet", "main")
    found = stack.mainstem("try", "broken", code=1)
    text = " ".join(found.out.split())
    assert "the branch failed in 1 of 1 run; the trunk ran with the same seed" in text
    assert "t1.2: exit code 7: clip needs a short warmup" in text
    assert "| clip needs a short warmup" in text
    assert "pair 1 of 5 finished" in found.err
    assert "t1.2 failed: exit code 7" in stack.mainstem("log", "t1.2").err
    report = looked(stack, "broken", code=1)
    assert (report["failed"], report["pairs"], report["outlook"]) == (2, 0, "fails")
    assert report["log_tail"] == "clip needs a short warmup"


def test_a_trunk_that_fails_is_the_trunks_fault(make_stack: Callable[..., Stack]) -> None:
    """Exit code 3, though the branch fails as well; the same command goes on once mended."""
    stack = make_stack(train="echo broken >&2; exit 9\n")
    error = stack.mainstem("try", "deeper", code=3).err
    assert "the trunk does not run (t1.1): exit code 9: broken" in error
    assert kinds(stack) == ["try-opened"]


def test_wrong_use_is_one_clear_line_and_runs_nothing(stack: Stack) -> None:
    """No such branch, the trunk itself, what is in the trunk, what conflicts with it."""
    assert "no such branch: 'lr-hihg'" in stack.mainstem("try", "lr-hihg", code=2).err
    assert "main is the trunk" in stack.mainstem("try", "main", code=2).err
    stack.git("branch", "same", "main")
    assert "is part of the trunk already" in stack.mainstem("try", "same", code=2).err
    (stack.path / "settings" / "lr").write_text("other\n")
    stack.git("commit", "--quiet", "--all", "--message", "The trunk moves")
    error = stack.mainstem("try", "lr-high", code=2).err
    assert "cannot be merged with the trunk (settings/lr): rebase it; nothing was run" in error
    assert kinds(stack) == []
