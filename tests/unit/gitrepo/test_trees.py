from __future__ import annotations

import itertools
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings, strategies as st

from mainstem.domain.proposal import CommitId, Conflict, Proposal, ProposalId
from mainstem.gitrepo import trees as trees_module
from mainstem.gitrepo.repository import Repository, open_repository
from mainstem.gitrepo.trees import GitTrees

if TYPE_CHECKING:
    from pathlib import Path


def test_the_users_repository_is_only_read(stage: Any, tmp_path: Path) -> None:
    """Searching leaves no object, ref, index entry or file behind, wherever the state lies."""
    for name, line in (("one", "1"), ("two", "2"), ("three", "3")):
        stage.branch(name, {"train.py": f"{line}\n", f"{name}.txt": line})
    stage.branch("four", {"four.txt": "4"})
    before = stage.fingerprint()
    trees = stage.trees()
    members = stage.proposals("one", "four", "two", "three")
    assert len(trees.conflicts(stage.root, members)) == 3
    trees.materialise(trees.tree(stage.root, members[:2]), tmp_path / "out")
    assert stage.fingerprint() == before


def test_who_merges_nothing_reads_no_merges(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long campaign leaves thousands of lines, and most commands merge nothing."""
    stage.branch("one", {"one.txt": "1"})
    members = stage.proposals("one")
    tree = stage.trees().tree(stage.root, members)
    reading = trees_module.Steps
    monkeypatch.setattr(trees_module, "Steps", None)
    again = stage.trees()
    assert again.merger.tree_of(stage.root)
    monkeypatch.setattr(trees_module, "Steps", reading)
    monkeypatch.setattr(again.merger, "merge", None)
    assert again.tree(stage.root, members) == tree


def test_beginnings_are_shared(stage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A recipe that adds one member to a known one costs one merge, and none the second time."""
    for at in range(4):
        stage.branch(f"b{at}", {f"new{at}.txt": "x"})
    members = stage.proposals("b0", "b1", "b2", "b3")
    trees = stage.trees()
    trees.tree(stage.root, members[:3])
    merges: list[int] = []
    merge = trees.merger.merge
    monkeypatch.setattr(
        trees.merger, "merge", lambda root, pairs: merges.append(len(pairs)) or merge(root, pairs)
    )
    first = trees.tree(stage.root, members)
    assert (trees.tree(stage.root, members), sum(merges)) == (first, 1)
    again = stage.trees()
    monkeypatch.setattr(again.merger, "merge", None)
    assert again.tree(stage.root, members) == first


def test_stacked_branches_merge_as_git_would(stage: Any) -> None:
    """A branch on top of another meets it again: the merge base is the other, not the root."""
    stage.branch("lower", {"train.py": "lower\n"})
    stage.branch("upper", {"train.py": "upper\n"}, start="lower")
    lower, upper = stage.proposals("lower", "upper")
    trees = stage.trees()
    both = trees.tree(stage.root, [lower, upper])
    assert both == stage.user.git("rev-parse", "upper^{tree}")
    assert trees.tree(stage.root, [upper, lower]) == both
    assert trees.conflicts(stage.root, [lower, upper]) == []


def test_three_that_conflict_only_together(stage: Any) -> None:
    """Where every pair merges, all three are named and the innocent are not."""
    text = stage.user.git("show", "main:train.py") + "\n"

    def edited(first: int, last: int) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(
            f"quite another {at}\n" if first <= at <= last else line
            for at, line in enumerate(lines, start=1)
        )

    # git sees the rename while more than half of the file is as it was.
    stage.branch("rename", {"train.py": None, "moved.py": edited(1, 5)})
    stage.branch("middle", {"train.py": edited(8, 12)})
    stage.branch("end", {"train.py": edited(20, 20)})
    for name in ("w", "x", "y", "z"):
        stage.branch(name, {f"{name}.txt": "x"})
    members = stage.proposals("w", "rename", "x", "middle", "y", "end", "z")
    trees = stage.trees()
    assert trees.conflicts(stage.root, members) == []
    assert trees.tree(stage.root, members) == Conflict(
        proposals=frozenset({"rename", "middle", "end"}), paths=("train.py",)
    )


def test_a_batch_merges_in_the_order_of_proposing(
    stage: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the members are handed over, the batch learns the recipes that are asked later."""
    stage.branch("one", {"one.txt": "1"})
    stage.branch("two", {"two.txt": "2"})
    members = stage.proposals("one", "two")
    trees = stage.trees()
    assert trees.conflicts(stage.root, members[::-1]) == []
    monkeypatch.setattr(trees.merger, "merge", None)
    assert isinstance(trees.tree(stage.root, members), str)


def test_ids_are_the_same_everywhere(stage: Any) -> None:
    """No name, date or folder enters a recipe: a constant stands here for every machine."""
    stage.branch("one", {"one.txt": "1"})
    stage.branch("two", {"two.txt": "2"})
    members = stage.proposals("one", "two")
    trees = stage.trees()
    tree = trees.tree(stage.root, members)
    (commit,) = trees._starts(stage.root, [tuple(m.commit for m in members)]).values()
    text = trees.merger.git.text("cat-file", "commit", commit)
    assert text.splitlines()[0] == f"tree {tree}"
    assert "Ada" not in text
    assert "Grace" not in text
    other = stage.trees("elsewhere")
    other.tree(stage.root, members)
    assert list(other._starts(stage.root, [tuple(m.commit for m in members)]).values()) == [commit]


# --- Any repository: batch, chain and a real `git merge` say the same -----------------------------

BODY = [f"{number}\n" for number in range(12)]
START: dict[str, tuple[str, bytes]] = {
    "a.txt": ("100644", "".join(BODY).encode()),
    "d/b.txt": ("100644", b"b\n" * 9),
    "d/c ü.txt": ("100755", b"c\n" * 9),
    "d/new\nline": ("100644", b"n\n" * 9),
    "bin": ("100644", b"\0\1\2\3" * 9),
    "link": ("120000", b"a.txt"),
}
PATHS = [*START, "e/b.txt", "e", "d/x.txt", "caf\udce9"]

_OPERATIONS = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(PATHS), st.integers(0, 11)),
    st.tuples(st.just("delete"), st.sampled_from(PATHS), st.just(0)),
    st.tuples(st.just("add"), st.sampled_from(PATHS), st.integers(0, 2)),
    st.tuples(st.just("mode"), st.sampled_from(PATHS), st.just(0)),
    st.tuples(st.just("link"), st.sampled_from(PATHS), st.integers(0, 2)),
    st.tuples(st.just("binary"), st.sampled_from(PATHS), st.integers(0, 2)),
    st.tuples(st.just("rename"), st.sampled_from(PATHS), st.integers(0, len(PATHS) - 1)),
    st.tuples(st.just("folder"), st.just("d/"), st.just(0)),
)
_BRANCH = st.tuples(st.integers(0, 3), st.lists(_OPERATIONS, min_size=1, max_size=3))


def changed(
    files: dict[str, tuple[str, bytes]], operations: list[tuple[str, str, int]]
) -> dict[str, tuple[str, bytes]]:
    """The files after some operations; those that do not apply do nothing."""
    now = dict(files)
    for what, path, number in operations:
        mode, content = now.get(path, ("100644", b""))
        if what == "add":
            now[path] = ("100644", f"added {number}\n".encode() * 5)
        elif what == "link":
            now[path] = ("120000", f"target{number}".encode())
        elif what == "binary":
            now[path] = ("100644", b"\0" + bytes([number]) * 9)
        elif what == "folder":
            moved = {p: f for p, f in now.items() if p.startswith(path)}
            now = {p: f for p, f in now.items() if p not in moved}
            now |= {f"e/{p.removeprefix(path)}": f for p, f in moved.items()}
        elif path in now:
            del now[path]
            lines = content.splitlines(keepends=True)
            if what == "edit" and mode != "120000":
                at = min(number, len(lines) - 1)
                now[path] = (mode, b"".join([*lines[:at], b"edited\n", *lines[at + 1 :]]))
            elif what == "mode":
                now[path] = ("100644" if mode == "100755" else "100755", content)
            elif what == "rename":
                now[PATHS[number]] = (mode, content)
    # A path cannot be a file and a folder at once.
    return {p: f for p, f in now.items() if not any(q.startswith(f"{p}/") for q in now)}


def quoted(path: str) -> bytes:
    """A path as `git fast-import` reads it."""
    raw = path.encode("utf-8", "surrogateescape")
    return b'"' + b"".join(b"\\%03o" % byte for byte in raw) + b'"'


class Factory:
    """Makes the branches of many examples in one repository, a process each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("commit", "--quiet", "--allow-empty", "--message=first")
        self.repository: Repository = open_repository(path)
        self.count = itertools.count()

    def git(self, *words: str, stdin: bytes = b"", ok: tuple[int, ...] = (0,)) -> str:
        """Runs git as its user would."""
        done = subprocess.run(
            ["git", "-C", str(self.path), *words], input=stdin, capture_output=True, check=False
        )
        assert done.returncode in ok, done.stderr
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def build(self, specs: list[tuple[int, list[Any]]]) -> tuple[CommitId, list[Proposal]]:
        """A root, and a proposal per spec: which branch it starts from (0: the root), and edits."""
        example = next(self.count)
        stream: list[bytes] = [b"feature done\n"]
        states = [START]
        self._commit(stream, f"r{example}", None, {}, START)
        for at, (start, operations) in enumerate(specs):
            parent = start % len(states)
            states.append(changed(states[parent], operations))
            origin = f"r{example}" if parent == 0 else f"b{example}.{parent - 1}"
            self._commit(stream, f"b{example}.{at}", origin, states[parent], states[-1])
        names = [f"r{example}", *(f"b{example}.{at}" for at in range(len(specs)))]
        self.git("fast-import", "--quiet", stdin=b"".join([*stream, b"done\n"]))
        commits = self.git("rev-parse", *names).splitlines()
        proposals = [
            Proposal(
                id=ProposalId(f"p{at}"),
                branch=names[at + 1],
                commit=CommitId(commit),
                base=CommitId(commits[0]),
                tree=None,
                components=(),
                order=at,
            )
            for at, commit in enumerate(commits[1:])
        ]
        return CommitId(commits[0]), proposals

    def _commit(
        self,
        stream: list[bytes],
        branch: str,
        origin: str | None,
        old: dict[str, tuple[str, bytes]],
        new: dict[str, tuple[str, bytes]],
    ) -> None:
        stream.append(f"commit refs/heads/{branch}\ncommitter A <a@b> 1 +0000\n".encode())
        stream.append(b"data 1\nx\n")
        if origin is not None:
            stream.append(f"from refs/heads/{origin}\n".encode())
        stream += [b"D %s\n" % quoted(path) for path in old if path not in new]
        for path, (mode, content) in new.items():
            stream.append(b"M %s inline %s\n" % (mode.encode(), quoted(path)))
            stream.append(b"data %d\n%s\n" % (len(content), content))

    def really(self, root: CommitId, members: list[Proposal]) -> str | None:
        """What `git merge` makes of it in a work tree; None for a conflict."""
        self.git("checkout", "--quiet", "--force", "--detach", root)
        self.git("clean", "-ffdqx")
        for member in members:
            words = ("merge", "--quiet", "--no-ff", "--no-edit", member.commit)
            done = subprocess.run(
                ["git", "-C", str(self.path), *words], capture_output=True, check=False
            )
            if done.returncode:
                self.git("reset", "--quiet", "--hard")
                return None
        return self.git("rev-parse", "HEAD^{tree}")


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory) -> Factory:
    """One repository for all examples."""
    return Factory(tmp_path_factory.mktemp("any") / "repo")


@settings(max_examples=10)
@given(specs=st.lists(_BRANCH, min_size=2, max_size=3))
def test_batch_chain_and_git_itself_agree(
    factory: Factory, tmp_path_factory: pytest.TempPathFactory, specs: list[Any]
) -> None:
    """For any branches: renames, adds, deletes, modes, links, binaries, odd names, stacks."""
    root, members = factory.build(specs)
    home = tmp_path_factory.mktemp("state")
    batch = GitTrees(factory.repository, home / "batch")
    chain = GitTrees(factory.repository, home / "chain")
    chain.merger.has_batch = False
    found = {each.proposals: each for each in batch.conflicts(root, members)}
    guilty = {each for each in members if frozenset({each.id}) in found}
    for member in members:
        _same(chain.tree(root, [member]), found.get(frozenset({member.id})))
    for pair in itertools.combinations([m for m in members if m not in guilty], 2):
        tree = chain.tree(root, pair)
        _same(tree, found.get(frozenset(member.id for member in pair)))
        assert batch.tree(root, pair) == tree
        really = factory.really(root, list(pair))
        assert really == (tree if isinstance(tree, str) else None)


def _same(tree: str | Conflict, found: Conflict | None) -> None:
    """A conflict in the batch is the same conflict in the chain, and clean is clean."""
    if found is None:
        assert isinstance(tree, str)
    else:
        assert tree == found


@settings(max_examples=8)
@given(specs=st.lists(_BRANCH, min_size=4, max_size=6))
def test_a_conflict_is_a_smallest_one(
    factory: Factory, tmp_path_factory: pytest.TempPathFactory, specs: list[Any]
) -> None:
    """What is named cannot be merged, and can without any one of its members."""
    root, members = factory.build(specs)
    trees = GitTrees(factory.repository, tmp_path_factory.mktemp("state"))
    found = trees.tree(root, members)
    if isinstance(found, Conflict):
        named = [member for member in members if member.id in found.proposals]
        assert trees.tree(root, named) == found
        for part in itertools.combinations(named, len(named) - 1):
            assert isinstance(trees.tree(root, part), str)
