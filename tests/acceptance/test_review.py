"""Blind reviews as predictions, on a real repository with real authors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Stack

CONTRIBUTORS = """
[[contributors]]
handle = "ada"
emails = ["ada@example.org"]

[[contributors]]
handle = "evelyn"
emails = ["eve@lab.example", "eve@example.org"]
"""


def as_who(stack: Stack, name: str, email: str) -> None:
    """Whoever works here from now on, as git knows them."""
    stack.git("config", "user.name", name)
    stack.git("config", "user.email", email)


@pytest.fixture
def stack(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Three proposals, one of whose files name their author; and Grace, who reviews."""
    for variable in ("NAME", "EMAIL"):
        monkeypatch.delenv(f"GIT_COMMITTER_{variable}")
    as_who(stack, "Grace", "grace@example.org")
    stack.git("checkout", "--quiet", "lr-high")
    folder = stack.path / "runs" / "evelyn_wood"
    folder.mkdir(parents=True)
    (folder / "notes.md").write_text("By Evelyn Wood <eve@lab.example>, with Adam.\n")
    stack.git("add", ".")
    author = "--author=Evelyn Wood <eve@lab.example>"
    stack.git("commit", "--quiet", "--amend", "--no-edit", author)
    stack.git("checkout", "--quiet", "main")
    (stack.path / "contributors.toml").write_text(CONTRIBUTORS)
    stack.mainstem("propose", "lr-high", "--claim", "Evelyn's: 0.2 nats")
    stack.mainstem("propose", "clip", "lr-low")
    return stack


def look(stack: Stack, *words: str) -> Any:
    """The JSON without a proposal."""
    return stack.mainstem("review", *words, "--json").json


def lines(stack: Stack, kind: str) -> list[dict[str, Any]]:
    """The bodies of lines of a kind."""
    from mainstem.wiring import open_project

    with open_project(stack.path) as project:
        return [dict(entry.body) for entry in project.ledger.entries(kinds=[kind])]


def test_the_pack_names_nobody(stack: Stack) -> None:
    """Diff, claim, components and objectives; no author, date or path that names somebody."""
    text = stack.mainstem("review", "lr-high").out
    assert "Claim: contributor-A's: 0.2 nats" in text
    assert "Components: optimizer" in text
    assert "- loss: minimize, to improve, margin 0.03 nats" in text
    assert "- weights: minimize, a guard, margin 10% of the trunk's value" in text
    assert "+++ b/runs/contributor-A/notes.md" in text
    assert "+By contributor-A <contributor-A>, with Adam." in text
    assert "+high" in text
    assert "names were replaced: contributor-A " in text
    for name in ("evelyn", "wood", "lab.example", "2024", "author"):
        assert name not in text.lower().replace("author, dates and commit", "")
    stack.mainstem("review", "lr-high", "--output", "pack.md")
    assert (stack.path / "pack.md").read_text() == text
    again = stack.mainstem("review", "lr-high", "--output", "pack.md", code=2).err
    assert "pack.md is there already" in again
    assert "no contributor's name stood in it" in stack.mainstem("review", "clip").out


def test_the_pack_is_the_same_after_the_verdict(stack: Stack) -> None:
    """It tells neither a verdict nor what was measured."""
    before = stack.mainstem("review", "clip").out
    stack.mainstem("integrate", "--budget", "30")
    assert stack.mainstem("review", "clip").out == before


