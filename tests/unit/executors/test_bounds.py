from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING

from mainstem.executors.bounds import Bounds, own_bytes, resident_bytes, size, sizes, threads
from mainstem.executors.kin import descendants

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def look(bounds: Bounds) -> str:
    """Looks until something is said, or everything has been looked at twice."""
    for _ in range(2):
        time.sleep(max(0.0, bounds.next_s - time.monotonic()))
        if said := bounds.look():
            return said
    return ""


def test_too_many_processes_are_named() -> None:
    """Counted below the keeper, threads included."""
    before = sum(map(threads, descendants(os.getpid())))  # other tests of this process left some
    children = [subprocess.Popen(["sleep", "60"]) for _ in range(3)]
    try:
        assert look(Bounds({"tasks": before + 3}, os.getpid())) == ""
        said = look(Bounds({"tasks": before + 2}, os.getpid()))
        assert said.endswith(f" processes and threads, {before + 2} are allowed")
        assert said.startswith(f"process limit: {before + 3} ")
    finally:
        for child in children:
            child.kill()
            child.wait()


def test_memory_is_summed_over_processes() -> None:
    """The trial's, not the keeper's own."""
    child = subprocess.Popen(["sleep", "60"])
    try:
        said = look(Bounds({"memory_bytes": 1000}, os.getpid()))
        assert said.startswith("memory limit: ")
        assert look(Bounds({"memory_bytes": 2**40}, os.getpid())) == ""
    finally:
        child.kill()
        child.wait()


def test_folders_are_summed_and_links_are_not_followed(tmp_path: Path) -> None:
    """Each file by what it takes; a link out of the folder counts as itself."""
    (tmp_path / "work" / "deep").mkdir(parents=True)
    (tmp_path / "work" / "deep" / "a").write_bytes(b"x" * 50_000)
    (tmp_path / "big").write_bytes(b"x" * 500_000)
    (tmp_path / "work" / "link").symlink_to(tmp_path)
    total = sum(sizes([str(tmp_path / "work")]))
    assert 50_000 <= total < 100_000
    wanted = {"disk_bytes": 40_000, "folders": [str(tmp_path / "work")]}
    said = look(Bounds(wanted, os.getpid()))
    assert said == "disk limit: its folders hold over 0 MB"
    assert look(Bounds({**wanted, "disk_bytes": 10**6}, os.getpid())) == ""


def test_a_long_sum_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many files are summed a slice at a time: logs and timeouts do not wait for them."""
    for number in range(20):
        (tmp_path / str(number)).write_bytes(b"x" * 5000)
    monkeypatch.setattr("mainstem.executors.bounds.SLICE_S", 0.0)
    bounds = Bounds({"disk_bytes": 15 * 4096, "folders": [str(tmp_path)]}, os.getpid())
    looks = 0
    said = ""
    while not said and looks < 100:
        time.sleep(max(0.0, bounds.next_s - time.monotonic()))
        said = bounds.look()
        looks += 1
    assert said.startswith("disk limit")
    assert looks > 5


def test_nothing_is_looked_at_without_a_bound() -> None:
    """A trial that nobody bounds costs its keeper nothing."""
    assert Bounds({}, os.getpid()).next_s == float("inf")


def test_a_process_that_has_gone_uses_nothing() -> None:
    """It may go between two looks at it."""
    child = subprocess.Popen(["true"])
    child.wait()
    assert (threads(child.pid), resident_bytes(child.pid), own_bytes(child.pid)) == (0, 0, 0)


def test_sizes_are_for_people() -> None:
    """In powers of 1,000."""
    assert (size(4 * 10**9), size(2**20)) == ("4.0 GB", "1 MB")
