from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import GitError, UsageError
from mainstem.gitrepo import git as door
from mainstem.gitrepo.repository import open_repository

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_found_from_below(stage: Any) -> None:
    """Any folder of the work tree leads to its top."""
    found = open_repository(stage.user.path / "data")
    assert found.top.samefile(stage.user.path)
    assert found.objects.samefile(stage.user.path / ".git" / "objects")
    assert found.object_format == "sha1"


def test_a_linked_work_tree_shares_its_objects(stage: Any, tmp_path: Path) -> None:
    """`.git` may be a file that points elsewhere."""
    stage.user.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "linked"))
    found = open_repository(tmp_path / "linked")
    assert found.top.samefile(tmp_path / "linked")
    assert found.objects.samefile(stage.user.path / ".git" / "objects")
    assert found.current_branch() == "side"


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        ("", "is not in a git repository"),
        ("init --quiet .", "has no commit yet"),
        ("init --quiet --bare .", "bare repository"),
    ],
)
def test_what_is_no_stack_is_said(tmp_path: Path, prepare: str, said: str) -> None:
    """No repository, an empty one and a bare one are each one clear line."""
    if prepare:
        subprocess.run(["git", *prepare.split()], cwd=tmp_path, check=True)
    with pytest.raises(UsageError, match=said) as caught:
        open_repository(tmp_path)
    assert "\n" not in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    """A missing folder is named."""
    with pytest.raises(UsageError, match="nowhere is not a folder"):
        open_repository(tmp_path / "nowhere")


def test_the_repository_of_another_user(
    stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused; the error says how to allow it, and then it opens."""
    monkeypatch.setitem(door._ALWAYS, "GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match=r"belongs to another user.*--add safe\.directory"):
        open_repository(stage.user.path)
    config = tmp_path / "config"
    config.write_text(f"[safe]\n\tdirectory = {stage.user.path}\n", encoding="utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    assert open_repository(stage.user.path).head() is not None


def test_branches_are_found_by_their_names(stage: Any) -> None:
    """Local ones win over remote-tracking ones; both may be given in full."""
    one = stage.branch("größe/π", {"a": "1"})
    two = stage.branch("tmp", {"a": "2"})
    stage.user.git("update-ref", "refs/remotes/origin/x", two)
    stage.user.git("branch", "--delete", "--force", "tmp")
    repository = stage.repository
    assert repository.resolve_branch("größe/π") == one
    assert repository.resolve_branch("refs/heads/größe/π") == one
    assert repository.resolve_branch("origin/x") == two
    assert repository.branches() == ["größe/π", "main"]
    stage.user.git("update-ref", "refs/heads/origin/x", one)
    assert repository.resolve_branch("origin/x") == one


@pytest.mark.parametrize("name", ["main~0", "HEAD", "m*", "", "-q", "a\nb", "a\0b", "main^{tree}"])
def test_only_branches_are_branches(stage: Any, name: str) -> None:
    """Expressions, patterns and options of git are not taken for branches."""
    with pytest.raises(UsageError, match="no such branch") as caught:
        stage.repository.resolve_branch(name)
    assert "\n" not in str(caught.value)


def test_a_misspelt_branch_gets_a_proposal(stage: Any) -> None:
    """Close names are offered, else what there is."""
    stage.branch("rope-scaling", {"a": "1"})
    with pytest.raises(UsageError, match="no such branch: 'rope-scalign'; did you mean 'rope-sc"):
        stage.repository.resolve_branch("rope-scalign")
    with pytest.raises(UsageError, match="there are main, rope-scaling"):
        stage.repository.resolve_branch("zzz")


def test_the_trunk_is_a_local_branch(stage: Any) -> None:
    """It is to be advanced; a remote-tracking branch or a tag will not do."""
    stage.user.git("update-ref", "refs/remotes/origin/master", stage.root)
    assert stage.repository.trunk("main") == stage.root
    with pytest.raises(UsageError, match=r"mainstem\.toml names the trunk 'mian'.*'main'"):
        stage.repository.trunk("mian")
    with pytest.raises(UsageError, match="no such branch"):
        stage.repository.trunk("origin/master")


def test_head_may_be_detached(stage: Any) -> None:
    """Then no branch is checked out."""
    assert stage.repository.current_branch() == "main"
    stage.user.git("checkout", "--quiet", "--detach")
    assert stage.repository.current_branch() is None
    assert stage.repository.head() == stage.root


def test_only_tracked_changes_are_dirt(stage: Any) -> None:
    """Changed, staged and deleted files are named, untracked ones are not."""
    (stage.user.path / "new.txt").write_text("", encoding="utf-8")
    assert stage.repository.dirty() == []
    (stage.user.path / "train.py").write_text("x", encoding="utf-8")
    (stage.user.path / "bin").unlink()
    (stage.user.path / "zu \nzwei").write_text("", encoding="utf-8")
    stage.user.git("add", "zu \nzwei")
    before = stage.fingerprint()
    assert stage.repository.dirty() == ["bin", "train.py", "zu \nzwei"]
    assert stage.fingerprint() == before
