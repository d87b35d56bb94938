from __future__ import annotations

import ast
import shutil
from pathlib import Path

import pytest

import mainstem
from arena import sources

PACKAGE = Path(mainstem.__file__).parent


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package, to be changed."""
    return Path(shutil.copytree(PACKAGE, tmp_path / "mainstem"))


def test_what_decides_is_found_by_its_imports() -> None:
    """From the course of a campaign down to the sampler; credit and shares do not decide."""
    names = {f"{file.parent.name}.{file.stem}" for file in sources.deciding(PACKAGE)}
    assert {"decisions.course", "decisions.ask", "stats.posterior", "stats.evidence"} <= names
    assert not names & {"stats.shapley", "stats.audit", "decisions.shares", "decisions.coalitions"}


@pytest.mark.parametrize("name", ["stats/remainder.py", "decisions/budget.py", "stats/evidence.py"])
def test_a_change_of_what_decides_is_another_digest(copy: Path, name: str) -> None:
    """Results of other code are not taken for ours."""
    before = sources.digest(package=copy)
    (copy / name).write_text((copy / name).read_text() + "\nPLANTED = 1\n")
    assert sources.digest(package=copy) != before


def test_a_change_of_the_face_counts_where_asks_depend_on_it(copy: Path) -> None:
    """Another method leaves the digest as it is; another `ask` does not."""
    before, face = sources.digest(package=copy), copy / "integrator.py"
    text = face.read_text()
    face.write_text(text + "\n\ndef planted() -> int:\n    return 1\n")
    (copy / "stats" / "shapley.py").write_text("")
    assert sources.digest(package=copy) == before
    changed = text.replace("room = course.room(self._problem, self._trials, k)", "room = k")
    assert changed != text
    face.write_text(changed)
    assert sources.digest(package=copy) != before


def test_every_named_method_is_there() -> None:
    """A method that is renamed may not fall out of the digest unseen."""
    face = ast.parse((PACKAGE / "integrator.py").read_bytes())
    there = {node.name for node in ast.walk(face) if isinstance(node, ast.FunctionDef)}
    assert there >= sources.METHODS
