from __future__ import annotations

import ast
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import mainstem.cli
from mainstem.cli.output import PIPE_WIDTH, console, print_json, say, table, writes_anything

if TYPE_CHECKING:
    from rich.table import Table

HOSTILE = "fix\x1b[2J\x1b]0;owned\x07 \N{RIGHT-TO-LEFT OVERRIDE}gpj.exe"
SHOWN = "fix\\x1b[2J\\x1b]0;owned\\x07 \\u202egpj.exe"


def small() -> Table:
    """A table whose first row is the longest."""
    rows = [["merge", "a long text", "1"], ["open", "b", ""]]
    return table("verdict", "why", "n", rows=rows, right=(2,))


def test_no_line_in_a_pipe_ends_in_blanks(capsys: pytest.CaptureFixture[str]) -> None:
    """What fills a table up on a screen is not printed into files; its columns stay in place."""
    console().print(small())
    lines = capsys.readouterr().out.split("\n")
    assert lines == ["verdict  why          n", "merge    a long text  1", "open     b", ""]


def test_text_is_never_read_as_markup(capsys: pytest.CaptureFixture[str]) -> None:
    """Names of branches hold brackets and colons, and blanks inside a line are theirs."""
    console().print("[bold]fix[/bold]  :smile:  end")
    assert capsys.readouterr().out == "[bold]fix[/bold]  :smile:  end\n"


@pytest.mark.parametrize(
    ("columns", "width"), [("60", 60), ("", PIPE_WIDTH), ("0", PIPE_WIDTH), ("wide", PIPE_WIDTH)]
)
def test_the_width_of_a_pipe(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    """`COLUMNS` where it is a number; nonsense in it is no reason to fail."""
    monkeypatch.setenv("COLUMNS", columns)
    assert console().width == width


def test_no_text_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences of a name, a message or a log are shown: in lines, cells and heads."""
    console().print(HOSTILE)
    console().print(table(HOSTILE, "n", rows=[[HOSTILE, "1"]]))
    say(HOSTILE)
    say(HOSTILE, err=True)
    said = capsys.readouterr()
    assert said.out.count(SHOWN) == 4
    assert said.err == f"{SHOWN}\n"
    assert "\x1b" not in said.out


def test_json_has_a_text_as_it_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A program reads what the ledger holds, and no raw control character on the way."""
    print_json({"id": HOSTILE})
    out = capsys.readouterr().out
    assert json.loads(out) == {"id": HOSTILE}
    assert "\x1b" not in out


def test_a_small_alphabet_is_no_reason_to_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a terminal is ASCII, other letters are numbers, and JSON is JSON."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    writes_anything()
    say("\N{GREEK SMALL LETTER MU}s")
    print_json({"id": "\N{PARTY POPPER} caf\N{LATIN SMALL LETTER E WITH ACUTE}"})
    sys.stdout.flush()
    first, _, rest = raw.getvalue().decode("ascii").partition("\n")
    assert first == "\\u03bcs"
    assert json.loads(rest) == {"id": "\N{PARTY POPPER} caf\N{LATIN SMALL LETTER E WITH ACUTE}"}


def test_there_is_one_door() -> None:
    """No command prints by itself: what it says goes through here, and so is shown as text."""
    folder = Path(mainstem.cli.__path__[0])
    around = [
        f"{file.name}:{node.lineno}"
        for file in sorted(folder.glob("*.py"))
        if file.name != "output.py"
        for node in ast.walk(ast.parse(file.read_bytes()))
        if isinstance(node, ast.Call) and _prints(node.func)
    ]
    assert around == []


def _prints(called: ast.expr) -> bool:
    """Whether this is `print`, `click.echo`, or a stream's `write`."""
    if isinstance(called, ast.Name):
        return called.id == "print"
    said = ast.unparse(called)
    return said in {"click.echo", "click.secho"} or said.startswith(
        ("sys.stdout.w", "sys.stderr.w")
    )
