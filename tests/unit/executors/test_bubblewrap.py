from __future__ import annotations

import contextlib
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
    assert os.waitpid(sandbox.process, os.WNOHANG) == (0, 0)
    assert os.getsid(sandbox.process) == sandbox.process
    sandbox.let_go()
    process, status = os.waitpid(sandbox.process, 0)
    assert (process, status) == (sandbox.process, 0)
    assert opened() == before


NAMES = ("user", *bubblewrap.NAMESPACES)


def numbers(process: int | str) -> dict[str, int]:
    """The namespaces of a process, and that of its children."""
    found = {name: Path(f"/proc/{process}/ns/{name}").stat().st_ino for name in NAMES}
    return found | {"pid": Path(f"/proc/{process}/ns/pid_for_children").stat().st_ino}


def joined(sandbox: bubblewrap.Sandbox) -> dict[str, int]:
    """The namespaces of a process that has joined a sandbox."""
    says, hears = os.pipe()
    process = os.fork()
    if process == 0:
        code = "could not join"
        with contextlib.suppress(OSError):
            bubblewrap.join(sandbox)
            code = "in"
        os.write(hears, code.encode())
        signal.pause()
    try:
        assert os.read(says, 100) == b"in"
        return numbers(process)
    finally:
        reap(process)
        os.close(says)
        os.close(hears)


@pytest.mark.parametrize("at_once", [True, False])
def test_who_joins_is_where_the_sandbox_is(
    words: list[str], monkeypatch: pytest.MonkeyPatch, *, at_once: bool
) -> None:
    """In every namespace of its last process, none of which is ours, on kernels old and new."""
    if at_once and not bubblewrap._at_once():  # what this kernel has
        pytest.skip("joining all namespaces in one call needs Linux 5.8")
    monkeypatch.setattr(bubblewrap, "_at_once", lambda: at_once)
    ours, sandbox = numbers("self"), bubblewrap.make(words, ignored=())
    try:
        (init,) = (
            Path(f"/proc/{sandbox.process}/task/{sandbox.process}/children")
            .read_text(encoding="ascii")
            .split()
        )
        inside, found = numbers(init), joined(sandbox)
    finally:
        sandbox.let_go()
        os.waitpid(sandbox.process, 0)
    assert found == inside
    assert set(ours.values()).isdisjoint(inside.values())


def test_another_program_waits_where_ours_does_not_run(
    words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine may forbid programs in memory: then `cat` waits, and ours is not tried again."""
    tried = []

    def broken() -> int:
        tried.append(1)
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)

    monkeypatch.setitem(bubblewrap._own, "waits", True)  # as in a new process
    monkeypatch.setattr(bubblewrap.waiter, "opened", broken)
    before, others = opened(), children()
    for _ in range(2):
        sandbox = bubblewrap.make(words, ignored=())
        sandbox.let_go()
        assert os.waitpid(sandbox.process, 0) == (sandbox.process, 0)
    assert len(tried) == 1
    assert opened() == before
    assert children() == others


def test_who_starts_many_keeps_nothing_open_of_those_that_failed(words: list[str]) -> None:
    """A keeper starts thousands; what bubblewrap said is told."""
    before, others = opened(), children()
    for _ in range(3):
        with pytest.raises(bubblewrap.SandboxError, match="Unknown option --no-such-word"):
            bubblewrap.make([words[0], "--no-such-word", *words[1:]], ignored=())
        assert children() == others
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
