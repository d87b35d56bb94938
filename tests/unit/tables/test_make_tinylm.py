from __future__ import annotations

from typing import TYPE_CHECKING

from tables import forks, make_tinylm

if TYPE_CHECKING:
    from pathlib import Path


def test_all_ten_proposals_merge_into_one_tree(tmp_path: Path) -> None:
    """The last corner of the cube exists: its files hold what the branches brought."""
    trees = forks.Trees(tmp_path, make_tinylm.PROPOSALS)
    run = (2 ** len(make_tinylm.PROPOSALS) - 1, 0)
    tree = trees.tree(run)
    model = (tree / "model.py").read_text(encoding="utf-8")
    assert "def rotate(" in model
    assert "self.recent" in model
    optim = (tree / "optim.py").read_text(encoding="utf-8")
    assert "class Muon" in optim
    assert "LEARNING_RATE = 8e-3" in optim
    trees.drop(run)
    assert not tree.exists()


def test_the_trunk_is_the_stack_itself(tmp_path: Path) -> None:
    """The empty recipe is the example's own files, unchanged."""
    tree = forks.Trees(tmp_path, make_tinylm.PROPOSALS).tree((0, 1))
    stack = forks.EXAMPLE / "stack"
    for file in stack.iterdir():
        if file.is_file():
            assert (tree / file.name).read_bytes() == file.read_bytes()
