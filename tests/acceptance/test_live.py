"""A campaign that is watched, in terminals of 80 and of 60 columns: nothing flickers."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.conftest import MAINSTEM
from tests.unit.cli.test_painter import Terminal

if TYPE_CHECKING:
    from conftest import Stack

QUICK = "sleep 0.2\n"


class Shown:
    """A command in a terminal of its own.

    Attributes:
        text: All that it has written.
    """

    def __init__(self, stack: Stack, *words: str, columns: int) -> None:
        self.text = ""
        self.columns = columns
        self._main, side = os.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        variables = {k: v for k, v in os.environ.items() if k not in {"CI", "COLUMNS", "LINES"}}
        self.process = subprocess.Popen(
            [*MAINSTEM, *words],
            cwd=stack.path,
            env={**variables, "TERM": "xterm-256color", "NO_COLOR": "1"},
            stdin=side,
            stdout=side,
            stderr=side,
        )
        os.close(side)

    def end(self) -> int:
        """Reads until it has ended; its exit code."""
        raw = b""
        while True:
            try:
                raw += os.read(self._main, 65536)
            except OSError:  # Linux says so where others say that nothing is left
                break
        os.close(self._main)
        self.text = raw.decode()
        return self.process.wait()

    def seen(self) -> list[str]:
        """Every line that was ever on its screen, in a terminal that obeys few sequences."""
        screen = Terminal(self.columns, 24)
        found: list[str] = []
        for part in re.split(r"(?=\r\x1b\[\d+A)", self.text.replace("\r\n", "\n")):
            screen.take(part)
            found += screen.lines
        return found


def test_a_campaign_is_watched(stack: Stack) -> None:
    """By who runs it and by who looks on: the same campaign, up to its end."""
    script = stack.path / "train.sh"
    script.write_text(script.read_text().replace("set -eu\n", f"set -eu\n{QUICK}"))
    stack.git("commit", "--quiet", "--all", "--message", "Slower")
    stack.mainstem("propose", "lr-high", "clip")
    looker = Shown(stack, "status", "--watch", columns=60)
    runner = Shown(stack, "integrate", "--budget", "4", "-j", "2", columns=80)
    assert runner.end() == 0
    assert looker.end() == 0
    for shown in (runner, looker):
        seen = shown.seen()  # which fails on any sequence that scrolls, clears all, or leaves
        assert any(re.match(r"campaign c1: \d/4 trials, 0 failed", line) for line in seen)
        assert any(re.match(r"loss +[▁-█]+ +[+-]", line) for line in seen)
        assert any(line.startswith("best so far") for line in seen)
        assert not re.search(r"\x1b\[(3[0-8]|4[0-8]|9\d)m", shown.text)
        assert shown.text.count("\x1b[?25l") == shown.text.count("\x1b[?25h") == 1
    assert any("running as pid" in line for line in looker.seen())
    assert looker.seen()[-3:] == ["verdict  proposal", "open     lr-high", "open     clip"]


@pytest.mark.parametrize("other", ["--json", "--names"])
def test_watching_is_asked_for_by_itself(stack: Stack, other: str) -> None:
    """What goes on and on is no one JSON, and records no look at names."""
    said = stack.mainstem("status", "--watch", other, code=2).err
    assert said.startswith(f"mainstem: --watch goes on and on: `mainstem status {other}`")
