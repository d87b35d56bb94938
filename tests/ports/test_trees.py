"""What the engine may rely on of any `Trees`; every adapter inherits the suite."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import CommitId, Conflict, Proposal, ProposalId
from mainstem.gitrepo.repository import open_repository
from mainstem.gitrepo.trees import GitTrees

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.engine.ports import Trees

TWENTY = [f"line {number}\n" for number in range(1, 21)]


def with_line(number: int, text: str) -> str:
    """Twenty lines of which one is changed."""
    lines = list(TWENTY)
    lines[number - 1] = f"{text}\n"
    return "".join(lines)


CHANGES: dict[str, dict[str, str | bytes | None]] = {
    "top": {"train.py": with_line(1, "top")},
    "bottom": {"train.py": with_line(20, "bottom")},
    "other-top": {"train.py": with_line(1, "another top")},
    "größe": {"daten/übung\n1.txt": "neu\n"},
    "gone": {"old.txt": None},
    "off-trunk": {"trunk.txt": "mine\n"},
    "upper": {"t.txt": "A\nb\nc\n"},
    "lower": {"t.txt": "a\nb\nC\n"},
}
"""Branches off the first commit; the trunk then adds `trunk.txt` of its own."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A repository with a trunk and one branch per entry of `CHANGES`; it is only read."""
    return _build(tmp_path_factory.mktemp("trees") / "repo")


