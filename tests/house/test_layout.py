"""Habits that hold for every file, and what `import mainstem` costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LIGHT = {"click", "moocore", "numpy", "rich", "scipy"}
"""What the core may depend on; why each: docs/decisions/0002-dependencies.md."""

# Spelt so that this file does not offend against itself.
_UNFINISHED = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME)\b")
_MACHINE = re.compile(r"(?<![\w.~}$*-])/(?:home|opt|root|work)" + r"/\w")
_NOQA = re.compile(r"#\s*noqa\b(?!:)|#\s*noqa:\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*(?P<rest>.*)")
_IGNORE = re.compile(r"#\s*type:\s*ignore\b(?:\[[\w, -]+\])?(?P<rest>.*)")
_REASON = re.compile(r"\W*[A-Za-z]\w*(?:\W+\w+)+")


def offences(line: str) -> Iterator[str]:
    """What is wrong with one line of any text file."""
    if _UNFINISHED.search(line):
        yield "unfinished"
    if _MACHINE.search(line):
        yield "a path of one machine"


def unexplained(line: str) -> Iterator[str]:
    """The silenced warnings of a Python line that give no reason."""
    for kind, pattern in (("noqa", _NOQA), ("type: ignore", _IGNORE)):
        found = pattern.search(line)
        if found and not _REASON.match(found["rest"] or ""):
            yield f"{kind} without a reason"


def text_lines(file: Path) -> list[str]:
    """The lines of a text file; none of a binary one."""
    content = file.read_bytes()
    return [] if b"\0" in content else content.decode(errors="replace").splitlines()


def every_test(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every test function and method of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
            "test_"
        ):
            yield node


def test_every_test_says_what_it_shows(project: Path) -> None:
    """A test without a docstring is a riddle to whoever breaks it."""
    silent = [
        f"{file.relative_to(project)}:{test.lineno} {test.name}"
        for file in sorted((project / "tests").rglob("*.py"))
        for test in every_test(ast.parse(file.read_bytes()))
        if not ast.get_docstring(test)
    ]
    assert silent == []


def test_nothing_is_unfinished_and_no_machine_is_named(
    project: Path, project_files: list[Path]
) -> None:
    """No file holds a note to finish it later, or a path that exists on one machine only."""
    found = [
        f"{file.relative_to(project)}:{number}: {offence}"
        for file in project_files
        for number, line in enumerate(text_lines(file), start=1)
        for offence in offences(line)
    ]
    assert found == []


def test_every_silenced_warning_has_its_reason(project: Path, project_files: list[Path]) -> None:
    """`# noqa: CODE` and `# type: ignore[code]` are followed by why."""
    found = [
        f"{file.relative_to(project)}:{number}: {offence}"
        for file in project_files
        if file.suffix == ".py" and file.name != "test_layout.py"
        for number, line in enumerate(text_lines(file), start=1)
        for offence in unexplained(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("x = 1  # noqa", True),
        ("x = 1  # noqa: S603", True),
        ("x = 1  # noqa: S603, S607", True),
        ("x = 1  # noqa: S603  # argv is ours, no shell", False),
        ("x = 1  # noqa: S603, S607 - argv is ours", False),
        ("x = 1  # type: ignore[arg-type]", True),
        ("x = 1  # type: ignore", True),
        ("x = 1  # type: ignore[arg-type]  # the stubs are too narrow", False),
        ("x = 1  # both noqa and ignored lines need a reason", False),
    ],
)
def test_the_reason_check_can_fail(line: str, *, wrong: bool) -> None:
    """What counts as a reason: at least two words after the code."""
    assert bool(list(unexplained(line))) is wrong


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("# TO" + "DO: later", True),
        ("cd /ro" + "ot/project", True),
        ("open('/wo" + "rk/main')", True),
        ("src/work/main and a/root/b", False),
        ("the root, the work", False),
    ],
)
def test_the_word_check_can_fail(line: str, *, wrong: bool) -> None:
    """Absolute paths of a machine and notes for later are seen; relative paths are fine."""
    assert bool(list(offences(line))) is wrong


def test_the_core_stays_light(project: Path) -> None:
    """`pip install mainstem` brings four packages that everybody has and a small one, no more."""
    with (project / "pyproject.toml").open("rb") as file:
        needed = tomllib.load(file)["project"]["dependencies"]
    assert {re.split(r"[^\w.-]", requirement)[0] for requirement in needed} == LIGHT


@pytest.mark.parametrize(
    "code", ["import mainstem", "import mainstem.reporting", "from mainstem import report"]
)
def test_importing_the_root_loads_nothing_heavy(code: str) -> None:
    """A training script that reports its metrics does not pay for our statistics."""
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        check=True,
        text=True,
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "mainstem" in loaded
    assert loaded & LIGHT == set()
