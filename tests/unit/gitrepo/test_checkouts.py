from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import TreeId
from mainstem.gitrepo.checkouts import MANY_FILES

if TYPE_CHECKING:
    from pathlib import Path


def tree_with(stage: Any, name: str) -> TreeId:
    """The tree of a branch with one more file."""
    stage.branch(name, {f"{name}.txt": name})
    return TreeId(stage.user.git("rev-parse", f"{name}^{{tree}}"))


def kept(checkouts: Any) -> set[str]:
    """The trees in the cache."""
    return {entry.name for entry in checkouts.folder.iterdir() if "." not in entry.name}


def test_files_come_out_as_git_stores_them(stage: Any, tmp_path: Path) -> None:
    """No line endings, keywords, encodings, filters or `export-ignore` change what a trial sees."""
    stage.user.git("config", "filter.loud.smudge", "tr a-z A-Z")
    stage.user.git("config", "core.autocrlf", "true")
    attributes = (
        "* text eol=crlf ident export-ignore filter=loud\nbin working-tree-encoding=UTF-16\n"
    )
    files = {"a.txt": "$Id$\nlow\n", "bin": "x\n", "sub/.gitattributes": "* eol=crlf\n"}
    raw = {name: content.encode() for name, content in files.items()}
    # Written past git's own conversions, as another tool or an older git would have.
    blobs = {}
    for name, content in {**raw, ".gitattributes": attributes.encode()}.items():
        (tmp_path / "blob").write_bytes(content)
        blobs[name] = stage.user.git(
            "hash-object", "-w", "--no-filters", "--", str(tmp_path / "blob")
        )
    rows = [f"100644,{blob},{name}" for name, blob in blobs.items()]
    for row in rows:
        stage.user.git("update-index", "--add", "--cacheinfo", row)
    tree = TreeId(stage.user.git("write-tree"))
    stage.trees().materialise(tree, tmp_path / "out")
    assert {name: (tmp_path / "out" / name).read_bytes() for name in raw} == raw


def test_the_cache_is_bounded_and_drops_the_oldest(stage: Any, tmp_path: Path) -> None:
    """What was used last stays; nothing but whole trees and their locks is left."""
    trees = stage.trees(keep=2)
    a, b, c = (tree_with(stage, name) for name in "abc")
    for at, tree in enumerate([a, b, a, c]):
        trees.materialise(tree, tmp_path / str(at))
    assert kept(trees.checkouts) == {a, c}
    assert {entry.name for entry in trees.checkouts.folder.iterdir()} == {
        name for tree in (a, c) for name in (tree, f"{tree}.lock")
    }
    trees.materialise(b, tmp_path / "again")
    assert (tmp_path / "again" / "b.txt").read_text(encoding="utf-8") == "b"


def test_a_tree_in_use_is_never_dropped(stage: Any, tmp_path: Path) -> None:
    """However small the cache and however old the tree."""
    trees = stage.trees(keep=1)
    a, b, c = (tree_with(stage, name) for name in "abc")
    with trees.checkouts.using(a) as folder:
        for tree in (b, c):
            stage.trees(keep=1).materialise(tree, tmp_path / tree)
        assert (folder / "a.txt").exists()
    trees.materialise(b, tmp_path / "last")
    assert kept(trees.checkouts) == {b}


def test_leftovers_of_a_kill_are_never_used(stage: Any, tmp_path: Path) -> None:
    """A half-written tree lies under another name, and is cleared away."""
    trees = stage.trees()
    folder = trees.checkouts.folder
    a, b = (tree_with(stage, name) for name in "ab")
    for name in (f"{a}.making", f"{a}.dropping", f"{b}.making"):
        (folder / name / "files").mkdir(parents=True)
        (folder / name / "index.lock").write_text("half", encoding="utf-8")
    trees.materialise(a, tmp_path / "out")
    assert (tmp_path / "out" / "train.py").exists()
    assert {entry.name for entry in folder.iterdir()} == {a, f"{a}.lock"}


def test_a_kill_at_any_moment_leaves_no_half_tree(stage: Any, tmp_path: Path) -> None:
    """A process that dies while git writes files leaves nothing under the tree's name."""
    tree = tree_with(stage, "a")
    stage.trees()
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from mainstem.gitrepo.git import Git\n"
        "from mainstem.gitrepo.repository import open_repository\n"
        "from mainstem.gitrepo.trees import GitTrees\n"
        "run = Git.run\n"
        "def dying(self, *words, **more):\n"
        "    done = run(self, *words, **more)\n"
        "    if words[0] == 'checkout-index':\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return done\n"
        "Git.run = dying\n"
        "trees = GitTrees(open_repository(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "trees.materialise(sys.argv[3], Path(sys.argv[4]))\n"
    )
    state = stage.state / "state"
    words = [str(stage.user.path), str(state), tree, str(tmp_path / "killed")]
    done = subprocess.run([sys.executable, "-c", script, *words], check=False)
    assert done.returncode == -signal.SIGKILL
    assert (state / "trees" / f"{tree}.making").exists()
    assert not (state / "trees" / tree).exists()
    stage.trees().materialise(tree, tmp_path / "out")
    assert (tmp_path / "out" / "a.txt").exists()


