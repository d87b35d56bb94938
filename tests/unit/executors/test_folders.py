from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from mainstem.domain.errors import UsageError
from mainstem.domain.trial import TrialId
from mainstem.executors import folders
from mainstem.executors.folders import Folders, reason, remove_tree

TRIAL = TrialId("c1.12")


def test_a_trial_gets_fresh_private_folders(tmp_path: Path) -> None:
    """Nothing of an earlier run of the same trial is left, and nobody else may look."""
    state = Folders(tmp_path)
    place = state.prepare(TRIAL)
    Path(place.home, "old").touch()
    Path(place.logs, "stdout").touch()
    place = state.prepare(TRIAL)
    assert sorted(path.name for path in Path(place.work).iterdir()) == ["home", "tmp"]
    assert list(Path(place.home).iterdir()) == list(Path(place.logs).iterdir()) == []
    assert Path(place.work).stat().st_mode & 0o777 == 0o700
    state.release()


def test_a_tree_without_rights_is_removed(tmp_path: Path) -> None:
    """Read-only files, unreadable folders and folders of folders do not stay."""
    tree = tmp_path / "tree"
    (tree / "closed" / "inner").mkdir(parents=True)
    (tree / "closed" / "inner" / "file").touch(0o400)
    for folder in (tree / "closed" / "inner", tree / "closed", tree):
        folder.chmod(0o000)
    remove_tree(tree)
    assert not tree.exists()


def test_a_tree_of_a_thousand_levels_is_removed(tmp_path: Path) -> None:
    """Deeper than Python recurses, and than a path can be written."""
    home = Path.cwd()
    try:
        (tmp_path / "tree").mkdir()
        os.chdir(tmp_path / "tree")
        for _ in range(1000):
            Path("deep").mkdir()
            os.chdir("deep")
    finally:
        os.chdir(home)
    remove_tree(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()


def test_what_a_link_points_to_stays(tmp_path: Path) -> None:
    """A trial's link to a folder of the user is removed, not followed; its rights stay."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").touch()
    precious.chmod(0o500)
    (tmp_path / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "tree" / "sub" / "link").symlink_to(precious)
    (tmp_path / "link").symlink_to(precious)
    remove_tree(tmp_path / "tree")
    remove_tree(tmp_path / "link")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["precious"]
    assert (precious / "file").exists()
    assert precious.stat().st_mode & 0o777 == 0o500


def test_what_cannot_be_removed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error names the path; nothing is silently left."""
    (tmp_path / "tree").mkdir()
    monkeypatch.setattr(folders, "_remove_folder", lambda _path: Path("/proc").rmdir())
    monkeypatch.setattr(subprocess, "run", lambda *_words, **_options: None)
    with pytest.raises(OSError, match=r"cannot be removed.*tree"):
        remove_tree(tmp_path / "tree")


def test_a_long_state_folder_gets_a_short_tmpdir(tmp_path: Path) -> None:
    """Sockets of data loaders live in TMPDIR and have 107 bytes for their path."""
    state = Folders(tmp_path / ("long" * 30))
    place = state.prepare(TRIAL)
    assert len(place.tmp) <= folders.SOCKET_ROOM_BYTES
    tmp = Path(place.tmp)
    assert tmp.stat().st_mode & 0o777 == 0o700
    (tmp / "file").touch()
    state.discard(TRIAL)
    assert not tmp.exists()
    assert list(state.work.iterdir()) == []
    state.release()


def test_a_planted_tmp_link_is_not_followed(tmp_path: Path) -> None:
    """Only what was made for a TMPDIR is removed with it."""
    (tmp_path / "precious").mkdir()
    state = Folders(tmp_path / "state")
    work = Path(state.prepare(TRIAL).work)
    remove_tree(work / "tmp")
    (work / "tmp").symlink_to(tmp_path / "precious")
    state.discard(TRIAL)
    assert (tmp_path / "precious").exists()
    assert not work.exists()
    state.release()


def test_the_first_executor_sweeps_and_a_second_does_not(tmp_path: Path) -> None:
    """Work of a killed campaign goes, work of a living one stays, logs stay."""
    (tmp_path / "work" / "c0.1" / "tree").mkdir(parents=True)
    (tmp_path / "logs" / "c0.1").mkdir(parents=True)
    first = Folders(tmp_path)
    assert list(first.work.iterdir()) == []
    assert (tmp_path / "logs" / "c0.1").exists()
    work = Path(first.prepare(TRIAL).work)
    second = Folders(tmp_path)
    assert work.exists()
    first.release()
    first.release()
    third = Folders(tmp_path)
    assert work.exists(), "the second still lives"
    second.release()
    third.release()
    Folders(tmp_path).release()
    assert not work.exists()


def test_a_state_folder_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    """It names the folder and what the system said."""
    (tmp_path / "state").write_text("a file")
    with pytest.raises(UsageError, match=r"state folder .*/state cannot be used: .*; mend it"):
        Folders(tmp_path / "state")


def test_a_full_disk_is_named_with_its_path() -> None:
    """What the system said, where, and what helps."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/state/work/c1.12")
    assert reason(full).startswith("No space left on device: /state/work/c1.12 (the disk is full")
    assert reason(OSError("odd")) == "odd"
