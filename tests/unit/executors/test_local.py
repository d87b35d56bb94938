from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mainstem.executors.leftovers import keeper_processes
from mainstem.executors.local import LocalExecutor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mainstem.domain.proposal import TreeId
    from tests.unit.executors.conftest import MakeJob, Processes

CAMPAIGN = """
import sys
from pathlib import Path
from mainstem.domain.trial import Job
from mainstem.executors.local import LocalExecutor

state, told = sys.argv[1:]
executor = LocalExecutor(
    slots=1, workspace=Path(state), materialise=lambda tree, into: into.mkdir()
)
script = '''
    trap "echo > {0}/interrupted" INT
    (setsid sh -c 'trap "" TERM HUP INT; echo $$ > {0}/daemon; while :; do sleep 300; done' &)
    echo $$ > {0}/main
    while :; do sleep 0.05; done
'''.format(told)
job = Job(trial="t1", tree="t", argv=("sh", "-c", script), seed=0, rung="r", timeout_s=3600.0)
try:
    executor.submit(job)
    executor.wait()
except KeyboardInterrupt:
    executor.close()
    print("closed")
"""


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, in a session of its own, that runs an executor with one trial."""
    words = [sys.executable, "-c", CAMPAIGN, str(tmp_path / "state"), str(tmp_path)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        yield process
        process.kill()


def test_no_trial_outlives_a_killed_campaign(
    campaign: subprocess.Popen[str], processes: Processes, tmp_path: Path
) -> None:
    """SIGKILL leaves no chance to clean up; the keeper does it, and the next start the rest."""
    family = [processes.told(tmp_path / name) for name in ("main", "daemon")]
    (keeper,) = keeper_processes((tmp_path / "state").resolve())
    campaign.kill()
    processes.until(lambda: not any(map(processes.lives, [*family, keeper])))
    assert (tmp_path / "state" / "work" / "t1").exists()
    LocalExecutor(slots=1, workspace=tmp_path / "state", materialise=_empty).close()
    assert list((tmp_path / "state" / "work").iterdir()) == []


def test_what_a_killed_keeper_could_not_end_is_ended_at_the_next_start(
    campaign: subprocess.Popen[str], processes: Processes, tmp_path: Path
) -> None:
    """Campaign and keeper die together: the first process with them, its daemon later."""
    main, daemon = (processes.told(tmp_path / name) for name in ("main", "daemon"))
    (keeper,) = keeper_processes((tmp_path / "state").resolve())
    os.kill(keeper, signal.SIGSTOP)
    campaign.kill()
    campaign.wait()
    os.kill(keeper, signal.SIGKILL)
    processes.until(lambda: not processes.lives(main))
    assert processes.lives(daemon)
    LocalExecutor(slots=1, workspace=tmp_path / "state", materialise=_empty).close()
    assert not processes.lives(daemon)


def test_ctrl_c_reaches_the_campaign_only_and_close_ends_the_rest(
    campaign: subprocess.Popen[str], processes: Processes, tmp_path: Path
) -> None:
    """The terminal's signal goes to the campaign's process group; no trial is in it."""
    family = [processes.told(tmp_path / name) for name in ("main", "daemon")]
    os.killpg(campaign.pid, signal.SIGINT)
    assert campaign.stdout is not None
    assert campaign.stdout.read() == "closed\n"
    assert campaign.wait() == 0
    assert not any(map(processes.lives, family))
    assert not (tmp_path / "interrupted").exists()


def test_a_trial_that_is_no_folder_name_is_refused(
    executor: LocalExecutor, make_job: MakeJob
) -> None:
    """No trial writes outside its folder, whoever names it."""
    for name in ("", ".", "..", "a/b", "/etc"):
        with pytest.raises(ValueError, match="cannot be the name of a folder"):
            executor.submit(make_job("true", trial=name))
    with pytest.raises(ValueError, match="empty command"):
        executor.submit(make_job())


def test_a_trial_that_is_under_way_cannot_be_submitted_again(
    executor: LocalExecutor, make_job: MakeJob
) -> None:
    """The two would share folders."""
    executor.submit(make_job("sleep", "300"))
    with pytest.raises(ValueError, match="'t1' is under way already"):
        executor.submit(make_job("true"))


def test_a_closed_executor_takes_no_job(executor: LocalExecutor, make_job: MakeJob) -> None:
    """It would wait for ever."""
    executor.close()
    with pytest.raises(RuntimeError, match="closed"):
        executor.submit(make_job("true"))


def test_slots_are_at_least_one(tmp_path: Path) -> None:
    """No slot would run nothing, silently."""
    with pytest.raises(ValueError, match="slots is 0"):
        LocalExecutor(slots=0, workspace=tmp_path, materialise=_empty)


def test_a_bug_is_raised_by_wait(tmp_path: Path, make_job: MakeJob) -> None:
    """What no trial can be blamed for is not turned into a failed trial."""

    def materialise(_tree: TreeId, _into: Path) -> None:
        raise ZeroDivisionError("a bug")

    executor = LocalExecutor(slots=1, workspace=tmp_path, materialise=materialise)
    executor.submit(make_job("true"))
    with pytest.raises(ZeroDivisionError, match="a bug"):
        executor.wait()
    executor.close()


def test_slots_that_are_never_used_cost_nothing(tmp_path: Path, make_job: MakeJob) -> None:
    """A keeper is started when its slot is first needed."""
    executor = LocalExecutor(slots=64, workspace=tmp_path, materialise=_empty)
    assert keeper_processes(tmp_path.resolve()) == []
    executor.submit(make_job("true"))
    executor.wait()
    assert len(keeper_processes(tmp_path.resolve())) == 1
    executor.close()
    assert keeper_processes(tmp_path.resolve()) == []


def _empty(_tree: TreeId, into: Path) -> None:
    """Materialises an empty tree."""
    into.mkdir()
