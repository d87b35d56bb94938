from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mainstem.reporting import METRICS_VARIABLE, report

if TYPE_CHECKING:
    from pathlib import Path


def test_metrics_are_appended_a_line_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One JSON object a line, in order, so that the last value of a metric can win."""
    file = tmp_path / "metrics"
    file.write_text('{"before": 1}\n', encoding="utf-8")
    monkeypatch.setenv(METRICS_VARIABLE, str(file))
    report(val_bpb=2.5, params=120_000)
    report(val_bpb=2.31, note="überall")
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert lines == [
        {"before": 1},
        {"val_bpb": 2.5, "params": 120_000},
        {"val_bpb": 2.31, "note": "überall"},
    ]


def test_outside_a_trial_the_line_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A script behaves the same when a person runs it; an empty variable is none."""
    for value in (None, ""):
        if value is None:
            monkeypatch.delenv(METRICS_VARIABLE, raising=False)
        else:
            monkeypatch.setenv(METRICS_VARIABLE, value)
        report(loss=1.5)
        assert json.loads(capsys.readouterr().out) == {"loss": 1.5}


def test_numbers_survive_to_the_last_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Determinism is judged to the last bit, so no digit may be lost on the way."""
    monkeypatch.setenv(METRICS_VARIABLE, str(tmp_path / "metrics"))
    value = 0.1 + 0.2
    report(loss=value)
    assert json.loads((tmp_path / "metrics").read_text(encoding="utf-8"))["loss"] == value


def test_what_is_no_number_stays_visible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """NaN is written as such: the engine names it, instead of a metric that is missing."""
    monkeypatch.setenv(METRICS_VARIABLE, str(tmp_path / "metrics"))
    report(loss=float("nan"))
    assert (tmp_path / "metrics").read_text(encoding="utf-8") == '{"loss": NaN}\n'


def test_a_file_that_cannot_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A trial that cannot report has failed, and must not look as if it had not."""
    monkeypatch.setenv(METRICS_VARIABLE, str(tmp_path / "no" / "folder"))
    with pytest.raises(OSError, match="no"):
        report(loss=1.0)


def test_the_module_stands_alone() -> None:
    """It loads nothing beyond the standard library: a training script pays nothing for it."""
    code = "import sys, mainstem.reporting; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    ours = {name for name in done.stdout.split() if name.startswith("mainstem")}
    assert ours == {"mainstem", "mainstem.reporting"}
