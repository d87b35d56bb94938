from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Ended, Stack


def one_line(ended: Ended, *words: str) -> str:
    """The single line of an error, which must hold these words."""
    lines = ended.err.strip().splitlines()
    assert len(lines) == 1, ended.err
    assert lines[0].startswith("mainstem: ")
    for word in words:
        assert word in lines[0], lines[0]
    return lines[0]


def untouched(stack: Stack) -> tuple[str, str]:
    """What must not change: branches and work tree."""
    refs = stack.git("for-each-ref", "--format=%(refname) %(objectname)")
    return refs, stack.git("status", "--porcelain")


def edit(stack: Stack, old: str, new: str) -> None:
    """Changes mainstem.toml on the trunk."""
    path = stack.path / "mainstem.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    stack.git("commit", "--quiet", "--all", "--message", "edit")


def test_all_problems_of_the_file_are_told_at_once_with_lines(stack: Stack) -> None:
    """An unknown key, a wrong type and a bad margin are three lines, each with its place."""
    edit(stack, 'timeout = "30s"', 'timout = "30s"')
    edit(stack, "margin = 0.03", "margin = -1")
    edit(stack, 'direction = "minimize"', 'direction = "down"')
    said = stack.mainstem("check", code=2).err.strip().splitlines()
    assert len(said) == 3
    assert all("mainstem.toml:" in line for line in said)
    assert "timout" in said[0]
    assert "timeout" in said[0]


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ("clop", ("clop", "clip")),
        ("main", ("main",)),
        ("elsewhere", ("elsewhere", "history")),
        ("stackfile", ("stackfile", "mainstem.toml")),
    ],
)
def test_a_branch_that_cannot_be_a_proposal_is_refused(
    stack: Stack, branch: str, words: tuple[str, ...]
) -> None:
    """No such branch, no change, no common history, a changed mainstem.toml: one line each."""
    stack.git("checkout", "--quiet", "--orphan", "elsewhere")
    stack.git("commit", "--quiet", "--message", "another root")
    stack.git("checkout", "--quiet", "-b", "stackfile", "main")
    (stack.path / "mainstem.toml").write_text("# mine\n")
    stack.git("commit", "--quiet", "--all", "--message", "change the rules")
    stack.git("checkout", "--quiet", "main")
    before = untouched(stack)
    one_line(stack.mainstem("propose", "clip", branch, code=2), *words)
    assert untouched(stack) == before
    assert stack.mainstem("status", "--json").json["proposals"] == []


def test_a_merged_branch_is_refused(stack: Stack) -> None:
    """A proposal whose commits are in the trunk already has nothing to propose."""
    stack.git("merge", "--quiet", "--ff-only", "clip")
    one_line(stack.mainstem("propose", "clip", code=2), "clip", "already")


@pytest.mark.parametrize(
    ("old", "new", "code", "words"),
    [
        ("^final_loss:", "^last_loss:", 2, ("loss never arrived", "^last_loss:")),
        ("sh train.sh {seed}", "sh -c 'echo final_loss: nan; echo weights: 1'", 2, ("nan",)),
        ("sh train.sh {seed}", "sh -c 'echo final_loss: abc; echo weights: 1'", 2, ("abc",)),
        ("sh train.sh {seed}", "no-such-program {seed}", 2, ("no-such-program",)),
        ("sh train.sh {seed}", "sleep 60", 2, ("timeout after 1 s", "stack.timeout")),
        ("sh train.sh {seed}", "sh -c 'echo oh no >&2; exit 9'", 3, ("exit code 9", "oh no")),
    ],
)
@pytest.mark.parametrize("command", [("check",), ("integrate", "--budget", "8")])
def test_a_trunk_that_cannot_be_measured_is_one_clear_line(
    stack: Stack, old: str, new: str, *, code: int, words: tuple[str, ...], command: tuple[str, ...]
) -> None:
    """A missing, NaN or text metric, a missing program and a timeout are exit 2; a crash is 3."""
    edit(stack, 'timeout = "30s"', 'timeout = "1s"')
    edit(stack, old, new)
    stack.mainstem("propose", "clip")
    one_line(stack.mainstem(*command, code=code), *words, "mainstem log")