class TreesSuite:
    """The suite. An adapter's class gives the fixture `trees`."""

    @pytest.fixture
    def root(self, world: Any) -> CommitId:
        """The trunk's commit."""
        return CommitId(world.git("rev-parse", "main"))

    @pytest.fixture
    def propose(self, world: Any) -> Any:
        """Gives the proposals of some branches, in the order of `CHANGES`."""
        return partial(_members, world)

    def test_no_member_is_the_roots_own_tree(self, trees: Trees, world: Any, root: Any) -> None:
        """The trunk is the recipe with no proposal."""
        assert trees.tree(root, []) == world.git("rev-parse", "main^{tree}")

    def test_members_are_merged(
        self, trees: Trees, propose: Any, root: Any, tmp_path: Path
    ) -> None:
        """A recipe's files hold every member's change and the trunk's."""
        tree = trees.tree(root, propose("top", "bottom", "größe", "gone"))
        assert isinstance(tree, str)
        trees.materialise(tree, tmp_path / "out")
        text = (tmp_path / "out" / "train.py").read_text(encoding="utf-8").splitlines()
        assert (text[0], text[-1], len(text)) == ("top", "bottom", 20)
        assert (tmp_path / "out" / "daten" / "übung\n1.txt").read_bytes() == b"neu\n"
        assert (tmp_path / "out" / "trunk.txt").exists()
        assert not (tmp_path / "out" / "old.txt").exists()

    def test_the_same_recipe_is_the_same_tree(self, trees: Trees, propose: Any, root: Any) -> None:
        """Asked again, and for changes that commute in another order, the answer is the same."""
        first = trees.tree(root, propose("top", "bottom", "gone"))
        assert isinstance(first, str)
        assert trees.tree(root, propose("top", "bottom", "gone")) == first
        assert trees.tree(root, propose("gone", "bottom", "top")) == first
        assert trees.tree(root, propose("top", "bottom")) != first

    def test_a_conflict_names_the_guilty_only(self, trees: Trees, propose: Any, root: Any) -> None:
        """Innocent members do not appear, and the files in conflict do."""
        found = trees.tree(root, propose("top", "bottom", "other-top", "gone"))
        assert found == Conflict(proposals=frozenset({"top", "other-top"}), paths=("train.py",))

    def test_a_conflict_with_the_root_names_one(
        self, trees: Trees, propose: Any, root: Any
    ) -> None:
        """A member that conflicts with the trunk itself is guilty alone."""
        found = trees.tree(root, propose("top", "off-trunk"))
        assert found == Conflict(proposals=frozenset({"off-trunk"}), paths=("trunk.txt",))

    def test_a_batch_finds_singles_and_pairs(self, trees: Trees, propose: Any, root: Any) -> None:
        """Each conflicting member once alone, each conflicting pair of the others once."""
        assert trees.conflicts(root, propose(*CHANGES)) == [
            Conflict(proposals=frozenset({"off-trunk"}), paths=("trunk.txt",)),
            Conflict(proposals=frozenset({"top", "other-top"}), paths=("train.py",)),
        ]
        assert trees.conflicts(root, []) == []

    def test_a_batch_says_what_single_recipes_say(
        self, trees: Trees, propose: Any, root: Any
    ) -> None:
        """`conflicts` and `tree` never contradict each other on a pair."""
        names = [name for name in CHANGES if name != "off-trunk"]
        batch = {each.proposals: each for each in trees.conflicts(root, propose(*names))}
        for at, one in enumerate(names):
            for other in names[at + 1 :]:
                single = trees.tree(root, propose(one, other))
                assert batch.get(frozenset({one, other}), "clean") == (
                    single if isinstance(single, Conflict) else "clean"
                )

    def test_pinning_changes_no_answer(self, trees: Trees, propose: Any, root: Any) -> None:
        """Members may be pinned as often as one likes, and none at all."""
        members = propose("top", "bottom", "off-trunk")
        before = trees.tree(root, members)
        trees.pin(root, members)
        trees.pin(root, members[:1])
        trees.pin(root, [])
        assert trees.tree(root, members) == before

    def test_a_commit_that_is_gone_cannot_be_pinned(
        self, trees: Trees, propose: Any, root: Any
    ) -> None:
        """The error names the proposal and its branch."""
        lost = replace(propose("top")[0], id=ProposalId("lost"), commit=CommitId("1" * 40))
        with pytest.raises(GitError, match=r"'lost': its commit 111111111111 is gone .*branch top"):
            trees.pin(root, [lost, *propose("bottom")])

    def test_a_copy_is_private_and_writable(
        self, trees: Trees, propose: Any, root: Any, tmp_path: Path
    ) -> None:
        """What a trial writes into its folder is not seen by the next trial of the same tree."""
        tree = trees.tree(root, propose("top"))
        assert isinstance(tree, str)
        trees.materialise(tree, tmp_path / "one")
        (tmp_path / "one" / "train.py").write_text("broken", encoding="utf-8")
        (tmp_path / "one" / "new").mkdir()
        trees.materialise(tree, tmp_path / "two")
        assert (tmp_path / "two" / "train.py").read_text(encoding="utf-8") == with_line(1, "top")
        assert not (tmp_path / "two" / "new").exists()

    def test_modes_and_links_survive(
        self, trees: Trees, propose: Any, root: Any, tmp_path: Path
    ) -> None:
        """Executable files stay executable, symbolic links stay links."""
        trees.materialise(trees.tree(root, propose("top")), tmp_path / "out")
        assert os.access(tmp_path / "out" / "run.sh", os.X_OK)
        assert not (tmp_path / "out" / "train.py").stat().st_mode & 0o111
        assert (tmp_path / "out" / "link").readlink().as_posix() == "train.py"

    def test_a_used_folder_is_refused(
        self, trees: Trees, propose: Any, root: Any, tmp_path: Path
    ) -> None:
        """A tree never mixes with other files."""
        (tmp_path / "mine").write_text("", encoding="utf-8")
        with pytest.raises(FileExistsError):
            trees.materialise(trees.tree(root, propose("top")), tmp_path)


class TestGitTrees(TreesSuite):
    """The adapter of `mainstem.gitrepo`."""

    @pytest.fixture
    def trees(self, world: Any, tmp_path: Path) -> Trees:
        """Trees with nothing cached."""
        return GitTrees(open_repository(world.path), tmp_path / "state")

    def test_many_recipes_at_once_are_the_same_trees(
        self, trees: Trees, propose: Any, root: Any, world: Any, tmp_path: Path
    ) -> None:
        """Clean ones, conflicts, repeats, the trunk itself, beginnings of others; and none."""
        names = [
            (),
            ("top", "bottom"),
            ("top",),
            ("top", "bottom", "other-top", "gone"),
            ("bottom", "gone"),
            ("off-trunk", "gone"),
            ("top", "bottom"),
            ("top", "bottom", "größe", "gone"),
        ]
        recipes = [propose(*each) for each in names]
        alone = GitTrees(open_repository(world.path), tmp_path / "alone")
        for _ in range(2):
            assert trees.trees(root, recipes) == [alone.tree(root, r) for r in recipes]
        assert trees.trees(root, []) == []


