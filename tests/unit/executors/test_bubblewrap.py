from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from mainstem.executors import bubblewrap
from mainstem.executors.ladder import probe
from mainstem.executors.plan import Level, plan
from mainstem.executors.view import look


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    """The words of a sandbox that sees the system."""
    if why := probe(Level.BUBBLEWRAP):
        pytest.skip(f"no bubblewrap: {why}")
    view = look(secret=[], closed=[], opened=[], writable=[tmp_path])
    found: Any = plan(Level.BUBBLEWRAP, view, network=False, rlimits={}, scratch_bytes=2**20)
    return list(found["bubblewrap"])


def opened() -> set[str]:
    """The files that this process has open."""
    return {path.name for path in Path("/proc/self/fd").iterdir()}


def children() -> set[int]:
    """The processes that this thread started and nobody waited for."""
    told = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return set(map(int, told.read_text(encoding="ascii").split()))


def reap(process: int) -> None:
    """Ends a process and waits for it."""
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)


def test_a_sandbox_stands_until_the_last_one_lets_go(words: list[str]) -> None:
    """It has namespaces of its own; when it is let go it ends, and nothing stays open here."""
    before = opened()
    sandbox = bubblewrap.make(words, ignored=())
    own = {Path(f"/proc/self/ns/{name}").stat().st_ino for name in bubblewrap.NAMESPACES}
    assert len(sandbox.spaces) >= len(bubblewrap.NAMESPACES)
    assert own.isdisjoint(os.fstat(space).st_ino for space in sandbox.spaces)
    assert os.waitpid(sandbox.process, os.WNOHANG) == (0, 0)
    assert os.getsid(sandbox.process) == sandbox.process
    sandbox.let_go()
    process, status = os.waitpid(sandbox.process, 0)
    assert (process, status) == (sandbox.process, 0)
    assert opened() == before


def test_who_starts_many_keeps_nothing_open_of_those_that_failed(words: list[str]) -> None:
    """A keeper starts thousands; what bubblewrap said is told."""
    before, others = opened(), children()
    for _ in range(3):
        with pytest.raises(bubblewrap.SandboxError, match="Unknown option --no-such-word"):
            bubblewrap.make([words[0], "--no-such-word", *words[1:]], ignored=())
        (left,) = children() - others
        reap(left)
    with pytest.raises(FileNotFoundError):
        bubblewrap.make(["/nonexistent/bwrap", *words[1:]], ignored=())
    assert opened() == before


def test_a_sandbox_that_never_comes_up_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever for a program that says nothing."""
    mute = tmp_path / "mute"
    mute.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    mute.chmod(0o755)
    monkeypatch.setattr(bubblewrap, "PATIENCE_S", 0.05)
    before, others = opened(), children()
    with pytest.raises(TimeoutError):
        bubblewrap.make([str(mute)], ignored=())
    assert opened() == before
    (left,) = children() - others
    reap(left)
