"""A picture in a terminal that changes in place, without flicker.

The cursor goes up, and lines that are different are overwritten and cleared to their ends. Nothing
is erased before something else stands there, the screen is not taken away, and what was printed
before stays above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from rich.text import Text

from mainstem.cli.sparks import fit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from rich.console import Console

_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_CLEAR_LINE, _CLEAR_BELOW = "\x1b[K", "\x1b[J"


class Painter:
    """Paints lines over the ones that it painted before; a context that gives the cursor back."""

    def __init__(self, out: Console) -> None:
        self.out = out
        self._lines: list[str] = []
        self._cells: list[int] = []
        self._width = 0

    def __enter__(self) -> Self:
        self._write(_HIDE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()
        self._write(_SHOW)

    def paint(self, lines: Sequence[Text]) -> None:
        """Shows these lines in the place of the last ones.

        Args:
            lines: None longer than the screen is wide, or its end is not seen.
        """
        width, height = self.out.size
        kept = lines[: max(1, height - 1)]
        drawn = [self._drawn(line, width) for line in kept]
        if drawn == self._lines and width == self._width:
            return
        same = self._lines if width == self._width else []
        parts = [self._home(width, height)]
        shrinks = len(drawn) < len(self._lines) or not same
        for k, line in enumerate(drawn):
            parts.append("\n" if k else "")
            # What is below is cleared from behind the last line on.
            if k >= len(same) or same[k] != line or (shrinks and k == len(drawn) - 1):
                parts.append(line + _CLEAR_LINE)
        parts.append(_CLEAR_BELOW if shrinks else "")
        self._write("".join(parts))
        self._lines, self._width = drawn, width
        self._cells = [line.cell_len for line in kept]

    def say(self, line: str) -> None:
        """Prints a line above the picture, where it stays."""
        self.clear()
        self.out.print(line)

    def keep(self) -> None:
        """Leaves the picture where it is; what comes next is printed below it."""
        if self._lines:
            self._write("\n")
        self._lines, self._cells = [], []

    def clear(self) -> None:
        """Takes the picture away."""
        if self._lines:
            self._write(self._home(*self.out.size) + _CLEAR_BELOW)
        self._lines, self._cells = [], []

    def _home(self, width: int, height: int) -> str:
        """To the first cell of the picture; a screen that got narrower has broken its lines."""
        rows = sum(max(1, -(-cells // max(1, width))) for cells in self._cells)
        up = min(rows, height) - 1
        return "\r" + (f"\x1b[{up}A" if up > 0 else "")

    def _drawn(self, line: Text, width: int) -> str:
        """A line with its colours, as the terminal takes it."""
        if line.cell_len > width:
            line = Text(fit(line.plain, width))
        with self.out.capture() as capture:
            self.out.print(line, end="", no_wrap=True, overflow="crop", soft_wrap=True)
        return capture.get()

    def _write(self, text: str) -> None:
        self.out.file.write(text)
        self.out.file.flush()
