"""One trial between the campaign and the world: the job that runs it, and what is written of it.

`campaign` and `check` run trials for different ends, but a trial of the trunk that cannot be
measured is the user's to mend in both, and says so in the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstem.domain.errors import MainstemError, StoreError, TrunkFailedError, UsageError
from mainstem.domain.measurement import Cause
from mainstem.domain.stack import argv
from mainstem.domain.trial import Ending, Job
from mainstem.engine import record as records
from mainstem.engine.metrics import measure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.measurement import Measurement
    from mainstem.domain.proposal import TreeId
    from mainstem.domain.stack import Stack
    from mainstem.domain.stopper import Stopper
    from mainstem.domain.trial import Run, TrialId
    from mainstem.engine.record import Asked, CampaignRecord


def check_kept(run: Run) -> None:
    """Sees to it that a run says something about its recipe.

    Raises:
        StoreError: The machine failed and not the recipe: its files could not be laid out, or what
            it left could not be kept.
    """
    again = "nothing was recorded of it, the same command goes on once this is mended"
    if run.ending is Ending.NOT_PREPARED:
        raise StoreError(f"trial {run.trial} could not be prepared: {run.detail}; {again}")
    if run.incomplete:
        raise StoreError(f"of trial {run.trial} not everything is kept: {run.incomplete}; {again}")


def check_margins(stack: Stack, trunk: Measurement) -> None:
    """Sees to it that percentages of the trunk's values are margins.

    Raises:
        UsageError: A value is 0, so a percentage of it is no margin.
    """
    for objective in stack.objectives:
        if objective.is_relative and trunk.values.get(objective.name) == 0.0:
            raise UsageError(
                f"mainstem.toml: the margin of {objective.name!r} is {objective.margin} of the "
                "trunk's value, which is 0: give it as a number in the metric's unit"
            )


def trunk_error(
    stack: Stack, name: TrialId, measurement: Measurement, rung: str | None = None
) -> MainstemError:
    """A trunk that cannot be measured: the stack's configuration is wrong, or its code crashes.

    Args:
        stack: The stack's description.
        name: The trial.
        measurement: Why it failed.
        rung: The trial's rung, where several are in play.
    """
    failure = measurement.failure
    what = failure.what if failure else "no result"
    if failure is not None and failure.cause is Cause.TIMEOUT:
        what += ", which is stack.timeout: raise it, or make a trial shorter"
    hint = f"see `mainstem log {name}`; nothing was decided, the same command goes on once mended"
    where = str(name)
    if rung is not None:
        where += f", at rung {rung!r}"
        if rung != stack.confirm_rung.name:
            hint += f", and without rung {rung!r} if decisions.search_rungs leaves it out"
    if failure is not None and failure.cause in {Cause.EXIT, Cause.SIGNAL}:
        return TrunkFailedError(f"the trunk does not run ({where}): {what}; {hint}")
    return UsageError(f"mainstem.toml or the trunk: {what} ({where}); {hint}")


def job_for(
    stack: Stack,
    *,
    name: TrialId,
    tree: TreeId,
    seed: int,
    rung: str | None = None,
    pair: str = "",
    kind: str = "",
    stopper: Stopper | None = None,
) -> Job:
    """The executor's view of a trial.

    Args:
        stack: The stack's description.
        name: The trial's name.
        tree: The recipe's tree.
        seed: The trial's seed.
        rung: The rung to run at; None is the one that confirms.
        pair: What both halves of its pair are called; see `Job.pair`.
        kind: The kind of host on which the other half has run.
        stopper: When it may be ended early.
    """
    at = stack.confirm_rung if rung is None else stack.rung(rung)
    return Job(
        trial=name,
        tree=tree,
        argv=argv(stack.command, seed=seed, rung=at),
        seed=seed,
        rung=at.name,
        timeout_s=stack.timeout_s,
        threads=stack.run.threads,
        passed_env=stack.run.env,
        network=stack.run.network,
        private=stack.run.private,
        resources=at.resources,
        pair=pair,
        kind=kind,
        stopper=stopper,
    )


def measured(stack: Stack, asked: Asked, run: Run) -> Measurement:
    """What a campaign's trial measured.

    Raises:
        StoreError: The machine failed and not the recipe.
        UsageError: It is one of the trunk at the rung that confirms, and a percentage of its value
            is no margin.
    """
    check_kept(run)
    measurement = measure(stack, run, asked.stopper)
    if not asked.trial.recipe and asked.trial.rung in {None, stack.confirm_rung.name}:
        check_margins(stack, measurement)
    return measurement


def ending(campaign: CampaignRecord, asked: Asked, measurement: Measurement) -> str:
    """The kind of line for a trial that ended: a trunk that cannot run is the user's to mend."""
    failed = not asked.trial.recipe and not measurement.succeeded
    return (
        records.TRUNK_FAILED
        if failed and not campaign.trunk_ran(asked.trial)
        else records.TRIAL_FINISHED
    )


def finished_body(
    campaign: str,
    asked: Asked,
    measurement: Measurement,
    run: Run,
    pair: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The ledger's record of a finished trial; `pair` says how a pair's hosts compare."""
    failure = measurement.failure
    return {
        "campaign": campaign,
        "trial": asked.name,
        "values": dict(measurement.values) if failure is None else None,
        "failure": None if failure is None else {"cause": failure.cause, "what": failure.what},
        "notes": dict(measurement.notes),
        **learnt_by_step(measurement),
        "run": {
            **run_facts(run),
            **({} if pair is None else {"pair": dict(pair)}),
        },
    }


def learnt_by_step(measurement: Measurement) -> dict[str, Any]:
    """What the ledger keeps of a trial's curve: nothing where it reported no steps."""
    curves = {name: [list(point) for point in each] for name, each in measurement.curves.items()}
    stopped_at = measurement.stopped_at
    return {
        **({"curves": curves} if curves else {}),
        **({} if stopped_at is None else {"stopped_at": stopped_at}),
    }


def run_facts(run: Run) -> dict[str, Any]:
    """What the ledger keeps of a run besides its values."""
    return {
        "ending": run.ending,
        "exit_code": run.exit_code,
        "signal": run.signal,
        "wall_s": round(run.wall_s, 3),
        "cpu_s": round(run.cpu_s, 3),
        "peak_rss_bytes": run.peak_rss_bytes,
        "log_dir": run.log_dir,
        "host": dict(run.host),
        "confinement": dict(run.confinement),
    }
