"""Trials as rows: everything that ran, runs or is to run, in the order in which it was asked for.

A record of ten thousand trials is listed at every look, so a row holds on to what the record has
and works nothing out before it is asked.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from mainstem.domain.trial import Purpose, TrialId
from mainstem.engine.campaign_record import Finished

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from mainstem.engine.record import Asked, CampaignRecord, Record

CHECK = "check"
"""The purpose of a run of `mainstem check`, beside those of a campaign."""

PURPOSES = (Purpose.SEARCH.value, Purpose.CONFIRM.value, CHECK)

_LOOKED = 2_000  # trials that are looked at for that, from the last one on
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


class Row(NamedTuple):
    """A trial. Of ten thousand, tuples are made in a fifth of the time that data classes take.

    Attributes:
        trial: Its name, such as `c1.12`.
        campaign: Its campaign; "" of a run of `check` or `try`.
        recipe: The proposals in it, in the order of proposing; none is the trunk.
        rung: The rung at which it runs.
        purpose: `search`, `confirm` or `check`.
        seed: Its seed.
        state: Where it is in its life.
        result: What came of it; None while nothing did.
        fault: Of a trunk that does not run, which has no result: `{"cause", "what"}`.
    """

    trial: str
    campaign: str
    recipe: tuple[str, ...]
    rung: str
    purpose: str
    seed: int
    state: State
    result: Finished | None = None
    fault: Mapping[str, str] | None = None

    @property
    def values(self) -> Mapping[str, float] | None:
        """Raw value per objective; None unless it succeeded."""
        return None if self.result is None else self.result.values

    @property
    def failure(self) -> Mapping[str, str] | None:
        """Why it failed, as `{"cause", "what"}`; None unless it did."""
        return self.fault if self.result is None else self.result.failure

    @property
    def stopped_at(self) -> int | None:
        """The step at which it ended early; None of a whole run."""
        return None if self.result is None else self.result.stopped_at

    @property
    def curves(self) -> Mapping[str, Sequence[tuple[int, float]]]:
        """Points by objective, where it reported steps."""
        return {} if self.result is None else self.result.curves

    @property
    def run(self) -> Mapping[str, Any]:
        """What the executor recorded: times, host, confinement; {} while it runs."""
        return {} if self.result is None else self.result.run

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
    order = defaultdict(int, {str(p.id): p.order for p in record.proposals.values()})
    now = frozenset(running)
    rows = [*_checked(record)]
    for campaign in record.campaigns.values():
        rows += _of_campaign(campaign, order, now)
    return rows


def _of_campaign(
    campaign: CampaignRecord, order: Mapping[str, int], now: frozenset[str]
) -> Iterator[Row]:
    """The trials of a campaign."""
    failed = campaign.trunk_failure
    for asked in campaign.asked():
        trial, result = asked.trial, campaign.finished.get(asked.name)
        recipe = tuple(trial.recipe)
        if len(recipe) > 1:
            recipe = tuple(sorted(recipe, key=order.__getitem__))
        fault = None
        if result is None and failed is not None and failed["trial"] == asked.name:
            fault = {"cause": failed["cause"], "what": failed["detail"]}
        yield Row(
            asked.name,
            campaign.id,
            recipe,
            campaign.rung_of(trial),
            trial.purpose,
            trial.seed,
            _state(asked, result, fault, running=asked.name in now),
            result,
            fault,
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
                ran = {"wall_s": run["wall_s"], "log_dir": run["log_dir"]}
                ran |= {"host": check["host"], "confinement": check["confinement"]}
                yield Row(
                    run["trial"],
                    "",
                    (),
                    part["rung"],
                    CHECK,
                    run["seed"],
                    State.SUCCEEDED,
                    result_of(run["trial"], run["values"], ran),
                )


def result_of(
    trial: str,
    values: Mapping[str, float] | None,
    run: Mapping[str, Any],
    failure: Mapping[str, str] | None = None,
) -> Finished:
    """What came of a run that no campaign asked for."""
    return Finished(name=TrialId(trial), values=values, failure=failure, run=run)


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
    for row in reversed(rows[-_LOOKED:]):
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