def test_processes_share_one_cache(stage: Any, tmp_path: Path) -> None:
    """Three at once, with room for one tree: every copy is whole."""
    wanted = [tree_with(stage, name) for name in "ab"] * 3
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from mainstem.gitrepo.repository import open_repository\n"
        "from mainstem.gitrepo.trees import GitTrees\n"
        "trees = GitTrees(open_repository(Path(sys.argv[1])), Path(sys.argv[2]), keep=1)\n"
        "for at, tree in enumerate(sys.argv[4:]):\n"
        "    trees.materialise(tree, Path(sys.argv[3]) / f'{os.getpid()}-{at}')\n"
    )
    words = [str(stage.user.path), str(stage.state / "state"), str(tmp_path / "out"), *wanted]
    workers = [subprocess.Popen([sys.executable, "-c", script, *words]) for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0] * 3
    copies = list((tmp_path / "out").iterdir())
    assert len(copies) == 18
    assert all(len([f for f in copy.rglob("*") if f.is_file()]) == 4 for copy in copies)


def test_a_tree_of_nowhere_is_said(stage: Any, tmp_path: Path) -> None:
    """The error says that the recipe must be merged again; nothing is left."""
    trees = stage.trees()
    with pytest.raises(GitError, match="is not known in"):
        trees.materialise(TreeId("1" * 40), tmp_path / "out")
    assert kept(trees.checkouts) == set()


def test_a_full_disk_is_said(stage: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the place; the cache stays whole."""
    trees = stage.trees()
    tree = tree_with(stage, "a")
    full = OSError(28, "No space left on device")

    def fail(*_: Any, **__: Any) -> None:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr("os.sendfile", fail)
        with pytest.raises(GitError, match=r"cannot be written to .*out: .*No space left"):
            trees.materialise(tree, tmp_path / "out")
    trees.materialise(tree, tmp_path / "better")
    assert (tmp_path / "better" / "a.txt").exists()


def test_no_room_at_all_is_refused(stage: Any) -> None:
    """A cache of no tree could not serve anybody."""
    with pytest.raises(ValueError, match="keep is 0"):
        stage.trees(keep=0)


@pytest.mark.parametrize("seed", range(8))
def test_a_tree_beside_another_comes_out_as_if_it_were_alone(
    stage: Any, tmp_path: Path, seed: int
) -> None:
    """Files, folders in their place and back, links, modes, odd names: none of the other's."""
    rng = random.Random(seed)
    names = ["a", "a/b", "a/b/c", "d", "d/ä", "e\nf", "e\nf/g", "h.py", "d/i/j", "k"]

    def some_tree() -> TreeId:
        stage.user.git("read-tree", "--empty")
        for name in rng.sample(names, 6):
            text = rng.choice(["one", "two", "three"])
            (tmp_path / "blob").write_text(text, encoding="utf-8")
            blob = stage.user.git("hash-object", "-w", "--", str(tmp_path / "blob"))
            mode = rng.choice(["100644", "100755", "120000"])
            # `--replace` drops whatever is in the way of this path.
            stage.user.git("update-index", "--add", "--replace", "--cacheinfo", mode, blob, name)
        return TreeId(stage.user.git("write-tree"))

    many = [some_tree() for _ in range(4)]
    shared = stage.trees()
    for at, tree in enumerate(many):
        shared.materialise(tree, tmp_path / f"{at}-shared")
    for at, tree in enumerate(many):
        alone = stage.trees(keep=1)
        shutil.rmtree(alone.checkouts.folder)
        alone.checkouts.folder.mkdir()
        alone.materialise(tree, tmp_path / f"{at}-alone")
        assert contents(tmp_path / f"{at}-shared") == contents(tmp_path / f"{at}-alone")


def tree_of(stage: Any, files: dict[str, str]) -> TreeId:
    """The tree of the trunk with some more files."""
    return TreeId(stage.user.git("rev-parse", f"{stage.user.commit(files)}^{{tree}}"))


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder below, with its mode and what it holds."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink():
            held = os.fsencode(path.readlink())
        else:
            held = path.read_bytes() if path.is_file() else b""
        found[str(path.relative_to(folder))] = (path.lstat().st_mode, held)
    return found


def test_kept_trees_share_what_they_have_in_common(stage: Any) -> None:
    """An unchanged file lies on the disk once; what differs does not."""
    trees = stage.trees()
    first = tree_of(stage, {"same.txt": "same", "other.txt": "before"})
    second = tree_of(stage, {"other.txt": "after"})
    with trees.checkouts.using(first) as one, trees.checkouts.using(second) as two:
        assert (one / "same.txt").samefile(two / "same.txt")
        assert (one / "other.txt").read_text(encoding="utf-8") == "before"
        assert (two / "other.txt").read_text(encoding="utf-8") == "after"


def test_only_large_trees_are_held(stage: Any) -> None:
    """A few files are copied as quickly as an overlay is mounted."""
    below = MANY_FILES - len(stage.user.git("ls-files").splitlines())
    few = tree_of(stage, {f"d/{at}": str(at) for at in range(below)})
    many = tree_of(stage, {"d/more": "1"})
    with stage.trees().held(few) as nothing, stage.trees().held(many) as folder:
        assert nothing is None
        assert (folder / "d" / "more").read_text(encoding="utf-8") == "1"
