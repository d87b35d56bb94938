"""The Makefile says in one line what a machine lacks, before it makes anything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clone(project: Path, tmp_path: Path) -> Path:
    """As much of a fresh clone as make reads, in a folder with a space in its name."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(project / name, folder)
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder that comes first on the PATH, for programs that pretend."""
    folder = tmp_path / "tools"
    folder.mkdir()
    return folder


def pretend(tools: Path, name: str, script: str) -> None:
    """Puts a shell script of that name where make finds it first."""
    program = tools / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def make(clone: Path, *words: str, tools: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Runs make in the clone as a person would."""
    path = os.environ["PATH"]
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "PYTHON"}
    }
    variables["PATH"] = f"{tools}{os.pathsep}{path}" if tools else path
    return subprocess.run(
        ["make", *words], cwd=clone, env=variables, capture_output=True, check=False, text=True
    )


def complaint(clone: Path, *words: str, tools: Path | None = None) -> str:
    """The one line that make's recipe says; make adds that the recipe failed."""
    done = make(clone, *words, tools=tools)
    assert done.returncode != 0
    assert done.stdout == ""
    line, failed = done.stderr.splitlines()
    assert re.match(r"make: \*\*\* \[.*preflight\]", failed)
    assert not any(clone.glob(".venv*")), "something was made all the same"
    return line


def test_the_default_target_is_help(clone: Path) -> None:
    """`make` alone changes nothing and names every target that the project promises."""
    done = make(clone)
    assert done.returncode == 0
    assert done.stdout == make(clone, "help").stdout
    for target in ("demo", "test", "check", "bench", "format", "clean"):
        assert re.search(rf"^  {target} +\S", done.stdout, flags=re.MULTILINE)
    assert {path.name for path in clone.iterdir()} == {"Makefile", "pyproject.toml"}


@pytest.mark.parametrize("target", ["demo", "test", "lint"])
def test_no_python(clone: Path, target: str) -> None:
    """A name that is no program is repeated, with what to write instead."""
    line = complaint(clone, target, "PYTHON=no-such-python")
    assert "needs Python 3.11 or newer, but there is no no-such-python" in line
    assert "PYTHON=python3" in line


def test_old_python(clone: Path, tools: Path) -> None:
    """An interpreter that is too old is told from the check itself, which it can still run."""
    fake = "import sys; sys.version_info = (3, 9, 1, 'final', 0); exec(sys.argv[1])"
    pretend(tools, "old-python", f'exec "{sys.executable}" -c "{fake}" "$2"')
    line = complaint(clone, "test", "PYTHON=old-python", tools=tools)
    assert re.match(r"make: needs Python 3\.11 or newer, but .* is 3\.9; name another", line)


def test_python_without_venv(clone: Path, tools: Path) -> None:
    """Debian ships venv apart: the line names the package."""
    fake = "import sys; sys.modules['ensurepip'] = None; exec(sys.argv[1])"
    pretend(tools, "bare-python", f'exec "{sys.executable}" -c "{fake}" "$2"')
    line = complaint(clone, "demo", "PYTHON=bare-python", tools=tools)
    assert "has no ensurepip" in line
    assert "apt install python3-venv" in line


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo git version 2.37.9", "this is 'git version 2.37.9'"),
        ("echo git version 1.99.0", "this is 'git version 1.99.0'"),
        ("echo nothing of the kind", "this is 'nothing of the kind'"),
    ],
)
def test_old_git(clone: Path, tools: Path, script: str, said: str) -> None:
    """merge-tree --write-tree came with git 2.38: anything older is named and refused."""
    pretend(tools, "git", script)
    line = complaint(clone, "test", f"PYTHON={sys.executable}", tools=tools)
    assert line.startswith(f"make: needs git 2.38 or newer, but {said}; ")


@pytest.mark.parametrize("version", ["2.38.0", "2.39.5 (Apple Git-154)", "3.0.1"])
def test_new_git(clone: Path, tools: Path, version: str) -> None:
    """From 2.38 on the check is silent, whatever the vendor adds to the version."""
    pretend(tools, "git", f"echo 'git version {version}'")
    done = make(clone, "preflight", f"PYTHON={sys.executable}", tools=tools)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
