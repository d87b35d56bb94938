from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.executors.kept import kept_logs
from mainstem.executors.logs import HEAD_BYTES, TAIL_BYTES

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of the logs of c1.1."""
    folder = tmp_path / "logs" / "c1.1"
    folder.mkdir(parents=True)
    return folder


def test_logs_are_whole(tmp_path: Path, folder: Path) -> None:
    """A log that is longer than what a run carries is read to its end, whatever its bytes."""
    text = b"caf\xe9\n" + b"line\n" * ((HEAD_BYTES + TAIL_BYTES) // 5 + 1)
    (folder / "stdout").write_bytes(text)
    found = kept_logs(tmp_path, "c1.1")
    assert found is not None
    assert found["stdout"] == text.decode(errors="replace")
    assert found["stderr"] == ""


def test_a_trial_without_logs(tmp_path: Path, folder: Path) -> None:
    """No folder is nothing, which differs from a trial that printed nothing."""
    assert kept_logs(tmp_path, "c1.2") is None
    assert kept_logs(tmp_path, folder.name) == {"stdout": "", "stderr": ""}


def test_links_and_pipes_of_a_hostile_trial_are_not_read(tmp_path: Path, folder: Path) -> None:
    """A link to somebody's key is refused by name, and a pipe does not hang."""
    (tmp_path / "key").write_text("secret")
    (folder / "stdout").symlink_to(tmp_path / "key")
    with pytest.raises(UsageError, match=r"the log .*stdout cannot be read"):
        kept_logs(tmp_path, "c1.1")
    (folder / "stdout").unlink()
    os.mkfifo(folder / "stderr")
    with pytest.raises(UsageError, match=r"stderr cannot be read: not a regular file"):
        kept_logs(tmp_path, "c1.1")
