from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstem.executors import waiter

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def program() -> Iterator[int]:
    """A copy of the program."""
    try:
        opened = waiter.opened()
    except OSError as error:
        pytest.skip(f"no program of ours waits here: {error}")
    yield opened
    os.close(opened)


def started(program: int) -> subprocess.Popen[bytes]:
    """The program, at work."""
    return subprocess.Popen(
        [f"/proc/self/fd/{program}"],
        pass_fds=[program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={},
    )


def test_it_says_what_it_hears_and_ends_with_its_input(program: int) -> None:
    """As `cat` does, and at once: who waits for an answer gets it while the input is open."""
    with started(program) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"\x06")
        process.stdin.flush()
        assert process.stdout.read(1) == b"\x06"
        assert process.poll() is None
        assert process.communicate(b"a few bytes more") == (b"a few bytes more", None)
        assert process.returncode == 0


def test_it_ends_when_nobody_hears_it(program: int) -> None:
    """It does not go round for ever."""
    with started(program) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.close()
        process.stdin.write(b"x")
        process.stdin.flush()
        killer = threading.Timer(30, process.kill)
        killer.start()
        assert process.wait() == -13
        killer.cancel()


def test_a_copy_shows_nothing_of_what_was_done_to_another(program: int) -> None:
    """A trial can reach the one of its own sandbox, and the next trial learns nothing of it."""
    again = os.open(f"/proc/self/fd/{program}", os.O_RDWR)
    os.pwrite(again, b"seen", 0)
    os.fchmod(again, 0o600)
    os.utime(again, (1, 1))
    os.close(again)
    other = waiter.opened()
    try:
        found = os.fstat(other)
        assert found.st_ino != os.fstat(program).st_ino
        assert found.st_mode & 0o777 != 0o600
        assert found.st_mtime > 1
        assert os.pread(other, 4, 0) == b"\x7fELF"
    finally:
        os.close(other)


def test_a_machine_without_one_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then `cat` waits."""
    monkeypatch.setattr(waiter.platform, "machine", lambda: "pdp11")
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(OSError, match="pdp11"):
        waiter.opened()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