def test_status_tells_of_a_trunk_that_stopped_the_campaign(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes later reads why there is no trial, and no more of it once the trunk runs."""
    stack.mainstem("propose", "clip")
    monkeypatch.setenv("BROKEN", "1")
    edit(stack, "sh train.sh {seed}", "sh -c 'test -z $BROKEN && sh train.sh 1'")
    with (stack.path / "mainstem.toml").open("a") as file:
        file.write('[run]\nenv = ["BROKEN"]\n')
    stack.mainstem("integrate", "--budget", "8", code=3)
    said = stack.mainstem("status").out
    assert "campaign c1: 0 of 8 trials, stopped" in said
    assert "the trunk does not run (c1.1): exit code 1" in " ".join(said.split())
    assert "see `mainstem log c1.1`" in " ".join(said.split())
    failure = stack.mainstem("status", "--json").json["trunk_failure"]
    assert (failure["trial"], failure["cause"]) == ("c1.1", "exit")
    assert "c1.1 failed: exit code 1" in stack.mainstem("log", "c1.1").err
    monkeypatch.setenv("BROKEN", "")
    stack.mainstem("integrate", "--budget", "8")
    assert "does not run" not in stack.mainstem("status").out
    assert stack.mainstem("status", "--json").json["trunk_failure"] is None


def test_a_batch_that_a_campaign_does_not_use_is_said(stack: Stack) -> None:
    """In words where words are read, and beside the JSON where a program reads."""
    stack.mainstem("propose", "clip", "deeper")
    stack.mainstem("integrate", "--budget", "4")
    note = "note: campaign c1 keeps the batches of 4 that it was opened with; --batch 2"
    assert note in stack.mainstem("integrate", "--budget", "4", "--batch", "2").out
    beside = stack.mainstem("integrate", "--budget", "4", "--batch", "2", "--json")
    assert note in beside.err
    assert beside.json["campaign"] == "c1"


def test_a_dirty_work_tree_stops_the_merge(stack: Stack) -> None:
    """Uncommitted work is named and kept; nothing moves; once committed elsewhere it merges."""
    stack.mainstem("propose", "clip", "deeper")
    stack.mainstem("integrate", "--budget", "34")
    (stack.path / "train.sh").write_text("# my own work\n")
    before = untouched(stack)
    one_line(stack.mainstem("merge", code=2), "train.sh")
    assert untouched(stack) == before
    stack.git("checkout", "--quiet", "train.sh")
    stack.mainstem("merge")


def test_a_trunk_that_moved_is_not_merged_into(stack: Stack) -> None:
    """Evidence about the old trunk does not merge into the new one (exit code 1)."""
    stack.mainstem("propose", "clip", "deeper")
    stack.mainstem("integrate", "--budget", "34")
    stack.git("commit", "--quiet", "--allow-empty", "--message", "someone else")
    before = untouched(stack)
    one_line(stack.mainstem("merge", code=1), "moved")
    assert untouched(stack) == before
    assert "note: the trunk is at " in stack.mainstem("status").out


def test_outside_a_repository_and_without_a_commit(stack: Stack, tmp_path: Path) -> None:
    """A folder that is no repository, and a repository without commits, say what to do."""
    empty = type(stack)(tmp_path / "empty")
    empty.path.mkdir()
    one_line(empty.mainstem("init", code=2), "git")
    empty.git("init", "--quiet")
    one_line(empty.mainstem("init", code=2), "commit")
    one_line(empty.mainstem("show", code=2), "mainstem.toml")


def test_init_writes_a_file_that_reads_and_never_overwrites_one(
    make_stack: Callable[..., Stack],
) -> None:
    """`init` then `check` says what is still to be filled in; a second `init` is refused."""
    stack = make_stack(toml=None)
    stack.mainstem("init", "--command", "sh train.sh {seed}")
    text = (stack.path / "mainstem.toml").read_text()
    assert "sh train.sh {seed}" in text
    one_line(stack.mainstem("init", code=2), "mainstem.toml")
    assert (stack.path / "mainstem.toml").read_text() == text


def test_an_old_git_is_named_with_what_is_needed(
    stack: Stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A git of 2.30 has no merge-tree --write-tree: one line, before anything is done."""
    old = tmp_path / "old" / "git"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho git version 2.30.1\n")
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(old.parent))
    one_line(stack.mainstem("propose", "clip", code=2), "2.30.1", "2.38")


