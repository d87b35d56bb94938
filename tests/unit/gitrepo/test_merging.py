from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import GitError, NothingToDoError, UsageError
from mainstem.domain.proposal import TreeId
from mainstem.gitrepo import merging
from mainstem.gitrepo.merging import Advance, Member, Signature, advance
from mainstem.gitrepo.worktrees import WorkTree

if TYPE_CHECKING:
    from pathlib import Path

ADA = Signature(name="Ada Ünal", email="ada@example.org", time_s=1_700_000_000)
BOT = Signature(name="Mainstem", email="bot@example.org", time_s=1_700_000_001)


class Merge:
    """Two proposals on `main`, ready to be merged: one edits, one adds and deletes."""

    def __init__(self, stage: Any) -> None:
        self.stage = stage
        stage.branch("größe", {"train.py": "x\n"})
        stage.branch("two", {"new/f ü.txt": "new\n", "data/mix.txt": None})
        stage.user.commit({"trunk.txt": "t\n"})
        self.old = stage.root
        self.proposals = stage.proposals("größe", "two")
        self.trees = stage.trees()
        self.members = [
            Member(id=p.id, commit=p.commit, message=f"Merge {p.id}\n\nWhy.\n\nGain: 1\n")
            for p in self.proposals
        ]
        self.tree = self.trees.tree(self.old, self.proposals)

    def __call__(self, **changes: Any) -> Advance:
        """Merges, with some arguments changed."""
        arguments = {
            "branch": "main",
            "expected": self.old,
            "members": self.members,
            "tree": self.tree,
            "author": ADA,
            "committer": BOT,
        }
        return advance(self.stage.repository, self.trees.merger, **{**arguments, **changes})


@pytest.fixture
def merge(stage: Any) -> Merge:
    """A merge that can go ahead."""
    return Merge(stage)


def test_the_trunk_advances_by_a_commit_each(stage: Any, merge: Merge) -> None:
    """Parents, messages, people and dates are those given; files and index follow."""
    done = merge()
    git = stage.user.git
    assert stage.root == done.new == done.commits[-1].commit
    assert [commit.id for commit in done.commits] == ["größe", "two"]
    parents = git("log", "--first-parent", "--reverse", "--format=%P", f"{merge.old}..main")
    assert parents.splitlines() == [
        f"{merge.old} {merge.members[0].commit}",
        f"{done.commits[0].commit} {merge.members[1].commit}",
    ]
    shown = git("log", "-1", "--format=%an|%ae|%at|%cn|%ct|%B", "main")
    assert shown.rstrip() == (
        "Ada Ünal|ada@example.org|1700000000|Mainstem|1700000001|Merge two\n\nWhy.\n\nGain: 1"
    )
    assert git("rev-parse", "main^{tree}") == merge.tree
    assert git("status", "--porcelain") == ""
    assert (stage.user.path / "new" / "f ü.txt").read_text(encoding="utf-8") == "new\n"
    assert not (stage.user.path / "data" / "mix.txt").exists()
    assert git("reflog", "-1", "--format=%gs", "main") == "mainstem merge"
    git("fsck", "--strict", "--connectivity-only")


def test_the_commits_need_nothing_of_ours(stage: Any, merge: Merge, tmp_path: Path) -> None:
    """Without the state folder the repository is whole and can be cloned."""
    merge()
    (stage.state / "state").rename(tmp_path / "away")
    stage.user.git("fsck", "--full", "--strict")
    stage.user.git("clone", "--quiet", "--no-local", ".", str(tmp_path / "clone"))


def test_a_dry_run_moves_nothing(stage: Any, merge: Merge) -> None:
    """It names the very commits that a real run makes, and writes nothing of the user's."""
    before = stage.fingerprint()
    plan = merge(dry_run=True)
    assert stage.fingerprint() == before
    assert not plan.moved
    done = merge()
    assert (done.new, done.commits, done.moved) == (plan.new, plan.commits, True)


def dirty(stage: Any) -> str:
    """A changed file."""
    (stage.user.path / "bin").write_text("mine", encoding="utf-8")
    return "changes that are not committed: bin"


def staged(stage: Any) -> str:
    """A new file in the index."""
    (stage.user.path / "ü").write_text("mine", encoding="utf-8")
    stage.user.git("add", "ü")
    return "changes that are not committed: ü"


