from __future__ import annotations

import os
import subprocess

from mainstem.executors.kin import descendants, kill_below, stat_fields


def test_descendants_are_found_at_every_depth() -> None:
    """Children and their children, also in another session, with any name."""
    script = "sh -c 'setsid sleep 300 & echo $!; wait' & wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE) as top:
        assert top.stdout is not None
        deepest = int(top.stdout.readline())
        assert deepest in descendants(top.pid)
        assert deepest in descendants(os.getpid())
        assert top.pid not in descendants(top.pid)
        kill_below(top.pid)
        top.wait()
    assert not descendants(top.pid)


def test_a_process_that_has_gone_has_no_fields() -> None:
    """It may go between the listing and the reading."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert stat_fields(gone.pid) == []
    assert int(stat_fields(os.getpid())[1]) == os.getppid()
