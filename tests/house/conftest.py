"""Where the project lies, for the tests of its own habits."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# Made by tools or by `make`, never part of the project.
_MADE = {"build", "demo", "dist", "node_modules", "__pycache__"}
_KEPT_DOTS = {".ci", ".github"}


@pytest.fixture(scope="session")
def project() -> Path:
    """The root of the project."""
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def project_files(project: Path) -> list[Path]:
    """Every file of the project as a clone has it, without what tools and `make` leave behind."""
    found: list[Path] = []
    for folder, folders, files in os.walk(project):
        at_top = Path(folder) == project
        folders[:] = sorted(
            name
            for name in folders
            if (name in _KEPT_DOTS or not name.startswith("."))
            and not (name == "__pycache__" or (at_top and name in _MADE))
        )
        found.extend(Path(folder) / name for name in sorted(files) if not name.endswith(".pyc"))
    return found
