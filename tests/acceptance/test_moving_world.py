"""The trunk moves, proposals arrive and branches are pushed again: on a real repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conftest import Stack


def let_clip_and_high_rates_overlap(stack: Stack) -> None:
    """High rates do what clipping does, and more: with both, clipping adds nothing."""
    script = stack.path / "train.sh"
    line = '  if (warmup == "long") loss -= 0.02\n'
    assert line in script.read_text()
    overlap = '  if (lr == "high" && clip == "on") loss += 0.15\n'
    script.write_text(script.read_text().replace(line, line + overlap))
    stack.git("commit", "--quiet", "--all", "--message", "Overlap")


def members(stack: Stack) -> dict[str, Any]:
    """What `show --stale --json` says of each merged proposal."""
    return {m["id"]: m for m in stack.mainstem("show", "--stale", "--json").json["members"]}


def merged_twice(stack: Stack) -> None:
    """First clip is merged; then lr-high, which does clip's work as well, is filed and merged."""
    let_clip_and_high_rates_overlap(stack)
    stack.mainstem("propose", "clip", "deeper")
    stack.mainstem("integrate", "--budget", "24")
    stack.mainstem("merge")
    stack.mainstem("propose", "lr-high")
    stack.mainstem("integrate", "--budget", "24")
    stack.mainstem("merge")


def test_dead_weight_is_reported_once_a_run_leaves_it_out(stack: Stack) -> None:
    """Not settled while no run holds the later merge without it; a branch that takes it back tells.

    A trunk that is moved by hand is other code, and the report says so instead of guessing.
    """
    assert "nothing was merged yet" in stack.mainstem("show", "--stale").out
    merged_twice(stack)
    found = members(stack)
    assert found["lr-high"]["state"] == "earns its place"
    clip = found["clip"]
    assert (clip["state"], clip["unmet"]) == ("not settled", ["lr-high"])
    assert clip["runs_without"] > 0  # of the first campaign: before its merge
    assert clip["conflict"] is None
    said = " ".join(stack.mainstem("show", "--stale").out.split())
    assert f"git revert -m 1 {clip['merge_commit'][:10]}" in said
    stack.git("checkout", "--quiet", "-b", "drop-clip")
    stack.git("revert", "--no-edit", "-m", "1", clip["merge_commit"])
    stack.git("checkout", "--quiet", "main")
    stack.mainstem("propose", "drop-clip")
    stack.mainstem("integrate", "--budget", "16")
    found = members(stack)
    assert found["clip"]["state"] == "dead weight"
    assert found["clip"]["runs_without_it_alone"] > 0
    adds = found["clip"]["adds"]["loss"]
    assert adds["low"] <= 0.0 <= adds["high"] < 0.03
    assert found["lr-high"]["state"] == "earns its place"
    said = " ".join(stack.mainstem("show", "--stale").out.split())
    assert "may leave the trunk, all at once: clip" in said
    assert "posterior" in said
    stack.git("commit", "--quiet", "--allow-empty", "--message", "By hand")
    found = members(stack)
    assert {m["state"] for m in found.values()} == {"no evidence"}
    assert "moved by other means" in found["clip"]["reason"]
    assert found["clip"]["adds"] == {}


def push_again(stack: Stack, branch: str, changes: dict[str, str]) -> str:
    """Another commit on a branch; its id."""
    stack.git("checkout", "--quiet", branch)
    for file, text in changes.items():
        (stack.path / file).write_text(text)
    stack.git("commit", "--quiet", "--all", "--message", f"Mend {branch}")
    stack.git("checkout", "--quiet", "main")
    return stack.git("rev-parse", branch)


def test_a_branch_that_is_pushed_again_is_proposed_again(stack: Stack) -> None:
    """In an open campaign: named, then taken in as a new version that is judged by its own runs."""
    stack.mainstem("propose", "lr-low", "clip")
    stack.mainstem("integrate", "--budget", "12")
    before = stack.mainstem("why", "lr-low", "--json").json
    new = push_again(stack, "lr-low", {"settings/lr": "high\n"})
    said = stack.mainstem("status").out
    assert "branch lr-low has moved" in said
    assert "`mainstem propose lr-low` to have the new one tested in its place" in said
    (taken,) = stack.mainstem("propose", "lr-low", "--json").json["proposals"]
    assert (taken["id"], taken["follows"], taken["commit"]) == ("lr-low@2", "lr-low", new)
    assert "has moved" not in stack.mainstem("status").out
    assert "superseded  lr-low" in stack.mainstem("status").out
    said = stack.mainstem("integrate", "--budget", "50").out
    assert "confirmed on fresh seeds" in said
    assert "superseded" in said
    after = stack.mainstem("why", "lr-low", "--json").json
    assert (after["commit"], after["superseded_by"]) == (before["commit"], "lr-low@2")
    about = [e for e in before["evidence"] if e["about"] != "trunk"]
    assert [e for e in after["evidence"] if e["about"] != "trunk"] == about
    merged = stack.mainstem("merge", "--json").json
    assert [c["proposal"] for c in merged["commits"]] == ["clip", "lr-low@2"]
    assert stack.git("show", "main:settings/lr") == "high"
    trailers = stack.git("log", "-1", "--format=%(trailers:key=Mainstem-Proposal,valueonly)")
    assert trailers == "lr-low@2"
    assert "whole" in stack.mainstem("verify").out
