from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mainstem.cli.stale import show

if TYPE_CHECKING:
    import pytest

RULE = {"worth": 0.5, "tolerated": 1.0, "sure": 0.9}


def member(name: str, state: str, matters: float | None, **changes: Any) -> dict[str, Any]:
    """A merged proposal as the report has it."""
    adds = {"mean": 0.02, "low": 0.01, "high": 0.03, "level": 0.9, "unit": "nats"}
    return {
        "id": name,
        "state": state,
        "reason": f"why {name}",
        "merge_commit": name * 40,
        "campaign": "c1",
        "adds": {} if matters is None else {"loss": adds},
        "matters": matters,
        "runs_without": 12,
        "runs_without_it_alone": 4,
        "unmet": [],
        "conflict": None,
        **changes,
    }


def report(*members: dict[str, Any], together: tuple[str, ...] = ()) -> dict[str, Any]:
    """A report of these members."""
    return {
        "stack": "toy",
        "trunk": {"commit": "f" * 40},
        "runs": 40,
        "rule": RULE,
        "margins": {"loss": 0.03},
        "members": list(members),
        "removable_together": list(together),
    }


def said(capsys: pytest.CaptureFixture[str], body: dict[str, Any]) -> str:
    """What is printed, on one line."""
    show(body, as_json=False)
    return " ".join(capsys.readouterr().out.split())


def test_each_member_has_its_gain_its_chance_and_its_merge_commit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """That it is posterior and what the words mean stands beside; nothing needs advice."""
    text = said(capsys, report(member("a", "earns its place", 1.0)))
    assert "earns its place a loss +0.020 [+0.010, +0.030] nats >99% 12 (4) aaaaaaaaaa" in text
    assert "posterior, from 40 runs" in text
    assert (
        "loses 0.5 margins or more, or any objective more than 1; dead weight: at most 10%" in text
    )
    assert "why a" not in text
    assert "git" not in text


def test_dead_weight_is_told_with_what_may_go_together_and_what_git_can_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of two that do the same work one stays, and a conflict is said."""
    dead = [
        member("a", "dead weight", 0.0, conflict=["train.py"]),
        member("b", "dead weight", 0.04),
    ]
    text = said(capsys, report(*dead, together=("a",)))
    assert "<1%" in text
    assert " 4% " in text
    assert "may leave the trunk, all at once: a git cannot take a out by itself (train.py)" in text
    assert "b is dead weight now, and would not be without those" in text


def test_what_is_not_known_is_told_with_its_reason_and_how_to_learn_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No figure without evidence; a branch that takes the member back is the way to get some."""
    text = said(capsys, report(member("a", "no evidence", None, runs_without=0)))
    assert "no evidence a - - - 0 (4) aaaaaaaaaa" in text
    assert "a: why a" in text
    assert "`git revert -m 1 aaaaaaaaaa` for a" in text


def test_json_is_the_report_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is left out and nothing added."""
    body = report(member("a", "not settled", 0.5))
    show(body, as_json=True)
    assert json.loads(capsys.readouterr().out) == body
