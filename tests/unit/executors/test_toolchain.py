from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mainstem.executors import toolchain
from mainstem.executors.toolchain import _around, _behind, needed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only home that there is."""
    home = tmp_path / "me"
    home.mkdir()
    monkeypatch.setattr(toolchain, "homes", lambda: [home])
    return home


def make(*files: Path) -> None:
    """Makes programs."""
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/sh\n")
        file.chmod(0o755)


def test_an_environment_is_needed_whole(home: Path) -> None:
    """Its programs stand in `bin`, its packages beside it; and the Python that it was made of."""
    make(home / "venv/bin/python3", home / "pythons/3.12/bin/python3")
    (home / "venv/pyvenv.cfg").write_text(f"home = {home}/pythons/3.12/bin\nversion = 3.12\n")
    found = list(_around(home / "venv" / "bin"))
    assert home / "venv" in found
    assert home / "pythons" / "3.12" in found


@pytest.mark.parametrize("layout", ["conda/conda-meta", "tool/shims"])
def test_a_conda_and_a_folder_of_shims_are_environments(home: Path, layout: str) -> None:
    """A shim starts a program that lies elsewhere below the same folder."""
    (home / layout).mkdir(parents=True)
    above = home / layout.split("/", maxsplit=1)[0]
    folder = above / ("shims" if layout.endswith("shims") else "bin")
    assert above in list(_around(folder))


@pytest.mark.parametrize("name", ["bin", ".local/bin"])
def test_a_folder_of_programs_never_opens_the_home(home: Path, name: str) -> None:
    """Also when a Python stands there: the rest of `~` or `~/.local` is nobody's business."""
    make(home / name / "python3")
    assert list(_around(home / name)) == [home / name]


def test_a_program_leads_to_its_interpreter(home: Path) -> None:
    """Through links and first lines: a tool of pipx needs the environment that it is in."""
    make(home / "tools/poetry/bin/python3")
    (home / "tools/poetry/pyvenv.cfg").write_text("version = 3\n")
    script = home / "tools/poetry/bin/poetry"
    script.write_text(f"#!{home}/tools/poetry/bin/python3 -E\n")
    (home / ".local/bin").mkdir(parents=True)
    (home / ".local/bin/poetry").symlink_to("../../tools/poetry/bin/poetry")
    found = list(_behind(home / ".local/bin/poetry"))
    assert home / "tools" / "poetry" in found
    assert home / ".local" not in found


def test_the_python_of_the_path_says_where_its_packages_are(tmp_path: Path) -> None:
    """As it would find them in a trial: what `PYTHONPATH` names too."""
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.symlink_to(sys.executable)
    (tmp_path / "packages").mkdir()
    env = {"PATH": str(program.parent), "PYTHONPATH": str(tmp_path / "packages")}
    assert tmp_path / "packages" in needed("python", env)