def test_names_that_are_not_ascii_simply_work(make_stack: Callable[..., Stack]) -> None:
    """Branches, files and metrics of any script go the whole way."""
    stack = make_stack("stäck ünïcode")
    stack.git("checkout", "--quiet", "-b", "идея/größer-⚡", "clip")
    (stack.path / "größe ✓.txt").write_text("x\n")
    stack.git("add", ".")
    stack.git("commit", "--quiet", "--message", "Größer")
    stack.git("checkout", "--quiet", "main")
    stack.mainstem("propose", "идея/größer-⚡", "deeper")
    stack.mainstem("integrate", "--budget", "34")
    assert "идея/größer-⚡" in stack.mainstem("why", "идея/größer-⚡").out
    stack.mainstem("merge")
    assert (stack.path / "größe ✓.txt").exists()


def test_equal_trees_share_trials_and_name_each_other(stack: Stack) -> None:
    """Two branches with one change are both accepted and told of each other."""
    stack.git("branch", "clip-again", "clip")
    taken = stack.mainstem("propose", "clip", "clip-again", "--json").json
    assert taken["proposals"][1]["same_tree"] == ["clip"]
    stack.mainstem("integrate", "--budget", "34")
    shown = {p["id"]: p for p in stack.mainstem("show", "--json").json["proposals"]}
    assert shown["clip"]["verdict"] == "merge"
    assert shown["clip-again"]["with"] == ["clip"]


def test_a_branch_that_moved_is_named_never_silently_read_again(stack: Stack) -> None:
    """A proposal stands for the commit that was taken; a push without new files changes nothing."""
    stack.mainstem("propose", "clip")
    old = stack.git("rev-parse", "clip")
    stack.git("checkout", "--quiet", "clip")
    stack.git("commit", "--quiet", "--allow-empty", "--message", "more")
    stack.git("checkout", "--quiet", "main")
    assert "note: branch clip has moved to " in stack.mainstem("status").out
    (known,) = stack.mainstem("propose", "clip", "--json").json["proposals"]
    assert known["commit"] == old
    assert "with the files of" in known["note"]


def test_a_full_disk_and_a_read_only_folder_lose_nothing(stack: Stack) -> None:
    """A store that cannot be written is one line that names it; what was there stays."""
    stack.mainstem("propose", "clip")
    limited = stack.mainstem("integrate", "--budget", "34", code=2, most_blocks=8)
    assert len(limited.err.strip().splitlines()) == 1, limited.err
    assert "ledger" in limited.err or ".mainstem" in limited.err
    assert "whole" in stack.mainstem("verify").out
    stack.mainstem("integrate", "--budget", "34")


def test_output_that_does_not_fit_on_the_disk_is_nobodys_crash(stack: Stack) -> None:
    """A log that is cut off may end in an earlier value: nothing is concluded from what is left."""
    chatty = 'echo "final_loss: 9"; echo "weights: 4000"; yes | head -c 3000000'
    (stack.path / "train.sh").write_text(f"{chatty}\n{(stack.path / 'train.sh').read_text()}")
    stack.git("commit", "--quiet", "--all", "--message", "Print a lot")
    stack.mainstem("propose", "clip")
    for words in (("check", "--runs", "1"), ("integrate", "--budget", "8")):
        limited = stack.mainstem(*words, code=2, most_blocks=4096)
        said = limited.err.strip().splitlines()[-1]
        assert "not everything is kept: its logs cannot be written: File too large" in said
        assert "the same command goes on" in said
    assert stack.mainstem("status", "--json").json["spent"] == 0
    stack.mainstem("integrate", "--budget", "8")
    assert stack.mainstem("show", "--json").json["trunk"]["objectives"]["loss"]["mean"] < 4


@pytest.mark.parametrize(
    "words",
    [("nonsense",), ("integrate", "--budget", "0"), ("why",), ("propose",), ("plan",)],
)
def test_wrong_words_are_exit_code_2(stack: Stack, words: tuple[str, ...]) -> None:
    """What click refuses has the same exit code as what we refuse."""
    assert "Error" in stack.mainstem(*words, code=2).err


def test_unknown_names_are_told_what_there_is(stack: Stack) -> None:
    """A proposal or a trial that does not exist is named together with what does."""
    stack.mainstem("propose", "clip")
    one_line(stack.mainstem("why", "clop", code=2), "clop", "clip")
    one_line(stack.mainstem("log", "c9.9", code=2), "c9.9")


