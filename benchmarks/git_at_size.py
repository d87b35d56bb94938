"""Git at size: 5,000 files, 100 open branches, recipes of 20 of them.

Each figure is a median over repeats on fresh state folders (cold), or on one that knows the rest
(one branch changed, a known recipe). A tree is ready when a trial could start in it: held, where
trials share trees (as root), or copied.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstem.domain.proposal import Conflict, Proposal, ProposalId, TreeId
from mainstem.executors import overlay
from mainstem.gitrepo.repository import open_repository
from mainstem.gitrepo.trees import GitTrees

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mainstem.gitrepo.repository import Repository

FILES, BRANCHES, MEMBERS = 5_000, 100, 20
GOALS_S = {
    "all pairs, cold": 6.0,
    "all pairs, one branch changed": 0.5,
    "a new recipe": 0.5,
    "a known recipe": 0.05,
}


def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
    """Seconds of each."""
    shutil.rmtree(folder, ignore_errors=True)
    repository = _repository(folder / "stack", 500 if quick else FILES)
    members = [_proposal(repository, number) for number in range(BRANCHES)]
    root = repository.trunk("main")
    took: dict[str, list[float]] = {name: [] for name in GOALS_S}
    took["a known recipe, copied"] = []
    for repeat in range(1 if quick else 5):
        trees = GitTrees(repository, folder / f"state-{repeat}")
        with _timed(took["all pairs, cold"]):
            found = trees.conflicts(root, members)
        if len(found) != BRANCHES // 2:
            raise RuntimeError(f"{len(found)} conflicts, and {BRANCHES // 2} were made")
        changed = _changed(repository, members[repeat])
        with _timed(took["all pairs, one branch changed"]):
            trees.conflicts(root, [*members[:repeat], changed, *members[repeat + 1 :]])
        trees.materialise(trees.merger.tree_of(root), folder / f"trunk-{repeat}")
        # Every second branch, so that none of them meets the one that it conflicts with.
        recipe = members[repeat % 2 : 2 * MEMBERS : 2]
        with _timed(took["a new recipe"]):
            _start(trees, _merged(trees, root, recipe), folder / f"new-{repeat}")
        with _timed(took["a known recipe"]):
            _start(trees, _merged(trees, root, recipe), folder / f"known-{repeat}")
        with _timed(took["a known recipe, copied"]):
            trees.materialise(_merged(trees, root, recipe), folder / f"copied-{repeat}")
    return {
        "median_s": {name: statistics.median(each) for name, each in took.items()},
        "files": 500 if quick else FILES,
        "shared": os.geteuid() == 0,
    }


@contextlib.contextmanager
def _timed(into: list[float]) -> Iterator[None]:
    start_s = time.perf_counter()
    yield
    into.append(time.perf_counter() - start_s)


def _merged(trees: GitTrees, root: Any, recipe: Sequence[Proposal]) -> TreeId:
    tree = trees.tree(root, recipe)
    if isinstance(tree, Conflict):
        raise TypeError(f"{sorted(tree.proposals)} conflict in {tree.paths}")
    return tree


def _start(trees: GitTrees, tree: TreeId, into: Path) -> None:
    """Does with a tree what comes before a trial starts in it."""
    into.mkdir()
    with trees.held(tree) as shared:
        if shared is None or os.geteuid() != 0:
            trees.materialise(tree, into / "tree")
            return
        for name in ("upper", "work", "tree"):
            (into / name).mkdir()
        _in_a_child(
            lambda: overlay.lay(
                {name: str(into / name) for name in ("upper", "work", "tree")}
                | {"lower": str(shared)}
            )
        )


def _in_a_child(do: Callable[[], None]) -> None:
    """Does it in a fork, whose mounts go with it, as those of a keeper do."""
    child = os.fork()
    if child == 0:
        try:
            do()
            os._exit(0)
        finally:
            os._exit(1)
    if os.waitpid(child, 0)[1] != 0:
        raise OSError("the overlay could not be mounted")


def _repository(path: Path, files: int) -> Repository:
    """A trunk of so many files, and branches of which each pair of neighbours conflicts."""
    path.mkdir(parents=True)
    who = "committer bench <bench@example.org> 0 +0000\ndata 1\nx\n"
    text = "".join(f"line {number}\n" for number in range(20))
    out = [f"blob\nmark :1\ndata {len(text)}\n{text}\n", f"commit refs/heads/main\nmark :2\n{who}"]
    out += [f"M 100644 :1 {_name(number)}\n" for number in range(files)]
    for number in range(BRANCHES):
        theirs = text.replace("line 9\n", f"changed by {number}\n")
        out.append(f"commit refs/heads/b{number}\n{who}from :2\n")
        for name in (_name(number // 2), f"new/file-{number}.py"):
            out.append(f"M 100644 inline {name}\ndata {len(theirs)}\n{theirs}\n")
    for words in (["init", "-q", "-b", "main"], ["fast-import", "--quiet"], ["reset", "-q"]):
        given = "".join(out).encode() if words[0] == "fast-import" else None
        subprocess.run(["git", *words], cwd=path, input=given, check=True)
    return open_repository(path)


def _name(number: int) -> str:
    return f"package-{number % 50}/module-{number}.py"


def _proposal(repository: Repository, number: int, branch: str = "") -> Proposal:
    name = branch or f"b{number}"
    return Proposal(
        id=ProposalId(name),
        branch=name,
        commit=repository.resolve_branch(name),
        base=repository.trunk("main"),
        tree=None,
        components=(),
        order=number,
    )


def _changed(repository: Repository, proposal: Proposal) -> Proposal:
    """The proposal after another push to its branch."""
    name = f"{proposal.branch}-again"
    with tempfile.TemporaryDirectory() as scratch:
        env = {**os.environ, "GIT_INDEX_FILE": str(Path(scratch, "index"))}

        def git(*words: str, given: str | None = None) -> str:
            done = subprocess.run(
                ["git", "-c", "user.name=bench", "-c", "user.email=bench@example.org", *words],
                cwd=repository.top,
                env=env,
                input=given,
                capture_output=True,
                check=True,
                text=True,
            )
            return done.stdout.strip()

        git("read-tree", proposal.commit)
        blob = git("hash-object", "-w", "--stdin", given="once more\n")
        git("update-index", "--add", "--cacheinfo", f"100644,{blob},new/{name}.py")
        commit = git("commit-tree", "-p", proposal.commit, "-m", "x", git("write-tree"))
        git("branch", name, commit)
    return _proposal(repository, proposal.order, name)


def table(figures: dict[str, Any]) -> str:
    """The figures as text."""
    how = "laid over shared ones" if figures["shared"] else "copied"
    lines = [f"{figures['files']:,} files, {BRANCHES} branches; trees {how}"]
    for name, took_s in figures["median_s"].items():
        goal_s = GOALS_S.get(name)
        kept = "" if goal_s is None else f"  (goal {goal_s} s)"
        lines.append(f"  {name:30} {took_s:7.3f} s{kept}")
    return "\n".join(lines)
