from __future__ import annotations

from typing import Any

import pytest

from mainstem.domain.stack import Component
from mainstem.gitrepo.components import components_of

SOURCE = """\
import os


def helper():
    return 1


@dataclass
class Optimizer:
    lr = 1

    def step(self):
        return 2

    def reset(self):
        return 3


if os.name == "posix":
    def clock():
        return 4
"""

NAMED = [
    Component(name="helper", globs=("train.py:helper",)),
    Component(name="optimizer", globs=("src/**", "train.py:Optimizer")),
    Component(name="step", globs=("train.py:Optimizer.step",)),
    Component(name="clock", globs=("*.py:clock",)),
    Component(name="all", globs=("train.py",)),
]


@pytest.mark.parametrize(
    ("old", "new", "touched"),
    [
        ("return 1", "return 9", ("helper", "all")),
        ("return 2", "return 9", ("optimizer", "step", "all")),
        ("return 3", "return 9", ("optimizer", "all")),
        ("@dataclass", "@dataclass(frozen=True)", ("optimizer", "all")),
        ("    lr = 1\n", "", ("optimizer", "all")),
        ("return 4", "return 9", ("clock", "all")),
        ("import os", "import os, sys", ("all",)),
        ("def helper", "def other", ("helper", "all")),
        ("class Optimizer", "class Sgd", ("optimizer", "all")),
        ("return 1\n", "return 1\n\n\ndef added():\n    pass\n", ("all",)),
        ("return 1", "return (", ("helper", "optimizer", "step", "clock", "all")),
    ],
)
def test_named_definitions(stage: Any, old: str, new: str, touched: tuple[str, ...]) -> None:
    """Lines of a class or function of either side; a text that does not parse counts whole."""
    base = stage.user.commit({"train.py": SOURCE})
    commit = stage.branch("edit", {"train.py": SOURCE.replace(old, new, 1)})
    assert components_of(NAMED, stage.repository, base, commit) == touched


def test_added_removed_and_changed_mode(stage: Any) -> None:
    """A definition that comes or goes is touched; of a bare change of mode nothing is known."""
    base = stage.user.commit({"train.py": SOURCE})
    gone = stage.branch("gone", {"train.py": None})
    assert components_of(NAMED, stage.repository, base, gone)[0] == "helper"
    assert components_of(NAMED, stage.repository, gone, base)[0] == "helper"
    stage.user.git("update-index", "--chmod=+x", "train.py")
    stage.user.git("commit", "--quiet", "--message=mode")
    assert "clock" in components_of(NAMED, stage.repository, base, stage.root)


def test_a_source_with_odd_escapes_does_not_warn(stage: Any) -> None:
    """Another's code is parsed in silence (warnings are errors here)."""
    base = stage.user.commit({"train.py": "def helper():\n    return '\\d'\n"})
    commit = stage.branch("edit", {"train.py": "def helper():\n    return '\\dd'\n"})
    assert components_of(NAMED, stage.repository, base, commit) == ("helper", "all")


def test_what_is_in_no_component(stage: Any) -> None:
    """No component, in words: nothing."""
    commit = stage.branch("doc", {"docs/ü.md": "x"})
    assert components_of(NAMED, stage.repository, stage.root, commit) == ()
