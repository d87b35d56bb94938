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
