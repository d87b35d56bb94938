"""What `mainstem frontier` prints, and which options its import refuses."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from mainstem.cli import frontier
from mainstem.cli.output import console


def render(report: dict[str, Any]) -> None:
    """Prints an import."""
    frontier._render_import(console(), report)


def test_an_import_says_what_it_took_and_what_not(capsys: pytest.CaptureFixture[str]) -> None:
    """Of many that were not taken the first, and how many more; names are never markup."""
    left = [{"file": "a.json", "name": f"[b]t{k}[/b]/acc", "why": "no"} for k in range(10)]
    taken = [{"id": "r", "objective": "acc", "metric": "t/acc,none", "value": 0.123456789}]
    render({"file": "frontier.toml", "dry_run": True, "taken": taken, "left": left})
    said = capsys.readouterr().out
    assert "would be added to frontier.toml" in said
    assert "0.123456789" in said
    assert "not taken: [b]t0[/b]/acc (a.json): no" in said
    assert "not taken: 2 more (--json names all)" in said
    render({"file": "frontier.toml", "dry_run": False, "taken": [], "left": []})
    assert "nothing added to frontier.toml" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--objective", "acc"], "'acc': write NAME=VALUE"),
        (["--objective", "=x"], "'=x': write NAME=VALUE"),
        (["--objective", "a=x", "--objective", "a=y"], "a comes twice"),
        (["--factor", "a=x"], "a=x: write a number"),
        (["--factor", "a=0"], "a=0: write a number"),
        (["--factor", "a=nan"], "a=nan: write a number"),
        (["--date", "yesterday"], "does not match the format"),
        (["--obtained", "made"], "'made' is not one of"),
    ],
)
def test_options_of_the_wrong_form_are_refused(words: list[str], said: str) -> None:
    """Before anything is read, with exit code 2."""
    done = CliRunner().invoke(frontier.command, ["import", __file__, *words])
    assert done.exit_code == 2
    assert said in done.output


def test_an_import_of_nothing_is_refused() -> None:
    """So is a file that is not there."""
    runner = CliRunner()
    assert runner.invoke(frontier.command, ["import"]).exit_code == 2
    done = runner.invoke(frontier.command, ["import", "nowhere.json"])
    assert "'nowhere.json' does not exist" in done.output
