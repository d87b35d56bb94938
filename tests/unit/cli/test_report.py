"""The command that writes a campaign up: what it says beside the file."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mainstem.cli import report
from mainstem.wiring import report as wiring
from tests.unit.board.report_material import material

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@pytest.fixture
def of(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[str]], None]:
    """Lets the report be of a ledger with these alterations."""

    def put(alterations: list[str]) -> None:
        found = {**material(), "ledger": {**material()["ledger"], "alterations": alterations}}

        def made(*_: object, **__: object) -> Mapping[str, Any]:
            return found

        monkeypatch.setattr(wiring, "report", made)
        monkeypatch.setattr(report, "open_here", contextlib.nullcontext)

    return put


@pytest.mark.parametrize("form", ["html", "md"])
def test_an_altered_ledger_is_a_warning_there_and_here(
    tmp_path: Path, of: Callable[[list[str]], None], form: str
) -> None:
    """On standard error and in the file; of a whole one there is none."""
    file = tmp_path / "r"
    for alterations in (["line 3 was altered"], []):
        of(alterations)
        found = CliRunner().invoke(report.command, ["--format", form, "-o", str(file)])
        assert found.exit_code == 0
        warned = "does not verify" in found.stderr and "line 3 was altered" in found.stderr
        assert warned is bool(alterations)
        assert ("does not verify" in file.read_text(encoding="utf-8")) is bool(alterations)
        assert found.stdout == f"written: {file}\n"


def test_json_stays_json(of: Callable[[list[str]], None]) -> None:
    """The warning is on standard error."""
    of(["line 3 was altered"])
    found = CliRunner().invoke(report.command, ["--json"])
    assert json.loads(found.stdout)["ledger"]["alterations"] == ["line 3 was altered"]
    assert found.stderr.startswith("warning: the ledger's chain does not verify")
