from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mainstem.cli.output import PIPE_WIDTH, console, table

if TYPE_CHECKING:
    from rich.table import Table


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
