from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from mainstem.domain.stack import Component
from mainstem.gitrepo.components import _changes_name, components_of

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


CODE = [
    b"def h():\n",
    b" pass\n",
    b"class h:\n",
    b"if a:\n",
    b"elif a:\n",
    b"else:\n",
    b"try:\n",
    b"x = ",
    b"1\n",
    b"(",
    b")",
    b"-" * 2000,
    b"()" * 1500,
    b"not " * 2000,
    b"if a:\n pass\n" + b"elif a:\n pass\n" * 900,
    b"\0",
    b"\xff",
    b"# -*- coding: none -*-\n",
    b"lambda:" * 300,
    b"@",
    b"'\\d'\n",
    b"match x:\n case 1:\n  ",
]


@pytest.mark.fuzz
@given(st.binary(max_size=40) | st.lists(st.sampled_from(CODE), max_size=6).map(b"".join))
def test_no_code_breaks_the_reader(source: bytes) -> None:
    """A contributor's file says whether a name is touched, however deep, odd or broken it is."""
    assert _changes_name(source, "h", frozenset({1})) in {True, False}


def test_a_definition_is_found_behind_deep_code() -> None:
    """Depth that no reader of ours follows word by word."""
    deep = b"x = f" + b"()" * 1200 + b"\n" + b"if a:\n pass\n" + b"elif a:\n pass\n" * 600
    last = deep.count(b"\n") + 2
    assert _changes_name(deep + b"def h():\n pass\n", "h", frozenset({last}))
    assert not _changes_name(deep + b"def h():\n pass\n", "h", frozenset({1}))
