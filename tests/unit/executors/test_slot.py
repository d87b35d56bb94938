from __future__ import annotations

import errno
import os
import signal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mainstem.domain.errors import GitError
from mainstem.domain.trial import Ending, Run, TrialId
from mainstem.executors.confine import Confined
from mainstem.executors.leftovers import keeper_processes
from mainstem.executors.local import LocalExecutor
from mainstem.executors.process import Report
from mainstem.executors.slot import _ended, signal_name

if TYPE_CHECKING:
    from mainstem.domain.proposal import TreeId
    from mainstem.executors.folders import Place
    from tests.unit.executors.conftest import MakeJob, Processes


@pytest.mark.parametrize(
    ("error", "part"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/state/x"),
            "device: /state/x (the disk",
        ),
        (OSError(errno.EROFS, "Read-only file system", "/state/x"), "Read-only file system: /st"),
        (GitError("tree abc is not in the repository"), "tree abc is not in the repository"),
    ],
    ids=["full disk", "read-only disk", "git"],
)
def test_a_tree_that_cannot_be_written_is_nobodys_crash(
    tmp_path: Path, make_job: MakeJob, error: Exception, part: str
) -> None:
    """The detail says what the system said and which path; the next trial gets its chance."""

    def materialise(_tree: TreeId, into: Path) -> None:
        into.mkdir()
        raise error

    executor = LocalExecutor(slots=1, workspace=tmp_path, materialise=materialise)
    executor.submit(make_job("true"))
    (run,) = executor.wait()
    assert run.ending is Ending.NOT_PREPARED
    assert part in run.detail
    assert list((tmp_path / "work").iterdir()) == []
    executor.close()


def test_a_confinement_wraps_the_command_and_is_recorded(tmp_path: Path, make_job: MakeJob) -> None:
    """The run carries the profile's own words."""
    executor = LocalExecutor(
        slots=1,
        workspace=tmp_path,
        materialise=lambda _tree, into: into.mkdir(),
        confine=lambda job, place, env: Confined(
            argv=("env", f"WORK={Path(place.work).name}", *job.argv),
            env=env,
            record={"profile": "test"},
        ),
    )
    executor.submit(make_job("sh", "-c", "echo $WORK"))
    (run,) = executor.wait()
    assert (run.stdout, run.confinement) == ("t1\n", {"profile": "test"})
    executor.close()


def test_metrics_that_are_a_link_are_not_followed(
    executor: LocalExecutor, make_job: MakeJob, tmp_path: Path
) -> None:
    """A trial cannot have a file read for it that it may not read itself."""
    (tmp_path / "key").write_text("secret")
    executor.submit(make_job("sh", "-c", f'ln -s {tmp_path}/key "$MAINSTEM_METRICS"'))
    (run,) = executor.wait()
    assert (run.ending, run.metrics) == (Ending.EXITED, "")
    assert "metrics cannot be read" in run.detail


def test_logs_and_metrics_are_kept_and_work_is_not(
    executor: LocalExecutor, make_job: MakeJob, tmp_path: Path
) -> None:
    """Also when the trial took the rights from its own folders."""
    script = 'echo 1 > "$MAINSTEM_METRICS"; echo out; mkdir -p a/b; touch a/b/c; chmod 0 a/b a .'
    executor.submit(make_job("sh", "-c", script))
    (run,) = executor.wait()
    assert (run.ending, run.detail) == (Ending.EXITED, "")
    logs = tmp_path / "state" / run.log_dir
    assert run.log_dir == "logs/t1"
    assert {file.name: file.read_text() for file in logs.iterdir()} == {
        "stdout": "out\n",
        "stderr": "",
        "metrics.jsonl": "1\n",
    }
    assert list((tmp_path / "state" / "work").iterdir()) == []


def test_a_trial_that_kills_its_keeper_takes_nothing_but_itself_down(
    executor: LocalExecutor, make_job: MakeJob, processes: Processes, tmp_path: Path
) -> None:
    """The run says so, its daemon dies too, and the slot goes on with a new keeper."""
    script = f"""(setsid sh -c 'echo $$ > {tmp_path}/daemon; exec sleep 300' &)
        until [ -s {tmp_path}/daemon ]; do sleep 0.02; done
        kill -9 $PPID; sleep 300"""
    executor.submit(make_job("sh", "-c", script))
    (run,) = executor.wait()
    assert (run.ending, run.signal) == (Ending.SIGNALLED, "SIGKILL")
    assert "watches over the trial" in run.detail
    assert not processes.lives(processes.told(tmp_path / "daemon"))
    executor.submit(make_job("true"))
    assert [again.exit_code for again in executor.wait()] == [0]


def test_an_idle_keeper_that_was_killed_is_replaced(
    executor: LocalExecutor, make_job: MakeJob, processes: Processes, tmp_path: Path
) -> None:
    """Nobody notices."""
    executor.submit(make_job("true"))
    executor.wait()
    (keeper,) = keeper_processes((tmp_path / "state").resolve())
    os.kill(keeper, signal.SIGKILL)
    processes.until(lambda: not processes.lives(keeper))
    executor.submit(make_job("true"))
    assert [run.exit_code for run in executor.wait()] == [0]


def test_what_could_not_be_done_is_in_the_detail(place: Place) -> None:
    """Processes that hang in the kernel; and of logs on a full disk, that they are not whole."""
    report = Report(
        status=0,
        timed_out=False,
        early=False,
        stopped="",
        wall_s=1.0,
        cpu_s=0.5,
        peak_rss_bytes=1,
        stdout_bytes=0,
        stderr_bytes=0,
        log_errno=errno.ENOSPC,
        left=(7, 9),
    )
    ended = _ended(partial(Run, trial=TrialId("t1")), report, place)
    assert ended.detail == "killed, but still there: processes 7, 9"
    assert ended.incomplete == (
        "its logs cannot be written: No space left on device (the disk is full: free some space, "
        "then run again)"
    )


def test_logs_that_cannot_be_made_are_nobodys_crash(tmp_path: Path, make_job: MakeJob) -> None:
    """A folder stands where the log should: the command never ran, so it is not to blame."""

    def materialise(_tree: TreeId, into: Path) -> None:
        into.mkdir()
        (tmp_path / "logs" / "t1" / "stdout").mkdir(parents=True)

    executor = LocalExecutor(slots=1, workspace=tmp_path, materialise=materialise)
    executor.submit(make_job("true"))
    (run,) = executor.wait()
    assert run.ending is Ending.NOT_PREPARED
    assert run.detail.startswith("cannot write its logs: Is a directory: ")
    executor.close()


def test_metrics_that_cannot_be_kept_are_nobodys_fault(tmp_path: Path, make_job: MakeJob) -> None:
    """What was measured is there, and the run says that it is not kept."""

    def materialise(_tree: TreeId, into: Path) -> None:
        into.mkdir()
        (tmp_path / "logs" / "t1" / "metrics.jsonl").mkdir(parents=True)

    executor = LocalExecutor(slots=1, workspace=tmp_path, materialise=materialise)
    executor.submit(make_job("sh", "-c", "echo 1 > $MAINSTEM_METRICS"))
    (run,) = executor.wait()
    assert (run.ending, run.metrics) == (Ending.EXITED, "1\n")
    assert run.incomplete == "its metrics cannot be written: Is a directory"
    executor.close()


def test_every_signal_has_a_name() -> None:
    """Real-time signals too, which Python does not name."""
    assert (signal_name(9), signal_name(40)) == ("SIGKILL", "SIG40")
