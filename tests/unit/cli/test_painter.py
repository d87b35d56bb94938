from __future__ import annotations

import io
import re

from rich.console import Console
from rich.text import Text

from mainstem.cli.painter import Painter


class Terminal:
    """A screen of cells that obeys the few sequences that a painter may use, and no other."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.cells = [[" "] * width for _ in range(height)]
        self.row = self.column = 0
        self.scrolled = 0
        self.hidden = False

    def take(self, text: str) -> None:
        """Obeys a text.

        Raises:
            AssertionError: It holds a sequence that scrolls, clears all, or leaves the screen.
        """
        for hit in re.finditer(r"\x1b\[(\??\d*)([A-Za-z])|[^\x1b]", text):
            if hit[2] is None:
                self._write(hit[0])
            else:
                self._obey(hit[1], hit[2])
        assert re.sub(r"\x1b\[\??\d*[A-Za-z]", "", text).count("\x1b") == 0

    def _obey(self, number: str, kind: str) -> None:
        if kind == "A":
            self.row = max(0, self.row - int(number))
        elif (number, kind) == ("", "K"):
            self.cells[self.row][self.column :] = [" "] * (self.width - self.column)
        elif (number, kind) == ("", "J"):
            self.cells[self.row][self.column :] = [" "] * (self.width - self.column)
            for row in range(self.row + 1, self.height):
                self.cells[row] = [" "] * self.width
        elif number == "?25" and kind in "lh":
            self.hidden = kind == "l"
        else:
            assert kind == "m", f"\\x1b[{number}{kind}"

    def _write(self, character: str) -> None:
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.column = 0
            self.row += 1
            if self.row == self.height:
                self.cells = [*self.cells[1:], [" "] * self.width]
                self.row -= 1
                self.scrolled += 1
        else:
            assert self.column < self.width, "a line is longer than the screen is wide"
            self.cells[self.row][self.column] = character
            self.column += 1

    @property
    def lines(self) -> list[str]:
        """What is seen, down to the last line that is not empty."""
        rows = ["".join(row).rstrip() for row in self.cells]
        while rows and not rows[-1]:
            rows.pop()
        return rows


class Painted:
    """A painter with its terminal."""

    def __init__(self, width: int = 20, height: int = 6) -> None:
        self.file = io.StringIO()
        self.out = Console(
            file=self.file, force_terminal=True, width=width, height=height, color_system=None
        )
        self.painter = Painter(self.out)
        self.terminal = Terminal(width, height)

    def flush(self) -> str:
        """Lets the terminal obey what was written since, and returns that."""
        text = self.file.getvalue()
        self.file.seek(0)
        self.file.truncate()
        self.terminal.take(text)
        return text

    def paint(self, *lines: str) -> str:
        """Paints lines of text."""
        self.painter.paint([Text(line) for line in lines])
        return self.flush()


def test_a_picture_changes_in_place() -> None:
    """Lines are overwritten where they are, whether there are more or fewer of them."""
    one = Painted()
    one.terminal.take("before\n")
    for picture in (["a", "bb", "ccc"], ["a", "b"], ["a", "b", "c", "d"], ["longer", "b"]):
        one.paint(*picture)
        assert one.terminal.lines == ["before", *picture]
    assert one.terminal.scrolled == 0


def test_only_what_is_different_is_written() -> None:
    """The same picture is not written again; of another one, only the lines that changed."""
    one = Painted()
    one.paint("first", "second", "third")
    assert one.paint("first", "second", "third") == ""
    text = one.paint("first", "SECOND", "third")
    assert "SECOND" in text
    assert "first" not in text
    assert "third" not in text


def test_nothing_is_erased_before_it_is_overwritten() -> None:
    """No line is empty for a moment: it is cleared behind its new text, never in front of it."""
    one = Painted()
    one.paint("first", "second")
    text = one.paint("FIRST", "SECOND")
    assert re.search(r"FIRST\x1b\[K.*SECOND\x1b\[K", text, flags=re.DOTALL)
    assert "\x1b[2K" not in text
    assert "\x1b[2J" not in text


def test_a_picture_is_never_higher_or_wider_than_the_screen() -> None:
    """What has no room is left out; nothing scrolls away what stands above."""
    one = Painted(width=10, height=5)
    one.paint(*(f"line {k} and more than fits" for k in range(9)))
    assert len(one.terminal.lines) == 4
    assert one.terminal.lines[0] == "line 0 an\N{HORIZONTAL ELLIPSIS}"
    one.paint("x")
    assert one.terminal.lines == ["x"]
    assert one.terminal.scrolled == 0


def test_the_terminal_is_given_back() -> None:
    """The cursor is there again, and nothing of the picture stays unless it is kept."""
    one = Painted()
    with one.painter:
        one.paint("a", "b")
        assert one.terminal.hidden
    one.flush()
    assert one.terminal.lines == []
    assert not one.terminal.hidden
    with one.painter:
        one.paint("a", "b")
        one.painter.keep()
    one.flush()
    assert one.terminal.lines == ["a", "b"]
    assert (one.terminal.row, one.terminal.column) == (2, 0)


def test_a_note_stays_above() -> None:
    """What is said is printed once, and the picture goes on below it."""
    one = Painted()
    one.paint("a", "b")
    one.painter.say("note: one")
    one.paint("a", "c")
    assert one.terminal.lines == ["note: one", "a", "c"]


def test_a_narrower_screen_has_broken_the_lines() -> None:
    """After a resize the whole picture is drawn anew, from where its broken lines began."""
    one = Painted(width=20, height=10)
    one.paint("a line of 18 cells", "b")
    one.out.size = (10, 10)  # type: ignore[assignment]  # rich takes any pair
    text = one.painter
    text.paint([Text("short"), Text("b")])
    written = one.file.getvalue()
    assert written.startswith("\r\x1b[2A")  # three rows stand there now
    assert written.endswith("\x1b[J")
