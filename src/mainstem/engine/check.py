"""The trunk against itself: do metrics arrive, how noisy are they, what does a trial cost?

At every rung in play: one at which the trunk does not run is named here, before a campaign meets
it. Cheaper rungs come first, so that a mistake that all of them show costs the least.
"""

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
    from mainstem.domain.stack import Rung, Stack
    from mainstem.domain.trial import Run
    from mainstem.engine.record import Record
    from mainstem.engine.workshop import Workshop

RUNS = 4
"""Fresh seeds of the trunk; enough for a sd within a factor of about two (90%)."""


@dataclass(frozen=True, kw_only=True)
class _Wanted:
    """A run of the trunk that is to be made."""

    name: TrialId
    rung: Rung
    seed: int
    counts: bool


@dataclass(frozen=True, kw_only=True)
class _Checked:
    """One finished run of the trunk."""

    wanted: _Wanted
    measurement: Measurement
    run: Run


def check(
    shop: Workshop, *, runs: int = RUNS, finished: Callable[[int, int], None] | None = None
) -> dict[str, Any]:
    """Runs the trunk with fresh seeds, and one of them twice; writes down and returns the report.

    At every rung in play as often.

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
    wanted = _wanted(shop.stack, number, runs)
    for one in sorted(wanted.values(), key=lambda w: w.rung.cost):
        rung = one.rung.name
        job = job_for(shop.stack, name=one.name, tree=shop.trunk_tree, seed=one.seed, rung=rung)
        shop.executor.submit(job)
    done: dict[TrialId, _Checked] = {}
    while len(done) < len(wanted):
        for run in shop.executor.wait():
            done[run.trial] = _checked(shop.stack, wanted[run.trial], run)
            if finished is not None:
                finished(len(done), len(wanted))
    report = _report(shop, [done[name] for name in wanted])
    _write(shop, record, number, report)
    return report


def _wanted(stack: Stack, number: int, runs: int) -> dict[TrialId, _Wanted]:
    """The runs of a check by name, those at the rung that confirms first, each rung's with a twin.

    Seeds follow from the check's number, so that it can be repeated; no two rungs share one.
    """
    found: dict[TrialId, _Wanted] = {}
    for rung in reversed(stack.rungs_in_play):
        first = len(found)
        places = [*range(first, first + runs), first]
        for at, place in enumerate(places):
            name = TrialId(f"k{number}.{len(found) + 1}")
            seed = int(np.random.SeedSequence([number, place]).generate_state(1)[0]) % SEEDS
            found[name] = _Wanted(name=name, rung=rung, seed=seed, counts=at < runs)
    return found


def _checked(stack: Stack, wanted: _Wanted, run: Run) -> _Checked:
    """What a run says.

    Raises:
        MainstemError: The trunk cannot be measured, or the machine failed.
    """
    check_kept(run)
    measurement = measure(stack, run)
    if not measurement.succeeded:
        rung = wanted.rung.name if stack.rung_costs else None
        raise trunk_error(stack, run.trial, measurement, rung)
    if wanted.rung.name == stack.confirm_rung.name:
        check_margins(stack, measurement)
    return _Checked(wanted=wanted, measurement=measurement, run=run)


def _write(shop: Workshop, record: Record, number: int, report: Mapping[str, Any]) -> None:
    """Writes a check down, unless another of the same number said the same meanwhile.

    Both ran the same seeds: counted twice they would pass for twice as many runs.
    """
    while not write_if_last(shop.ledger, record, [(records.CHECK_FINISHED, report)]):
        catch_up(shop.ledger, record)
        others = record.checks[number - 1 :]
        if any(all(c[k] == report[k] for k in ("setup", "trunk_tree")) for c in others):
            return


def _report(shop: Workshop, checked: Sequence[_Checked]) -> dict[str, Any]:
    """What was seen, as the ledger and `check --json` have it; `rungs` holds the cheaper ones."""
    top, *cheaper = reversed(shop.stack.rungs_in_play)
    seen = _at_rung(shop.stack, checked, top, {})
    margins = {name: float(found["margin"]) for name, found in seen["objectives"].items()}
    last = _at(checked, top)[-1].run
    report = {
        "trunk": shop.trunk,
        "trunk_tree": shop.trunk_tree,
        **seen,
        "confinement": dict(last.confinement),
        "host": dict(last.host),
    }
    if cheaper:
        rungs = [_at_rung(shop.stack, checked, rung, margins) for rung in reversed(cheaper)]
        report["rungs"] = rungs
    return report


def _at(checked: Sequence[_Checked], rung: Rung) -> list[_Checked]:
    """The runs at a rung."""
    return [c for c in checked if c.wanted.rung.name == rung.name]


def _at_rung(
    stack: Stack, checked: Sequence[_Checked], rung: Rung, margins: Mapping[str, float]
) -> dict[str, Any]:
    """What was seen at one rung."""
    here = _at(checked, rung)
    return {
        "rung": rung.name,
        "cost": rung.cost,
        "setup": records.setup_digest(stack.at(rung)),
        "objectives": _objectives(stack, here, margins),
        "trial_s": float(np.median([c.run.wall_s for c in here])),
        "cpu_s": float(np.median([c.run.cpu_s for c in here])),
        "peak_rss_bytes": max(c.run.peak_rss_bytes for c in here),
        "trials": [
            {
                "trial": c.wanted.name,
                "seed": c.wanted.seed,
                "counts": c.wanted.counts,
                "values": dict(c.measurement.values),
                "notes": dict(c.measurement.notes),
                "wall_s": round(c.run.wall_s, 3),
                "log_dir": c.run.log_dir,
            }
            for c in here
        ],
    }


def _objectives(
    stack: Stack, here: Sequence[_Checked], margins: Mapping[str, float]
) -> dict[str, Any]:
    """Each objective's values at one rung; `margins` are those that hold there, else its own."""
    again = here[-1]
    found = {}
    for objective in stack.objectives:
        name = objective.name
        values = np.array([c.measurement.values[name] for c in here if c.wanted.counts])
        known = noise.pooled(values, np.zeros(len(values), dtype=np.int64))
        mean = float(values.mean())
        found[name] = {
            "mean": mean,
            "sd": known.sd,
            "deterministic": known.deterministic,
            "repeatable": again.measurement.values[name] == float(values[0]),
            "margin": margins[name] if margins else objective.margin_at(mean),
            "unit": objective.unit,
            "role": objective.role,
        }
    return found
