"""Repositories with a stack in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import GitRepo, MakeGitRepo

STACK = """
[stack]
trunk = "main"
command = "sh train.sh {seed}"
[[objectives]]
name = "loss"
margin = 0.03
"""


@pytest.fixture
def repo(git_repo: MakeGitRepo) -> GitRepo:
    """A trunk with a stack, and two branches: `clip` and `deeper`."""
    repo = git_repo()
    repo.commit({"mainstem.toml": STACK, "clip": "off\n", "depth": "4\n"}, "the stack")
    for name, change in (("clip", {"clip": "on\n"}), ("deeper", {"depth": "6\n"})):
        repo.branch(name)
        repo.commit(change)
    repo.checkout("main")
    return repo