def in_the_way(stage: Any) -> str:
    """An untracked file where a new one will be."""
    (stage.user.path / "new").mkdir()
    (stage.user.path / "new" / "f ü.txt").write_text("mine", encoding="utf-8")
    return "untracked files that the merge would overwrite: new/f ü.txt"


def ignored(stage: Any) -> str:
    """An ignored file is somebody's as well."""
    (stage.user.path / ".git" / "info" / "exclude").write_text("*\n", encoding="utf-8")
    return in_the_way(stage)


def as_a_file(stage: Any) -> str:
    """An untracked file where a folder will be."""
    (stage.user.path / "new").write_text("mine", encoding="utf-8")
    return "untracked files that the merge would overwrite: new;"


def under_way(stage: Any) -> str:
    """A merge that is not finished."""
    head = stage.user.git("rev-parse", "two")
    (stage.user.path / ".git" / "MERGE_HEAD").write_text(f"{head}\n", encoding="utf-8")
    return "in the middle of a merge"


@pytest.mark.parametrize("prepare", [dirty, staged, in_the_way, ignored, as_a_file, under_way])
def test_what_is_in_the_way_is_named_and_nothing_moves(
    stage: Any, merge: Merge, prepare: Any
) -> None:
    """Changes, staged or not, and untracked files stop the merge before anything is written."""
    said = prepare(stage)
    before = stage.fingerprint()
    with pytest.raises(UsageError, match=said) as caught:
        merge()
    assert "\n" not in str(caught.value)
    assert stage.fingerprint() == before


def test_untracked_files_elsewhere_are_fine(stage: Any, merge: Merge) -> None:
    """Only what would be overwritten counts."""
    (stage.user.path / "notes").write_text("mine", encoding="utf-8")
    merge()
    assert (stage.user.path / "notes").read_text(encoding="utf-8") == "mine"


def test_a_trunk_that_moved_is_refused(stage: Any, merge: Merge) -> None:
    """The exit code is 1, and the error says where it was and is."""
    now = stage.user.commit({"late.txt": "1"})
    before = stage.fingerprint()
    with pytest.raises(NothingToDoError, match=f"was {merge.old[:12]}, it is {now[:12]}") as caught:
        merge()
    assert caught.value.exit_code == 1
    assert stage.fingerprint() == before


def test_nothing_to_merge(merge: Merge) -> None:
    """No proposal is exit code 1 as well."""
    with pytest.raises(NothingToDoError, match="nothing to merge"):
        merge(members=[])


def test_another_tree_than_the_confirmed_one_is_refused(stage: Any, merge: Merge) -> None:
    """What was not tested is never merged; a conflict neither."""
    before = stage.fingerprint()
    with pytest.raises(GitError, match="was confirmed: nothing was moved"):
        merge(tree=TreeId(stage.user.git("rev-parse", "main^{tree}")))
    stage.branch("rival", {"train.py": "rival\n"})
    rival = Member(
        id=stage.proposal("rival").id, commit=stage.proposal("rival").commit, message="x"
    )
    between = stage.fingerprint()
    with pytest.raises(GitError, match=r"rival does not merge onto .*train\.py"):
        merge(members=[*merge.members, rival])
    assert stage.fingerprint() == between != before


