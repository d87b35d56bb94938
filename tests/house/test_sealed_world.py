"""The tests' world is sealed: what they see does not depend on the machine or on who runs them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from hypothesis import settings


def test_nothing_of_the_users_is_seen() -> None:
    """Home and every XDG folder are this session's; a surrounding git or trial is forgotten."""
    home = Path(os.environ["HOME"])
    assert Path.home() == home
    assert "pytest" in str(home)
    folders = {name: value for name, value in os.environ.items() if name.startswith("XDG_")}
    assert len(folders) == 4
    assert all(Path(value).is_relative_to(home) for value in folders.values())
    assert not {"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "MAINSTEM_METRICS"} & set(os.environ)


def test_a_commit_has_the_same_id_everywhere(git_repo: Any) -> None:
    """Names, dates and configuration are fixed, so a commit's id is a constant."""
    repo = git_repo()
    first = repo.commit({"a.txt": "one\n", "über/b.bin": b"\0\1"}, "Bärenstark")
    assert first == "ef53676dca5e7e4d19b4cfd32ee1209f27aa1081"
    repo.branch("topic")
    second = repo.commit({"a.txt": None}, "Remove a")
    assert not (repo.path / "a.txt").exists()
    repo.checkout("main")
    assert (repo.path / "a.txt").read_text(encoding="utf-8") == "one\n"
    assert repo.git("rev-parse", "topic", "topic~1").split() == [second, first]
    assert git_repo("other").path != repo.path


def test_the_clock_is_in_utc() -> None:
    """Local time is UTC, so that no test depends on where it runs."""
    assert (time.timezone, time.daylight) == (0, 0)


def test_numerical_libraries_run_one_thread() -> None:
    """Two test processes on two cores must not start a thread per core each."""
    assert os.environ["OMP_NUM_THREADS"] == "1"


def test_hypothesis_says_the_same_every_time() -> None:
    """Examples derive from the test itself, none has a deadline; the thorough profile has more."""
    usual, thorough = settings.get_profile("default"), settings.get_profile("thorough")
    assert usual.derandomize
    assert usual.deadline is None
    assert thorough.deadline is None
    assert thorough.max_examples > usual.max_examples
