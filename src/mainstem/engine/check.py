"""The trunk against itself: do metrics arrive, how noisy are they, what does a trial cost?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstem.domain.trial import SEEDS, TrialId
from mainstem.engine import record as records
from mainstem.engine.metrics import measure
from mainstem.engine.record import fold
from mainstem.engine.trials import check_kept, check_margins, job_for, trunk_error
from mainstem.engine.workshop import catch_up, write_if_last
from mainstem.stats import noise

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.trial import Run
    from mainstem.engine.record import Record
    from mainstem.engine.workshop import Workshop

RUNS = 4
"""Fresh seeds of the trunk; enough for a sd within a factor of about two (90%)."""


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """One finished run of the trunk."""

    name: TrialId
    seed: int
    counts: bool
    measurement: Measurement
    run: Run


def check(
    shop: Workshop, *, runs: int = RUNS, finished: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Runs the trunk with fresh seeds, and one of them twice; writes down and returns the report.

    Args:
        shop: What to work with.
        runs: How many fresh seeds, at least 1.
        finished: Called after each run with how many have ended and how many there are.

    Raises:
        UsageError: A metric never arrives, or the command cannot start.
        TrunkFailedError: The trunk crashes.
        StoreError: The ledger, a trial's files or what it left cannot be written.
    """
    record = fold(shop.ledger.entries())
    number = len(record.checks) + 1
    seeds = [_seed(number, i) for i in range(runs)]
    jobs = {}
    for i, seed in enumerate([*seeds, seeds[0]], start=1):
        name = TrialId(f"k{number}.{i}")
        jobs[name] = (seed, i <= runs)
        job = job_for(shop.stack, name=name, tree=shop.trunk_tree, seed=seed)
        shop.executor.submit(job)
    done: dict[TrialId, _Checked] = {}
    while len(done) < len(jobs):
        for run in shop.executor.wait():
            check_kept(run)
            measurement = measure(shop.stack, run)
            if not measurement.succeeded:
                raise trunk_error(run.trial, measurement)
            check_margins(shop.stack, measurement)
            seed, counts = jobs[run.trial]
            done[run.trial] = _Checked(
                name=run.trial, seed=seed, counts=counts, measurement=measurement, run=run
            )
            if finished is not None:
                finished(len(done), len(jobs))
    report = _report(shop, [done[name] for name in jobs])
    _write(shop, record, number, report)
    return report


def _write(shop: Workshop, record: Record, number: int, report: Mapping[str, Any]) -> None:
    """Writes a check down, unless another of the same number said the same meanwhile.

    Both ran the same seeds: counted twice they would pass for twice as many runs.
    """
    while not write_if_last(shop.ledger, record, [(records.CHECK_FINISHED, report)]):
        catch_up(shop.ledger, record)
        others = record.checks[number - 1 :]
        if any(all(c[k] == report[k] for k in ("setup", "trunk_tree")) for c in others):
            return


def _seed(number: int, i: int) -> int:
    """Seeds of a check: fixed by its number, so that a check can be repeated."""
    return int(np.random.SeedSequence([number, i]).generate_state(1)[0]) % SEEDS


def _report(shop: Workshop, checked: Sequence[_Checked]) -> dict[str, Any]:
    """What was seen, as the ledger and `check --json` have it."""
    counted = [c for c in checked if c.counts]
    again = checked[-1]
    objectives = {}
    for objective in shop.stack.objectives:
        values = np.array([c.measurement.values[objective.name] for c in counted])
        known = noise.pooled(values, np.zeros(len(values), dtype=np.int64))
        mean = float(values.mean())
        objectives[objective.name] = {
            "mean": mean,
            "sd": known.sd,
            "deterministic": known.deterministic,
            "repeatable": again.measurement.values[objective.name] == float(values[0]),
            "margin": objective.margin_at(mean),
            "unit": objective.unit,
            "role": objective.role,
        }
    return {
        "setup": records.setup_digest(shop.stack),
        "trunk": shop.trunk,
        "trunk_tree": shop.trunk_tree,
        "objectives": objectives,
        "trial_s": float(np.median([c.run.wall_s for c in checked])),
        "cpu_s": float(np.median([c.run.cpu_s for c in checked])),
        "peak_rss_bytes": max(c.run.peak_rss_bytes for c in checked),
        "confinement": dict(again.run.confinement),
        "host": dict(again.run.host),
        "trials": [
            {
                "trial": c.name,
                "seed": c.seed,
                "counts": c.counts,
                "values": dict(c.measurement.values),
                "notes": dict(c.measurement.notes),
                "wall_s": round(c.run.wall_s, 3),
                "log_dir": c.run.log_dir,
            }
            for c in checked
        ],
    }
