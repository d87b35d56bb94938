from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import GitError
from mainstem.domain.proposal import CommitId, TreeId
from mainstem.gitrepo.steps import Step, Steps, step_key

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = (CommitId(letter * 40) for letter in "abc")
CLEAN = Step(tree=TreeId("d" * 40))
CONFLICT = Step(tree=None, paths=("ü", "new\nline", "\udce9"))


def test_steps_outlive_the_process(tmp_path: Path) -> None:
    """What was put is there for the next, with odd paths; later lines win."""
    steps = Steps(tmp_path / "steps")
    steps.put({"1": CLEAN, "2": CONFLICT})
    steps.put_commit("1", A)
    again = Steps(tmp_path / "steps")
    assert again.get("1") == Step(tree=CLEAN.tree, commit=A)
    assert again.get("2") == CONFLICT
    assert again.get("3") is None


def test_a_line_cut_short_is_skipped(tmp_path: Path) -> None:
    """A kill while writing loses that step, and at most the next one."""
    file = tmp_path / "steps"
    Steps(file).put({"1": CLEAN, "2": CLEAN})
    for end in range(len(file.read_bytes())):
        torn = tmp_path / "torn"
        torn.write_bytes(file.read_bytes()[:end])
        Steps(torn).put({"3": CLEAN})
        Steps(torn).put({"4": CONFLICT})
        assert Steps(torn).get("4") == CONFLICT
        assert Steps(torn).get("1") in {None, CLEAN}


def test_a_key_is_the_whole_recipe() -> None:
    """Another git, root, member or order is another step."""
    keys = [
        step_key("2.39.5", A, [B, C]),
        step_key("2.40.0", A, [B, C]),
        step_key("2.39.5", A, [C, B]),
        step_key("2.39.5", B, [A, C]),
        step_key("2.39.5", A, [B]),
        step_key("2.39.5", A, []),
    ]
    assert len(set(keys)) == len(keys)
    assert step_key("2.39.5", A, [B, C]) == keys[0]


def test_a_place_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """Neither reading nor writing fails with a traceback."""
    with pytest.raises(GitError, match="cannot be read"):
        Steps(tmp_path)
    with pytest.raises(GitError, match="cannot be written"):
        Steps(tmp_path / "no" / "steps").put({"1": CLEAN})
