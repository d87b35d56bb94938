from __future__ import annotations

import platform
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("trains", [False, True])
def test_figures_of_another_python_are_measured_anew_where_its_library_is_the_corpus(
    trains: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And kept: neither Python's figures take the place of the other's."""
    monkeypatch.setattr(run, "KEPT", tmp_path)
    measured = []

    def measure(folder: Path, *, quick: bool) -> dict[str, Any]:
        measured.append(folder)
        return {"quick": quick, "python": platform.python_version()}

    part: Any = SimpleNamespace(measure=measure, table=str, TRAINS=trains)
    for version in ("3.11.2", "3.11.7", "3.11.2"):
        monkeypatch.setattr(platform, "python_version", lambda found=version: found)
        found = run.figures("part", part, quick=False, fresh=False)
        assert found["figures"]["python"] == (version if trains else "3.11.2")
    assert len(set(measured)) == len(measured) == (2 if trains else 1)
