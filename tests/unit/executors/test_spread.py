from __future__ import annotations

import array
import fcntl
import os
from pathlib import Path

import pytest

from mainstem.executors import spread
from mainstem.executors.folders import Folders

TOP = 0x20000


def flags(folder: Path) -> int:
    """The attributes of a folder, as `lsattr` shows them; skips where there are none."""
    opened = os.open(folder, os.O_RDONLY)
    found = array.array("l", [0])
    try:
        fcntl.ioctl(opened, 0x80086601, found)
    except OSError:
        pytest.skip("this file system has no attributes")
    finally:
        os.close(opened)
    return found[0]


@pytest.fixture
def disk(tmp_path: Path) -> str:
    """The device that holds the test's folder."""
    device = tmp_path.stat().st_dev
    link = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}")
    if not link.is_symlink():
        pytest.skip("the test's folder is on no device")
    return link.readlink().name


def test_a_file_system_is_asked_for_its_journal(tmp_path: Path, disk: str) -> None:
    """Only an ext4 without one is told from all others; of what is not known nothing is said."""
    proc = tmp_path / "proc"
    assert not spread.has_no_journal(tmp_path, str(proc))
    (proc / "ext4" / disk).mkdir(parents=True)
    assert spread.has_no_journal(tmp_path, str(proc))
    (proc / "jbd2" / "other-8").mkdir(parents=True)
    assert spread.has_no_journal(tmp_path, str(proc))
    (proc / "jbd2" / f"{disk}-8").mkdir()
    assert not spread.has_no_journal(tmp_path, str(proc))


@pytest.mark.parametrize("journal", [False, True])
def test_trials_are_spread_where_deleted_files_hinder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, journal: bool
) -> None:
    """Folders of trials and of their logs; what else the folder may have stays as it is."""
    before = flags(tmp_path)
    monkeypatch.setattr(spread, "has_no_journal", lambda _folder: not journal)
    Folders(tmp_path / "state").release()
    for name in ("work", "logs"):
        found = flags(tmp_path / "state" / name)
        if not found & TOP and not journal:
            pytest.skip("this file system does not know of spreading")
        assert found == before | (0 if journal else TOP)
    trial = tmp_path / "state" / "work" / "trial"
    trial.mkdir()
    assert not flags(trial) & TOP


def test_a_file_system_without_such_a_thing_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a hint."""
    monkeypatch.setattr(spread, "has_no_journal", lambda _folder: True)
    spread.spread(Path("/proc/self"))
