from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import UsageError
from mainstem.executors.owners import Owner, store_key

if TYPE_CHECKING:
    from pathlib import Path

HOLD = """
import sys, time
from pathlib import Path
from mainstem.executors.owners import Owner
owner = Owner(Path(sys.argv[1]))
(owner.folder / "job").touch()
print(owner.name, flush=True)
time.sleep(300)
"""


def test_a_store_has_one_name(tmp_path: Path) -> None:
    """Made once, different for another store."""
    first = store_key(tmp_path / "a")
    assert store_key(tmp_path / "a") == first
    assert store_key(tmp_path / "b") != first
    assert [path.name for path in (tmp_path / "a" / "cluster").iterdir()] == ["store"]


def test_what_a_killed_process_left_is_taken_over(tmp_path: Path) -> None:
    """While it lives, its folder is its own; two that live do not meet."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    beside = Owner(tmp_path)
    assert (beside.inherited, beside.living) == ([], {name})
    process.kill()
    process.communicate()
    after = Owner(tmp_path)
    assert [path.name for path in after.inherited] == [name]
    assert after.living == {beside.name}
    assert (after.inherited[0] / "job").exists()
    after.end()
    after.end()
    assert [path.name for path in tmp_path.iterdir()] == [beside.name]
    beside.end()
    assert list(tmp_path.iterdir()) == []


def test_a_released_folder_waits_for_the_next(tmp_path: Path) -> None:
    """Nothing of it is lost."""
    first = Owner(tmp_path)
    (first.folder / "job").touch()
    first.release()
    second = Owner(tmp_path)
    assert second.inherited == [first.folder]
    second.end()


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    """Which path, and what to do."""
    (tmp_path / "file").touch()
    for use in (Owner, store_key):
        with pytest.raises(UsageError, match=r"cannot be used for a cluster: .*file"):
            use(tmp_path / "file" / "below")
    assert not any(path.is_dir() for path in tmp_path.iterdir())
