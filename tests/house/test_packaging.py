"""What a package index will serve says the same as the code."""

from __future__ import annotations

import importlib.metadata
import re
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

import mainstem

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def pyproject(project: Path) -> dict[str, Any]:
    """The project's own description."""
    with (project / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def test_the_version_is_one(pyproject: dict[str, Any]) -> None:
    """The code, pyproject.toml and the installed metadata name one version."""
    version = pyproject["project"]["version"]
    assert version == mainstem.__version__
    assert version == importlib.metadata.version("mainstem")


def test_the_package_is_typed(project: Path) -> None:
    """Type checkers read our annotations (PEP 561)."""
    assert (project / "src" / "mainstem" / "py.typed").is_file()


def test_the_licence_is_there(project: Path, pyproject: dict[str, Any]) -> None:
    """The licence that is named is the one that is shipped."""
    assert pyproject["project"]["license"] == "Apache-2.0"
    for name in pyproject["project"]["license-files"]:
        assert "Apache License" in (project / name).read_text(encoding="utf-8")


def test_the_command_exists(pyproject: dict[str, Any]) -> None:
    """What `pip install` puts on the PATH as `mainstem` can be imported and called."""
    (entry,) = (
        importlib.metadata.EntryPoint(name, value, "console_scripts")
        for name, value in pyproject["project"]["scripts"].items()
    )
    assert entry.name == "mainstem"
    assert callable(entry.load())


def test_the_readme_names_every_extra(project: Path, pyproject: dict[str, Any]) -> None:
    """Nobody finds out by an error what else can be installed; three are for `make` alone."""
    install = (project / "README.md").read_text(encoding="utf-8").partition("## Install")[2]
    install = install.partition("## ")[0]
    extras = pyproject["project"]["optional-dependencies"].keys() - {"dev", "bench", "tinylm"}
    assert {name for name in extras if f"`{name}`" not in install} == set()


def test_public_names_load(project: Path) -> None:
    """Every name that the package root promises is there, and nothing else is."""
    assert (project / "src" / "mainstem" / "__init__.py").samefile(mainstem.__file__)
    for name in mainstem.__all__:
        assert getattr(mainstem, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = mainstem.no_such_name


def test_changelog_fragments_are_well_named(project: Path) -> None:
    """A fragment is `NNNN-some-words.md` and starts with a kind of change, as its README says."""
    readme = (project / "changelog.d" / "README.md").read_text(encoding="utf-8")
    kinds = set(re.findall(r"^- \*\*(\w+)\*\*", readme, flags=re.MULTILINE))
    assert kinds
    for fragment in (project / "changelog.d").iterdir():
        if fragment.name == "README.md":
            continue
        assert re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", fragment.name), fragment.name
        entries = re.findall(r"^(?=\S).*", fragment.read_text(encoding="utf-8"), flags=re.MULTILINE)
        wrong = [line for line in entries if line.partition(":")[0] not in kinds]
        assert wrong == [], fragment.name
