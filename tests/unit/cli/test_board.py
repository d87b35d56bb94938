"""The command that serves the board: what it asks for before it opens a port."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from mainstem.cli import board
from mainstem.domain.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "content", ["", "short", "x" * 15, "a token\nof two lines 12345", "\u00e4" * 30]
)
def test_a_token_that_can_be_guessed_or_sent_wrongly_is_refused(
    tmp_path: Path, content: str
) -> None:
    """Fewer than sixteen characters, or what no address holds."""
    file = tmp_path / "token"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="16 or more printable ASCII"):
        board._token(file)


def test_a_token_comes_from_the_file_then_from_the_variable_then_by_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new one is another each time, and long."""
    file = tmp_path / "token"
    file.write_text("of-the-file-and-long-enough\n", encoding="utf-8")
    monkeypatch.setenv(board.TOKEN, "of-the-variable-and-long")
    assert board._token(file) == "of-the-file-and-long-enough"
    assert board._token(None) == "of-the-variable-and-long"
    monkeypatch.delenv(board.TOKEN)
    assert board._token(None) != board._token(None)
    assert len(board._token(None)) >= 32


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(UsageError, match=r"--token-file .*nothing.* cannot be read"):
        board._token(tmp_path / "nothing")


def test_a_terminal_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error, before anything is read, so that what is printed can be piped."""
    from mainstem.wiring import board as wiring

    def slow(**_: object) -> None:
        raise UsageError("a record of an hour")

    monkeypatch.setattr(wiring, "open_board_reader", slow)
    found = CliRunner().invoke(board.command, ["--json"])
    assert str(found.exception) == "a record of an hour"
    assert found.stderr == "reading the record; the board's address follows\n"
    assert found.stdout == ""


def test_without_the_extra_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line, no traceback: what to install."""
    whole = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("mainstem.board.server"):
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        if name == "mainstem.board" and rest[2] and "server" in rest[2]:
            raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    found = CliRunner().invoke(board.command, [])
    assert isinstance(found.exception, UsageError)
    assert "pip install 'mainstem[board]'" in str(found.exception)
