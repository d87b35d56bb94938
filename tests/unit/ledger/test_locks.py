from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import StoreError, UsageError
from mainstem.ledger.locks import LOCK_NAME, CampaignLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HOLDING = """
import sys
import threading
from pathlib import Path
from mainstem.ledger.locks import CampaignLock
with CampaignLock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is killed or its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_is_told_who_has_it(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    """The message names the process, since when, and the store, and what to do."""
    said = (
        rf"^another `mainstem integrate` \(pid {holder.pid}, since \d{{4}}-\d\d-\d\dT[\d:]{{8}}Z\) "
        rf"works on this store \({re.escape(str(tmp_path))}\); wait for it, or stop it$"
    )
    with pytest.raises(UsageError, match=said):
        CampaignLock(tmp_path).acquire()


def test_a_killed_holder_holds_nothing(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    """After kill -9 the lock is free, whatever the file still says."""
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    stale = (tmp_path / LOCK_NAME).read_text(encoding="ascii")
    assert stale == f"{holder.pid}\n"
    with CampaignLock(tmp_path):
        assert (tmp_path / LOCK_NAME).read_text(encoding="ascii") == f"{os.getpid()}\n"


def test_strange_content_is_harmless(tmp_path: Path) -> None:
    """Only the kernel's lock counts; what the file holds is overwritten."""
    (tmp_path / LOCK_NAME).write_bytes(b"\xff what is this? " * 50)
    with CampaignLock(tmp_path):
        assert (tmp_path / LOCK_NAME).read_bytes() == f"{os.getpid()}\n".encode()


def test_a_holder_that_has_not_written_yet_is_not_named(tmp_path: Path) -> None:
    """Between lock and writing the file says nothing: then no process is made up."""
    with CampaignLock(tmp_path):
        (tmp_path / LOCK_NAME).write_bytes(b"")
        with pytest.raises(UsageError, match="another `mainstem integrate` works on this store"):
            CampaignLock(tmp_path).acquire()


def test_it_is_released_at_the_end(tmp_path: Path) -> None:
    """Leaving the block frees the lock, also by an error; releasing twice does nothing."""
    with pytest.raises(RuntimeError), CampaignLock(tmp_path):
        raise RuntimeError
    lock = CampaignLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.release()
    with CampaignLock(tmp_path):
        pass


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    """Without a state folder there is nothing to lock: one line says where."""
    with pytest.raises(StoreError, match=r"gone/integrate\.lock cannot be used: No such file"):
        CampaignLock(tmp_path / "gone").acquire()


def test_the_holder_is_known_while_the_lock_is_held_and_not_after(tmp_path: Path) -> None:
    """`status` tells a working campaign from a dead one by the lock, never by what a file says."""
    assert CampaignLock.holder(tmp_path) is None
    with CampaignLock(tmp_path):
        assert CampaignLock.holder(tmp_path) == os.getpid()
    assert CampaignLock.holder(tmp_path) is None
    (tmp_path / LOCK_NAME).write_text("1\n", encoding="ascii")
    assert CampaignLock.holder(tmp_path) is None


def test_a_mere_look_at_the_lock_does_not_refuse_a_campaign(tmp_path: Path) -> None:
    """Somebody who only asks who holds the lock keeps nobody from taking it."""
    looks = 0

    def look() -> None:
        nonlocal looks
        while not done.wait(0.005):
            CampaignLock.holder(tmp_path)
            looks += 1

    done = threading.Event()
    looker = threading.Thread(target=look)
    looker.start()
    try:
        while looks < 20:
            with CampaignLock(tmp_path):
                pass
    finally:
        done.set()
        looker.join()
