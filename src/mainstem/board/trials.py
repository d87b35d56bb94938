"""Trials as rows: everything that ran, runs or is to run, in the order in which it was asked for.

A record of ten thousand trials is listed at every look, so a row holds on to what the record has
and works nothing out before it is asked.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mainstem.domain.trial import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mainstem.engine.record import Asked, CampaignRecord, Finished, Record

CHECK = "check"
"""The purpose of a run of `mainstem check`, beside those of a campaign."""

PURPOSES = (Purpose.SEARCH.value, Purpose.CONFIRM.value, CHECK)

_FEW = 200  # the last trials at a rung, from which it is said how long one takes


class State(StrEnum):
    """Where a trial is in its life."""

    RUNNING = "running"
    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    VOID = "void"
    """Never run: git cannot merge its recipe."""

    @property
    def words(self) -> str:
        """What it is called on a page."""
        return _WORDS[self]


_WORDS = {
    State.RUNNING: "running",
    State.WAITING: "waits",
    State.SUCCEEDED: "succeeded",
    State.FAILED: "failed",
    State.VOID: "cannot be merged",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A trial.

    Attributes:
        trial: Its name, such as `c1.12`.
        campaign: Its campaign; "" of a run of `check`.
        recipe: The proposals in it, in the order of proposing; none is the trunk.
        seed: Its seed.
        rung: The rung at which it runs.
        purpose: `search`, `confirm` or `check`.
        state: Where it is in its life.
        values: Raw value per objective; None unless it succeeded.
        failure: Why it failed, as `{"cause", "what"}`; None unless it did.
        stopped_at: The step at which it ended early; None of a whole run.
        curves: Points by objective, where it reported steps.
        run: What the executor recorded: times, host, confinement; {} while it runs.
    """

    trial: str
    campaign: str
    recipe: tuple[str, ...]
    seed: int
    rung: str
    purpose: str
    state: State
    values: Mapping[str, float] | None = None
    failure: Mapping[str, str] | None = None
    stopped_at: int | None = None
    curves: Mapping[str, Sequence[tuple[int, float]]]
    run: Mapping[str, Any]

    @property
    def wall_s(self) -> float | None:
        """How long it took; None while it runs."""
        found = self.run.get("wall_s")
        return None if found is None else float(found)

    @property
    def host(self) -> str:
        """The name of the machine that ran it; "" while that is not known."""
        return str(self.run.get("host", {}).get("host", ""))


def listed(record: Record, running: Iterable[str] = ()) -> list[Row]:
    """Every trial of the record in the order of asking, the runs of `check` first.

    Args:
        record: What the ledger holds.
        running: The trials that run now.
    """
    order = {str(p.id): p.order for p in record.proposals.values()}
    now = frozenset(running)
    rows = [*_checked(record)]
    for campaign in record.campaigns.values():
        failed = campaign.trunk_failure
        for asked in campaign.asked():
            result = campaign.finished.get(asked.name)
            recipe = tuple(sorted(asked.trial.recipe, key=lambda p: (order.get(p, 0), p)))
            fault = None
            if result is None and failed is not None and failed["trial"] == asked.name:
                fault = {"cause": failed["cause"], "what": failed["detail"]}
            rows.append(_row(campaign, asked, result, recipe, fault, running=asked.name in now))
    return rows


def _row(
    campaign: CampaignRecord,
    asked: Asked,
    result: Finished | None,
    recipe: tuple[str, ...],
    fault: Mapping[str, str] | None,
    *,
    running: bool,
) -> Row:
    """One trial of a campaign; `fault` is of one of the trunk, which has no result."""
    return Row(
        trial=asked.name,
        campaign=campaign.id,
        recipe=recipe,
        seed=asked.trial.seed,
        rung=campaign.rung_of(asked.trial),
        purpose=asked.trial.purpose.value,
        state=_state(asked, result, fault, running=running),
        values=None if result is None else result.values,
        failure=fault if result is None else result.failure,
        stopped_at=None if result is None else result.stopped_at,
        curves={} if result is None else result.curves,
        run={} if result is None else result.run,
    )


def _state(
    asked: Asked, result: Finished | None, fault: Mapping[str, str] | None, *, running: bool
) -> State:
    if result is not None:
        return State.SUCCEEDED if result.values is not None else State.FAILED
    if running:
        return State.RUNNING
    if fault is not None:
        return State.FAILED
    return State.VOID if asked.tree is None else State.WAITING


def _checked(record: Record) -> Iterator[Row]:
    """The runs of every `check`: of the trunk, at each rung in play."""
    for check in record.checks:
        for part in (*check.get("rungs", ()), check):
            for run in part["trials"]:
                yield Row(
                    trial=run["trial"],
                    campaign="",
                    recipe=(),
                    seed=run["seed"],
                    rung=part["rung"],
                    purpose=CHECK,
                    state=State.SUCCEEDED,
                    values=run["values"],
                    curves={},
                    run={
                        "wall_s": run["wall_s"],
                        "host": check["host"],
                        "confinement": check["confinement"],
                    },
                )


@dataclass(frozen=True, kw_only=True)
class Takes:
    """How long a trial takes, from those that succeeded: the middle, and 80% of them, in seconds.

    Attributes:
        median_s: Half of them took less.
        low_s: One in ten took less.
        high_s: One in ten took more.
        runs: How many they are.
    """

    median_s: float
    low_s: float
    high_s: float
    runs: int


def takes(rows: Sequence[Row]) -> dict[str, Takes]:
    """How long a trial takes at each rung that has a finished one, by the last ones at it."""
    found: dict[str, list[float]] = {}
    for row in reversed(rows):
        wall_s = row.wall_s
        whole = row.state is State.SUCCEEDED and row.stopped_at is None
        if whole and wall_s is not None and len(known := found.setdefault(row.rung, [])) < _FEW:
            known.append(wall_s)
    return {rung: _takes(sorted(known)) for rung, known in found.items()}


def _takes(walls_s: Sequence[float]) -> Takes:
    last = len(walls_s) - 1
    return Takes(
        median_s=statistics.median(walls_s),
        low_s=walls_s[round(0.1 * last)],
        high_s=walls_s[round(0.9 * last)],
        runs=len(walls_s),
    )