def test_a_trunk_that_moves_at_the_last_moment(
    stage: Any, merge: Merge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The branch moves only from where it was expected; files and index go back."""
    real = WorkTree.switch

    def racing(self: WorkTree, old: Any, new: Any) -> None:
        real(self, old, new)
        if new != merge.old:
            stage.user.git("update-ref", "refs/heads/main", merge.members[0].commit)

    monkeypatch.setattr(WorkTree, "switch", racing)
    with pytest.raises(NothingToDoError, match="has moved"):
        merge()
    assert stage.root == merge.members[0].commit
    stage.user.git("diff", "--quiet", merge.old)
    stage.user.git("diff", "--quiet", "--cached", merge.old)
    assert not (stage.user.path / "new").exists()


def test_a_filter_that_fails_half_way_leaves_nothing(stage: Any, merge: Merge) -> None:
    """The user's own filters run here; when one fails, files, index and branch are as before."""
    stage.branch("big", {".gitattributes": "*.bin filter=large\n", "a/x.bin": "x", "zzz": "z"})
    stage.user.git("config", "filter.large.smudge", "false")
    stage.user.git("config", "filter.large.required", "true")
    big = stage.proposal("big")
    before = stage.fingerprint()
    del before[".git/index"]
    with pytest.raises(GitError, match="read-tree"):
        merge(
            members=[*merge.members, Member(id=big.id, commit=big.commit, message="big")],
            tree=merge.trees.tree(merge.old, [*merge.proposals, big]),
        )
    after = stage.fingerprint()
    assert stage.root == merge.old
    assert {name: after.get(name) for name in before} == before
    assert all(name.startswith(".git/") for name in after.keys() - before.keys())
    assert stage.user.git("status", "--porcelain") == ""
    assert not (stage.user.path / "a").exists()
    stage.user.git("config", "filter.large.smudge", "tr x X")
    merge(
        members=[*merge.members, Member(id=big.id, commit=big.commit, message="big")],
        tree=merge.trees.tree(merge.old, [*merge.proposals, big]),
    )
    assert (stage.user.path / "a" / "x.bin").read_text(encoding="utf-8") == "X"


def test_another_git_at_work_is_respected(stage: Any, merge: Merge) -> None:
    """A locked index stops the merge; an edit made in that moment is not lost."""
    (stage.user.path / ".git" / "index.lock").write_text("", encoding="utf-8")
    before = stage.fingerprint()
    with pytest.raises((GitError, UsageError), match=r"index\.lock"):
        merge()
    after = stage.fingerprint()
    assert {name: after[name] for name in before} == before


def test_an_edit_at_the_last_moment_is_not_lost(
    stage: Any, merge: Merge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file changed between check and switch makes git refuse, and keeps its change."""
    monkeypatch.setattr(WorkTree, "check", lambda *_: None)
    (stage.user.path / "train.py").write_text("precious", encoding="utf-8")
    with pytest.raises(GitError, match="Cannot merge"):
        merge()
    assert (stage.user.path / "train.py").read_text(encoding="utf-8") == "precious"
    assert stage.root == merge.old


def test_other_work_trees_follow_and_go_back_together(
    stage: Any, merge: Merge, tmp_path: Path
) -> None:
    """The trunk may be checked out elsewhere; a dirty one stops all."""
    stage.user.git("checkout", "--quiet", "--detach")
    stage.user.git("worktree", "add", "--quiet", str(tmp_path / "one"), "main")
    stage.user.git("worktree", "add", "--quiet", "--force", str(tmp_path / "two"), "main")
    (tmp_path / "two" / "bin").write_text("dirt", encoding="utf-8")
    with pytest.raises(UsageError, match=r"two has changes that are not committed: bin"):
        merge()
    assert not (tmp_path / "one" / "new").exists()
    subprocess.run(["git", "-C", str(tmp_path / "two"), "checkout", "--quiet", "."], check=True)
    done = merge()
    assert {top.name for top in done.work_trees} == {"one", "two"}
    for top in done.work_trees:
        said = subprocess.run(
            ["git", "-C", str(top), "status", "--porcelain"], capture_output=True, check=True
        )
        assert said.stdout == b""
        assert (top / "new" / "f ü.txt").exists()
    assert not (stage.user.path / "new").exists()


def test_a_trunk_that_is_not_checked_out_just_moves(stage: Any, merge: Merge) -> None:
    """No work tree changes, dirty or not."""
    stage.user.git("checkout", "--quiet", "two")
    (stage.user.path / "bin").write_text("dirt", encoding="utf-8")
    done = merge()
    assert done.work_trees == ()
    assert stage.root == done.new
    assert (stage.user.path / "bin").read_text(encoding="utf-8") == "dirt"


def test_an_interrupt_waits_for_the_end(
    stage: Any, merge: Merge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C between files and branch comes through only when both have moved."""
    real = merging._move_branch

    def interrupted(*words: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        real(*words)

    monkeypatch.setattr(merging, "_move_branch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        merge()
    assert stage.user.git("rev-parse", "main^{tree}") == merge.tree
    assert stage.user.git("status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["", "a\nb", "a <b>"])
def test_a_name_that_would_break_a_commit(name: str) -> None:
    """It is refused before it can forge a line of the commit."""
    with pytest.raises(ValueError, match="cannot stand in a commit"):
        Signature(name=name, email="a@example.org", time_s=0)