def test_reviews_are_scored_when_the_verdict_comes(stack: Stack) -> None:
    """Two reviewers, one of them with a second thought; and no name in the ledger."""
    assert [p["id"] for p in look(stack)["to_review"]] == ["lr-high", "clip", "lr-low"]
    stack.mainstem("review", "lr-high", "--merge", "0.2")
    said = stack.mainstem(
        "review",
        "lr-high",
        "--merge",
        "0.9",
        "--effect",
        "loss=+0.2",
        "--note",
        "Evelyn knows, says Grace",
    ).out
    assert "in the place of your earlier one" in said
    assert "names in the note were replaced" in said
    stack.mainstem("review", "lr-low", "--merge", "0.1", "--effect", "loss=0.05")
    as_who(stack, "Evelyn Wood", "eve@lab.example")
    stack.mainstem("review", "clip", "--merge", "0.5")
    as_who(stack, "E. Wood", "eve@example.org")
    assert [p["id"] for p in look(stack)["to_review"]] == ["lr-high", "lr-low"]
    bodies = lines(stack, "review-given")
    assert [body["note"] for body in bodies] == [
        "",
        "contributor-A knows, says contributor-B",
        "",
        "",
    ]
    assert bodies[0]["by"] == bodies[1]["by"] != bodies[3]["by"]
    assert not any(name in str(bodies).lower() for name in ("grace", "evelyn", "wood", "@"))
    stack.mainstem("integrate", "--budget", "40")
    as_who(stack, "Grace", "grace@example.org")
    report = look(stack)
    assert report["to_review"] == []
    mine = report["yours"]
    assert (mine["scored"], mine["waiting"]) == (2, 0)
    assert mine["brier"] == pytest.approx(0.01)
    assert mine["base_rate"] == pytest.approx(2 / 3)
    effects = {row["proposal"]: row["effects"]["loss"] for row in mine["reviews"]}
    assert effects["lr-high"]["error_in_margins"] == pytest.approx(0.0, abs=0.7)
    assert effects["lr-low"]["error_in_margins"] == pytest.approx(0.35 / 0.03, abs=0.7)
    assert effects["lr-low"]["within"] is False
    (other,) = look(stack, "--all")["others"]
    assert (other["name"], other["scored"], other["brier"]) == ("evelyn", 1, 0.25)
    text = " ".join(stack.mainstem("review").out.split())
    assert "your record: 2 reviews scored, 0 waiting. Brier score 0.010" in text
    assert "always saying 67%, the share of merges among 3 verdicts" in text
    assert "Too few to tell skill from luck" in text
    assert "1 other reviewer: `--all` names them" in text
    assert "evelyn" not in text
    assert "evelyn: 1 review scored" in " ".join(stack.mainstem("review", "--all").out.split())
    sealed = stack.mainstem("review", "clip", "--merge", "0.5", code=2).err
    assert "the verdict of clip is sealed (merge, campaign c1)" in sealed


def test_who_was_forgotten_stays_out_of_packs_and_keeps_a_record(stack: Stack) -> None:
    """Under a pseudonym: what was said is theirs still, and commits that name them name nobody."""
    as_who(stack, "Evelyn Wood", "eve@lab.example")
    stack.mainstem("review", "clip", "--merge", "0.9")
    before = stack.mainstem("review", "lr-high").out
    stack.mainstem("people", "pseudonymise", "evelyn")
    assert stack.mainstem("review", "lr-high").out == before
    as_who(stack, "Grace", "grace@example.org")
    stack.mainstem("integrate", "--budget", "30")
    (other,) = look(stack, "--all")["others"]
    assert other["name"].startswith("contributor-")
    assert other["brier"] == pytest.approx(0.01)


def test_wrong_use_is_one_clear_line(stack: Stack) -> None:
    """Nothing is written of a review that cannot be scored."""
    for call, said in (
        (("lr-high", "--merge", "1.5"), "--merge 1.5 is no probability"),
        (("lr-high", "--merge", "0.5", "--effect", "los=1"), "there are loss, weights"),
        (("lr-high", "--merge", "0.5", "--effect", "loss"), "write NAME=X"),
        (("lr-high", "--merge", "0.5", *("--effect", "loss=1") * 2), "stands twice"),
        (("rope", "--merge", "0.5"), "no proposal 'rope'"),
        (("lr-high", "--effect", "loss=1"), "go with --merge"),
        (("--merge", "0.5"), "name the PROPOSAL"),
    ):
        assert said in stack.mainstem("review", *call, code=2).err
    assert lines(stack, "review-given") == []