def test_a_small_budget_is_planned_in_words(stack: Stack) -> None:
    """Too few pairs for a noisy objective: it says so, beside a guard that one pair decides."""
    stack.mainstem("check")
    assert "no open proposal" in stack.mainstem("plan", "--budget", "20", code=1).out
    stack.mainstem("propose", "clip", "deeper")
    said = stack.mainstem("plan", "--budget", "12", code=1).out
    assert "nothing is detectable with this budget: 3 pairs cannot prove a gain" in said
    least = stack.mainstem("plan", "--budget", "12", "--json", code=1).json["least_budget"]
    assert f"`mainstem plan --budget {least}`" in said
    assert "not with" not in stack.mainstem("plan", "--budget", str(least)).out
    stack.mainstem("plan", "--budget", str(least - 1), code=1)


def test_a_guard_noisier_than_its_margin_is_named_by_the_plan(stack: Stack) -> None:
    """It would keep every set from being merged, whatever the set gains."""
    script = stack.path / "train.sh"
    quiet, noisy = "1000 * depth\n", "1000 * depth + 500 * noise\n"
    script.write_text(script.read_text().replace(quiet, noisy))
    stack.git("commit", "--quiet", "--all", "--message", "Weights that differ between seeds")
    stack.mainstem("check")
    stack.mainstem("propose", "clip", "deeper")
    said = " ".join(stack.mainstem("plan", "--budget", "40").out.split())
    assert "weights is in the way: its noise is large for its margin" in said
    keeps = stack.mainstem("plan", "--budget", "40", "--json").json["keeps"]
    assert keeps["weights"] < 0.5 < keeps["loss"]


def _prune(stack: Stack, branch: str) -> None:
    """A branch is deleted, and git drops in one go what it would drop in weeks."""
    stack.git("branch", "--delete", "--force", branch)
    stack.git("reflog", "expire", "--expire=now", "--all")
    stack.git("gc", "--quiet", "--prune=now")


def test_a_deleted_branch_stops_no_campaign_and_no_merge(stack: Stack) -> None:
    """A contributor who withdraws the branch takes nothing away that was proposed."""
    commit = stack.git("rev-parse", "clip")
    stack.mainstem("propose", "clip", "deeper")
    _prune(stack, "clip")
    note = f"note: branch clip is gone; {commit[:10]}, which was proposed, is kept"
    assert note in stack.mainstem("integrate", "--budget", "34").out
    assert note in stack.mainstem("status").out
    merged = stack.mainstem("merge").out
    assert f"branch clip is gone; what was tested, {commit[:10]}, is merged" in merged
    assert commit in stack.git("log", "--format=%H", "main").split()
    assert (stack.path / "settings" / "clip").read_text() == "on\n"
    assert stack.git("fsck", "--full") == ""


def test_a_commit_that_is_lost_is_nobodys_crash(stack: Stack) -> None:
    """With what Mainstem kept deleted too, a campaign stops and says what is missing."""
    stack.mainstem("propose", "clip", "deeper")
    _prune(stack, "clip")
    shutil.rmtree(stack.path / ".mainstem" / "git")
    one_line(stack.mainstem("integrate", "--budget", "34", code=2), "'clip'", "is gone", "back")
    shown = stack.mainstem("show", "--json").json
    assert {p["verdict"] for p in shown["proposals"]} == {"open"}


def test_a_touched_file_does_not_stop_a_merge(stack: Stack) -> None:
    """A file whose time has changed and whose content has not is clean."""
    stack.mainstem("propose", "clip", "deeper")
    stack.mainstem("integrate", "--budget", "34")
    for name in ("clip", "lr"):
        os.utime(stack.path / "settings" / name, (1, 1))
    stack.mainstem("merge")
    assert stack.git("status", "--porcelain") == ""


def test_a_cost_is_a_budget_in_the_unit_of_the_rungs(stack: Stack) -> None:
    """As many trials as it pays for; with a budget, whichever is spent first; none is refused."""
    stack.mainstem("propose", "clip", "deeper")
    with (stack.path / "mainstem.toml").open("a") as file:
        file.write('[[rungs]]\nname = "full"\ncost = 2.5\n')
    said = stack.mainstem("integrate", "--cost", "2", code=2).err
    assert said == "mainstem: --cost 2 pays for no trial: one at rung 'full' costs 2.5\n"
    stack.mainstem("integrate", "--cost", "15")
    assert stack.mainstem("status", "--json").json["budget"] == 6
    stack.mainstem("integrate", "--cost", "30", "--budget", "8")
    assert stack.mainstem("status", "--json").json["budget"] == 8
