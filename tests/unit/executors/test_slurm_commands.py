from __future__ import annotations

from pathlib import Path

from mainstem.domain.proposal import TreeId
from mainstem.domain.stack import Resources
from mainstem.domain.trial import Job, TrialId
from mainstem.executors import slurm_commands as slurm

BATCH = Path("/data/my project/50%/.mainstem/cluster/slurm/ab12/ab12-1")


def job(timeout_s: float = 600.0, resources: Resources | None = None) -> Job:
    """A job with these wishes."""
    return Job(
        trial=TrialId("c1.1"),
        tree=TreeId("0" * 40),
        argv=("true",),
        seed=1,
        rung="small",
        timeout_s=timeout_s,
        resources=resources,
    )


def test_the_call_of_sbatch_is_this_one() -> None:
    """Word for word: an array, our output, nothing of our environment, the user's options last."""
    wishes = Resources(gpus=2, cpus=8, memory_bytes=3 * 10**9, time_s=3600.0)
    needs = slurm.resource_words(job(resources=wishes), grace_s=5.0, options=("--qos=low",))
    words = slurm.batch_words(
        BATCH, name="mainstem-77", tasks=4, at_once=2, needs=needs, exclude=("n3", "n4")
    )
    assert words == [
        "sbatch",
        "--parsable",
        "--job-name=mainstem-77",
        "--comment=ab12-1",
        "--array=0-3%2",
        "--requeue",
        "--export=ALL",
        "--output=/data/my project/50%%/.mainstem/cluster/slurm/ab12/ab12-1/%a.log",
        "--open-mode=append",
        "--input=/dev/null",
        "--chdir=/",
        "--nodes=1",
        "--ntasks=1",
        "--cpus-per-task=8",
        "--mem=2862M",
        "--gres=gpu:2",
        "--time=60",
        "--qos=low",
        "--exclude=n3,n4",
        "/data/my project/50%/.mainstem/cluster/slurm/ab12/ab12-1/script.sh",
    ]


def test_the_script_is_this_one() -> None:
    """It becomes the worker, so that the scheduler's signals reach that; spaces do no harm."""
    assert slurm.script(BATCH, ("/opt py/bin/python", "-I", "-m", "worker")) == (
        "#!/bin/sh\n"
        "# A task of a Mainstem campaign; `mainstem integrate -x slurm` in the project's folder\n"
        "# takes its result in. Its order lies beside this file.\n"
        "exec '/opt py/bin/python' -I -m worker "
        "'/data/my project/50%/.mainstem/cluster/slurm/ab12/ab12-1' \"$SLURM_ARRAY_TASK_ID\"\n"
    )


def test_without_wishes_the_cluster_decides_all_but_the_time() -> None:
    """The time is the trial's timeout and what is needed around it."""
    assert slurm.resource_words(job(), grace_s=5.0, options=()) == [
        "--nodes=1",
        "--ntasks=1",
        "--time=16",
    ]


def test_a_users_time_is_not_asked_for_twice() -> None:
    """Their option wins."""
    words = slurm.resource_words(job(), grace_s=5.0, options=("--time=5",))
    assert [word for word in words if "time" in word] == ["--time=5"]


def test_a_rungs_time_bounds_the_trial_with_room_for_what_is_around_it() -> None:
    """A minute of a long time, a tenth of a short one; a shorter timeout stays."""
    assert slurm.trial_time_s(job(resources=Resources(time_s=3600.0))) == 600.0
    assert slurm.trial_time_s(job(7200.0, Resources(time_s=3600.0))) == 3540.0
    assert slurm.trial_time_s(job(7200.0, Resources(time_s=100.0))) == 90.0
    assert slurm.trial_time_s(job(7200.0, Resources())) == 7200.0
    assert slurm.trial_time_s(job(7200.0)) == 7200.0
