"""The tree of the executors' suite as a pack, for executors that send it somewhere."""

from __future__ import annotations

import pytest
from tests.ports.test_executors import TREE, write_tree

from mainstem.gitrepo.git import Git
from mainstem.gitrepo.packs import pack_tree


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The pack of the suite's tree, as git makes it."""
    folder = tmp_path_factory.mktemp("packed")
    write_tree(TREE, folder)
    git = Git(folder)
    git.run("init", "--quiet")
    git.run("add", "--all")
    assert git.text("write-tree") == TREE
    return pack_tree(git, TREE)
