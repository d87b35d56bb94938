from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from mainstem.domain.errors import GitError
from mainstem.gitrepo.merging import Member, Signature, advance
from mainstem.gitrepo.pins import PINS, give_back

if TYPE_CHECKING:
    from pathlib import Path

    from mainstem.domain.proposal import Proposal

WHO = Signature(name="Grace", email="grace@example.org", time_s=0)


def prune(user: Any, *branches: str) -> None:
    """Deletes branches and whatever they alone held."""
    user.git("branch", "--quiet", "-D", *branches)
    user.git("reflog", "expire", "--expire=now", "--all")
    user.git("gc", "--quiet", "--prune=now")


@pytest.fixture
def stacked(stage: Any) -> list[Proposal]:
    """Two proposals: one of two commits with a folder of its own, the second on top of it."""
    stage.branch("one", {"deep/er/a.txt": "a\n"})
    stage.branch("two", {"train.py": "two\n", "deep/er/b.txt": "b\n"}, start="one")
    return stage.proposals("one", "two")  # type: ignore[no-any-return]  # the stage is untyped


def test_pinning_only_reads_the_users_repository(stage: Any, stacked: list[Proposal]) -> None:
    """No object, ref, index entry or file is written there."""
    before = stage.fingerprint()
    stage.trees().pin(stage.root, stacked)
    assert stage.fingerprint() == before


def test_only_what_the_trunk_lacks_is_copied(stage: Any, stacked: list[Proposal]) -> None:
    """The trunk's history stays where it is; a second pin copies nothing more."""
    trees = stage.trees()
    trees.pin(stage.root, stacked)
    packs = sorted((trees.merger.objects / "pack").iterdir())
    held = trees.merger.ours().text("cat-file", "--batch-all-objects", "--batch-check").splitlines()
    kinds = [line.split()[1] for line in held]
    # two commits; the files a, b and train.py; a top, a `deep` and an `er` for each commit
    assert [kinds.count(kind) for kind in ("commit", "blob", "tree")] == [2, 3, 6]
    trees.pin(stage.root, stacked)
    assert sorted((trees.merger.objects / "pack").iterdir()) == packs


def test_a_clean_up_of_our_own_repository_keeps_pins(stage: Any, stacked: list[Proposal]) -> None:
    """Not even what the user's repository still has at that moment is dropped from ours."""
    trees = stage.trees()
    trees.pin(stage.root, stacked)
    refs = trees.merger.git.text("for-each-ref", "--format=%(refname)", PINS).splitlines()
    assert refs == sorted(PINS + member.commit for member in stacked)
    trees.merger.git.run("gc", "--quiet", "--prune=now")
    prune(stage.user, "one", "two")
    assert isinstance(stage.trees().tree(stage.root, stacked), str)


def test_a_pinned_set_merges_after_its_branches_were_pruned(
    stage: Any, stacked: list[Proposal], tmp_path: Path
) -> None:
    """The commits that were proposed come back, and the repository stands without ours."""
    trees = stage.trees()
    trees.pin(stage.root, stacked)
    tree = trees.tree(stage.root, stacked)
    prune(stage.user, "one", "two")
    old = stage.root
    moved = advance(
        stage.repository,
        stage.trees().merger,
        branch="main",
        expected=old,
        members=[Member(id=m.id, commit=m.commit, message=f"Merge {m.id}") for m in stacked],
        tree=tree,
        author=WHO,
        committer=WHO,
    )
    assert stage.user.git("rev-parse", "main") == moved.new
    second = stage.user.git("log", "--format=%P", "--first-parent", f"{old}..main").split()[1::2]
    assert second == [m.commit for m in reversed(stacked)]
    trees.merger.objects.rename(tmp_path / "away")
    assert stage.user.git("fsck", "--full", "--strict", "--connectivity-only") == ""
    assert (stage.user.path / "deep" / "er" / "b.txt").read_text(encoding="utf-8") == "b\n"
    assert stage.user.git("status", "--porcelain") == ""


def test_a_dry_run_brings_nothing_back(stage: Any, stacked: list[Proposal]) -> None:
    """What would be merged is worked out beside the repository."""
    trees = stage.trees()
    trees.pin(stage.root, stacked)
    tree = trees.tree(stage.root, stacked)
    prune(stage.user, "one", "two")
    before = stage.fingerprint()
    would = advance(
        stage.repository,
        trees.merger,
        branch="main",
        expected=stage.root,
        members=[Member(id=m.id, commit=m.commit, message="m") for m in stacked],
        tree=tree,
        author=WHO,
        committer=WHO,
        dry_run=True,
    )
    assert not would.moved
    assert stage.fingerprint() == before


def test_without_a_pin_a_pruned_commit_is_lost_and_named(
    stage: Any, stacked: list[Proposal]
) -> None:
    """The error says whose commit is gone and what brings it back."""
    prune(stage.user, "one", "two")
    with pytest.raises(GitError, match=r"'one': its commit .* bring the commit back"):
        stage.trees().pin(stage.root, stacked)


def test_nothing_is_given_back_while_the_branch_is_there(
    stage: Any, stacked: list[Proposal]
) -> None:
    """Where nothing was pruned, nothing is written."""
    trees = stage.trees()
    trees.pin(stage.root, stacked)
    before = stage.fingerprint()
    give_back(trees.merger, stage.root, [m.commit for m in stacked])
    assert stage.fingerprint() == before


_COMMIT = st.dictionaries(st.sampled_from("abcd"), st.text("xyz\n", max_size=8), max_size=3)
_COUNT = itertools.count()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    branches=st.lists(
        st.tuples(st.booleans(), st.lists(_COMMIT, min_size=1, max_size=3)), min_size=1, max_size=3
    )
)
def test_recipes_are_the_same_with_and_without_the_branches(
    empty_stage: Any, branches: list[tuple[bool, list[dict[str, str]]]]
) -> None:
    """For any branches, stacked or not: each recipe's tree or conflict outlives the pruning."""
    stage = empty_stage(f"any{next(_COUNT)}")
    user = stage.user
    user.commit({"a": "x\n", "b": "y\nz\n"}, "base")
    user.git("branch", "base")
    user.commit({"b": "y\nx\n", "d": "z\n"}, "the trunk goes on")
    names = [f"b{at}" for at in range(len(branches))]
    for at, (stacked, commits) in enumerate(branches):
        user.branch(names[at], names[at - 1] if stacked and at else "base")
        for files in commits:
            user.commit(files)
    user.checkout("main")
    user.git("branch", "--quiet", "-D", "base")
    members = stage.proposals(*names)
    recipes = [
        recipe
        for size in range(1, len(members) + 1)
        for recipe in itertools.combinations(members, size)
    ]
    before = [stage.trees("with").tree(stage.root, recipe) for recipe in recipes]
    stage.trees("without").pin(stage.root, members)
    prune(user, *names)
    assert [stage.trees("without").tree(stage.root, recipe) for recipe in recipes] == before
