"""A trial's environment, made from nothing.

What a trial inherits it can print, and what differs between two machines can change its result. So
nothing of this process's environment is passed on but `PATH` and what the stack names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.trial import Job
    from mainstem.executors.folders import Place

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)
"""Each is set to the job's threads: results differ between thread counts."""

FALLBACK_PATH = "/usr/local/bin:/usr/bin:/bin"
"""Where programs are looked for when this process has no `PATH`."""


def trial_environment(job: Job, place: Place, source: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a trial.

    Args:
        job: The trial.
        place: Its folders.
        source: The environment of this process.

    Returns:
        Defaults, over them what `job.passed_env` names and `source` has, and over that what makes
        the trial's identity: threads, seed, rung, name, the file for metrics.
    """
    defaults = {
        "PATH": source.get("PATH", FALLBACK_PATH),
        "HOME": place.home,
        "TMPDIR": place.tmp,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        # The order of a set must not differ between two runs of the same recipe and seed.
        "PYTHONHASHSEED": "0",
        # The tree is thrown away, and packages outside it are not the trial's to write into.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    passed = {name: source[name] for name in job.passed_env if name in source}
    identity = dict.fromkeys(THREAD_VARIABLES, str(job.threads)) | {
        "MAINSTEM_METRICS": place.metrics,
        "MAINSTEM_SEED": str(job.seed),
        "MAINSTEM_RUNG": job.rung,
        "MAINSTEM_TRIAL": job.trial,
    }
    return defaults | passed | identity
