from __future__ import annotations

import pytest

from mainstem.cli.output import console
from mainstem.cli.why import _trials

LONG = "cannot start: fatal: unable to read\n\ttree 1234\nerror: " + "object file is empty " * 9


def entry(what: str) -> dict[str, object]:
    """One failed trial as `views.why` has it."""
    return {
        "trial": "c1.12",
        "about": "in a set",
        "rung": "default",
        "recipe": ["muon", "rope"],
        "purpose": "confirm",
        "values": None,
        "failure": {"cause": "cannot-start", "what": what},
        "stopped_at": None,
    }


def test_a_long_failure_is_one_line_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of git of many lines is cut with an ellipsis; the recipe beside it stays whole."""
    _trials(console(), [entry(LONG)], None)
    _, head, row = capsys.readouterr().out.splitlines()
    assert head.split() == ["trial", "about", "result", "recipe"]
    assert row.startswith(
        "c1.12  in a set, confirming  failed: cannot start: fatal: unable to read"
    )
    assert row.endswith("...  muon + rope")


@pytest.mark.parametrize("columns", ["100", "160"])
def test_a_short_failure_is_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """What fits is not cut; a wider screen has room for more."""
    monkeypatch.setenv("COLUMNS", columns)
    what = "exit code 7: clip needs a short warmup"
    _trials(console(), [entry(what), entry("x" * 70)], None)
    shown = capsys.readouterr().out
    assert f"failed: {what} " in shown
    assert ("x" * 70 in shown) is (columns == "160")


def test_what_was_predicted_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """A trial that ended early has no measured final value, and nobody takes it for one."""
    early = {**entry(""), "failure": None, "values": {"loss": 2.5}, "stopped_at": 400}
    _trials(console(), [early], None)
    assert "predicted at step 400" in capsys.readouterr().out
