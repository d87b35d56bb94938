"""`mainstem integrate`: runs the campaign, live."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import click

from mainstem.cli import words
from mainstem.cli.live import showing
from mainstem.cli.main import examples, store_option
from mainstem.cli.opening import open_here
from mainstem.cli.output import print_json, say
from mainstem.cli.places import places
from mainstem.cli.rungs import put_in_play, rungs_option
from mainstem.cli.show import render
from mainstem.domain.errors import UsageError
from mainstem.domain.verdict import VerdictKind
from mainstem.engine import campaign as campaigns
from mainstem.engine.record import PAIR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mainstem.domain.stack import Stack
    from mainstem.wiring.clusters import Where


@click.command(
    "integrate",
    epilog=examples(
        "mainstem integrate --budget 60 -j 2",
        "mainstem integrate --budget 60 -j 2 --seed 1     another campaign",
        "mainstem integrate                               until more search does not pay",
        "mainstem integrate --budget 60 -j 16 -x slurm    as jobs of a SLURM cluster",
        "mainstem integrate --budget 60 --rungs large     at the rung that confirms only",
    ),
)
@click.option(
    "--budget",
    type=click.IntRange(1),
    help="Trials in all, confirmation and crashed ones included; one at a cheaper rung is a part "
    "of one, by its cost.  [default: until it is decided]",
)
@click.option(
    "--cost",
    type=click.FloatRange(0.0, min_open=True),
    help="The same as a cost, in the unit of `cost` in [[rungs]]; with both, what is spent first.",
)
@click.option("-j", "slots", type=click.IntRange(1), default=1, show_default=True, help="At once.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Campaign seed.")
@click.option(
    "--batch",
    type=click.IntRange(1),
    help=f"Trials asked for at once, for a new campaign.  [default: {campaigns.BATCH}]",
)
@rungs_option
@places
@click.option("--strict", is_flag=True, help="Refuse where a trial cannot be confined as asked.")
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print the final state as JSON.")
def command(
    budget: float | None,
    cost: float | None,
    slots: int,
    seed: int,
    batch: int | None,
    *,
    rungs: str | None,
    place: Where,
    strict: bool,
    as_json: bool,
) -> None:
    """Run the campaign: train chosen combinations, learn, confirm, decide.

    Stop it whenever you like (Ctrl-C): every finished trial is kept, and the same command goes on.
    """
    with open_here() as project:
        put_in_play(project, rungs)
        if cost is not None:
            budget = _afforded(project.stack, cost, budget)
        for line in project.strays(project.record()):
            say(f"note: {line}", err=as_json)
        stopped = False
        try:
            with contextlib.ExitStack() as stack:
                stack.enter_context(project.only_campaign())
                shop = stack.enter_context(
                    project.workshop(slots=slots, strict=strict, place=place, shared=True)
                )
                view = stack.enter_context(showing(slots=slots, batch=batch, quiet=as_json))
                listener = stack.enter_context(project.progress_writer(view, slots=slots))
                campaigns.integrate(shop, budget=budget, seed=seed, batch=batch, listener=listener)
        except KeyboardInterrupt:
            stopped = True
        report = project.show()
    if as_json:
        print_json(report)
    else:
        _finish(report, stopped=stopped, budget=budget)


def _afforded(stack: Stack, cost: float, budget: float | None) -> float:
    """The budget in trials of the rung that confirms that a cost leaves.

    Raises:
        UsageError: It pays for no trial.
    """
    trials = stack.trials_for(cost)
    if trials < 1:
        rung = stack.confirm_rung
        raise UsageError(
            f"--cost {cost:g} pays for no trial: one at rung {rung.name!r} costs {rung.cost:g}"
        )
    return trials if budget is None else min(trials, budget)


def _why_not(report: Mapping[str, Any], budget: float | None) -> str:
    """Why a campaign ended without a confirmed set, and whether more runs would help."""
    if budget is not None and budget - report["trials"]["spent"] < PAIR:
        return "the budget is spent; a larger one goes on from here"
    return "no set promises a gain that more runs could prove"


def _finish(report: Mapping[str, Any], *, stopped: bool, budget: float | None) -> None:
    """What was decided, and what to do next."""
    if stopped:
        done = words.plural(report["trials"]["done"], "finished trial")
        say(f"stopped; {done} kept; the same command goes on")
        return
    say()
    render(report, brief=True)
    merged = [p["id"] for p in report["proposals"] if p["verdict"] == VerdictKind.MERGE]
    if report["best"] and report["best"]["confirmed"] and merged:
        say("\nnext: `mainstem show`, `mainstem why PROPOSAL`, then `mainstem merge`")
    else:
        say(f"\nnothing is confirmed: {_why_not(report, budget)}")
