"""SLURM's own commands: `sbatch`, `squeue`, `scancel`, `scontrol`; no library and no daemon.

Every call has a time limit, and an answer is a value: a controller that is restarted under a
campaign is no reason to end it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstem.domain.errors import UsageError
from mainstem.executors import slurm_words as words
from mainstem.executors.worker import SCRATCH_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from mainstem.domain.trial import Job

PROGRAMS = ("sbatch", "squeue", "scancel", "scontrol")
"""What must be installed on the campaign's machine."""

CALL_S = 120.0
"""How long one call may take."""

RESERVE_S = 60.0
"""What of the time that a cluster was asked for is kept for everything around the trial."""

# Not all of `SLURM_*`: a campaign that runs in an allocation itself must not hand that on.
_PASSED = (
    *("HOME", "LANG", "LOGNAME", SCRATCH_VARIABLE, "PATH", "USER"),
    *("SLURM_CLUSTERS", "SLURM_CONF", "SLURM_CONF_SERVER", "SLURM_JWT"),
)
_MOST_AT_ONCE = 500
_TIME_OPTIONS = ("-t", "--time")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one call came to.

    Attributes:
        code: Its exit code; None if it did not end in time or could not start.
        out: Standard output.
        said: Standard error in one line, or why there is none.
    """

    code: int | None
    out: str
    said: str


def call(*argv: str) -> Answer:
    """Runs one of SLURM's commands."""
    seen = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED or name.startswith("SBATCH_")
    }
    try:
        done = subprocess.run(  # noqa: S603  # SLURM's own commands, no shell
            argv,
            capture_output=True,
            check=False,
            # What sbatch sees goes into the job: nothing of ours but what finds programs.
            env={**seen, "LC_ALL": "C.UTF-8"},
            errors="replace",
            start_new_session=True,  # Ctrl-C is ours, not theirs
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=CALL_S,
        )
    except subprocess.TimeoutExpired:
        return Answer(code=None, out="", said=f"{argv[0]} timed out after {CALL_S:g} s")
    except OSError as error:
        return Answer(code=None, out="", said=f"{argv[0]} cannot run: {error.strerror}")
    return Answer(code=done.returncode, out=done.stdout, said=words.last_word(done.stderr))


def require_programs() -> None:
    """Sees to it that SLURM's commands are here.

    Raises:
        UsageError: Names those that are not.
    """
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        raise UsageError(
            f"-x slurm: {', '.join(missing)} not found on PATH: run this on a machine from which "
            "jobs can be submitted, or install slurm-client"
        )


def queue(name: str) -> list[words.Row] | str:
    """All jobs of a name, those that ended lately too; or what was said instead."""
    user = ("--user", str(os.getuid()))
    answer = call(
        *("squeue", "--noheader", "--array", "--states=all", f"--name={name}", *user),
        f"--format={words.QUEUE_FORMAT}",
    )
    return words.queue_rows(answer.out) if answer.code == 0 else answer.said


def nodes() -> list[words.Node]:
    """The cluster's nodes; none if it does not say."""
    answer = call("scontrol", "show", "node", "--oneliner")
    return words.nodes(answer.out) if answer.code == 0 else []


def cancel(numbers: Iterable[str]) -> None:
    """Ends jobs, given as SLURM writes them; one that has gone already is no error."""
    wanted = sorted(set(numbers))
    for at in range(0, len(wanted), _MOST_AT_ONCE):
        call("scancel", "--quiet", *wanted[at : at + _MOST_AT_ONCE])


def trial_time_s(job: Job) -> float:
    """How long a trial may take where its rung says how long a cluster is asked for it.

    The rung's time bounds the whole job, so a minute of it, or a tenth if that is less, is kept
    for what comes before and after: then the trial ends as a timeout with its logs, not as a job
    that the scheduler killed.
    """
    asked = job.resources.time_s if job.resources is not None else None
    if asked is None:
        return job.timeout_s
    return min(job.timeout_s, asked - min(RESERVE_S, asked / 10.0))


def job_time_s(job: Job, grace_s: float) -> float:
    """How long the scheduler is asked for."""
    asked = job.resources.time_s if job.resources is not None else None
    return job.timeout_s + grace_s + 5 * RESERVE_S if asked is None else asked


def resource_words(job: Job, *, grace_s: float, options: Sequence[str]) -> list[str]:
    """Options of `sbatch` for what a job needs; the user's own options follow and win.

    Args:
        job: Whose resources.
        grace_s: How long a trial may take to end after SIGTERM.
        options: The user's options: a time limit among them is not asked for twice.
    """
    out = ["--nodes=1", "--ntasks=1"]
    wishes = job.resources
    if wishes is not None:
        out.append(f"--cpus-per-task={wishes.cpus}")
        if wishes.memory_bytes is not None:
            out.append(f"--mem={words.mebibytes(wishes.memory_bytes)}M")
        if wishes.gpus:
            out.append(f"--gres=gpu:{wishes.gpus}")
    if not any(option.startswith(_TIME_OPTIONS) for option in options):
        out.append(f"--time={words.minutes(job_time_s(job, grace_s))}")
    return [*out, *options]


def batch_words(
    batch: Path,
    *,
    name: str,
    tasks: int,
    at_once: int,
    needs: Sequence[str],
    exclude: Sequence[str],
) -> list[str]:
    """The call of `sbatch` that submits a batch as one array.

    Args:
        batch: Its folder.
        name: The name of all jobs of this store.
        tasks: How many.
        at_once: How many of them may run at once.
        needs: Options for resources, and the user's.
        exclude: Nodes that must not be used.
    """
    folder = str(batch).replace("%", "%%")
    out = ["sbatch", "--parsable", f"--job-name={name}", f"--comment={batch.name}"]
    out += [f"--array={words.indices(range(tasks))}%{at_once}", "--requeue", "--export=ALL"]
    out += [f"--output={folder}/%a.log", "--open-mode=append", "--input=/dev/null", "--chdir=/"]
    out += [*needs]
    out += [f"--exclude={','.join(exclude)}"] if exclude else []
    return [*out, str(batch / "script.sh")]


def script(batch: Path, worker: Sequence[str]) -> str:
    """The script of every task: it becomes our worker, so that the scheduler's signals reach it."""
    line = shlex.join([*worker, str(batch)])
    return (
        "#!/bin/sh\n"
        "# A task of a Mainstem campaign; `mainstem integrate -x slurm` in the project's folder\n"
        "# takes its result in. Its order lies beside this file.\n"
        f'exec {line} "$SLURM_ARRAY_TASK_ID"\n'
    )


def refuse_impossible(needs: Sequence[str], what: str) -> None:
    """Asks the scheduler whether it could ever run such a job.

    Args:
        needs: Options for resources, and the user's.
        what: What is asked for, in the user's words.

    Raises:
        UsageError: It could not, in its own words.
    """
    answer = call("sbatch", "--test-only", "--export=ALL", *needs, "--wrap=true")
    later = "required node not available" in answer.said.lower() or "down" in answer.said.lower()
    if answer.code == 0 or later or (answer.code is not None and words.is_transient(answer.said)):
        return
    raise UsageError(
        f"SLURM cannot run a trial that asks for {what}: {answer.said}; change [rungs.resources], "
        "or the options of [executors.slurm] and --slurm-option"
    )
