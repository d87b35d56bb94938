from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.wiring import open_project

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepo, MakeGitRepo


def refusal(folder: Path) -> str:
    """What is said in a folder without `mainstem.toml`."""
    with pytest.raises(UsageError) as error, open_project(folder):
        pass
    said = str(error.value)
    assert said.startswith(f"no mainstem.toml in {folder} or above; ")
    assert "\n" not in said
    return said.partition("; ")[2]


@pytest.fixture
def bare_branch(repo: GitRepo) -> GitRepo:
    """The repository on a branch that is older than its mainstem.toml."""
    repo.git("checkout", "--quiet", "--orphan", "older")
    repo.git("rm", "-r", "--quiet", "--force", ".")
    repo.commit({"train.sh": "echo\n"})
    return repo


def test_the_trunk_that_has_the_file_is_named(bare_branch: GitRepo) -> None:
    """Not another branch that has it too; and the advice is a command that helps."""
    bare_branch.git("branch", "a-first", "main")
    assert refusal(bare_branch.path) == "it is on branch main: run `git switch main`"
    bare_branch.git("switch", "--quiet", "main")
    with open_project(bare_branch.path):
        pass


def test_the_trunk_is_the_one_that_the_file_names(bare_branch: GitRepo) -> None:
    """Where no branch has a usual name, the file itself says which is the trunk."""
    repo = bare_branch
    repo.git("checkout", "--quiet", "-b", "trunk", "main")
    text = (repo.path / "mainstem.toml").read_text().replace('"main"', '"trunk"')
    repo.commit({"mainstem.toml": text})
    repo.git("branch", "--quiet", "a-first")
    repo.git("branch", "--delete", "--force", "main", "clip", "deeper")
    repo.checkout("older")
    assert refusal(repo.path) == "it is on branch trunk: run `git switch trunk`"


def test_a_broken_file_on_a_branch_is_a_file(bare_branch: GitRepo) -> None:
    """What is wrong in it is said once the user is there."""
    bare_branch.checkout("main")
    bare_branch.commit({"mainstem.toml": "not toml"})
    bare_branch.checkout("older")
    assert refusal(bare_branch.path) == "it is on branch main: run `git switch main`"


def test_a_branch_of_a_remote_is_named_as_git_switch_knows_it(
    bare_branch: GitRepo, git_repo: MakeGitRepo
) -> None:
    """In a fresh clone of another branch the trunk is only `origin/main`."""
    clone = git_repo("clone")
    clone.git("remote", "add", "origin", str(bare_branch.path))
    clone.git("fetch", "--quiet", "origin")
    clone.git("checkout", "--quiet", "older")
    assert refusal(clone.path) == "it is on branch main: run `git switch main`"
    clone.git("switch", "--quiet", "main")
    with open_project(clone.path):
        pass


def test_a_trunk_in_another_work_tree_is_shown(bare_branch: GitRepo, tmp_path: Path) -> None:
    """`git switch` would be refused where another work tree has the branch: its folder is named."""
    bare_branch.git("worktree", "add", "--quiet", str(tmp_path / "there"), "main")
    there = tmp_path / "there"
    assert refusal(bare_branch.path) == f"it is on branch main, checked out in {there}: go there"


def test_a_file_that_was_removed_is_restored(repo: GitRepo) -> None:
    """The branch that is checked out has it, the work tree does not."""
    (repo.path / "mainstem.toml").unlink()
    advice = refusal(repo.path)
    assert advice.startswith("it is committed on main, which is checked out: run `git restore ")
    repo.git(*advice.partition("`git ")[2].rstrip("`").split())
    with open_project(repo.path):
        pass


def test_where_no_branch_has_the_file_init_makes_one(git_repo: MakeGitRepo, tmp_path: Path) -> None:
    """A repository without a stack, and a folder without a repository."""
    repo = git_repo()
    repo.commit({"train.sh": "echo\n"})
    assert refusal(repo.path) == "run `mainstem init`"
    assert refusal(tmp_path) == "run `mainstem init`"


def hints(folder: Path) -> tuple[str, ...]:
    """What is said beside everything else."""
    with open_project(folder) as project:
        return project.hints


def test_a_linked_work_tree_is_told_of_the_record_of_the_main_one(
    repo: GitRepo, tmp_path: Path
) -> None:
    """As long as nothing is recorded in its own folder; the advice holds quoted paths."""
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked tree"), "-b", "side")
    linked = tmp_path / "linked tree"
    assert hints(linked) == ()
    assert hints(repo.path) == ()
    (hint,) = hints(linked)
    assert f"`mainstem -C {repo.path} ...`" in hint
    assert "\n" not in hint
    assert hints(linked) == (hint,)
    with open_project(linked) as project:
        project.propose(["clip"], proposal_id=None, claim="")
    assert hints(linked) == ()
    assert hints(repo.path) == ()


def test_a_work_tree_of_a_bare_repository_has_no_main_one(repo: GitRepo, tmp_path: Path) -> None:
    """There is nothing to point to, and nothing is said."""
    repo.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    linked = str(tmp_path / "linked")
    repo.git("-C", str(tmp_path / "bare.git"), "worktree", "add", "--quiet", linked, "main")
    assert hints(tmp_path / "linked") == ()
