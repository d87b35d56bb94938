"""Credit for what was merged, on a real repository, by proposals and by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Stack

AUTHORS = {"lr-high": "Ada <ada@example.org>", "clip": "Bob <bob@example.org>"}


def sign(stack: Stack) -> None:
    """Branches by two authors; of one they are both."""
    for branch, author in AUTHORS.items():
        stack.git("checkout", "--quiet", branch)
        message = f"Try {branch}"
        if branch == "clip":
            message += "\n\nCo-authored-by: Ada <ada@example.org>"
        stack.git("commit", "--quiet", "--amend", f"--message={message}", f"--author={author}")
    stack.git("checkout", "--quiet", "main")


def test_the_gain_is_divided_over_proposals_and_people(stack: Stack) -> None:
    """Values sum to the gain and are those that were planted; authors share theirs."""
    sign(stack)
    before = stack.mainstem("credit")
    assert "nothing was merged yet" in before.out
    stack.mainstem("propose", "lr-high", "clip", "lr-low")
    stack.mainstem("integrate", "--budget", "40")
    stack.mainstem("merge")
    report = stack.mainstem("credit", "--json").json
    assert report["members"] == ["lr-high", "clip"]
    loss = report["objectives"][0]
    values = {m["id"]: m["value"]["mean"] for m in loss["members"]}
    assert sum(values.values()) == pytest.approx(loss["total"]["mean"])
    assert values == pytest.approx({"lr-high": 0.20, "clip": 0.15}, abs=0.02)
    people = {p["handle"]: p["value"]["mean"] for p in loss["people"]}
    assert people["bob@example.org"] == pytest.approx(0.5 * values["clip"])
    assert sum(people.values()) == pytest.approx(loss["total"]["mean"])
    assert sum(m["percent"] for m in loss["members"]) == pytest.approx(100.0)
    nats = {row["id"]: row["nats"] for row in report["information"]}
    assert nats["lr-low"] > 0.1
    text = stack.mainstem("credit").out
    assert "Shapley shares of its gain" in text
    assert "never added to the first" in " ".join(text.split())
    said = stack.mainstem("credit", "--explain", "clip").out
    assert "written by bob@example.org 50%, ada@example.org 50%" in said
    assert "half of what it does with lr-high" in said
    assert (
        "'lr-low' is not in the trunk's gain"
        in stack.mainstem("credit", "--explain", "lr-low", code=2).err
    )