class TestGitTreesAgain(TreesSuite):
    """The same adapter when all of it was asked before, by another process so to speak."""

    @pytest.fixture
    def trees(self, world: Any, tmp_path: Path, root: CommitId, propose: Any) -> Trees:
        """Trees that find their steps on disk."""
        GitTrees(open_repository(world.path), tmp_path / "state").conflicts(root, propose(*CHANGES))
        return GitTrees(open_repository(world.path), tmp_path / "state")


@pytest.fixture(scope="module")
def pruned(tmp_path_factory: pytest.TempPathFactory) -> _Repo:
    """A repository that has lost all branches but the trunk, and a state that knew them."""
    folder = tmp_path_factory.mktemp("pinned")
    repo = _build(folder / "repo")
    members = _members(repo, *CHANGES)
    GitTrees(open_repository(repo.path), folder / "state").pin(
        CommitId(repo.git("rev-parse", "main")), members
    )
    repo.git("branch", "--quiet", "-D", *CHANGES)
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    for commit in repo.commits.values():
        with pytest.raises(subprocess.CalledProcessError):
            repo.git("cat-file", "-e", commit)
    return repo


class TestGitTreesPinned(TreesSuite):
    """The same adapter when every branch was pinned, deleted and pruned: nothing is missing."""

    @pytest.fixture
    def world(self, pruned: _Repo) -> Any:
        """What is left of the repository; the suite takes it for whole."""
        return pruned

    @pytest.fixture
    def trees(self, pruned: _Repo) -> Trees:
        """Trees on what is left."""
        return GitTrees(open_repository(pruned.path), pruned.path.parent / "state")


class _Repo:
    """Just enough of a repository: the shared fixture makes one per test, here one per class is.

    Attributes:
        path: The work tree.
        base: The commit that every branch starts from.
        commits: The commit of every branch, by its name.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.base = ""
        self.commits: dict[str, str] = {}

    def git(self, *words: str, stdin: bytes = b"") -> str:
        """Runs git and returns what it says."""
        done = subprocess.run(
            ["git", "-C", str(self.path), *words], input=stdin, capture_output=True, check=True
        )
        return done.stdout.decode().strip()


def _members(repo: _Repo, *names: str) -> list[Proposal]:
    """The proposals of some branches."""
    return [
        Proposal(
            id=ProposalId(name),
            branch=name,
            commit=CommitId(repo.commits[name]),
            base=CommitId(repo.base),
            tree=None,
            components=(),
            order=list(CHANGES).index(name),
        )
        for name in names
    ]


def _build(path: Path) -> _Repo:
    path.mkdir()
    repo = _Repo(path)
    repo.git("init", "--quiet", "--initial-branch=main")
    base = {"train.py": "".join(TWENTY), "old.txt": "old\n", "t.txt": "a\nb\nc\n"}
    for name, text in base.items():
        (path / name).write_text(text, encoding="utf-8")
    (path / "run.sh").write_text("#!/bin/sh\n", encoding="utf-8")
    (path / "run.sh").chmod(0o755)
    (path / "link").symlink_to("train.py")
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--message=base")
    repo.base = repo.git("rev-parse", "HEAD")
    for branch, files in CHANGES.items():
        repo.git("checkout", "--quiet", "-b", branch, "main")
        for name, content in files.items():
            file = path / name
            if content is None:
                file.unlink()
            else:
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(content.encode() if isinstance(content, str) else content)
        repo.git("add", "--all")
        repo.git("commit", "--quiet", "--message", branch)
        repo.commits[branch] = repo.git("rev-parse", "HEAD")
    repo.git("checkout", "--quiet", "main")
    (path / "trunk.txt").write_text("the trunk's\n", encoding="utf-8")
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "--message=trunk")
    return repo
