from __future__ import annotations

from typing import Any

import pytest

from mainstem.domain.errors import UsageError
from mainstem.gitrepo.intake import take


def test_the_facts_of_a_branch(stage: Any) -> None:
    """Commit, base, tree alone on the trunk, and the files it changes."""
    base = stage.root
    commit = stage.branch("größe", {"train.py": "x\n", "ü.txt": "y\n"})
    stage.user.commit({"trunk.txt": "t\n"})
    trees = stage.trees()
    taken = take(stage.repository, trees, "größe", trunk=stage.root)
    assert (taken.branch, taken.commit, taken.base) == ("größe", commit, base)
    assert taken.paths == ("train.py", "ü.txt")
    assert taken.tree == trees.tree(stage.root, [stage.proposal("größe")])
    assert taken.conflict_paths == ()


def test_a_conflict_with_the_trunk_is_a_fact(stage: Any) -> None:
    """The branch is taken, without a tree."""
    stage.branch("late", {"train.py": "mine\n"})
    stage.user.commit({"train.py": "theirs\n"})
    taken = take(stage.repository, stage.trees(), "late", trunk=stage.root)
    assert taken.tree is None
    assert taken.conflict_paths == ("train.py",)


def test_twins_have_one_tree(stage: Any) -> None:
    """The same change on two branches is no error: the trees tell."""
    stage.branch("one", {"a": "1"})
    stage.branch("two", {"a": "1"}, start="one~1")
    trees = stage.trees()
    one, two = (take(stage.repository, trees, n, trunk=stage.root) for n in ("one", "two"))
    assert one.tree == two.tree


def merged_by_hand(stage: Any) -> None:
    """A branch that is part of the trunk."""
    stage.branch("odd", {"a": "1"})
    stage.user.git("merge", "--quiet", "--no-ff", "odd")


def stranger(stage: Any) -> None:
    """A branch without common history."""
    stage.user.git("checkout", "--quiet", "--orphan", "odd")
    stage.user.commit({"a": "1"})
    stage.user.checkout("main")


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda stage: stage.branch("old", {"a": "1"}), "no such branch: 'odd'; did you mean"),
        (lambda stage: stage.branch("odd", {}), "changes nothing"),
        (lambda stage: stage.user.git("branch", "odd"), "is part of the trunk already"),
        (merged_by_hand, "is part of the trunk already"),
        (stranger, "shares no history with the trunk"),
        (lambda stage: stage.branch("odd", {"mainstem.toml": "x", "a": "1"}), "rules"),
    ],
)
def test_what_cannot_be_a_proposal(stage: Any, prepare: Any, said: str) -> None:
    """Each reason is one line that names the branch."""
    prepare(stage)
    with pytest.raises(UsageError, match=said) as caught:
        take(stage.repository, stage.trees(), "odd", trunk=stage.root)
    assert "\n" not in str(caught.value)
    assert "'odd'" in str(caught.value)


def test_a_change_that_the_trunk_has_by_now_changes_nothing(stage: Any) -> None:
    """What counts is the merged tree, not the branch's own difference."""
    stage.branch("odd", {"a": "1"})
    stage.user.commit({"a": "1", "b": "2"})
    with pytest.raises(UsageError, match="changes nothing"):
        take(stage.repository, stage.trees(), "odd", trunk=stage.root)


def test_a_stack_file_elsewhere_is_just_a_file(stage: Any) -> None:
    """Only the one at the repository's top holds the rules."""
    stage.branch("fine", {"examples/mainstem.toml": "x"})
    assert take(stage.repository, stage.trees(), "fine", trunk=stage.root).tree
